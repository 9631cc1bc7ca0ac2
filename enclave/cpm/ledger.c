/* SPDX-License-Identifier: MIT */
#include "ledger.h"

#include "store.h"
#include "wipe.h"

#define LEDGER_FORMAT 1u

/*
 * Records are stored as the structure lies in memory: secure storage gives back only what this same
 * processor wrote. No padding may hide in them.
 */
_Static_assert(sizeof(struct ledger_payload) == 104, "padding in a stored record");
_Static_assert(sizeof(struct ledger_entry) == 256, "padding in a stored record");

static struct ledger_entry entries[LEDGER_MAX];
static uint32_t entry_count;

static struct record_name entry_name(const uint8_t id[static UUID_BYTES])
{
	return record_name('l', id, UUID_BYTES, NULL, 0);
}

/* The index lists the ids. It is written before an entry, and after one is forgotten. */
static enum edb_err index_write(uint32_t count)
{
	uint8_t ids[LEDGER_MAX][UUID_BYTES];
	struct record_name name = record_name('L', NULL, 0, NULL, 0);

	for (uint32_t i = 0; i < count; i++)
		TEE_MemMove(ids[i], entries[i].id, UUID_BYTES);
	return store_write(&name, ids, (size_t)count * UUID_BYTES);
}

static enum edb_err entry_load(const uint8_t id[static UUID_BYTES], struct ledger_entry *entry)
{
	struct record_name name = entry_name(id);
	size_t size = 0;
	enum edb_err err = store_read(&name, entry, sizeof *entry, &size);

	if (err)
		return err;
	if (size != sizeof *entry || entry->format != LEDGER_FORMAT ||
		!equal_ct(entry->id, id, UUID_BYTES))
		return EDB_E_STORAGE;
	return EDB_OK;
}

enum edb_err ledger_load(void)
{
	uint8_t ids[LEDGER_MAX][UUID_BYTES];
	struct record_name name = record_name('L', NULL, 0, NULL, 0);
	size_t size = 0;
	enum edb_err err;

	entry_count = 0;
	err = store_read(&name, ids, sizeof ids, &size);
	if (err == EDB_E_NOT_FOUND)
		return EDB_OK;
	if (err || size % UUID_BYTES)
		return EDB_E_STORAGE;
	for (size_t i = 0; i < size / UUID_BYTES; i++) {
		err = entry_load(ids[i], &entries[entry_count]);
		if (err == EDB_E_NOT_FOUND)
			continue; /* power went between index and entry */
		if (err)
			return err;
		entry_count++;
	}
	return EDB_OK;
}

uint32_t ledger_count(void)
{
	return entry_count;
}

const struct ledger_entry *ledger_at(uint32_t index)
{
	return index < entry_count ? &entries[index] : NULL;
}

static struct ledger_entry *find(const uint8_t id[static UUID_BYTES])
{
	for (uint32_t i = 0; i < entry_count; i++)
		if (equal_ct(entries[i].id, id, UUID_BYTES))
			return &entries[i];
	return NULL;
}

const struct ledger_entry *ledger_find(const uint8_t id[static UUID_BYTES])
{
	return find(id);
}

enum edb_err ledger_put(const struct ledger_entry *entry)
{
	struct record_name name = entry_name(entry->id);
	struct ledger_entry *slot = find(entry->id);
	struct ledger_entry stored = *entry;
	bool is_new = !slot;
	enum edb_err err;

	stored.format = LEDGER_FORMAT;
	if (is_new) {
		if (entry_count == LEDGER_MAX)
			return EDB_E_QUOTA;
		slot = &entries[entry_count];
		*slot = stored;
		err = index_write(entry_count + 1);
		if (err)
			return err;
	}
	err = store_write(&name, &stored, sizeof stored);
	if (err)
		return err;
	*slot = stored;
	if (is_new)
		entry_count++;
	return EDB_OK;
}

enum edb_err ledger_forget_empty(const uint8_t id[static UUID_BYTES])
{
	struct record_name name = entry_name(id);
	struct ledger_entry *slot = find(id);
	enum edb_err err;

	if (!slot || slot->state != LEDGER_EMPTY)
		return EDB_OK;
	err = store_delete(&name);
	if (err)
		return err;
	*slot = entries[--entry_count];
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
