/* SPDX-License-Identifier: MIT
 *
 * A deployment: one package on its way in. It belongs to the session that began it.
 *
 * Until its end nothing of the package is proven. Begin refuses what can be refused early; the end
 * checks everything again and only then makes the payload visible, in one atomic step.
 *
 * Errors. Begin: EDB_E_LIMIT, those of the manifest (docs/format.md, "What a CPM sees of it"),
 * EDB_E_CERTIFICATE, EDB_E_SIGNER, EDB_E_SIGNATURE, EDB_E_TARGET, EDB_E_BUSY (the id, or all four
 * deployments), and admission's: EDB_E_OWNER, EDB_E_LEGACY, EDB_E_ROLLBACK, EDB_E_STATE (another
 * type is installed), EDB_E_QUOTA, EDB_E_KEY_MISSING. Add: EDB_E_LIMIT, EDB_E_STATE, EDB_E_SIZES.
 * End: EDB_E_SIZES, EDB_E_DIGEST, EDB_E_TAG, EDB_E_UNSIGNED (2021: nothing was claimed),
 * EDB_E_IMAGE, admission's once more, EDB_E_BUSY.
 */
#ifndef CPM_DEPLOY_H
#define CPM_DEPLOY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "edb_err.h"
#include "limits.h"

struct deployment;

/* What ecall_begin_package hands over; all borrowed for the call. */
struct deploy_package {
	const uint8_t *manifest,
		*streams; /* streams: the mapped ones between manifest and payload */
	size_t manifest_size, streams_size;
	const uint8_t *digest; /* DIGEST_BYTES, claimed */
	const uint8_t *package_signature, *payload_signature, *signer_spki;
	size_t package_signature_size, payload_signature_size, signer_spki_size;
};

/** Contract 0.2. On success *deployment is the caller's until deploy_end or deploy_abort. */
enum edb_err deploy_begin_package(
	const struct deploy_package *package, struct deployment **deployment);

/** Contract 0.1: begin, set up decryption, …, claim digest and signature. Any failure but
 *  EDB_E_STATE leaves the deployment for deploy_abort. */
enum edb_err deploy_begin_legacy(
	const uint8_t id[static UUID_BYTES], uint64_t size, struct deployment **deployment);
enum edb_err deploy_init_decryption(struct deployment *deployment, uint32_t key_bits,
	const uint8_t *nonce, size_t nonce_size, const uint8_t *tag, size_t tag_size);
enum edb_err deploy_verify_legacy(struct deployment *deployment, const uint8_t *digest,
	size_t digest_size, const uint8_t *signature, size_t signature_size,
	const uint8_t *rsa_public_key, size_t rsa_public_key_size, bool *digest_match,
	bool *signature_match);

/** The id that a deployment is for; borrowed. */
const uint8_t *deploy_id_borrow(const struct deployment *deployment);

/** Next ciphertext, in memory of the enclave: it is plaintext afterwards, for the caller to wipe. A
 *  failure leaves the deployment for deploy_abort. */
enum edb_err deploy_add(struct deployment *deployment, uint8_t *block, size_t size);

/** Check and install. Frees the deployment, whatever happens. */
enum edb_err deploy_end(struct deployment *deployment);

/** Drop it; nothing remains. NULL is fine. */
void deploy_abort(struct deployment *deployment);

/** Is a deployment of this id open? */
bool deploy_is_open(const uint8_t id[static UUID_BYTES]);

#endif
