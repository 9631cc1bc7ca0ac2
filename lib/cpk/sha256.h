/* SPDX-License-Identifier: MIT
 *
 * SHA-256 with a sticky error: EVP's return values, looked at once, at the end.
 */
#ifndef CPK_SHA256_H
#define CPK_SHA256_H

#include <edb/error.h>
#include <openssl/evp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sha256 {
	EVP_MD_CTX *ctx;
	bool bad;
};

static inline void sha256_start(struct sha256 *h)
{
	h->ctx = EVP_MD_CTX_new();
	h->bad = !h->ctx || EVP_DigestInit_ex(h->ctx, EVP_sha256(), NULL) != 1;
}

static inline void sha256_add(struct sha256 *h, const void *data, size_t size)
{
	h->bad = h->bad || EVP_DigestUpdate(h->ctx, data, size) != 1;
}

/* `digest`: 32 bytes. Frees; an unstarted one (zeros) is fine to drop with digest NULL. */
static inline enum edb_err sha256_end(struct sha256 *h, uint8_t *digest, struct edb_error *error)
{
	bool bad = h->bad || (digest && EVP_DigestFinal_ex(h->ctx, digest, NULL) != 1);

	EVP_MD_CTX_free(h->ctx);
	*h = (struct sha256){0};
	return bad ? edb_fail(error, EDB_E_NOMEM, EDB_NO_OFFSET, "SHA-256 failed") : EDB_OK;
}

#endif
