/* SPDX-License-Identifier: MIT
 *
 * Decrypting a payload: AES-256-GCM without associated data (NIST SP 800-38D), block by block.
 */
#include <cpk/payload.h>

#include "sealed.h"
#include "sha256.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdlib.h>

enum edb_err cpk_sealed_read(
	const struct cpk_raw *raw, struct sealed *sealed, struct edb_error *error)
{
	const struct cpk_manifest *m = &raw->manifest;
	const struct cpk_enc *enc = &m->payload.enc;
	struct sealed made = {0};
	enum edb_err err = EDB_OK;

	if (enc->scheme == CPK_ENC_AES_GCM) {
		err = cpk_raw_read_at(
			raw, enc->aes_gcm.nonce, 0, made.nonce, sizeof made.nonce, error);
		if (!err)
			err = cpk_raw_read_at(
				raw, enc->aes_gcm.tag, 0, made.tag, sizeof made.tag, error);
	}
	made.digest_present = m->payload.dig.scheme != CPK_DIG_NONE;
	if (!err && made.digest_present)
		err = cpk_raw_read_at(
			raw, m->payload.dig.data, 0, made.digest, sizeof made.digest, error);
	if (!err)
		*sealed = made;
	return err;
}

struct opening {
	EVP_CIPHER_CTX *ctx;
	struct sha256 digest;
	uint8_t *plain; /* CPK_BLOCK bytes */
	cpk_sink_fn sink;
	void *context;
};

static enum edb_err open_block(
	void *context, const uint8_t *data, size_t size, struct edb_error *error)
{
	struct opening *o = context;
	int got = 0;

	if (EVP_DecryptUpdate(o->ctx, o->plain, &got, data, (int)size) != 1 || got != (int)size)
		return edb_fail(error, EDB_E_INTERNAL, EDB_NO_OFFSET, "AES-GCM failed");
	sha256_add(&o->digest, o->plain, size);
	return o->sink(o->context, o->plain, size, error);
}

/* After the last block: first the tag, then the digest. */
static enum edb_err close_payload(
	struct opening *o, const struct sealed *sealed, struct edb_error *error)
{
	uint8_t tag[CPK_TAG_BYTES], digest[EDB_DIGEST_BYTES], none[1];
	enum edb_err err;
	int got = 0;

	for (size_t i = 0; i < sizeof tag; i++)
		tag[i] = sealed->tag[i];
	if (EVP_CIPHER_CTX_ctrl(o->ctx, EVP_CTRL_GCM_SET_TAG, sizeof tag, tag) != 1)
		return edb_fail(error, EDB_E_INTERNAL, EDB_NO_OFFSET, "AES-GCM failed");
	if (EVP_DecryptFinal_ex(o->ctx, none, &got) != 1)
		return edb_fail(error, EDB_E_TAG, EDB_NO_OFFSET,
			"the payload does not open: wrong class key, or changed bytes");
	err = sha256_end(&o->digest, digest, error);
	if (err || !sealed->digest_present)
		return err;
	if (CRYPTO_memcmp(digest, sealed->digest, sizeof digest) != 0)
		return edb_fail(error, EDB_E_DIGEST, EDB_NO_OFFSET,
			"the plaintext is not the one that was signed");
	return EDB_OK;
}

static enum edb_err decrypt(const struct cpk_raw *raw, const struct sealed *sealed,
	const uint8_t key[CPK_CLASS_KEY_BYTES], cpk_sink_fn sink, void *context,
	const struct cpk_progress *progress, struct edb_error *error)
{
	const struct cpk_manifest *m = &raw->manifest;
	struct opening o = {.sink = sink, .context = context};
	enum edb_err err;

	if (m->payload.enc.scheme != CPK_ENC_AES_GCM)
		return edb_fail(error, EDB_E_SCHEME, EDB_NO_OFFSET, "the payload is not encrypted");
	o.ctx = EVP_CIPHER_CTX_new();
	o.plain = malloc(CPK_BLOCK);
	sha256_start(&o.digest);
	if (!o.ctx || !o.plain ||
		EVP_DecryptInit_ex(o.ctx, EVP_aes_256_gcm(), NULL, key, sealed->nonce) != 1) {
		err = edb_fail(error, EDB_E_NOMEM, EDB_NO_OFFSET, "AES-GCM cannot start");
		goto out;
	}
	err = cpk_raw_copy_stream(raw, m->payload.data, open_block, &o, progress, error);
	if (!err)
		err = close_payload(&o, sealed, error);
out:
	EVP_CIPHER_CTX_free(o.ctx); /* wipes its key schedule */
	if (o.plain)
		OPENSSL_cleanse(o.plain, CPK_BLOCK);
	free(o.plain);
	sha256_end(&o.digest, NULL, NULL);
	return err;
}

enum edb_err cpk_decrypt(const struct cpk_pkg *pkg, const uint8_t key[CPK_CLASS_KEY_BYTES],
	cpk_sink_fn sink, void *context, const struct cpk_progress *progress,
	struct edb_error *error)
{
	return decrypt(pkg->raw, &pkg->sealed, key, sink, context, progress, error);
}

enum edb_err cpk_decrypt_whoever_signed(const struct cpk_raw *raw,
	const uint8_t key[CPK_CLASS_KEY_BYTES], cpk_sink_fn sink, void *context,
	const struct cpk_progress *progress, struct edb_error *error)
{
	struct sealed sealed;
	enum edb_err err = cpk_sealed_read(raw, &sealed, error);

	return err ? err : decrypt(raw, &sealed, key, sink, context, progress, error);
}
