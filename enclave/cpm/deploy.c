/* SPDX-License-Identifier: MIT
 *
 * The calls that make a deployment, of contract 0.2 and, where the policy allows them, those of
 * 2021: stricter than they were, the signer has to be a listed vendor, and both digest and
 * signature have to match.
 */
#include "install.h"

#include "call.h"
#include "cpm_t.h"
#include "keys.h"
#include "policy.h"
#include "uuid.h"

struct deployment {
	bool open;
	bool authentic;     /* all of the ciphertext came, and its tag matched */
	enum edb_err claim; /* EDB_OK: both digests are set, the signatures of both are good */
	uint8_t id[UUID_BYTES];
	struct ledger_payload want;
	uint64_t received;                           /* bytes of ciphertext */
	uint8_t payload_digest[DIGEST_BYTES];        /* claimed, of the plaintext */
	uint8_t actual_digest[DIGEST_BYTES];         /* of the plaintext, once it is authentic */
	uint8_t tag[TAG_BYTES];                      /* claimed */
	TEE_OperationHandle gcm, plaintext, package; /* package: none in contract 0.1 */
	TEE_TASessionHandle image;
	struct data_writer data;
};

static struct deployment deployments[DEPLOYMENTS_MAX];

bool deploy_is_open(const uint8_t id[static UUID_BYTES])
{
	for (unsigned i = 0; i < DEPLOYMENTS_MAX; i++)
		if (deployments[i].open && equal_ct(deployments[i].id, id, UUID_BYTES))
			return true;
	return false;
}

/* For this session. EDB_E_BUSY: it has one, or the id has, or no slot is free. */
static enum edb_err deployment_new(
	const uint8_t id[static UUID_BYTES], struct deployment **deployment)
{
	unsigned i = 0;

	while (i < DEPLOYMENTS_MAX && deployments[i].open)
		i++;
	if (i == DEPLOYMENTS_MAX || *edb_session_slot() || deploy_is_open(id))
		return EDB_E_BUSY;
	deployments[i] = (struct deployment){.open = true, .claim = EDB_E_UNSIGNED};
	TEE_MemMove(deployments[i].id, id, UUID_BYTES);
	*edb_session_slot() = *deployment = &deployments[i];
	return EDB_OK;
}

/* This session's, if it is one of this id; otherwise EDB_E_STATE. */
static enum edb_err deployment_of(const char *application_id, struct deployment **deployment)
{
	uint8_t id[UUID_BYTES] = {0};
	enum edb_err err = uuid_parse(application_id, id);

	*deployment = *edb_session_slot();
	if (err)
		return err;
	return require(*deployment && equal_ct((*deployment)->id, id, sizeof id), EDB_E_STATE);
}

void edb_session_close(void *slot)
{
	struct deployment *d = slot;

	if (!d)
		return;
	TEE_FreeOperation(d->gcm);
	TEE_FreeOperation(d->plaintext);
	TEE_FreeOperation(d->package);
	TEE_CloseTASession(d->image);
	data_close(&d->data);
	/* Should this fail, the intent stays, and the next install or start resolves it. */
	(void)install_resolve(d->id);
	wipe(d, sizeof *d);
}

static void end_deployment(void)
{
	edb_session_close(*edb_session_slot());
	*edb_session_slot() = NULL;
}

/* Where a step failed, the deployment is over; a call out of order leaves it as it is. */
static enum edb_err after(enum edb_err err)
{
	if (err && err != EDB_E_STATE)
		end_deployment();
	return err;
}

/* Decryption under the class key that is wanted, the intent, and where the plaintext goes. */
static enum edb_err start(struct deployment *d, const uint8_t nonce[static NONCE_BYTES],
	const uint8_t tag[static TAG_BYTES])
{
	uint8_t key[CLASS_KEY_BYTES] = {0}; /* secret: wiped below */
	TEE_ObjectHandle object = TEE_HANDLE_NULL;
	TEE_Attribute secret = {0};
	enum edb_err err = keyring_get(d->id, &d->want, key);

	TEE_MemMove(d->tag, tag, TAG_BYTES);
	TEE_InitRefAttribute(&secret, TEE_ATTR_SECRET_VALUE, key, sizeof key);
	/* Memory is the only way that well-formed input can fail. */
	if (!err && (TEE_AllocateTransientObject(TEE_TYPE_AES, 8 * CLASS_KEY_BYTES, &object) ||
			    TEE_PopulateTransientObject(object, &secret, 1) ||
			    TEE_AllocateOperation(&d->gcm, TEE_ALG_AES_GCM, TEE_MODE_DECRYPT,
				    8 * CLASS_KEY_BYTES) ||
			    TEE_SetOperationKey(d->gcm, object) ||
			    TEE_AEInit(d->gcm, nonce, NONCE_BYTES, 8 * TAG_BYTES, 0, 0)))
		err = EDB_E_NOMEM;
	TEE_FreeTransientObject(object);
	wipe(key, sizeof key);
	err = err ? err : sha256_start(&d->plaintext);
	err = err ? err : install_intend(d->id, &d->want);
	if (!err && d->want.type == EDB_PAYLOAD_APPLICATION)
		err = image_begin(d->id, d->want.version, d->want.size, &d->image);
	return err;
}

/* Before both signatures, by one key, are good, nothing else of the manifest is believed at all. */
int ecall_begin_package(uint8_t *manifest, uint32_t manifest_size, uint8_t *streams,
	uint32_t streams_size, uint8_t *package_digest, uint8_t *package_signature,
	uint32_t package_signature_size, uint8_t *payload_signature,
	uint32_t payload_signature_size, uint8_t *signer_spki, uint32_t signer_spki_size)
{
	struct manifest m = {0};
	struct spki signer = {0};
	struct deployment *d = NULL;
	enum edb_err err = life_serving();

	err = err ? err : require(streams_size <= SMALL_STREAMS_MAX, EDB_E_LIMIT);
	err = err ? err : manifest_read(manifest, manifest_size, streams, streams_size, &m);
	err = err ? err : spki_parse(signer_spki, signer_spki_size, false, &signer);
	err = err ? err : admission_signer_check(signer.id);
	if (!err && (package_signature_size != m.package_signature.size ||
			    payload_signature_size != m.payload_signature.size))
		err = EDB_E_STREAM_SIZE;
	if (!err)
		err = spki_verify(&signer, m.package_signature.scheme, package_digest,
			package_signature, package_signature_size);
	if (!err)
		err = spki_verify(&signer, m.payload_signature.scheme, m.digest, payload_signature,
			payload_signature_size);
	err = err ? err : require(m.for_this, EDB_E_TARGET);
	err = err ? err : deployment_new(m.id, &d);
	if (err)
		return err;
	d->want = m.payload;
	d->want.signed_package = 1;
	TEE_MemMove(d->want.digest, package_digest, DIGEST_BYTES);
	TEE_MemMove(d->want.vendor, signer.id, KEY_ID_BYTES);
	TEE_MemMove(d->payload_digest, m.digest, DIGEST_BYTES);
	d->claim = EDB_OK;
	err = admission_check(d->id, &d->want);
	err = err ? err : sha256_start(&d->package);
	if (!err) {
		TEE_DigestUpdate(d->package, manifest, manifest_size);
		TEE_DigestUpdate(d->package, streams, streams_size);
		err = start(d, m.nonce, m.tag);
	}
	if (err)
		end_deployment();
	return err;
}

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
		return after(EDB_E_STREAM_SIZE);
	return after(start(d, iv, tag));
}

static enum edb_err sink(struct deployment *d, const uint8_t *bytes, size_t size)
{
	if (!size)
		return EDB_OK;
	TEE_DigestUpdate(d->plaintext, bytes, size);
	if (d->want.type == EDB_PAYLOAD_APPLICATION)
		return image_write(d->image, bytes, size);
	return data_write(&d->data, d->id, d->want.generation, bytes, size);
}

/*
 * In place: there is no room for a second copy. That is sound where the cipher holds nothing over
 * from before (Internal Core API, TEE_AEUpdate: buffers equal or disjoint), so what completes one
 * of its blocks goes through a buffer of its own.
 */
static enum edb_err decrypt(struct deployment *d, uint8_t *block, size_t size)
{
	uint8_t whole[CIPHER_BLOCK] = {0};
	enum edb_err err = EDB_OK;

	for (size_t at = 0, now; at < size && !err; at += now) {
		size_t over = (size_t)(d->received % CIPHER_BLOCK);
		size_t room = over ? CIPHER_BLOCK - over : SIZE_MAX;
		uint8_t *to = over ? whole : &block[at];
		size_t got;

		now = size - at < room ? size - at : room;
		got = over ? sizeof whole : now;
		err = TEE_AEUpdate(d->gcm, &block[at], now, to, &got) ? EDB_E_NOMEM
								      : sink(d, to, got);
		d->received += now;
	}
	wipe(whole, sizeof whole);
	return err;
}

int ecall_add_application_data(char *application_id, unsigned char *data, unsigned int data_size)
{
	struct deployment *d = NULL;
	enum edb_err err = deployment_of(application_id, &d);

	if (err)
		return err;
	if (data_size > BLOCK_MAX)
		return after(EDB_E_LIMIT);
	if (d->gcm == TEE_HANDLE_NULL)
		return EDB_E_STATE;
	if (data_size > d->want.size - d->received)
		return after(EDB_E_SIZES);
	if (d->package != TEE_HANDLE_NULL)
		TEE_DigestUpdate(d->package, data, data_size);
	return after(decrypt(d, data, data_size));
}

/*
 * All has come: then the last plaintext goes out. Size, package digest, tag, then plaintext digest:
 * in that order, so that whoever has no key and who has one find the same fault first, and nothing
 * is said of plaintext without a tag. Safe to repeat after success only.
 */
static enum edb_err authenticate(struct deployment *d)
{
	uint8_t rest[CIPHER_BLOCK] = {0}, digest[DIGEST_BYTES] = {0};
	size_t got = sizeof rest;
	enum edb_err err = EDB_OK;

	if (d->authentic)
		return EDB_OK;
	if (d->received != d->want.size)
		return EDB_E_SIZES;
	if (d->package != TEE_HANDLE_NULL) {
		err = sha256_finish(d->package, digest);
		err = err ? err
			  : require(equal_ct(digest, d->want.digest, sizeof digest), EDB_E_DIGEST);
	}
	if (!err && TEE_AEDecryptFinal(d->gcm, NULL, 0, rest, &got, d->tag, TAG_BYTES))
		err = EDB_E_TAG;
	err = err ? err : sink(d, rest, got);
	wipe(rest, sizeof rest);
	err = err ? err : sha256_finish(d->plaintext, d->actual_digest);
	d->authentic = !err;
	return err;
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
		return after(EDB_E_STREAM_SIZE);
	/* The tag comes first: digests of a few bytes, guessed and confirmed one after the other,
	 * would decrypt whatever the host likes. */
	err = authenticate(d);
	err = err ? err : spki_parse(public_key, public_key_size, true, &signer);
	if (err)
		return after(err);
	*digest_match = equal_ct(d->actual_digest, digest, DIGEST_BYTES);
	*signature_match =
		!spki_verify(&signer, SPKI_RSA_PKCS1V15, digest, signature, signature_size);
	d->claim = !*digest_match ? EDB_E_DIGEST : !*signature_match ? EDB_E_SIGNATURE : EDB_OK;
	TEE_MemMove(d->payload_digest, digest, DIGEST_BYTES);
	TEE_MemMove(d->want.digest, digest, DIGEST_BYTES);
	TEE_MemMove(d->want.vendor, signer.id, KEY_ID_BYTES);
	return EDB_OK;
}

static enum edb_err finish(struct deployment *d)
{
	bool application = d->want.type == EDB_PAYLOAD_APPLICATION;
	enum edb_err err = d->gcm ? d->claim : EDB_E_STATE;

	err = err ? err : authenticate(d);
	if (!err && !equal_ct(d->actual_digest, d->payload_digest, DIGEST_BYTES))
		err = EDB_E_DIGEST;
	if (!err && application)
		err = image_inspect(d->image, &d->want.memory_kib);
	err = err ? err : admission_check(d->id, &d->want);
	data_close(&d->data);
	err = err ? err : install_confirm(d->id, &d->want);
	if (!err && application)
		err = image_put(d->image, EDB_IMAGE_COMMIT, d->want.digest, DIGEST_BYTES);
	err = err ? err : install_switch(d->id);
	return err;
}

int ecall_end_application_deployment(char *application_id)
{
	struct deployment *d = NULL;
	enum edb_err err = deployment_of(application_id, &d);

	if (err)
		return err;
	err = finish(d);
	end_deployment();
	return err;
}

int ecall_abort_application_deployment(char *application_id)
{
	struct deployment *d = NULL;
	enum edb_err err = deployment_of(application_id, &d);

	if (!err)
		end_deployment();
	return err;
}
