/* SPDX-License-Identifier: MIT */
#include "admission.h"

#include "keyring.h"
#include "policy.h"
#include "wipe.h"

static int version_compare(const uint32_t a[static 3], const uint32_t b[static 3])
{
	for (int i = 0; i < 3; i++)
		if (a[i] != b[i])
			return a[i] < b[i] ? -1 : 1;
	return 0;
}

/* Listed by the operator, and nobody has taken over from it. */
static bool may_sign(const struct operator_view *view)
{
	return view->vendor_listed && !view->vendor_succeeded;
}

enum edb_err admission_signer_check(const uint8_t vendor[static KEY_ID_BYTES])
{
	struct operator_view view = {.vendor = vendor};
	enum edb_err err = policy_ask(&view);

	if (err)
		return err;
	return may_sign(&view) ? EDB_OK : EDB_E_SIGNER;
}

const uint8_t *admission_key_vendor(const struct ledger_payload *want)
{
	return want->signed_package ? want->vendor : keyring_legacy_vendor;
}

static const struct ledger_entry *owned_entry(const uint8_t id[static UUID_BYTES])
{
	const struct ledger_entry *entry = ledger_find(id);

	return entry && entry->state != LEDGER_EMPTY ? entry : NULL;
}

/* By name; or by "any id", which is any that nobody owns, nor was promised by name. */
static bool id_granted(const struct operator_view *view, const struct ledger_entry *entry)
{
	if (view->vendor_granted_id)
		return true;
	return view->vendor_granted_any && (entry || !view->id_of_another);
}

/* Who signs what: the operator's list, then the ledger's owner, which a succession may pass on. */
static enum edb_err signer_check(const struct operator_view *view, const struct ledger_entry *entry,
	const struct ledger_payload *want)
{
	if (!may_sign(view))
		return EDB_E_SIGNER;
	if (!id_granted(view, entry))
		return EDB_E_OWNER;
	if (entry && !equal_ct(entry->current.vendor, want->vendor, KEY_ID_BYTES) &&
		!view->vendor_succeeds_owner)
		return EDB_E_OWNER;
	return EDB_OK;
}

static enum edb_err version_check(const struct operator_view *view,
	const struct ledger_entry *entry, const struct ledger_payload *want)
{
	int order;

	if (!want->signed_package) {
		if (!policy_device_borrow()->allow_2021_packages || (entry && entry->signed_once))
			return EDB_E_LEGACY;
	}
	if (version_compare(want->version, view->floor) < 0)
		return EDB_E_ROLLBACK;
	if (!entry || !entry->signed_once)
		return EDB_OK;
	order = version_compare(want->version, entry->current.version);
	if (order > 0)
		return EDB_OK;
	/* The same version again is the same bytes again, or it is somebody's replacement of them.
	 */
	if (order == 0 && equal_ct(want->digest, entry->current.digest, DIGEST_BYTES))
		return EDB_OK;
	return EDB_E_ROLLBACK;
}

static enum edb_err quota_check(const struct operator_view *view,
	const uint8_t id[static UUID_BYTES], const struct ledger_payload *want)
{
	uint32_t ids = 0, memory_kib = 0;

	ledger_usage(want->vendor, id, &ids, &memory_kib);
	if (ids >= view->quota_ids)
		return EDB_E_QUOTA;
	if (memory_kib > view->quota_kib || want->memory_kib > view->quota_kib - memory_kib)
		return EDB_E_QUOTA;
	return EDB_OK;
}

enum edb_err admission_check(const uint8_t id[static UUID_BYTES], const struct ledger_payload *want)
{
	const struct ledger_entry *entry = owned_entry(id);
	struct operator_view view = {
		.vendor = want->vendor,
		.owner = entry ? entry->current.vendor : NULL,
		.application_id = id,
	};
	uint8_t key[CLASS_KEY_BYTES] = {0}; /* secret: wiped below */
	enum edb_err err = policy_ask(&view);

	if (err)
		return err;
	err = signer_check(&view, entry, want);
	if (err)
		return err;
	err = version_check(&view, entry, want);
	if (err)
		return err;
	if (entry && entry->state == LEDGER_INSTALLED && entry->current.type != want->type)
		return EDB_E_STATE; /* an application does not turn into data: remove it first */
	err = quota_check(&view, id, want);
	if (err)
		return err;
	err = keyring_get(id, admission_key_vendor(want), want->key_version, key);
	wipe(key, sizeof key);
	return err;
}
