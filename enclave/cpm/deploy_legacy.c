/* SPDX-License-Identifier: MIT
 *
 * Deployments of contract 0.1: the calls of 2021, where the policy allows them. Stricter than they
 * were: the signer has to be a listed vendor, and both digest and signature have to match.
 */
#include "deploy.h"
#include "life.h"
#include "policy.h"
#include "uuid.h"

int ecall_begin_application_deployment(char *application_id, unsigned long total_data_size)
{
	struct deployment *d = NULL;
	uint8_t id[UUID_BYTES] = {0};
	enum edb_err err = life_serving();

	err = err ? err : uuid_parse(application_id, id);
	err = err ? err : require(policy_device_borrow()->policy.allow_2021_packages, EDB_E_LEGACY);
	err = err ? err : deployment_new(id, &d);
	if (err)
		return err;
	d->want.size = total_data_size;
	d->want.type = EDB_PAYLOAD_APPLICATION;
	return EDB_OK;
}

int ecall_initialize_decryption_aes_gcm(char *application_id, unsigned int key_strength,
	unsigned char *iv, unsigned int iv_size, unsigned char *tag, unsigned int tag_size)
{
	struct deployment *d = NULL;
	enum edb_err err = deployment_of(application_id, &d);

	err = err ? err : require(!d->want.signed_package && !d->gcm, EDB_E_STATE);
	if (err)
		return err;
	if (key_strength != 8 * CLASS_KEY_BYTES || iv_size != NONCE_BYTES || tag_size != TAG_BYTES)
		return deployment_after(EDB_E_STREAM_SIZE);
	err = deployment_set_key(d, iv, tag);
	return deployment_after(err ? err : deployment_open_sink(d));
}

int ecall_verify_application_sha256_rsa_pkcs1_v15(char *application_id, unsigned int key_strength,
	unsigned char *digest, unsigned int digest_size, unsigned char *signature,
	unsigned int signature_size, unsigned char *public_key, unsigned int public_key_size,
	bool *digest_match, bool *signature_match)
{
	struct deployment *d = NULL;
	struct spki signer = {0};
	enum edb_err err = deployment_of(application_id, &d);

	err = err ? err : require(!d->want.signed_package && d->gcm, EDB_E_STATE);
	if (err)
		return err;
	if (key_strength != 8 * signature_size || digest_size != DIGEST_BYTES)
		return deployment_after(EDB_E_STREAM_SIZE);
	/* The tag comes first: digests of a few bytes, guessed and confirmed one after the other,
	 * would decrypt whatever the host likes. */
	err = deployment_authenticate(d);
	err = err ? err : rsa_public_key_parse(public_key, public_key_size, &signer);
	if (err)
		return deployment_after(err);
	*digest_match = equal_ct(d->actual_digest, digest, DIGEST_BYTES);
	*signature_match =
		!spki_verify(&signer, SPKI_RSA_PKCS1V15, digest, signature, signature_size);
	d->claim = !*digest_match ? EDB_E_DIGEST : !*signature_match ? EDB_E_SIGNATURE : EDB_OK;
	TEE_MemMove(d->payload_digest, digest, DIGEST_BYTES);
	TEE_MemMove(d->want.digest, digest, DIGEST_BYTES);
	TEE_MemMove(d->want.vendor, signer.id, KEY_ID_BYTES);
	return EDB_OK;
}
