/* SPDX-License-Identifier: MIT */
#include "install.h"

#include "cpm_t.h"
#include "data.h"
#include "image.h"
#include "wipe.h"

/* Delete what the entry says is left over, then say that nothing is. */
static enum edb_err sweep(const uint8_t id[static UUID_BYTES])
{
	struct ledger_entry entry = *ledger_find(id);
	enum edb_err err = EDB_OK;

	if (!entry.stale_generation && !entry.stale_image)
		return EDB_OK;
	/* Data first: an image may be busy for as long as somebody uses it. */
	if (entry.stale_generation)
		err = data_erase(id, entry.stale_generation);
	if (!err && entry.stale_image)
		err = image_delete(id);
	if (err)
		return err;
	entry.stale_generation = 0;
	entry.stale_image = 0;
	return ledger_put(&entry);
}

static void drop_intent(struct ledger_entry *entry)
{
	entry->has_intent = 0;
	entry->intent_confirmed = 0;
	wipe(&entry->intent, sizeof entry->intent);
}

enum edb_err install_confirm(const uint8_t id[static UUID_BYTES], const struct ledger_payload *want)
{
	const struct ledger_entry *known = ledger_find(id);
	struct ledger_entry entry = {0};

	if (!known || !known->has_intent)
		return EDB_E_STATE;
	entry = *known;
	entry.intent = *want;
	entry.intent_confirmed = 1;
	return ledger_put(&entry);
}

enum edb_err install_switch(const uint8_t id[static UUID_BYTES], const struct ledger_payload *want)
{
	const struct ledger_entry *known = ledger_find(id);
	struct ledger_entry entry = {0};
	enum edb_err err;

	if (!known || !known->has_intent)
		return EDB_E_STATE;
	entry = *known;
	if (entry.state == LEDGER_INSTALLED && entry.current.type == EDB_PAYLOAD_DATA)
		entry.stale_generation = entry.current.generation;
	entry.state = LEDGER_INSTALLED;
	if (want->type == EDB_PAYLOAD_APPLICATION)
		entry.stale_image = 0; /* one left over from a removal has just been replaced */
	entry.signed_once |= want->signed_package;
	entry.current = *want;
	drop_intent(&entry);
	err = ledger_put(&entry);
	if (err)
		return err;
	/* The new one is installed, whatever becomes of the old: the next start sweeps again. */
	(void)sweep(id);
	return EDB_OK;
}

/* The ledger lets go first, then the chunks are deleted: it never names what is half gone. */
enum edb_err install_undo(const uint8_t id[static UUID_BYTES])
{
	const struct ledger_entry *known = ledger_find(id);
	struct ledger_entry entry = {0};
	enum edb_err err;

	if (!known)
		return EDB_OK;
	if (known->has_intent) {
		entry = *known;
		if (entry.intent.type == EDB_PAYLOAD_DATA)
			entry.stale_generation = entry.intent.generation;
		drop_intent(&entry);
		err = ledger_put(&entry);
		if (err)
			return err;
	}
	err = sweep(id);
	return err ? err : ledger_forget_empty(id);
}

/*
 * The image store knows which package its image came from: that decides, of an intent whose checks
 * have passed. Any other is only what a host claimed, perhaps with the digest of what is installed.
 */
enum edb_err install_resolve(const uint8_t id[static UUID_BYTES])
{
	const struct ledger_entry *known = ledger_find(id);
	struct edb_image_info info = {0};
	struct ledger_payload want;
	enum edb_err err;

	if (!known || !known->intent_confirmed || known->intent.type != EDB_PAYLOAD_APPLICATION)
		return install_undo(id);
	want = known->intent;
	err = image_query(id, &info);
	if (err && err != EDB_E_NOT_FOUND)
		return err;
	if (!err && equal_ct(info.meta.digest, want.digest, DIGEST_BYTES))
		return install_switch(id, &want);
	return install_undo(id);
}

enum edb_err install_intend(const uint8_t id[static UUID_BYTES], struct ledger_payload *want)
{
	const struct ledger_entry *known = NULL;
	struct ledger_entry entry = {0};
	enum edb_err err =
		install_resolve(id); /* an earlier one may have ended in a failing write */

	if (err && err != EDB_E_BUSY)
		return err;
	known = ledger_find(id);
	if (known && known->has_intent)
		return EDB_E_BUSY; /* the image store could not be asked */
	if (known)
		entry = *known;
	else
		TEE_MemMove(entry.id, id, UUID_BYTES);
	want->generation = ++entry.last_generation;
	entry.has_intent = 1;
	entry.intent = *want;
	return ledger_put(&entry);
}

enum edb_err install_remove(const uint8_t id[static UUID_BYTES])
{
	const struct ledger_entry *known = NULL;
	struct edb_image_info info = {0};
	struct ledger_entry entry = {0};
	/* An install may have ended between commit and switch: its version was here, and counts. */
	enum edb_err err = install_resolve(id);

	if (err && err != EDB_E_BUSY)
		return err;
	known = ledger_find(id);
	if (known && known->has_intent)
		return EDB_E_BUSY;
	if (!known || (known->state != LEDGER_INSTALLED && !known->stale_image))
		return EDB_E_NOT_FOUND;
	entry = *known;
	if (entry.state == LEDGER_INSTALLED) {
		if (entry.current.type == EDB_PAYLOAD_APPLICATION) {
			err = image_query(id, &info);
			if (!err && info.loaded)
				return EDB_E_BUSY;
			if (err && err != EDB_E_NOT_FOUND)
				return err;
			entry.stale_image = 1;
		} else {
			entry.stale_generation = entry.current.generation;
		}
		entry.state = LEDGER_REMOVED;
		err = ledger_put(&entry);
		if (err)
			return err;
	}
	return sweep(id);
}

enum edb_err install_recover(void)
{
	/* Backwards: undoing may take an entry out, and the last one then takes its place. */
	for (uint32_t i = ledger_count(); i-- > 0;) {
		uint8_t id[UUID_BYTES];
		enum edb_err err;

		TEE_MemMove(id, ledger_at(i)->id, sizeof id);
		err = install_resolve(id);
		if (err && err != EDB_E_BUSY)
			return err;
	}
	return EDB_OK;
}
