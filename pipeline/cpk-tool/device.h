/* SPDX-License-Identifier: MIT
 *
 * The device's CPM, and what its answers mean.
 */
#ifndef DEVICE_H
#define DEVICE_H

#include "cpm_u.h"
#include "public_key.h"
#include "tool.h"

#define DEVICE_ID_BYTES 16
#define DEVICE_BLOCK    CPK_BLOCK /* the CPM's limit on one ecall_add_application_data, too */

/** Open a session with the CPM; edb_enclave_close it. */
enum edb_err device_open(struct cli *cli, struct edb_enclave **cpm);

/**
 * What a call came to: the TEE's result, then the CPM's own answer.
 *
 * @param what  what was asked, for the message: "installing 1f57…"
 */
enum edb_err device_answer(struct cli *cli, TEEC_Result result, int retval, const char *what);

/** One of the device's public keys. Free it. */
enum edb_err device_key(struct cli *cli, struct edb_enclave *cpm, enum edb_key_kind kind,
	struct edb_public_key **key);

/** What ecall_get_state says. */
struct device_state {
	uint32_t contract_version, cpm_version, application_count, ledger_count, class_key_count;
	uint64_t device_policy_version, operator_policy_version, free_bytes;
	char tee_kind[33];
	enum edb_lifecycle lifecycle;
	bool rollback_protection;
	uint8_t id[DEVICE_ID_BYTES];
};
enum edb_err device_state(struct cli *cli, struct edb_enclave *cpm, struct device_state *state);

/* Handing over. */

enum edb_err install_package(struct cli *cli, struct edb_enclave *cpm, const struct cpk_raw *raw,
	const struct edb_public_key *signer);
/** A package of 2021: through the calls of contract 0.1. */
enum edb_err install_2021(struct cli *cli, struct edb_enclave *cpm, const struct cpk_raw *raw,
	const struct edb_public_key *signer);
/** The payload, block by block, in the deployment of this id. */
enum edb_err install_payload(
	struct cli *cli, struct edb_enclave *cpm, const struct cpk_raw *raw, const char *id);

/* Options of a key bundle, as they were typed; NULL: not given. */
struct bundle_values {
	const char *id, *service_key, *vendor_key, *key_version, *lowest_version, *number;
};

/* What a key bundle is to say beyond device and key. */
struct bundle_request {
	const char *application_id;
	const char *service_key; /* file or pkcs11: URI; P-256 */
	uint8_t vendor[EDB_KEY_ID_BYTES];
	uint32_t key_version, lowest_version, epoch, counter;
};
enum edb_err bundle_request_fill(
	struct cli *cli, const struct bundle_values *values, struct bundle_request *request);

/* For which device. */
struct bundle_device {
	uint8_t id[DEVICE_ID_BYTES];
	const struct edb_public_key *wrapping; /* borrowed */
};
/** Wrap a class key to the device and sign it. document: malloc'ed. */
enum edb_err bundle_make(struct cli *cli, const struct bundle_device *device,
	const struct bundle_request *request, const uint8_t key[CPK_CLASS_KEY_BYTES],
	uint8_t **document, size_t *size);

#endif
