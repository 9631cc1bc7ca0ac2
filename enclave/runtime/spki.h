/* SPDX-License-Identifier: MIT
 *
 * Public keys on the trusted side: SubjectPublicKeyInfo in DER (RFC 5280, 4.1; RFC 3279; RFC 5480),
 * read strictly and written; and signatures by them, through the TEE's own cryptography.
 */
#ifndef EDB_SPKI_H
#define EDB_SPKI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "edb_err.h"

#define SPKI_MAX         600u /* bytes of a SubjectPublicKeyInfo; RSA-4096's is 550 */
#define RSA_MODULUS_MAX  512u /* bytes: RSA-4096 */
#define RSA_EXPONENT_MAX 4u   /* bytes */

enum spki_kind {
	SPKI_RSA,
	SPKI_P256
};

/* How a digest is signed: the manifest's scheme names (docs/format.md). */
enum spki_scheme {
	SPKI_RSA_PKCS1V15,
	SPKI_RSA_PSS,
	SPKI_ECDSA_P256
};

/*
 * Two numbers, big-endian, borrowed. RSA: modulus and exponent, without leading zeros. P-256: x and
 * y, 32 bytes each; whether they lie on the curve is checked when the key is used.
 */
struct spki {
	enum spki_kind kind;
	const uint8_t *first, *second;
	size_t first_size, second_size;
	uint8_t id[32]; /* SHA-256 of the SubjectPublicKeyInfo */
};

/* A P-256 key that stays. */
struct p256_point {
	uint8_t x[32], y[32];
};

/*
 * bare: an RSAPublicKey (RFC 8017, A.1.1), as contract 0.1 hands it over, without the
 * SubjectPublicKeyInfo around it, whose id is the key's all the same.
 */

/** Exactly one key: RSA-2048 … 4096 with an odd exponent from 3, or P-256. EDB_E_CERTIFICATE
 *  otherwise. */
enum edb_err spki_parse(const uint8_t *der, size_t size, bool bare, struct spki *key);

/** Write DER. *size: in capacity, out bytes written, which count with EDB_OK only. EDB_E_SPACE. */
enum edb_err spki_write(const struct spki *key, bool bare, uint8_t *der, size_t *size);

/** A point as a key, borrowed, with its id. */
enum edb_err p256_spki(const struct p256_point *point, struct spki *key);

/** Verify a signature over a SHA-256 digest. EDB_E_SIGNATURE: it does not, or key and scheme do not
 *  go together. */
enum edb_err spki_verify(const struct spki *key, enum spki_scheme scheme,
	const uint8_t digest[static 32], const uint8_t *signature, size_t size);

#endif
