/* SPDX-License-Identifier: MIT */
#include "admission.h"

#include "keyring.h"
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

	if (!view->grant.id && !(view->grant.any && (owned || !view->id_of_another)))
		return EDB_E_OWNER;
	if (owned && !equal_ct(entry->current.vendor, want->vendor, KEY_ID_BYTES) &&
		!view->grant.succeeds_owner)
		return EDB_E_OWNER;
	return EDB_OK;
}

static enum edb_err version_check(const struct operator_view *view,
	const struct ledger_entry *entry, const struct ledger_payload *want)
{
	int order = version_compare(want->version, entry->current.version);

	if (!want->signed_package &&
		(!policy_device_borrow()->policy.allow_2021_packages || entry->signed_once))
		return EDB_E_LEGACY;
	if (version_compare(want->version, view->floor) < 0)
		return EDB_E_ROLLBACK;
	/* The same version again is the same bytes again, or it is somebody's replacement of them.
	 */
	if (entry->signed_once &&
		(order < 0 || (order == 0 && !equal_ct(want->digest, entry->current.digest,
						     DIGEST_BYTES))))
		return EDB_E_ROLLBACK;
	/* An application does not turn into data: remove it first. */
	if (entry->state == LEDGER_INSTALLED && entry->current.type != want->type)
		return EDB_E_STATE;
	return EDB_OK;
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
	uint32_t ids = 0, memory_kib = 0;
	enum edb_err err = policy_ask(&view);

	err = err ? err : may_sign(&view);
	err = err ? err : owner_check(&view, &entry, want);
	err = err ? err : version_check(&view, &entry, want);
	ledger_usage(want->vendor, id, &ids, &memory_kib);
	if (!err && (ids >= view.grant.quota_ids || memory_kib > view.grant.quota_kib ||
			    want->memory_kib > view.grant.quota_kib - memory_kib))
		err = EDB_E_QUOTA;
	err = err ? err : keyring_get(id, want, key);
	wipe(key, sizeof key);
	return err;
}
