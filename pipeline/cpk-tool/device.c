/* SPDX-License-Identifier: MIT */
#include "device.h"

#include "image_store.h"

#include <stdlib.h>
#include <string.h>

#define SPKI_MAX 1024 /* bytes; RSA-3072 has 422 */

static const TEEC_UUID cpm_uuid = EDB_CPM_UUID;

enum edb_err device_open(struct cli *cli, struct edb_enclave **cpm)
{
	TEEC_Result result = edb_enclave_open(NULL, &cpm_uuid, cpm);
	const char *folder = getenv("SIMTEE_DIR");

	switch (result) {
	case TEEC_SUCCESS: return EDB_OK;
	case TEEC_ERROR_ITEM_NOT_FOUND:
		return cli_fail(cli, EDB_E_TEE,
			"is the TEE running, with the CPM in it? Simulator: simtee status (and "
			"SIMTEE_DIR); OP-TEE: tee-supplicant and /dev/tee0",
			"there is no TEE here, or no CPM in it (SIMTEE_DIR: %s)",
			folder ? folder : "not set");
	case TEEC_ERROR_ACCESS_DENIED:
		return cli_fail(cli, EDB_E_TEE,
			"who may use the TEE is set on /dev/tee0, or on "
			"the simulator's folder",
			"access to the TEE is denied");
	case TEEC_ERROR_OUT_OF_MEMORY:
		return cli_fail(cli, EDB_E_NOMEM, NULL, "opening the CPM: out of memory");
	default:
		return cli_fail(cli, EDB_E_TEE, NULL, "the TEE does not open the CPM (0x%08x)",
			(unsigned)result);
	}
}

enum edb_err device_answer(struct cli *cli, TEEC_Result result, int retval, const char *what)
{
	enum edb_err code = (enum edb_err)retval;

	if (result == TEEC_ERROR_TARGET_DEAD)
		return cli_fail(cli, EDB_E_TEE,
			"it starts again with the next command; if this "
			"repeats itself, please report it",
			"%s: the CPM ended", what);
	if (result == TEEC_ERROR_OUT_OF_MEMORY)
		return cli_fail(cli, EDB_E_NOMEM, NULL, "%s: the TEE is out of memory", what);
	if (result != TEEC_SUCCESS)
		return cli_fail(cli, EDB_E_TEE, NULL, "%s: the TEE does not answer (0x%08x)", what,
			(unsigned)result);
	if (retval == EDB_OK)
		return EDB_OK;
	if (!strcmp(edb_err_name(code), "UNKNOWN"))
		return cli_fail(cli, EDB_E_TEE, "is the CPM newer than this tool?",
			"%s: the CPM refused with %d, which this tool does not know", what, retval);
	return cli_fail(cli, code, NULL, "%s: the CPM refused: %s", what, cli_meaning(code));
}

enum edb_err device_key(struct cli *cli, struct edb_enclave *cpm, enum edb_key_kind kind,
	struct edb_public_key **key)
{
	uint8_t spki[SPKI_MAX];
	uint32_t size = 0;
	int retval = 0;
	TEEC_Result result = ecall_export_key(cpm, &retval, kind, spki, sizeof spki, &size);
	enum edb_err err = device_answer(cli, result, retval, "asking for the device's public key");

	if (err)
		return err;
	if (size > sizeof spki)
		return cli_fail(
			cli, EDB_E_TEE, NULL, "the CPM's public key has an impossible size");
	return edb_public_key_from_spki(spki, size, key, &cli->error);
}

enum edb_err device_state(struct cli *cli, struct edb_enclave *cpm, struct device_state *s)
{
	int retval = 0;
	TEEC_Result result = ecall_get_state(cpm, &retval, &s->contract_version, &s->cpm_version,
		s->tee_kind, &s->lifecycle, &s->rollback_protection, &s->device_policy_version,
		&s->operator_policy_version, s->id, &s->application_count, &s->ledger_count,
		&s->class_key_count, &s->free_bytes);

	s->tee_kind[sizeof s->tee_kind - 1] = 0;
	return device_answer(cli, result, retval, "asking for the device's state");
}
