/* SPDX-License-Identifier: MIT
 *
 * Public keys that sign packages: what libcpk's caller needs of them.
 */
#ifndef EDB_PUBLIC_KEY_H
#define EDB_PUBLIC_KEY_H

#include <stddef.h>
#include <stdint.h>

#include <edb/error.h>

#define EDB_DIGEST_BYTES    32  /* SHA-256 */
#define EDB_KEY_ID_BYTES    32  /* SHA-256 of the SubjectPublicKeyInfo */
#define EDB_SIGNATURE_MAX   512 /* RSA-4096 */
#define EDB_ECDSA_SIG_BYTES 64  /* r || s, P-256 */

/* How a SHA-256 digest is signed. The names are those of the manifest (docs/format.md). */
enum edb_scheme {
	EDB_SCHEME_NONE = 0,
	EDB_SCHEME_RSA_PKCS1V15, /* RFC 8017, 8.2; RSA-2048 to RSA-4096 */
	EDB_SCHEME_RSA_PSS,      /* RFC 8017, 8.1; MGF1 with SHA-256, salt 32 bytes */
	EDB_SCHEME_ECDSA_P256,   /* FIPS 186-5; r || s, 32 bytes each, big-endian */
};

struct edb_public_key; /* immutable once made: may be shared between threads */

/**
 * From a file: an X.509 certificate, whose names and dates are not judged, or a bare
 * SubjectPublicKeyInfo; in DER, or the first such block of a PEM text.
 *
 * @param key  result; edb_public_key_free it
 * @return EDB_E_CERTIFICATE (none of these, or a key that no scheme takes), EDB_E_IO, EDB_E_NOMEM
 * Threads: any.
 */
enum edb_err edb_public_key_load(
	const char *path, struct edb_public_key **key, struct edb_error *error);

/** NULL is fine. */
void edb_public_key_free(struct edb_public_key *key);

/** SubjectPublicKeyInfo, DER. Borrowed: lives as long as the key. */
const uint8_t *edb_public_key_spki_borrow(const struct edb_public_key *key, size_t *size);

/** SHA-256 of the SubjectPublicKeyInfo: the name of a vendor, operator, service, root. */
void edb_public_key_id(const struct edb_public_key *key, uint8_t id[EDB_KEY_ID_BYTES]);

#endif
