/* SPDX-License-Identifier: MIT */
#include "spki.h"

#include "der.h"
#include "sha256.h"
#include "wipe.h"

#define RSA_MODULUS_MIN 256u /* bytes: RSA-2048 */

/* AlgorithmIdentifier { rsaEncryption, NULL } */
static const uint8_t rsa_algorithm[] = {
	0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00};

/* Of P-256 all is fixed but the point: SEQUENCE { { id-ecPublicKey, prime256v1 }, BIT STRING {
 * uncompressed: 4, x, y } } */
static const uint8_t p256_start[] = {0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce,
	0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42,
	0x00, 0x04};

/* The next bytes are these? */
static bool begins(struct cursor *c, const uint8_t *bytes, size_t size)
{
	const uint8_t *at = cursor_take(c, size);

	return at && equal_ct(at, bytes, size);
}

/* RSAPublicKey ::= SEQUENCE { modulus INTEGER, publicExponent INTEGER } */
static enum edb_err read_rsa(struct cursor *c, struct spki *key)
{
	struct cursor in = der_enter(c, DER_SEQUENCE);

	key->kind = SPKI_RSA;
	key->first = der_positive(&in, &key->first_size);
	key->second = der_positive(&in, &key->second_size);
	if (in.err || cursor_left(&in) || cursor_left(c))
		return EDB_E_CERTIFICATE;
	if (key->first_size < RSA_MODULUS_MIN || key->first_size > RSA_MODULUS_MAX ||
		!(key->first[0] & 0x80) || !(key->first[key->first_size - 1] & 1))
		return EDB_E_CERTIFICATE;
	if (key->second_size > RSA_EXPONENT_MAX || !(key->second[key->second_size - 1] & 1) ||
		(key->second_size == 1 && key->second[0] < 3))
		return EDB_E_CERTIFICATE;
	return EDB_OK;
}

static enum edb_err read_rsa_spki(struct cursor *c, struct spki *key)
{
	struct cursor in = der_enter(c, DER_SEQUENCE), bits;

	if (cursor_left(c) || !begins(&in, rsa_algorithm, sizeof rsa_algorithm))
		return EDB_E_CERTIFICATE;
	bits = der_enter(&in, DER_BIT_STRING);
	if (cursor_u8(&bits) != 0 || bits.err || cursor_left(&in))
		return EDB_E_CERTIFICATE; /* a whole number of bytes, and nothing after */
	return read_rsa(&bits, key);
}

enum edb_err spki_parse(const uint8_t *der, size_t size, struct spki *key)
{
	struct cursor c = cursor_over(der, size), start = c;
	struct spki k = {.kind = SPKI_P256, .first_size = 32, .second_size = 32};
	enum edb_err err = EDB_OK;

	if (size > SPKI_MAX)
		return EDB_E_CERTIFICATE;
	if (begins(&c, p256_start, sizeof p256_start)) {
		k.first = cursor_take(&c, 32);
		k.second = cursor_take(&c, 32);
		if (c.err || cursor_left(&c))
			err = EDB_E_CERTIFICATE;
	} else {
		err = read_rsa_spki(&start, &k);
	}
	if (!err)
		err = sha256(der, size, k.id);
	if (!err)
		*key = k;
	return err;
}

enum edb_err rsa_public_key_parse(const uint8_t *der, size_t size, struct spki *key)
{
	struct cursor c = cursor_over(der, size);
	uint8_t whole[SPKI_MAX];
	size_t whole_size = sizeof whole;
	struct spki k = {0};
	enum edb_err err = read_rsa(&c, &k);

	if (!err)
		err = spki_write(&k, whole, &whole_size);
	if (!err)
		err = sha256(whole, whole_size, k.id);
	if (!err)
		*key = k;
	return err;
}

enum edb_err rsa_public_key_write(const struct spki *key, uint8_t *der, size_t *size)
{
	uint8_t inside[SPKI_MAX];
	struct writer in = writer_over(inside, sizeof inside), w = writer_over(der, *size);

	der_put_positive(&in, key->first, key->first_size);
	der_put_positive(&in, key->second, key->second_size);
	der_put(&w, DER_SEQUENCE, inside, in.pos);
	*size = w.pos;
	return in.err ? in.err : w.err;
}

static enum edb_err put_rsa_spki(const struct spki *key, struct writer *w)
{
	uint8_t bits[SPKI_MAX] = {0 /* unused ones in the last byte */}, inside[SPKI_MAX];
	size_t bits_size = sizeof bits - 1;
	struct writer in = writer_over(inside, sizeof inside);
	enum edb_err err = rsa_public_key_write(key, &bits[1], &bits_size);

	writer_put(&in, rsa_algorithm, sizeof rsa_algorithm);
	der_put(&in, DER_BIT_STRING, bits, 1 + bits_size);
	der_put(w, DER_SEQUENCE, inside, in.pos);
	return err ? err : in.err;
}

enum edb_err spki_write(const struct spki *key, uint8_t *der, size_t *size)
{
	struct writer w = writer_over(der, *size);
	enum edb_err err = EDB_OK;

	if (key->kind == SPKI_RSA) {
		err = put_rsa_spki(key, &w);
	} else {
		writer_put(&w, p256_start, sizeof p256_start);
		writer_put(&w, key->first, key->first_size);
		writer_put(&w, key->second, key->second_size);
	}
	*size = w.pos;
	return err ? err : w.err;
}

struct spki p256_spki(const struct p256_point *point)
{
	return (struct spki){
		.kind = SPKI_P256,
		.first = point->x,
		.second = point->y,
		.first_size = sizeof point->x,
		.second_size = sizeof point->y,
	};
}

enum edb_err p256_key_id(const struct p256_point *point, uint8_t id[static 32])
{
	const struct spki key = p256_spki(point);
	uint8_t der[96];
	size_t size = sizeof der;
	enum edb_err err = spki_write(&key, der, &size);

	return err ? err : sha256(der, size, id);
}
