/* SPDX-License-Identifier: MIT */
#include "spki.h"

#include "der.h"
#include "sha256.h"

#define RSA_MODULUS_MIN 256u /* bytes: RSA-2048 */

/* AlgorithmIdentifier { rsaEncryption, NULL } and { id-ecPublicKey, prime256v1 } */
static const uint8_t rsa_algorithm[] = {
	0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00};
static const uint8_t p256_algorithm[] = {0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02,
	0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07};

/* RSAPublicKey ::= SEQUENCE { modulus INTEGER, publicExponent INTEGER } */
static enum edb_err read_rsa(struct cursor *c, struct spki *key)
{
	struct cursor in = der_enter(c, DER_SEQUENCE);

	key->kind = SPKI_RSA;
	key->n = der_positive(&in, &key->n_size);
	key->e = der_positive(&in, &key->e_size);
	if (in.err || cursor_left(&in) || cursor_left(c))
		return EDB_E_CERTIFICATE;
	if (key->n_size < RSA_MODULUS_MIN || key->n_size > RSA_MODULUS_MAX || !(key->n[0] & 0x80) ||
		!(key->n[key->n_size - 1] & 1))
		return EDB_E_CERTIFICATE;
	if (key->e_size > RSA_EXPONENT_MAX || !(key->e[key->e_size - 1] & 1) ||
		(key->e_size == 1 && key->e[0] < 3))
		return EDB_E_CERTIFICATE;
	return EDB_OK;
}

/* An uncompressed point: 4, x, y */
static enum edb_err read_p256(struct cursor *c, struct spki *key)
{
	key->kind = SPKI_P256;
	if (cursor_u8(c) != 4)
		return EDB_E_CERTIFICATE;
	key->x = cursor_take(c, 32);
	key->y = cursor_take(c, 32);
	return c->err || cursor_left(c) ? EDB_E_CERTIFICATE : EDB_OK;
}

enum edb_err spki_parse(const uint8_t *der, size_t size, struct spki *key)
{
	struct cursor outer = cursor_over(der, size), in, bits;
	struct spki k = {0};
	bool rsa;
	enum edb_err err;

	if (size > SPKI_MAX)
		return EDB_E_CERTIFICATE;
	in = der_enter(&outer, DER_SEQUENCE);
	if (cursor_left(&outer))
		return EDB_E_CERTIFICATE;
	/* The two algorithms differ in their length. */
	rsa = cursor_left(&in) > 1 && in.base[1] == rsa_algorithm[1];
	if (rsa)
		der_expect(&in, rsa_algorithm, sizeof rsa_algorithm);
	else
		der_expect(&in, p256_algorithm, sizeof p256_algorithm);
	bits = der_enter(&in, DER_BIT_STRING);
	if (cursor_u8(&bits) != 0 || bits.err || cursor_left(&in))
		return EDB_E_CERTIFICATE; /* a whole number of bytes, and nothing after */
	err = rsa ? read_rsa(&bits, &k) : read_p256(&bits, &k);
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
		err = spki_write_rsa(k.n, k.n_size, k.e, k.e_size, whole, &whole_size);
	if (!err)
		err = sha256(whole, whole_size, k.id);
	if (!err)
		*key = k;
	return err;
}

static enum edb_err written(const struct writer *w, size_t *size)
{
	if (!w->err)
		*size = w->pos;
	return w->err;
}

static void put_rsa(
	struct writer *w, const uint8_t *n, size_t n_size, const uint8_t *e, size_t e_size)
{
	der_put_head(w, DER_SEQUENCE, der_positive_size(n, n_size) + der_positive_size(e, e_size));
	der_put_positive(w, n, n_size);
	der_put_positive(w, e, e_size);
}

enum edb_err rsa_public_key_write(const uint8_t *n, size_t n_size, const uint8_t *e, size_t e_size,
	uint8_t *der, size_t *size)
{
	struct writer w = writer_over(der, *size);

	put_rsa(&w, n, n_size, e, e_size);
	return written(&w, size);
}

enum edb_err spki_write_rsa(const uint8_t *n, size_t n_size, const uint8_t *e, size_t e_size,
	uint8_t *der, size_t *size)
{
	size_t numbers = der_positive_size(n, n_size) + der_positive_size(e, e_size);
	size_t bits = 1 + der_head_size(numbers) + numbers;
	struct writer w = writer_over(der, *size);

	der_put_head(&w, DER_SEQUENCE, sizeof rsa_algorithm + der_head_size(bits) + bits);
	writer_put(&w, rsa_algorithm, sizeof rsa_algorithm);
	der_put_head(&w, DER_BIT_STRING, bits);
	writer_u8(&w, 0);
	put_rsa(&w, n, n_size, e, e_size);
	return written(&w, size);
}

enum edb_err spki_write_p256(
	const uint8_t x[static 32], const uint8_t y[static 32], uint8_t *der, size_t *size)
{
	struct writer w = writer_over(der, *size);

	der_put_head(&w, DER_SEQUENCE, sizeof p256_algorithm + 2 + 66);
	writer_put(&w, p256_algorithm, sizeof p256_algorithm);
	der_put_head(&w, DER_BIT_STRING, 66);
	writer_u8(&w, 0);
	writer_u8(&w, 4);
	writer_put(&w, x, 32);
	writer_put(&w, y, 32);
	return written(&w, size);
}

enum edb_err p256_key_id(
	const uint8_t x[static 32], const uint8_t y[static 32], uint8_t id[static 32])
{
	uint8_t der[96];
	size_t size = sizeof der;
	enum edb_err err = spki_write_p256(x, y, der, &size);

	return err ? err : sha256(der, size, id);
}
