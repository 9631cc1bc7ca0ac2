/* SPDX-License-Identifier: MIT
 *
 * A key has one encoding. So reading takes the numbers from where they must lie, writes the key
 * again, and compares: whatever else was in the bytes, it is not what belongs there.
 */
#include "spki.h"

#include "crypto.h"
#include "cursor.h"

#define DER_INTEGER     0x02u
#define DER_BIT_STRING  0x03u
#define DER_SEQUENCE    0x30u
#define LONG_HEAD_BYTES 4u   /* of whatever holds a modulus: tag, 0x82, two of length */
#define RSA_AT          24u  /* in RSA's SubjectPublicKeyInfo: its RSAPublicKey */
#define RSA_MODULUS_MIN 256u /* bytes: RSA-2048 */

/* AlgorithmIdentifier { rsaEncryption, NULL } */
static const uint8_t rsa_algorithm[] = {
	0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00};

/* Of P-256 all is fixed but the point: SEQUENCE { { id-ecPublicKey, prime256v1 }, BIT STRING {
 * uncompressed: 4, x, y } } */
static const uint8_t p256_start[] = {0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce,
	0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42,
	0x00, 0x04};

/* In all but a SEQUENCE a zero comes first: no unused bits in the last byte, or no sign. */
static void put_long_head(struct writer *w, uint8_t tag, size_t size)
{
	const uint8_t head[] = {tag, 0x82, (uint8_t)(size >> 8), (uint8_t)size, 0};

	writer_put(w, head, tag == DER_SEQUENCE ? LONG_HEAD_BYTES : sizeof head);
}

/* Up to the modulus. Its first bit is set, so it has a sign byte; the exponent may have one. */
static void put_rsa_start(struct writer *w, bool bare, size_t modulus, size_t exponent)
{
	size_t size = LONG_HEAD_BYTES + 1 + modulus + 2 + exponent; /* in RSAPublicKey */

	if (!bare) {
		put_long_head(w, DER_SEQUENCE, RSA_AT + size);
		writer_put(w, rsa_algorithm, sizeof rsa_algorithm);
		put_long_head(w, DER_BIT_STRING, 1 + LONG_HEAD_BYTES + size);
	}
	put_long_head(w, DER_SEQUENCE, size);
	put_long_head(w, DER_INTEGER, 1 + modulus);
}

enum edb_err spki_write(const struct spki *key, bool bare, uint8_t *der, size_t *size)
{
	size_t sign_byte = key->second[0] >> 7, exponent = sign_byte + key->second_size;
	const uint8_t exponent_start[] = {DER_INTEGER, (uint8_t)exponent, 0};
	struct writer w = {.base = der, .size = *size};
	bool rsa = key->kind == SPKI_RSA;

	if (rsa)
		put_rsa_start(&w, bare, key->first_size, exponent);
	else
		writer_put(&w, p256_start, sizeof p256_start);
	writer_put(&w, key->first, key->first_size);
	writer_put(&w, exponent_start, rsa ? 2 + sign_byte : 0);
	writer_put(&w, key->second, key->second_size);
	*size = w.pos;
	return w.err;
}

static enum edb_err set_id(struct spki *key)
{
	uint8_t der[SPKI_MAX];
	size_t size = sizeof der;
	enum edb_err err = spki_write(key, false, der, &size);

	return err ? err : sha256(der, size, key->id);
}

/* The RSAPublicKey begins at rsa_at. */
static enum edb_err rsa_parse(const uint8_t *der, size_t size, size_t rsa_at, struct spki *k)
{
	struct cursor c = cursor_over(der, size);
	size_t sign_byte;

	cursor_take(&c, rsa_at + LONG_HEAD_BYTES + 2);
	k->first_size = (size_t)cursor_be(&c, 2) - 1;
	cursor_take(&c, 1);
	k->first = cursor_take(&c, k->first_size);
	cursor_take(&c, 1);
	k->second_size = (size_t)cursor_be(&c, 1);
	sign_byte = cursor_left(&c) && c.base[c.pos] == 0;
	cursor_take(&c, sign_byte);
	k->second_size -= sign_byte;
	k->second = cursor_take(&c, k->second_size);
	if (c.err || k->first_size < RSA_MODULUS_MIN || k->first_size > RSA_MODULUS_MAX ||
		!(k->first[0] & 0x80) || !(k->first[k->first_size - 1] & 1))
		return EDB_E_CERTIFICATE;
	if (!k->second_size || k->second_size > RSA_EXPONENT_MAX ||
		!(k->second[k->second_size - 1] & 1) || (k->second_size == 1 && k->second[0] < 3))
		return EDB_E_CERTIFICATE;
	return EDB_OK;
}

enum edb_err spki_parse(const uint8_t *der, size_t size, bool bare, struct spki *key)
{
	uint8_t again[SPKI_MAX];
	size_t again_size = sizeof again;
	struct spki k = {.kind = SPKI_RSA};
	enum edb_err err = EDB_OK;

	if (bare || size != sizeof p256_start + 64)
		err = rsa_parse(der, size, bare ? 0 : RSA_AT, &k);
	else
		k = (struct spki){SPKI_P256, &der[sizeof p256_start], &der[size - 32], 32, 32, {0}};
	if (err || spki_write(&k, bare, again, &again_size) || again_size != size ||
		!equal_ct(again, der, size))
		return EDB_E_CERTIFICATE;
	err = set_id(&k);
	if (!err)
		*key = k;
	return err;
}

enum edb_err p256_spki(const struct p256_point *point, struct spki *key)
{
	*key = (struct spki){SPKI_P256, point->x, point->y, 32, 32, {0}};
	return set_id(key);
}
