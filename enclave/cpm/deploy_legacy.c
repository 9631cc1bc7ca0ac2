/* SPDX-License-Identifier: MIT
 *
 * Contract 0.1: the calls of 2021, where the policy allows them. Stricter than they were: the
 * signer has to be a listed vendor, and both digest and signature have to match.
 */
#include "admission.h"
#include "deployment.h"
#include "policy.h"
#include "spki.h"
#include "wipe.h"

#define LEGACY_RSA_BITS 2048u

enum edb_err deploy_begin_legacy(
	const uint8_t id[static UUID_BYTES], uint64_t size, struct deployment **deployment)
{
	struct deployment *d;

	if (!policy_device_borrow()->allow_2021_packages)
		return EDB_E_LEGACY;
	if (deploy_is_open(id))
		return EDB_E_BUSY;
	d = deployment_new(id);
	if (!d)
		return EDB_E_BUSY;
	d->want.size = size;
	d->want.type = EDB_PAYLOAD_APPLICATION;
	*deployment = d;
	return EDB_OK;
}

enum edb_err deploy_init_decryption(struct deployment *d, uint32_t key_bits, const uint8_t *nonce,
	size_t nonce_size, const uint8_t *tag, size_t tag_size)
{
	enum edb_err err;

	if (d->want.signed_package || d->gcm != TEE_HANDLE_NULL)
		return EDB_E_STATE;
	if (key_bits != 8 * CLASS_KEY_BYTES || nonce_size != NONCE_BYTES || tag_size != TAG_BYTES)
		return EDB_E_STREAM_SIZE;
	err = deployment_set_key(d, nonce, tag);
	return err ? err : deployment_open_sink(d);
}

/* The digest of what has come so far; the operation goes on. */
static enum edb_err digest_so_far(
	TEE_OperationHandle operation, uint8_t digest[static DIGEST_BYTES])
{
	TEE_OperationHandle copy = TEE_HANDLE_NULL;
	size_t size = DIGEST_BYTES;
	TEE_Result res = TEE_AllocateOperation(&copy, TEE_ALG_SHA256, TEE_MODE_DIGEST, 0);

	if (res)
		return EDB_E_NOMEM;
	TEE_CopyOperation(copy, operation);
	res = TEE_DigestDoFinal(copy, NULL, 0, digest, &size);
	TEE_FreeOperation(copy);
	return res || size != DIGEST_BYTES ? EDB_E_NOMEM : EDB_OK;
}

enum edb_err deploy_verify_legacy(struct deployment *d, const uint8_t *digest, size_t digest_size,
	const uint8_t *signature, size_t signature_size, const uint8_t *rsa_public_key,
	size_t rsa_public_key_size, bool *digest_match, bool *signature_match)
{
	uint8_t actual[DIGEST_BYTES] = {0};
	struct spki signer = {0};
	enum edb_err err;

	if (d->want.signed_package || d->gcm == TEE_HANDLE_NULL)
		return EDB_E_STATE;
	if (digest_size != DIGEST_BYTES)
		return EDB_E_STREAM_SIZE;
	/* The tag comes first: digests of a few bytes, guessed and confirmed one after the other,
	 * would decrypt whatever the host likes. */
	err = deployment_authenticate(d);
	if (!err)
		err = rsa_public_key_parse(rsa_public_key, rsa_public_key_size, &signer);
	if (!err)
		err = digest_so_far(d->plaintext, actual);
	if (err)
		return err;
	*digest_match = equal_ct(actual, digest, sizeof actual);
	*signature_match =
		!spki_verify(&signer, SPKI_RSA_PKCS1V15, digest, signature, signature_size);
	d->claim = !*digest_match ? EDB_E_DIGEST : !*signature_match ? EDB_E_SIGNATURE : EDB_OK;
	TEE_MemMove(d->payload_digest, digest, DIGEST_BYTES);
	TEE_MemMove(d->want.digest, digest, DIGEST_BYTES);
	TEE_MemMove(d->want.vendor, signer.id, KEY_ID_BYTES);
	return EDB_OK;
}
