/* SPDX-License-Identifier: MIT
 *
 * The calls of contract 0.2 (contract/cpm.edl). Each checks what the call is allowed to do now and
 * hands over to the file whose job it is.
 */
#include "cpm_t.h"

#include <string.h>

#include "call.h"
#include "deploy.h"
#include "device.h"
#include "image.h"
#include "install.h"
#include "keyring.h"
#include "ledger.h"
#include "life.h"
#include "platform.h"
#include "policy.h"
#include "uuid.h"
#include "wipe.h"

/* The largest call is a block of payload, or a package's small streams: its arrays' sizes besides.
 */
const uint32_t edb_call_input_max = BLOCK_MAX + 1024;
const uint32_t edb_call_output_max = 4096;

/* A session's slot holds the deployment that it began. */
static struct deployment *session_deployment(void)
{
	return *edb_session_slot();
}

static void session_set_deployment(struct deployment *deployment)
{
	*edb_session_slot() = deployment;
}

/* The session's deployment, if it is one of this id. */
static enum edb_err deployment_of(const char *application_id, struct deployment **deployment)
{
	uint8_t id[UUID_BYTES] = {0};
	enum edb_err err = uuid_parse(application_id, id);

	if (err)
		return err;
	*deployment = session_deployment();
	if (!*deployment || !equal_ct(deploy_id_borrow(*deployment), id, sizeof id))
		return EDB_E_STATE;
	return EDB_OK;
}

/* Where a step failed, the deployment is over; a call out of order leaves it as it is. */
static enum edb_err end_if_failed(struct deployment *deployment, enum edb_err err)
{
	if (err && err != EDB_E_STATE) {
		session_set_deployment(NULL);
		deploy_abort(deployment);
	}
	return err;
}

/* What most calls need: storage was read at start, nothing of an earlier operator is left. */
static enum edb_err ready(void)
{
	enum edb_err err = life_ready();

	if (err)
		return err;
	return policy_device_borrow()->provisioned ? EDB_OK : EDB_E_NOT_PROVISIONED;
}

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

int ecall_get_device_public_key_data_size(unsigned int *data_size)
{
	uint8_t der[DEVICE_SPKI_MAX];
	size_t size = 0;
	enum edb_err err = ready();

	if (!err && !policy_device_borrow()->allow_2021_keys)
		err = EDB_E_LEGACY;
	if (!err)
		err = device_export_legacy_public_key(der, sizeof der, &size);
	if (!err)
		*data_size = (unsigned int)size;
	return err;
}

int ecall_export_device_public_key(unsigned char *data, unsigned int data_size)
{
	uint8_t der[DEVICE_SPKI_MAX];
	size_t size = 0;
	enum edb_err err = ready();

	if (!err && !policy_device_borrow()->allow_2021_keys)
		err = EDB_E_LEGACY;
	if (!err)
		err = device_export_legacy_public_key(der, sizeof der, &size);
	if (!err && size != data_size)
		err = EDB_E_SPACE;
	if (!err)
		TEE_MemMove(data, der, size);
	return err;
}

int ecall_install_application_key(char *application_id, unsigned char *data, unsigned int data_size)
{
	uint8_t id[UUID_BYTES] = {0};
	enum edb_err err = ready();

	if (!err && !policy_device_borrow()->allow_2021_keys)
		err = EDB_E_LEGACY;
	if (!err)
		err = uuid_parse(application_id, id);
	if (!err)
		err = keyring_install_legacy(id, data, data_size);
	return err;
}

int ecall_begin_application_deployment(char *application_id, unsigned long total_data_size)
{
	struct deployment *deployment = NULL;
	uint8_t id[UUID_BYTES] = {0};
	enum edb_err err = ready();

	if (!err && session_deployment())
		err = EDB_E_BUSY;
	if (!err)
		err = uuid_parse(application_id, id);
	if (!err)
		err = deploy_begin_legacy(id, total_data_size, &deployment);
	if (!err)
		session_set_deployment(deployment);
	return err;
}

int ecall_initialize_decryption_aes_gcm(char *application_id, unsigned int key_strength,
	unsigned char *iv, unsigned int iv_size, unsigned char *tag, unsigned int tag_size)
{
	struct deployment *deployment = NULL;
	enum edb_err err = deployment_of(application_id, &deployment);

	if (err)
		return err;
	err = deploy_init_decryption(deployment, key_strength, iv, iv_size, tag, tag_size);
	return end_if_failed(deployment, err);
}

int ecall_add_application_data(char *application_id, unsigned char *data, unsigned int data_size)
{
	struct deployment *deployment = NULL;
	enum edb_err err = deployment_of(application_id, &deployment);

	if (err)
		return err;
	return end_if_failed(deployment, deploy_add(deployment, data, data_size));
}

int ecall_verify_application_sha256_rsa_pkcs1_v15(char *application_id, unsigned int key_strength,
	unsigned char *digest, unsigned int digest_size, unsigned char *signature,
	unsigned int signature_size, unsigned char *public_key, unsigned int public_key_size,
	bool *digest_match, bool *signature_match)
{
	struct deployment *deployment = NULL;
	enum edb_err err = deployment_of(application_id, &deployment);

	if (err)
		return err;
	err = EDB_E_STREAM_SIZE;
	if (key_strength == 8 * signature_size)
		err = deploy_verify_legacy(deployment, digest, digest_size, signature,
			signature_size, public_key, public_key_size, digest_match, signature_match);
	return end_if_failed(deployment, err);
}

int ecall_end_application_deployment(char *application_id)
{
	struct deployment *deployment = NULL;
	enum edb_err err = deployment_of(application_id, &deployment);

	if (err)
		return err;
	session_set_deployment(NULL);
	return deploy_end(deployment);
}

int ecall_get_state(uint32_t *contract_version, uint32_t *cpm_version, char *tee_kind,
	enum edb_lifecycle *lifecycle, bool *rollback_protection, uint64_t *device_policy_version,
	uint64_t *operator_policy_version, uint8_t *id, uint32_t *application_count,
	uint32_t *entry_count, uint32_t *class_key_count, uint64_t *free_bytes)
{
	const struct device_state *device = policy_device_borrow();
	const char *kind = platform_tee_kind();
	enum edb_err err = life_ready();

	*contract_version = CPM_CONTRACT_VERSION;
	*cpm_version = CPM_VERSION;
	TEE_MemMove(tee_kind, kind, strlen(kind));
	*rollback_protection = platform_rollback_protection();
	if (err)
		return err;
	if (device->provisioned)
		*lifecycle =
			platform_is_development() ? EDB_LIFECYCLE_DEBUG : EDB_LIFECYCLE_PROVISIONED;
	*device_policy_version = device->version;
	*operator_policy_version = policy_operator_version();
	*entry_count = ledger_count();
	for (uint32_t i = 0; i < ledger_count(); i++)
		*application_count += ledger_at(i)->state == LEDGER_INSTALLED;
	*class_key_count = keyring_key_count();
	*free_bytes = image_free_bytes();
	return device_id(id);
}

int ecall_export_key(enum edb_key_kind kind, uint8_t *spki, uint32_t capacity, uint32_t *spki_size)
{
	static const enum device_key keys[] = {
		[EDB_KEY_IDENTITY] = DEVICE_KEY_IDENTITY,
		[EDB_KEY_WRAPPING] = DEVICE_KEY_WRAPPING,
		[EDB_KEY_LEGACY_WRAPPING] = DEVICE_KEY_LEGACY,
	};
	uint8_t der[DEVICE_SPKI_MAX];
	size_t size = 0;
	enum edb_err err = life_ready();

	if (!err && kind == EDB_KEY_LEGACY_WRAPPING && !policy_device_borrow()->allow_2021_keys)
		err = EDB_E_LEGACY;
	if (!err)
		err = device_export_spki(keys[kind], der, &size);
	if (err)
		return err;
	*spki_size = (uint32_t)size;
	if (size > capacity)
		return EDB_E_SPACE;
	TEE_MemMove(spki, der, size);
	return EDB_OK;
}

int ecall_provision(
	uint8_t *root_spki, uint32_t root_spki_size, uint8_t *policy, uint32_t policy_size)
{
	enum edb_err err = life_ready();

	if (!err)
		err = policy_provision(root_spki, root_spki_size, policy, policy_size);
	return (int)(err ? err : life_ready());
}

int ecall_update_policy(uint8_t *document, uint32_t document_size)
{
	enum edb_err err = ready();

	if (!err)
		err = policy_update(document, document_size);
	/* A new operator: what the old one had here goes now, or before the next call. */
	return (int)(err ? err : life_ready());
}

int ecall_install_key_bundle(uint8_t *document, uint32_t document_size)
{
	enum edb_err err = ready();

	return (int)(err ? err : keyring_install_bundle(document, document_size));
}

int ecall_begin_package(uint8_t *manifest, uint32_t manifest_size, uint8_t *streams,
	uint32_t streams_size, uint8_t *package_digest, uint8_t *package_signature,
	uint32_t package_signature_size, uint8_t *payload_signature,
	uint32_t payload_signature_size, uint8_t *signer_spki, uint32_t signer_spki_size)
{
	const struct deploy_package package = {
		.manifest = manifest,
		.manifest_size = manifest_size,
		.streams = streams,
		.streams_size = streams_size,
		.digest = package_digest,
		.package_signature = package_signature,
		.package_signature_size = package_signature_size,
		.payload_signature = payload_signature,
		.payload_signature_size = payload_signature_size,
		.signer_spki = signer_spki,
		.signer_spki_size = signer_spki_size,
	};
	struct deployment *deployment = NULL;
	enum edb_err err = ready();

	if (!err && session_deployment())
		err = EDB_E_BUSY;
	if (!err)
		err = deploy_begin_package(&package, &deployment);
	if (!err)
		session_set_deployment(deployment);
	return err;
}

int ecall_abort_application_deployment(char *application_id)
{
	struct deployment *deployment = NULL;
	enum edb_err err = deployment_of(application_id, &deployment);

	if (err)
		return err;
	session_set_deployment(NULL);
	deploy_abort(deployment);
	return EDB_OK;
}

/* An instance of what is no longer installed still runs. */
static bool restart_needed(const struct ledger_entry *entry)
{
	struct edb_image_info info = {0};

	if (entry->current.type != EDB_PAYLOAD_APPLICATION)
		return false;
	if (entry->state == LEDGER_REMOVED)
		return entry->stale_image;
	return !image_query(entry->id, &info) && info.stale;
}

int ecall_list(uint32_t index, uint8_t *application_id, uint32_t *version, uint8_t *package_digest,
	uint8_t *vendor, enum edb_payload_type *type, enum edb_app_state *state,
	uint32_t *key_version)
{
	const struct ledger_entry *entry = NULL;
	enum edb_err err = ready();

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

int ecall_remove(char *application_id)
{
	uint8_t id[UUID_BYTES] = {0};
	enum edb_err err = ready();

	if (!err)
		err = uuid_parse(application_id, id);
	if (!err && deploy_is_open(id))
		err = EDB_E_BUSY;
	return (int)(err ? err : install_remove(id));
}
