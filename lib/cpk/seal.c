/* SPDX-License-Identifier: MIT
 *
 * The payload's two passes.
 */
#include "seal.h"

#include "bytes.h"
#include "ring.h"

#include <openssl/crypto.h>
#include <stdlib.h>

static void tell(const struct seal *s, uint64_t done)
{
	uint64_t total = s->bytes ? s->bytes : s->expected_bytes;

	if (s->progress && s->progress->tell)
		s->progress->tell(s->progress->context, done, 2 * total);
}

/* *ctx may be NULL after a failure. */
static enum edb_err start_gcm(const struct seal *s, EVP_CIPHER_CTX **ctx, struct edb_error *error)
{
	*ctx = EVP_CIPHER_CTX_new();
	if (!*ctx || EVP_EncryptInit_ex(*ctx, EVP_aes_256_gcm(), NULL, s->key, s->nonce) != 1)
		return edb_fail(error, EDB_E_NOMEM, EDB_NO_OFFSET, "AES-GCM cannot start");
	return EDB_OK;
}

static enum edb_err encrypt(
	EVP_CIPHER_CTX *ctx, uint8_t *to, const uint8_t *from, size_t size, struct edb_error *error)
{
	int got = 0;

	if (EVP_EncryptUpdate(ctx, to, &got, from, (int)size) != 1 || got != (int)size)
		return edb_fail(error, EDB_E_INTERNAL, EDB_NO_OFFSET, "AES-GCM failed");
	return EDB_OK;
}

static enum edb_err end_gcm(
	EVP_CIPHER_CTX *ctx, uint8_t tag[CPK_TAG_BYTES], struct edb_error *error)
{
	uint8_t none[16];
	int got = 0;

	if (EVP_EncryptFinal_ex(ctx, none, &got) != 1 || got != 0 ||
		EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_GET_TAG, CPK_TAG_BYTES, tag) != 1)
		return edb_fail(error, EDB_E_INTERNAL, EDB_NO_OFFSET, "AES-GCM failed");
	return EDB_OK;
}

/* The next block of plaintext; *got 0: the end. A regular file is read up to the size it had. */
static enum edb_err read_plain(
	const struct seal *s, uint64_t done, uint8_t *to, size_t *got, struct edb_error *error)
{
	uint64_t left = s->expected_bytes - done;
	enum edb_err err;

	if (!s->in_regular)
		return file_read_some(s->in_fd, to, RING_SLOT_BYTES, got, error);
	*got = left < RING_SLOT_BYTES ? (size_t)left : RING_SLOT_BYTES;
	err = file_read_at(s->in_fd, done, to, *got, error);
	return err != EDB_E_TRUNCATED
		       ? err
		       : edb_fail(error, EDB_E_IO, done, "the payload shrank while it was read");
}

/* The first pass's two users of the plaintext. */
static enum edb_err hash(void *digest, const uint8_t *data, size_t size, struct edb_error *error)
{
	(void)error; /* comes with sha256_end */
	sha256_add(digest, data, size);
	return EDB_OK;
}

struct output {
	const struct seal *seal;
	EVP_CIPHER_CTX *gcm;
	uint8_t *sealed; /* RING_SLOT_BYTES */
	uint64_t done;
};

static enum edb_err encrypt_and_write(
	void *context, const uint8_t *plain, size_t size, struct edb_error *error)
{
	struct output *out = context;
	const struct seal *s = out->seal;
	enum edb_err err = encrypt(out->gcm, out->sealed, plain, size, error);

	if (!err)
		err = s->out_regular ? file_write_at(s->out_fd, s->out_offset + out->done,
					       out->sealed, size, error)
				     : file_write(s->out_fd, out->sealed, size, error);
	out->done += size;
	return err;
}

static enum edb_err read_all(struct seal *s, struct ring *ring, struct edb_error *error)
{
	uint64_t done = 0;
	uint8_t *plain;

	while ((plain = ring_next(ring))) {
		size_t got = 0;
		enum edb_err err = read_plain(s, done, plain, &got, error);

		if (err)
			return err;
		if (got == 0)
			break;
		if (got > CPK_PLAINTEXT_MAX - done)
			return edb_fail(error, EDB_E_LIMIT, EDB_NO_OFFSET,
				"the payload is over 2^36 - 32 bytes, the most AES-GCM takes");
		ring_push(ring, got);
		done += got;
		tell(s, done);
	}
	s->bytes = done;
	return EDB_OK;
}

static enum edb_err first_pass(
	struct seal *s, struct output *out, struct sha256 *digest, struct edb_error *error)
{
	const struct ring_user users[] = {
		{.use = hash, .context = digest},
		{.use = encrypt_and_write, .context = out},
	};
	struct ring ring;
	enum edb_err err = ring_start(&ring, users, 2, error), failed;

	if (err)
		return err;
	err = read_all(s, &ring, error);
	failed = ring_end(&ring, err ? NULL : error);
	return err ? err : failed;
}

enum edb_err cpk_seal_payload(struct seal *s, struct edb_error *error)
{
	struct output out = {.seal = s, .sealed = malloc(RING_SLOT_BYTES)};
	struct sha256 digest;
	enum edb_err err;

	sha256_start(&digest);
	err = start_gcm(s, &out.gcm, error);
	if (!err && !out.sealed)
		err = edb_fail(error, EDB_E_NOMEM, EDB_NO_OFFSET, "no memory");
	if (!err)
		err = first_pass(s, &out, &digest, error);
	if (!err)
		err = end_gcm(out.gcm, s->tag, error);
	if (!err)
		err = sha256_end(&digest, s->digest, error);
	sha256_end(&digest, NULL, NULL);
	EVP_CIPHER_CTX_free(out.gcm);
	free(out.sealed);
	return err;
}

static enum edb_err read_back(const struct seal *s, struct ring *ring, struct edb_error *error)
{
	enum edb_err err = EDB_OK;

	for (uint64_t done = 0; !err && done < s->bytes;) {
		uint64_t left = s->bytes - done;
		size_t now = left < RING_SLOT_BYTES ? (size_t)left : RING_SLOT_BYTES;
		uint8_t *sealed = ring_next(ring); /* hashing never fails */

		err = file_read_at(s->out_fd, s->out_offset + done, sealed, now, error);
		if (!err)
			ring_push(ring, now);
		done += now;
		tell(s, s->bytes + done);
	}
	return err;
}

/* The same key and nonce once more: sound only for the same plaintext, which the tag shows; nothing
 * of this pass is written. */
static enum edb_err encrypt_again(const struct seal *s, struct ring *ring, struct edb_error *error)
{
	uint8_t *plain = malloc(RING_SLOT_BYTES), tag[CPK_TAG_BYTES];
	EVP_CIPHER_CTX *ctx = NULL;
	enum edb_err err = start_gcm(s, &ctx, error);
	size_t got = 0;

	if (!err && !plain)
		err = edb_fail(error, EDB_E_NOMEM, EDB_NO_OFFSET, "no memory");
	for (uint64_t done = 0; !err && done < s->bytes; done += got) {
		uint8_t *sealed = ring_next(ring);

		err = read_plain(s, done, plain, &got, error);
		if (!err)
			err = encrypt(ctx, sealed, plain, got, error);
		if (!err)
			ring_push(ring, got);
		tell(s, s->bytes + done + got);
	}
	if (!err)
		err = end_gcm(ctx, tag, error);
	if (!err && CRYPTO_memcmp(tag, s->tag, sizeof tag) != 0)
		err = edb_fail(
			error, EDB_E_IO, EDB_NO_OFFSET, "the payload changed while it was read");
	EVP_CIPHER_CTX_free(ctx);
	if (plain)
		OPENSSL_cleanse(plain, RING_SLOT_BYTES);
	free(plain);
	return err;
}

enum edb_err cpk_seal_hash_again(struct seal *s, struct sha256 *digest, struct edb_error *error)
{
	const struct ring_user user = {.use = hash, .context = digest};
	struct ring ring;
	enum edb_err err = ring_start(&ring, &user, 1, error);

	if (err)
		return err;
	err = s->out_regular ? read_back(s, &ring, error) : encrypt_again(s, &ring, error);
	ring_end(&ring, NULL);
	return err;
}
