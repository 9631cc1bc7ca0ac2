/* SPDX-License-Identifier: MIT
 *
 * Inside of lib/crypto: keys as OpenSSL has them.
 */
#ifndef EDB_CRYPTO_PKEY_H
#define EDB_CRYPTO_PKEY_H

#include <openssl/evp.h>

#include "public_key.h"

/** Takes pkey over, whatever happens. EDB_E_CERTIFICATE: no scheme takes it. */
enum edb_err edb_public_key_from_pkey(
	EVP_PKEY *pkey, struct edb_public_key **key, struct edb_error *error);

EVP_PKEY *edb_public_key_pkey_borrow(const struct edb_public_key *key);

/** Digest and padding for signing or verifying. */
bool edb_pkey_set_scheme(EVP_PKEY_CTX *ctx, enum edb_scheme scheme);

#endif
