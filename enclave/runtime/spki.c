/* SPDX-License-Identifier: MIT
 *
 * A key has one encoding. So reading takes the numbers from where they must lie, writes the key
 * again, and compares: whatever else was in the bytes, it is not what belongs there.
 */
#include "spki.h"

#include "cursor.h"
#include "sha256.h"
#include "wipe.h"

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

static void put_long_head(struct writer *w, uint8_t tag, size_t size)
{
	const uint8_t head[LONG_HEAD_BYTES] = {tag, 0x82, (uint8_t)(size >> 8), (uint8_t)size};

	writer_put(w, head, sizeof head);
}

/* RSAPublicKey ::= SEQUENCE { modulus INTEGER, publicExponent INTEGER }. The modulus' first bit is
 * set, so it has a sign byte; the exponent may have one. */
enum edb_err rsa_public_key_write(const struct spki *key, uint8_t *der, size_t *size)
{
	size_t modulus = 1 + key->first_size, sign_byte = key->second[0] >> 7;
	size_t exponent = sign_byte + key->second_size;
	const uint8_t exponent_start[] = {DER_INTEGER, (uint8_t)exponent, 0};
	struct writer w = writer_over(der, *size);

	put_long_head(&w, DER_SEQUENCE, LONG_HEAD_BYTES + modulus + 2 + exponent);
	put_long_head(&w, DER_INTEGER, modulus);
	writer_u8(&w, 0);
	writer_put(&w, key->first, key->first_size);
	writer_put(&w, exponent_start, 2 + sign_byte);
	writer_put(&w, key->second, key->second_size);
	*size = w.pos;
	return w.err;
}

static enum edb_err rsa_spki_write(const struct spki *key, uint8_t *der, size_t *size)
{
	size_t rsa_size = *size < RSA_AT ? 0 : *size - RSA_AT;
	struct writer w = writer_over(der, *size);
	enum edb_err err = rsa_public_key_write(key, &der[*size - rsa_size], &rsa_size);

	put_long_head(&w, DER_SEQUENCE, RSA_AT - LONG_HEAD_BYTES + rsa_size);
	writer_put(&w, rsa_algorithm, sizeof rsa_algorithm);
	put_long_head(&w, DER_BIT_STRING, 1 + rsa_size);
	writer_u8(&w, 0); /* unused bits in the last byte */
	*size = RSA_AT + rsa_size;
	return err;
}

enum edb_err spki_write(const struct spki *key, uint8_t *der, size_t *size)
{
	struct writer w = writer_over(der, *size);

	if (key->kind == SPKI_RSA)
		return rsa_spki_write(key, der, size);
	writer_put(&w, p256_start, sizeof p256_start);
	writer_put(&w, key->first, key->first_size);
	writer_put(&w, key->second, key->second_size);
	*size = w.pos;
	return w.err;
}

static enum edb_err key_id(const struct spki *key, uint8_t id[static 32])
{
	uint8_t der[SPKI_MAX];
	size_t size = sizeof der;
	enum edb_err err = spki_write(key, der, &size);

	return err ? err : sha256(der, size, id);
}

/* Give out a key that was read from these bytes, if it is written as they are. */
static enum edb_err publish(
	struct spki *k, key_writer *write, const uint8_t *der, size_t size, struct spki *key)
{
	uint8_t again[SPKI_MAX];
	size_t again_size = sizeof again;
	enum edb_err err;

	if (write(k, again, &again_size) || again_size != size || !equal_ct(again, der, size))
		return EDB_E_CERTIFICATE;
	err = key_id(k, k->id);
	if (!err)
		*key = *k;
	return err;
}

/* The RSAPublicKey begins at rsa_at. */
static enum edb_err rsa_parse(
	const uint8_t *der, size_t size, size_t rsa_at, key_writer *write, struct spki *key)
{
	struct cursor c = cursor_over(der, size);
	struct spki k = {.kind = SPKI_RSA};
	size_t sign_byte;

	cursor_take(&c, rsa_at + LONG_HEAD_BYTES + 2);
	k.first_size = (size_t)cursor_be(&c, 2) - 1;
	cursor_take(&c, 1);
	k.first = cursor_take(&c, k.first_size);
	cursor_take(&c, 1);
	k.second_size = cursor_u8(&c);
	sign_byte = cursor_left(&c) && c.base[c.pos] == 0;
	cursor_take(&c, sign_byte);
	k.second_size -= sign_byte;
	k.second = cursor_take(&c, k.second_size);
	if (c.err || k.first_size < RSA_MODULUS_MIN || k.first_size > RSA_MODULUS_MAX ||
		!(k.first[0] & 0x80) || !(k.first[k.first_size - 1] & 1))
		return EDB_E_CERTIFICATE;
	if (!k.second_size || k.second_size > RSA_EXPONENT_MAX ||
		!(k.second[k.second_size - 1] & 1) || (k.second_size == 1 && k.second[0] < 3))
		return EDB_E_CERTIFICATE;
	return publish(&k, write, der, size, key);
}

enum edb_err spki_parse(const uint8_t *der, size_t size, struct spki *key)
{
	struct spki k;

	if (size != sizeof p256_start + 64)
		return rsa_parse(der, size, RSA_AT, spki_write, key);
	k = (struct spki){SPKI_P256, &der[sizeof p256_start], &der[size - 32], 32, 32, {0}};
	return publish(&k, spki_write, der, size, key);
}

enum edb_err rsa_public_key_parse(const uint8_t *der, size_t size, struct spki *key)
{
	return rsa_parse(der, size, 0, rsa_public_key_write, key);
}

struct spki p256_spki(const struct p256_point *point)
{
	return (struct spki){SPKI_P256, point->x, point->y, 32, 32, {0}};
}

enum edb_err p256_key_id(const struct p256_point *point, uint8_t id[static 32])
{
	const struct spki key = p256_spki(point);

	return key_id(&key, id);
}
