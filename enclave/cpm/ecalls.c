/* SPDX-License-Identifier: MIT
 *
 * The calls of contract 0.2 (contract/cpm.edl) that only look. Those that change something are in
 * the file whose job it is: deploy.c, install.c, keyring.c, policy.c. Each checks
 * first what it is allowed to do now.
 */
#include "cpm_t.h"

#include <string.h>

#include "call.h"
#include "install.h"
#include "keys.h"
#include "policy.h"

/* The largest call is a block of payload, or a package's small streams: its arrays' sizes besides.
 */
const uint32_t edb_call_input_max = BLOCK_MAX + 1024;
const uint32_t edb_call_output_max = 4096;

int ecall_ping(unsigned int *supported_contract_version)
{
	*supported_contract_version = CPM_CONTRACT_VERSION;
	return EDB_OK;
}

int ecall_is_operation_supported(char *operation_name, bool *is_supported)
{
	*is_supported = edb_is_ecall(operation_name);
	return EDB_OK;
}

/* A device key's public half, as far as there is room; *size: what it takes, also with EDB_E_SPACE.
 */
static enum edb_err export_key(
	enum edb_key_kind kind, bool bare, uint8_t *to, uint32_t room, uint32_t *size)
{
	uint8_t der[DEVICE_SPKI_MAX];
	size_t got = 0;
	enum edb_err err = life_ready();

	if (!err && kind == EDB_KEY_LEGACY_WRAPPING)
		err = require(policy_device_borrow()->policy.allow_2021_keys, EDB_E_LEGACY);
	err = err ? err : device_export(kind, bare, der, &got);
	if (err)
		return err;
	*size = (uint32_t)got;
	if (got > room)
		return EDB_E_SPACE;
	TEE_MemMove(to, der, got);
	return EDB_OK;
}

int ecall_export_key(enum edb_key_kind kind, uint8_t *spki, uint32_t capacity, uint32_t *spki_size)
{
	return export_key(kind, false, spki, capacity, spki_size);
}

int ecall_get_device_public_key_data_size(unsigned int *data_size)
{
	enum edb_err err = export_key(EDB_KEY_LEGACY_WRAPPING, true, NULL, 0, data_size);

	return (int)(err == EDB_E_SPACE ? EDB_OK : err);
}

int ecall_export_device_public_key(unsigned char *data, unsigned int data_size)
{
	uint32_t size = 0;
	enum edb_err err = export_key(EDB_KEY_LEGACY_WRAPPING, true, data, data_size, &size);

	err = err ? err : require(size == data_size, EDB_E_SPACE);
	if (err)
		TEE_MemFill(data, 0, data_size);
	return (int)err;
}

int ecall_get_state(uint32_t *contract_version, uint32_t *cpm_version, char *tee_kind,
	enum edb_lifecycle *lifecycle, bool *rollback_protection, uint64_t *device_policy_version,
	uint64_t *operator_policy_version, uint8_t *id, uint32_t *application_count,
	uint32_t *entry_count, uint32_t *class_key_count, uint64_t *free_bytes)
{
	const struct device_policy *policy = &policy_device_borrow()->policy;
	struct operator_view view = {0};
	enum edb_err err = life_ready();

	*contract_version = CPM_CONTRACT_VERSION;
	*cpm_version = CPM_VERSION;
	TEE_MemMove(tee_kind, platform.tee_kind, strlen(platform.tee_kind));
	*rollback_protection = platform.rollback_protection;
	err = err ? err : policy_ask(&view);
	if (err && err != EDB_E_NOT_PROVISIONED)
		return err;
	if (policy->version)
		*lifecycle = *platform.maker_root ? EDB_LIFECYCLE_PROVISIONED : EDB_LIFECYCLE_DEBUG;
	*device_policy_version = policy->version;
	*operator_policy_version = view.version;
	for (; ledger_at(*entry_count); (*entry_count)++)
		*application_count += ledger_at(*entry_count)->state == LEDGER_INSTALLED;
	*class_key_count = keyring_key_count();
	*free_bytes = image_free_bytes();
	return device_id(id);
}

/* An instance of what is no longer installed still runs. */
static bool restart_needed(const struct ledger_entry *entry)
{
	struct edb_image_info info = {0};

	if (entry->current.type != EDB_PAYLOAD_APPLICATION)
		return false;
	return entry->state == LEDGER_REMOVED ? entry->stale_image
					      : !image_query(entry->id, &info) && info.stale;
}

int ecall_list(uint32_t index, uint8_t *application_id, uint32_t *version, uint8_t *package_digest,
	uint8_t *vendor, enum edb_payload_type *type, enum edb_app_state *state,
	uint32_t *key_version)
{
	const struct ledger_entry *entry = NULL;
	enum edb_err err = life_serving();

	if (err)
		return err;
	/* An id that is only intended is nobody's business yet. */
	for (uint32_t i = 0; (entry = ledger_at(i)); i++)
		if (entry->state != LEDGER_EMPTY && index-- == 0)
			break;
	if (!entry)
		return EDB_E_NOT_FOUND;
	TEE_MemMove(application_id, entry->id, UUID_BYTES);
	TEE_MemMove(version, entry->current.version, sizeof entry->current.version);
	TEE_MemMove(package_digest, entry->current.digest, DIGEST_BYTES);
	TEE_MemMove(vendor, entry->current.vendor, KEY_ID_BYTES);
	*type = (enum edb_payload_type)entry->current.type;
	*state = restart_needed(entry)              ? EDB_APP_RESTART_NEEDED
		 : entry->state == LEDGER_INSTALLED ? EDB_APP_INSTALLED
						    : EDB_APP_REMOVED;
	*key_version = entry->current.key_version;
	return EDB_OK;
}
