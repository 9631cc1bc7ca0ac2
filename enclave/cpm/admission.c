/* SPDX-License-Identifier: MIT */
#include "install.h"

#include "keys.h"
#include "policy.h"

static int version_compare(const uint32_t a[static 3], const uint32_t b[static 3])
{
	for (int i = 0; i < 3; i++)
		if (a[i] != b[i])
			return a[i] < b[i] ? -1 : 1;
	return 0;
}

/* Listed by the operator, and nobody has taken over from it. */
static enum edb_err may_sign(const struct operator_view *view)
{
	return require(view->grant.listed && !view->succeeded, EDB_E_SIGNER);
}

enum edb_err admission_signer_check(const uint8_t vendor[static KEY_ID_BYTES])
{
	struct operator_view view = {.vendor = vendor};
	enum edb_err err = policy_ask(&view);

	return err ? err : may_sign(&view);
}

/* The operator's list, by name or by "any id", which is any that nobody owns, nor was promised by
 * name; then the ledger's owner, which a succession may pass on. */
static enum edb_err owner_check(const struct operator_view *view, const struct ledger_entry *entry,
	const struct ledger_payload *want)
{
	bool owned = entry->state != LEDGER_EMPTY;
	bool granted = view->grant.id || (view->grant.any && (owned || !view->id_of_another));
	bool may_take = !owned || view->grant.succeeds_owner ||
			equal_ct(entry->current.vendor, want->vendor, KEY_ID_BYTES);

	return require(granted && may_take, EDB_E_OWNER);
}

static enum edb_err version_check(const struct operator_view *view,
	const struct ledger_entry *entry, const struct ledger_payload *want)
{
	int order = version_compare(want->version, entry->current.version);
	bool allowed = want->signed_package ||
		       (policy_device_borrow()->policy.allow_2021_packages && !entry->signed_once);
	/* The same version again is the same bytes again, or it is somebody's replacement of them.
	 */
	bool again = order == 0 && equal_ct(want->digest, entry->current.digest, DIGEST_BYTES);
	bool rolls_back = version_compare(want->version, view->floor) < 0 ||
			  (entry->signed_once && order <= 0 && !again);
	enum edb_err err = require(allowed, EDB_E_LEGACY);

	err = err ? err : require(!rolls_back, EDB_E_ROLLBACK);
	/* An application does not turn into data: remove it first. */
	if (!err && entry->state == LEDGER_INSTALLED)
		err = require(entry->current.type == want->type, EDB_E_STATE);
	return err;
}

/* With this payload: the vendor's ids, removed ones too, since they stay its own; and the memory of
 * what it has installed or intends to. */
static enum edb_err quota_check(const struct vendor_grant *grant,
	const uint8_t id[static UUID_BYTES], const struct ledger_payload *want)
{
	const struct ledger_entry *e;
	uint64_t ids = 1, memory_kib = want->memory_kib;

	for (uint32_t i = 0; (e = ledger_at(i)); i++) {
		const struct ledger_payload *p =
			e->state == LEDGER_EMPTY ? &e->intent : &e->current;

		if (equal_ct(e->id, id, UUID_BYTES) ||
			!equal_ct(p->vendor, want->vendor, KEY_ID_BYTES))
			continue;
		ids++;
		if (e->state != LEDGER_REMOVED)
			memory_kib += p->memory_kib;
	}
	return require(ids <= grant->quota_ids && memory_kib <= grant->quota_kib, EDB_E_QUOTA);
}

enum edb_err admission_check(const uint8_t id[static UUID_BYTES], const struct ledger_payload *want)
{
	const struct ledger_entry entry = ledger_get(id);
	struct operator_view view = {
		.vendor = want->vendor,
		.owner = entry.current.vendor,
		.application_id = id,
	};
	uint8_t key[CLASS_KEY_BYTES] = {0}; /* secret: wiped below */
	enum edb_err err = policy_ask(&view);

	err = err ? err : may_sign(&view);
	err = err ? err : owner_check(&view, &entry, want);
	err = err ? err : version_check(&view, &entry, want);
	err = err ? err : quota_check(&view.grant, id, want);
	err = err ? err : keyring_get(id, want, key);
	wipe(key, sizeof key);
	return err;
}
