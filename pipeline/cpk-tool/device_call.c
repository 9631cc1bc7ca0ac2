/* SPDX-License-Identifier: MIT */
#include "device_call.h"

#include "image_store.h"

enum edb_err device_open(struct edb_enclave **cpm, struct edb_error *error)
{
	const TEEC_UUID uuid = EDB_CPM_UUID;
	TEEC_Result result = edb_enclave_open(NULL, &uuid, cpm);

	if (!result)
		return EDB_OK;
	return edb_fail(error, EDB_E_TEE, EDB_NO_OFFSET,
		"the Confidential Package Manager does not answer (0x%08x)", result);
}

/* What the CPM's answers mean to whoever typed the command. */
static const char *meaning(int answer)
{
	switch (answer) {
	case EDB_E_NOT_PROVISIONED: return "the device has no policy that says who may do this";
	case EDB_E_PROVISIONED: return "the device is provisioned already";
	case EDB_E_ROOT: return "not the root that this device takes";
	case EDB_E_DOCUMENT: return "not a document for this device";
	case EDB_E_DOCUMENT_SIGNER: return "the document's signer may not sign this";
	case EDB_E_DOCUMENT_VERSION: return "the version or number is not higher than the last one";
	case EDB_E_SIGNER: return "the signer is no vendor that the operator's policy lists";
	case EDB_E_OWNER: return "the id belongs to another vendor, or is not granted to this one";
	case EDB_E_ROLLBACK:
		return "the version is not higher than what was here, or below the floor";
	case EDB_E_TARGET: return "made for another TEE or architecture";
	case EDB_E_KEY_MISSING: return "the class key is not on the device";
	case EDB_E_KEY: return "the wrapped key cannot be used";
	case EDB_E_LEGACY: return "the device policy does not allow packages or keys of 2021";
	case EDB_E_QUOTA: return "the vendor's quota or a limit of the device is used up";
	case EDB_E_BUSY:
		return "in use: an instance is loaded, or another installation is under way";
	case EDB_E_NOT_FOUND: return "nothing is installed under this id";
	case EDB_E_DIGEST: return "a digest does not match: the package was changed";
	case EDB_E_SIGNATURE: return "a signature does not verify";
	case EDB_E_TAG: return "the payload does not open with the device's class key";
	case EDB_E_UNSIGNED: return "the package is not signed";
	case EDB_E_SIZES: return "the streams are not as large as the manifest says";
	case EDB_E_IMAGE: return "the payload is not an image that this TEE can load under this id";
	case EDB_E_STORAGE: return "secure storage is corrupt, or was put back to an older state";
	case EDB_E_STORAGE_FULL: return "secure storage is full";
	default: return edb_err_name((enum edb_err)answer);
	}
}

enum edb_err device_answer(
	TEEC_Result result, const int *answer, const char *what, struct edb_error *error)
{
	if (result)
		return edb_fail(
			error, EDB_E_TEE, EDB_NO_OFFSET, "%s: the TEE says 0x%08x", what, result);
	if (!*answer)
		return EDB_OK;
	return edb_fail(error, (enum edb_err) * answer, EDB_NO_OFFSET,
		"%s: refused by the device: %s", what, meaning(*answer));
}

enum edb_err device_id(struct edb_enclave *cpm, uint8_t id[16], struct edb_error *error)
{
	uint32_t contract, version, applications, entries, keys;
	uint64_t device_version, operator_version, free_bytes;
	enum edb_lifecycle lifecycle;
	bool rollback;
	char kind[32];
	int answer = -1;
	TEEC_Result result = ecall_get_state(cpm, &answer, &contract, &version, kind, &lifecycle,
		&rollback, &device_version, &operator_version, id, &applications, &entries, &keys,
		&free_bytes);

	return device_answer(result, &answer, "device state", error);
}
