/* SPDX-License-Identifier: MIT */
#include "deploy.h"

#include <string.h>

#include "admission.h"
#include "data.h"
#include "deployment.h"
#include "image.h"
#include "install.h"
#include "keyring.h"
#include "manifest.h"
#include "platform.h"
#include "spki.h"
#include "wipe.h"

static struct deployment deployments[DEPLOYMENTS_MAX];

struct deployment *deployment_new(const uint8_t id[static UUID_BYTES])
{
	for (unsigned i = 0; i < DEPLOYMENTS_MAX; i++) {
		if (deployments[i].open)
			continue;
		deployments[i] = (struct deployment){.open = true, .claim = EDB_E_UNSIGNED};
		TEE_MemMove(deployments[i].id, id, UUID_BYTES);
		return &deployments[i];
	}
	return NULL;
}

static void free_operation(TEE_OperationHandle *operation)
{
	if (*operation != TEE_HANDLE_NULL)
		TEE_FreeOperation(*operation);
	*operation = TEE_HANDLE_NULL;
}

static void deployment_free(struct deployment *d)
{
	free_operation(&d->gcm);
	free_operation(&d->plaintext);
	free_operation(&d->package);
	if (d->image != TEE_HANDLE_NULL)
		image_close(d->image);
	data_close(&d->data);
	wipe(d, sizeof *d);
}

const uint8_t *deploy_id_borrow(const struct deployment *d)
{
	return d->id;
}

bool deploy_is_open(const uint8_t id[static UUID_BYTES])
{
	for (unsigned i = 0; i < DEPLOYMENTS_MAX; i++)
		if (deployments[i].open && equal_ct(deployments[i].id, id, UUID_BYTES))
			return true;
	return false;
}

enum edb_err deployment_set_key(struct deployment *d, const uint8_t nonce[static NONCE_BYTES],
	const uint8_t tag[static TAG_BYTES])
{
	uint8_t key[CLASS_KEY_BYTES] = {0}; /* secret: wiped at out */
	TEE_ObjectHandle object = TEE_HANDLE_NULL;
	TEE_Attribute secret = {0};
	TEE_Result res = TEE_ERROR_GENERIC;
	enum edb_err err;

	err = keyring_get(d->id, admission_key_vendor(&d->want), d->want.key_version, key);
	if (err)
		goto out;
	TEE_InitRefAttribute(&secret, TEE_ATTR_SECRET_VALUE, key, sizeof key);
	res = TEE_AllocateTransientObject(TEE_TYPE_AES, 8 * CLASS_KEY_BYTES, &object);
	if (!res)
		res = TEE_PopulateTransientObject(object, &secret, 1);
	if (!res)
		res = TEE_AllocateOperation(
			&d->gcm, TEE_ALG_AES_GCM, TEE_MODE_DECRYPT, 8 * CLASS_KEY_BYTES);
	if (!res)
		res = TEE_SetOperationKey(d->gcm, object);
	if (!res)
		res = TEE_AEInit(d->gcm, nonce, NONCE_BYTES, 8 * TAG_BYTES, 0, 0);
	if (res)
		err = EDB_E_NOMEM; /* the only way that well-formed input can fail */
	TEE_MemMove(d->tag, tag, TAG_BYTES);
out:
	if (object != TEE_HANDLE_NULL)
		TEE_FreeTransientObject(object);
	wipe(key, sizeof key);
	return err;
}

enum edb_err deployment_open_sink(struct deployment *d)
{
	enum edb_err err;

	if (TEE_AllocateOperation(&d->plaintext, TEE_ALG_SHA256, TEE_MODE_DIGEST, 0))
		return EDB_E_NOMEM;
	err = install_intend(d->id, &d->want);
	if (err)
		return err;
	if (d->want.type == EDB_PAYLOAD_APPLICATION)
		return image_begin(d->id, d->want.version, d->want.size, &d->image);
	data_begin(&d->data, d->id, d->want.generation);
	return EDB_OK;
}

/* The package's digest covers manifest, small streams and ciphertext: start it with the first two.
 */
static enum edb_err start_package_digest(struct deployment *d, const struct deploy_package *package)
{
	if (TEE_AllocateOperation(&d->package, TEE_ALG_SHA256, TEE_MODE_DIGEST, 0))
		return EDB_E_NOMEM;
	TEE_DigestUpdate(d->package, package->manifest, package->manifest_size);
	TEE_DigestUpdate(d->package, package->streams, package->streams_size);
	return EDB_OK;
}

static bool text_is(const char *a, const char *b)
{
	size_t size = strlen(a);

	return size == strlen(b) && equal_ct(a, b, size);
}

static enum edb_err target_check(const struct manifest *m)
{
	if (m->payload.type == EDB_PAYLOAD_DATA && text_is(m->arch, "any") && text_is(m->os, "any"))
		return EDB_OK;
	if (text_is(m->arch, platform_arch()) && text_is(m->os, platform_tee_kind()))
		return EDB_OK;
	return EDB_E_TARGET;
}

/* Both signatures, by one key, before anything else of the manifest is believed at all. */
static enum edb_err signatures_check(const struct deploy_package *package, const struct manifest *m,
	const uint8_t *payload_digest, const struct spki *signer)
{
	enum edb_err err;

	if (package->package_signature_size != m->package_signature.size ||
		package->payload_signature_size != m->payload_signature.size)
		return EDB_E_STREAM_SIZE;
	err = spki_verify(signer, m->package_signature.scheme, package->digest,
		package->package_signature, package->package_signature_size);
	if (err)
		return err;
	return spki_verify(signer, m->payload_signature.scheme, payload_digest,
		package->payload_signature, package->payload_signature_size);
}

enum edb_err deploy_begin_package(
	const struct deploy_package *package, struct deployment **deployment)
{
	struct manifest m = {0};
	struct spki signer = {0};
	struct deployment *d = NULL;
	enum edb_err err;

	if (package->manifest_size > MANIFEST_MAX || package->streams_size > SMALL_STREAMS_MAX)
		return EDB_E_LIMIT;
	err = manifest_read(package->manifest, package->manifest_size, package->streams,
		package->streams_size, &m);
	if (!err)
		err = spki_parse(package->signer_spki, package->signer_spki_size, &signer);
	if (!err)
		err = admission_signer_check(signer.id);
	if (!err)
		err = signatures_check(package, &m, m.digest, &signer);
	if (!err)
		err = target_check(&m);
	if (err)
		return err;
	if (deploy_is_open(m.id))
		return EDB_E_BUSY;
	d = deployment_new(m.id);
	if (!d)
		return EDB_E_BUSY;
	d->want = m.payload;
	d->want.signed_package = 1;
	TEE_MemMove(d->want.digest, package->digest, DIGEST_BYTES);
	TEE_MemMove(d->want.vendor, signer.id, KEY_ID_BYTES);
	TEE_MemMove(d->payload_digest, m.digest, DIGEST_BYTES);
	d->claim = EDB_OK;
	err = admission_check(d->id, &d->want);
	if (!err)
		err = deployment_set_key(d, m.nonce, m.tag);
	if (!err)
		err = start_package_digest(d, package);
	if (!err)
		err = deployment_open_sink(d);
	if (err) {
		deploy_abort(d);
		return err;
	}
	*deployment = d;
	return EDB_OK;
}

static enum edb_err sink(struct deployment *d, const uint8_t *bytes, size_t size)
{
	if (!size)
		return EDB_OK;
	TEE_DigestUpdate(d->plaintext, bytes, size);
	if (d->want.type == EDB_PAYLOAD_APPLICATION)
		return image_write(d->image, bytes, size);
	return data_write(&d->data, bytes, size);
}

/*
 * In place: there is no room for a second copy. That is sound where the cipher holds nothing over
 * from before (Internal Core API, TEE_AEUpdate: buffers equal or disjoint), so blocks of odd sizes
 * go through a buffer of their own until the payload is at a multiple of the cipher's block again.
 */
static enum edb_err decrypt(struct deployment *d, uint8_t *block, size_t size)
{
	uint8_t odd[2 * CIPHER_BLOCK] = {0};
	enum edb_err err = EDB_OK;
	size_t now;

	for (size_t at = 0; at < size && !err; at += now) {
		size_t left = size - at, over = (size_t)(d->received % CIPHER_BLOCK);
		bool in_place = !over && left >= CIPHER_BLOCK;
		uint8_t *to = in_place ? &block[at] : odd;
		size_t got;

		if (in_place)
			now = left - left % CIPHER_BLOCK;
		else
			now = left < CIPHER_BLOCK - over ? left : CIPHER_BLOCK - over;
		got = in_place ? now : sizeof odd;
		if (TEE_AEUpdate(d->gcm, &block[at], now, to, &got))
			err = EDB_E_NOMEM;
		else
			err = sink(d, to, got);
		d->received += now;
	}
	wipe(odd, sizeof odd);
	return err;
}

enum edb_err deploy_add(struct deployment *d, uint8_t *block, size_t size)
{
	if (size > BLOCK_MAX)
		return EDB_E_LIMIT;
	if (d->gcm == TEE_HANDLE_NULL)
		return EDB_E_STATE;
	if (size > d->want.size - d->received)
		return EDB_E_SIZES;
	if (d->package != TEE_HANDLE_NULL)
		TEE_DigestUpdate(d->package, block, size);
	return decrypt(d, block, size);
}

static enum edb_err digest_check(
	TEE_OperationHandle operation, const uint8_t expected[static DIGEST_BYTES])
{
	uint8_t digest[DIGEST_BYTES] = {0};
	size_t size = sizeof digest;

	if (TEE_DigestDoFinal(operation, NULL, 0, digest, &size) || size != sizeof digest)
		return EDB_E_NOMEM;
	return equal_ct(digest, expected, sizeof digest) ? EDB_OK : EDB_E_DIGEST;
}

/* Size, package digest, tag, then plaintext digest: in that order, so that whoever has no key and
 * who has one find the same fault first, and nothing is said of plaintext without a tag. */
enum edb_err deployment_authenticate(struct deployment *d)
{
	uint8_t rest[CIPHER_BLOCK] = {0};
	size_t got = sizeof rest;
	enum edb_err err = EDB_OK;

	if (d->authentic)
		return EDB_OK;
	if (d->received != d->want.size)
		return EDB_E_SIZES;
	if (d->package != TEE_HANDLE_NULL)
		err = digest_check(d->package, d->want.digest);
	if (err)
		return err;
	if (TEE_AEDecryptFinal(d->gcm, NULL, 0, rest, &got, d->tag, TAG_BYTES))
		return EDB_E_TAG;
	err = sink(d, rest, got);
	wipe(rest, sizeof rest);
	d->authentic = !err;
	return err;
}

static enum edb_err image_check(struct deployment *d)
{
	uint32_t memory_bytes = 0;
	enum edb_err err = image_inspect(d->image, &memory_bytes);

	d->want.memory_kib = memory_bytes / 1024 + (memory_bytes % 1024 != 0);
	return err;
}

static enum edb_err finish(struct deployment *d)
{
	bool application = d->want.type == EDB_PAYLOAD_APPLICATION;
	enum edb_err err;

	if (d->gcm == TEE_HANDLE_NULL)
		return EDB_E_STATE;
	err = d->claim;
	if (!err)
		err = deployment_authenticate(d);
	if (!err)
		err = digest_check(d->plaintext, d->payload_digest);
	if (!err && application)
		err = image_check(d);
	if (!err)
		err = admission_check(d->id, &d->want);
	if (!err)
		err = install_confirm(d->id, &d->want);
	if (err)
		return err;
	data_close(&d->data);
	d->switching = true;
	if (application) {
		err = image_commit(d->image, d->want.digest);
		if (err)
			return err;
	}
	return install_switch(d->id, &d->want);
}

enum edb_err deploy_end(struct deployment *d)
{
	enum edb_err err = finish(d);

	if (err)
		deploy_abort(d);
	else
		deployment_free(d);
	return err;
}

void deploy_abort(struct deployment *d)
{
	uint8_t id[UUID_BYTES];
	bool switching;

	if (!d)
		return;
	TEE_MemMove(id, d->id, sizeof id);
	switching = d->switching;
	deployment_free(d);
	/* Should this fail, the intent stays, and the next install or start resolves it. */
	if (switching)
		(void)install_resolve(id);
	else
		(void)install_undo(id);
}
