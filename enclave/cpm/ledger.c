/* SPDX-License-Identifier: MIT */
#include "ledger.h"

#include "store.h"
#include "wipe.h"

_Static_assert(sizeof(struct ledger_payload) == 104, "padding in a stored record");
_Static_assert(sizeof(struct ledger_entry) == 40 + 2 * 104, "padding in a stored record");

static struct ledger_entry entries[LEDGER_MAX];
static uint32_t entry_count;

/* The index lists the ids. It is written before an entry, and after one is forgotten. */
static enum edb_err index_write(uint32_t count)
{
	uint8_t ids[LEDGER_MAX][UUID_BYTES];

	for (uint32_t i = 0; i < count; i++)
		TEE_MemMove(ids[i], entries[i].id, UUID_BYTES);
	return store_write(record_name('L', NULL, 0), ids, (size_t)count * UUID_BYTES);
}

enum edb_err ledger_load(void)
{
	uint8_t ids[LEDGER_MAX][UUID_BYTES];
	size_t size = 0;
	enum edb_err err = store_read(record_name('L', NULL, 0), ids, sizeof ids, &size);

	entry_count = 0;
	if (err == EDB_E_NOT_FOUND)
		return EDB_OK;
	if (err || size % UUID_BYTES)
		return EDB_E_STORAGE;
	for (size_t i = 0; i < size / UUID_BYTES; i++) {
		struct ledger_entry *entry = &entries[entry_count];

		err = store_read_exactly(
			record_name('l', ids[i], UUID_BYTES), entry, sizeof *entry);
		if (err == EDB_E_NOT_FOUND)
			continue; /* power went between index and entry */
		if (err || !equal_ct(entry->id, ids[i], UUID_BYTES))
			return err ? err : EDB_E_STORAGE;
		entry_count++;
	}
	return EDB_OK;
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
	enum edb_err err = EDB_OK;

	if (place == LEDGER_MAX)
		return EDB_E_QUOTA;
	if (place == entry_count) {
		entries[place] = *entry;
		err = index_write(entry_count + 1);
	}
	if (!err)
		err = store_write(record_name('l', entry->id, UUID_BYTES), entry, sizeof *entry);
	if (err)
		return err;
	entries[place] = *entry;
	if (place == entry_count)
		entry_count++;
	return EDB_OK;
}

enum edb_err ledger_forget_empty(const uint8_t id[static UUID_BYTES])
{
	uint32_t place = place_of(id);
	enum edb_err err;

	if (place == entry_count || entries[place].state != LEDGER_EMPTY)
		return EDB_OK;
	err = store_delete(record_name('l', id, UUID_BYTES));
	if (err)
		return err;
	entries[place] = entries[--entry_count];
	return index_write(entry_count);
}

void ledger_usage(const uint8_t vendor[static KEY_ID_BYTES],
	const uint8_t except[static UUID_BYTES], uint32_t *ids, uint32_t *memory_kib)
{
	*ids = 0;
	*memory_kib = 0;
	for (uint32_t i = 0; i < entry_count; i++) {
		const struct ledger_entry *e = &entries[i];
		const struct ledger_payload *p =
			e->state == LEDGER_EMPTY ? &e->intent : &e->current;

		if (equal_ct(e->id, except, UUID_BYTES) ||
			!equal_ct(p->vendor, vendor, KEY_ID_BYTES))
			continue;
		(*ids)++;
		if (e->state != LEDGER_REMOVED)
			*memory_kib += p->memory_kib; /* at most 128 x 13 MiB: no overflow */
	}
}
