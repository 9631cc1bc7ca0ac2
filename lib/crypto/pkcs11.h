/* SPDX-License-Identifier: MIT
 *
 * Inside of lib/crypto: a private key in a PKCS#11 token (OASIS PKCS #11 v2.40), named by a URI
 * (RFC 7512).
 */
#ifndef EDB_CRYPTO_PKCS11_H
#define EDB_CRYPTO_PKCS11_H

#include "public_key.h"

struct edb_token;

/** Find module, token and key; log in. EDB_E_TOKEN says which of them is missing.
 *  known: the public half, where the token has none; NULL: it has to be there. */
enum edb_err edb_token_open(const char *uri, const struct edb_public_key *known,
	struct edb_token **token, struct edb_public_key **public_key, struct edb_error *error);

/** NULL is fine. */
void edb_token_close(struct edb_token *token);

/** signature: exactly size bytes. */
enum edb_err edb_token_sign(struct edb_token *token, enum edb_scheme scheme,
	const uint8_t digest[EDB_DIGEST_BYTES], uint8_t *signature, size_t size,
	struct edb_error *error);

#endif
