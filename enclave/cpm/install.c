/* SPDX-License-Identifier: MIT */
#include "install.h"

#include "cpm_t.h"
#include "uuid.h"

/* Delete what the entry says is left over, then say that nothing is. */
static enum edb_err sweep(const uint8_t id[static UUID_BYTES])
{
	struct ledger_entry entry = ledger_get(id);
	enum edb_err err = EDB_OK;

	if (!entry.stale_generation && !entry.stale_image)
		return EDB_OK;
	/* Data first: an image may be busy for as long as somebody uses it. */
	if (entry.stale_generation)
		err = data_erase(id, entry.stale_generation);
	if (!err && entry.stale_image)
		err = image_delete(id);
	entry.stale_generation = entry.stale_image = 0;
	return err ? err : ledger_put(&entry);
}

enum edb_err install_confirm(const uint8_t id[static UUID_BYTES], const struct ledger_payload *want)
{
	struct ledger_entry entry = ledger_get(id);

	if (!entry.intent_state)
		return EDB_E_STATE;
	entry.intent = *want;
	entry.intent_state = LEDGER_CONFIRMED;
	return ledger_put(&entry);
}

enum edb_err install_switch(const uint8_t id[static UUID_BYTES])
{
	struct ledger_entry entry = ledger_get(id);
	enum edb_err err;

	if (entry.intent_state != LEDGER_CONFIRMED)
		return EDB_E_STATE;
	if (entry.state == LEDGER_INSTALLED && entry.current.type == EDB_PAYLOAD_DATA)
		entry.stale_generation = entry.current.generation;
	if (entry.intent.type == EDB_PAYLOAD_APPLICATION)
		entry.stale_image = 0; /* one left over from a removal has just been replaced */
	entry.state = LEDGER_INSTALLED;
	entry.signed_once |= entry.intent.signed_package;
	entry.current = entry.intent;
	entry.intent = (struct ledger_payload){0};
	entry.intent_state = LEDGER_NO_INTENT;
	err = ledger_put(&entry);
	/* The new one is installed, whatever becomes of the old: the next start sweeps again. */
	if (!err)
		(void)sweep(id);
	return err;
}

/*
 * The image store knows which package its image came from: that decides, of an intent whose checks
 * have passed. Any other is only what a host claimed, perhaps with the digest of what is installed.
 */
enum edb_err install_resolve(const uint8_t id[static UUID_BYTES])
{
	struct ledger_entry entry = ledger_get(id);
	struct edb_image_info info = {0};
	bool ask = entry.intent_state == LEDGER_CONFIRMED &&
		   entry.intent.type == EDB_PAYLOAD_APPLICATION;
	enum edb_err err = ask ? image_query(id, &info) : EDB_OK;

	if (!err && ask && equal_ct(info.meta.digest, entry.intent.digest, DIGEST_BYTES))
		return install_switch(id);
	if (!err && entry.intent_state) {
		/* The ledger lets go first, then the chunks go: it never names what is half gone.
		 */
		if (entry.intent.type == EDB_PAYLOAD_DATA)
			entry.stale_generation = entry.intent.generation;
		entry.intent = (struct ledger_payload){0};
		entry.intent_state = LEDGER_NO_INTENT;
		err = ledger_put(&entry);
	}
	return err ? err : sweep(id);
}

/* The entry, once an earlier install is resolved: that may have ended in a failing write. */
static enum edb_err settle(const uint8_t id[static UUID_BYTES], struct ledger_entry *entry)
{
	enum edb_err err = install_resolve(id);

	*entry = ledger_get(id);
	if (err && err != EDB_E_BUSY)
		return err;
	return entry->intent_state ? EDB_E_BUSY : EDB_OK; /* the image store could not be asked */
}

enum edb_err install_intend(const uint8_t id[static UUID_BYTES], struct ledger_payload *want)
{
	struct ledger_entry entry;
	enum edb_err err = settle(id, &entry);

	if (err)
		return err;
	want->generation = ++entry.last_generation;
	entry.intent_state = LEDGER_CLAIMED;
	entry.intent = *want;
	return ledger_put(&entry);
}

enum edb_err install_remove(const uint8_t id[static UUID_BYTES])
{
	struct edb_image_info info = {0};
	struct ledger_entry entry;
	enum edb_err err = deploy_is_open(id) ? EDB_E_BUSY : settle(id, &entry);

	if (err)
		return err;
	if (entry.state != LEDGER_INSTALLED)
		return entry.stale_image ? sweep(id) : EDB_E_NOT_FOUND;
	if (entry.current.type == EDB_PAYLOAD_APPLICATION) {
		err = image_query(id, &info);
		if (err || info.loaded)
			return err ? err : EDB_E_BUSY;
		entry.stale_image = 1;
	} else {
		entry.stale_generation = entry.current.generation;
	}
	entry.state = LEDGER_REMOVED;
	err = ledger_put(&entry);
	return err ? err : sweep(id);
}

int ecall_remove(char *application_id)
{
	uint8_t id[UUID_BYTES] = {0};
	enum edb_err err = life_serving();

	err = err ? err : uuid_parse(application_id, id);
	return (int)(err ? err : install_remove(id));
}
