/* SPDX-License-Identifier: MIT
 *
 * Signing and making keys: what only our own libraries and tools need, behind what is public.
 */
#ifndef EDB_CRYPTO_SIGNER_H
#define EDB_CRYPTO_SIGNER_H

#include <edb/signer.h>

#include "public_key.h"

/**
 * The same, for a token that may hold the private key alone.
 *
 * @param known  its public half, used where the token has none; NULL: must be there. Whether it is
 *               the right one shows when the first signature does not verify (EDB_E_TOKEN)
 */
enum edb_err edb_signer_open_known(const char *where, const struct edb_public_key *known,
	struct edb_signer **signer, struct edb_error *error);

/** Sign a SHA-256 digest. signature: EDB_SIGNATURE_MAX bytes; *size bytes of it are written.
 *  EDB_E_ARG: the key does not go with the scheme; EDB_E_TOKEN. */
enum edb_err edb_sign_digest(struct edb_signer *signer, enum edb_scheme scheme,
	const uint8_t digest[EDB_DIGEST_BYTES], uint8_t *signature, size_t *size,
	struct edb_error *error);

/** DER SEQUENCE of two INTEGERs to r || s: what other tools write. */
enum edb_err edb_ecdsa_from_der(const uint8_t *der, size_t size,
	uint8_t signature[EDB_ECDSA_SIG_BYTES], struct edb_error *error);

/** Make a new key and write it as PKCS#8 PEM, mode 0600, to a file that does not exist yet.
 *  bits: 2048, 3072 or 4096 for RSA, 256 for P-256. */
enum edb_err edb_generate_key(const char *path, unsigned bits, struct edb_error *error);

#endif
