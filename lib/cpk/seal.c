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

static enum edb_err first_pass(
	struct seal *s, struct ring *ring, EVP_CIPHER_CTX *ctx, struct edb_error *error)
{
	uint8_t *sealed = malloc(RING_SLOT_BYTES);
	uint64_t done = 0;
	size_t got = 1;
	enum edb_err err = EDB_OK;

	if (!sealed)
		return edb_fail(error, EDB_E_NOMEM, EDB_NO_OFFSET, "no memory");
	while (!err) {
		uint8_t *plain = ring_next(ring);

		err = read_plain(s, done, plain, &got, error);
		if (err || got == 0)
			break;
		if (got > CPK_PLAINTEXT_MAX - done) {
			err = edb_fail(error, EDB_E_LIMIT, EDB_NO_OFFSET,
				"the payload is over 2^36 - 32 bytes, the most AES-GCM takes");
			break;
		}
		ring_push(ring, got);
		err = encrypt(ctx, sealed, plain, got, error);
		if (!err)
			err = s->out_regular ? file_write_at(s->out_fd, s->out_offset + done,
						       sealed, got, error)
					     : file_write(s->out_fd, sealed, got, error);
		done += got;
		tell(s, done);
	}
	free(sealed);
	if (!err)
		s->bytes = done;
	return err;
}

enum edb_err cpk_seal_payload(struct seal *s, struct edb_error *error)
{
	EVP_CIPHER_CTX *ctx = NULL;
	struct sha256 digest;
	struct ring ring;
	enum edb_err err;

	sha256_start(&digest);
	err = start_gcm(s, &ctx, error);
	if (err)
		goto out;
	err = ring_start(&ring, &digest, error);
	if (err)
		goto out;
	err = first_pass(s, &ring, ctx, error);
	ring_end(&ring);
	if (!err)
		err = end_gcm(ctx, s->tag, error);
	if (!err)
		err = sha256_end(&digest, s->digest, error);
out:
	sha256_end(&digest, NULL, NULL);
	EVP_CIPHER_CTX_free(ctx);
	return err;
}

static enum edb_err read_back(const struct seal *s, struct ring *ring, struct edb_error *error)
{
	enum edb_err err = EDB_OK;

	for (uint64_t done = 0; !err && done < s->bytes;) {
		uint64_t left = s->bytes - done;
		size_t now = left < RING_SLOT_BYTES ? (size_t)left : RING_SLOT_BYTES;
		uint8_t *sealed = ring_next(ring);

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
	struct ring ring;
	enum edb_err err = ring_start(&ring, digest, error);

	if (err)
		return err;
	err = s->out_regular ? read_back(s, &ring, error) : encrypt_again(s, &ring, error);
	ring_end(&ring);
	return err;
}
