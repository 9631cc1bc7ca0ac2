/* SPDX-License-Identifier: MIT
 *
 * Public keys and signatures in the normal world, on OpenSSL: what only our own libraries and tools
 * need, behind what is public.
 */
#ifndef EDB_CRYPTO_PUBLIC_KEY_H
#define EDB_CRYPTO_PUBLIC_KEY_H

#include <stdbool.h>

#include <edb/public_key.h>

/** From DER: SubjectPublicKeyInfo. EDB_E_CERTIFICATE: not one, trailing bytes, a key that no scheme
 *  takes (RSA-2048 … 4096 and P-256 only), or one in another encoding than the one that its id is
 *  the hash of (P-256: named curve, uncompressed point). */
enum edb_err edb_public_key_from_spki(
	const uint8_t *der, size_t size, struct edb_public_key **key, struct edb_error *error);

/** From an X.509 certificate, DER. Names, dates and extensions are not judged here. The key in it
 *  has to be encoded as edb_public_key_from_spki wants it. */
enum edb_err edb_public_key_from_x509(
	const uint8_t *der, size_t size, struct edb_public_key **key, struct edb_error *error);

/** From PEM text: the first CERTIFICATE or PUBLIC KEY block in it. */
enum edb_err edb_public_key_from_pem(
	const uint8_t *text, size_t size, struct edb_public_key **key, struct edb_error *error);

/** From PEM text that is one block of this label, with nothing before or behind it: what a package
 *  embeds (docs/format.md, "The signer's key"). */
enum edb_pem {
	EDB_PEM_CERTIFICATE,
	EDB_PEM_PUBLIC_KEY,
};
enum edb_err edb_public_key_from_pem_alone(enum edb_pem label, const uint8_t *text, size_t size,
	struct edb_public_key **key, struct edb_error *error);

/** Bits of the modulus, or 256 for P-256. */
unsigned edb_public_key_bits(const struct edb_public_key *key);

/** The scheme that follows from the key: RSA-PKCS#1 v1.5 or ECDSA P-256. */
enum edb_scheme edb_public_key_default_scheme(const struct edb_public_key *key);

/** Bytes of a signature under this key with this scheme; 0: they do not go together. */
size_t edb_signature_size(const struct edb_public_key *key, enum edb_scheme scheme);

/** EDB_OK: verifies. EDB_E_SIGNATURE: anything else, a key that does not fit the scheme included.
 */
enum edb_err edb_verify_digest(const struct edb_public_key *key, enum edb_scheme scheme,
	const uint8_t digest[EDB_DIGEST_BYTES], const uint8_t *signature, size_t size,
	struct edb_error *error);

/** The P-256 point; EDB_E_CERTIFICATE for another kind of key. */
enum edb_err edb_public_key_p256_point(
	const struct edb_public_key *key, uint8_t x[32], uint8_t y[32], struct edb_error *error);

/** A P-256 key from its point, checked to be on the curve. */
enum edb_err edb_public_key_from_p256_point(const uint8_t x[32], const uint8_t y[32],
	struct edb_public_key **key, struct edb_error *error);

/**
 * Wrap a class key to an RSA key.
 *
 * @param oaep  true: OAEP with SHA-256, empty label; false: PKCS#1 v1.5 (2021)
 * @param out   EDB_SIGNATURE_MAX bytes; *out_size bytes of it are written
 */
enum edb_err edb_wrap_key(const struct edb_public_key *key, bool oaep, const uint8_t *secret,
	size_t secret_size, uint8_t *out, size_t *out_size, struct edb_error *error);

#endif
