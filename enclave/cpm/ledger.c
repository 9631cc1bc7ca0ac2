/* SPDX-License-Identifier: MIT */
#include "ledger.h"

_Static_assert(sizeof(struct ledger_payload) == 104, "padding in a stored record");
_Static_assert(sizeof(struct ledger_entry) == 40 + 2 * 104, "padding in a stored record");

static struct ledger_entry entries[LEDGER_MAX];
static uint32_t entry_count;

enum edb_err ledger_load(void)
{
	size_t size = 0;
	enum edb_err err = store_read("E", 1, entries, sizeof entries, &size);

	entry_count = (uint32_t)(err ? 0 : size / sizeof entries[0]);
	return size % sizeof entries[0] ? EDB_E_STORAGE : err;
}

/* The whole ledger with this entry there: in secure storage first, or here nothing has changed. */
static enum edb_err store_with(struct ledger_entry entry, uint32_t place, uint32_t count)
{
	struct ledger_entry before = entries[place];
	enum edb_err err;

	entries[place] = entry;
	err = store_write("E", 1, entries, count * sizeof entry);
	if (err)
		entries[place] = before;
	else
		entry_count = count;
	return err;
}

const struct ledger_entry *ledger_at(uint32_t index)
{
	return index < entry_count ? &entries[index] : NULL;
}

/* Its place, or the first free one. */
static uint32_t place_of(const uint8_t id[static UUID_BYTES])
{
	uint32_t i = 0;

	while (i < entry_count && !equal_ct(entries[i].id, id, UUID_BYTES))
		i++;
	return i;
}

struct ledger_entry ledger_get(const uint8_t id[static UUID_BYTES])
{
	uint32_t place = place_of(id);
	struct ledger_entry entry = {0};

	if (place < entry_count)
		return entries[place];
	TEE_MemMove(entry.id, id, UUID_BYTES);
	return entry;
}

enum edb_err ledger_each(
	enum edb_err (*step)(const uint8_t id[static UUID_BYTES]), enum edb_err fine)
{
	/* Backwards: a step may take an entry out, and the last one then takes its place. */
	for (uint32_t i = entry_count; i-- > 0;) {
		struct ledger_entry entry = entries[i];
		enum edb_err err = step(entry.id);

		if (err && err != fine)
			return err;
	}
	return EDB_OK;
}

enum edb_err ledger_put(const struct ledger_entry *entry)
{
	uint32_t place = place_of(entry->id);
	bool known = place < entry_count;
	bool says_nothing = entry->state == LEDGER_EMPTY && !entry->intent_state &&
			    !entry->stale_generation && !entry->stale_image;

	if (known && says_nothing) /* the last one takes its place */
		return store_with(entries[entry_count - 1], place, entry_count - 1);
	if (place == LEDGER_MAX)
		return EDB_E_QUOTA;
	return store_with(*entry, place, known ? entry_count : entry_count + 1);
}
