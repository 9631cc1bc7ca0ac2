/* SPDX-License-Identifier: MIT
 *
 * The trusted side's bounded readers: cursor, CBOR, public keys. Every input lies in an
 * allocation of exactly its size, and no prefix of a good one is good.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/ec.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "cbor.h"
#include "spki.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static uint8_t *exact(const void *bytes, size_t size)
{
	uint8_t *copy = malloc(size ? size : 1);

	assert_non_null(copy);
	memcpy(copy, bytes, size);
	return copy;
}

/* --- cursor --- */

static void test_cursor(void **state)
{
	uint8_t *bytes = exact("\1\2\3\4\5\6\7\x8", 8);
	struct cursor c = cursor_over(bytes, 8);

	(void)state;
	assert_int_equal(cursor_be(&c, 2), 0x0102);
	assert_int_equal(cursor_left(&c), 6);
	assert_null(cursor_take(&c, SIZE_MAX)); /* pos + n would wrap */
	assert_int_equal(c.err, EDB_E_TRUNCATED);
	assert_null(cursor_take(&c, 1)); /* sticky, though it would fit */
	assert_int_equal(cursor_left(&c), 0);
	cursor_fail(&c, EDB_E_JSON);
	assert_int_equal(c.err, EDB_E_TRUNCATED); /* the first failure stays */
	c = cursor_over(bytes, 8);
	assert_true(cursor_be(&c, 8) == 0x0102030405060708u);
	assert_non_null(cursor_take(&c, 0));
	assert_int_equal(c.err, EDB_OK);
	assert_true(cursor_be(&c, 1) == 0);
	assert_int_equal(c.err, EDB_E_TRUNCATED);
	free(bytes);
}

static void test_writer(void **state)
{
	uint8_t *room = exact("....", 4);
	struct writer w = {.base = room, .size = 4};

	(void)state;
	writer_put(&w, "abc", 3);
	writer_put(&w, "de", 2); /* all of it or nothing */
	assert_int_equal(w.err, EDB_E_SPACE);
	writer_put(&w, "d", 1); /* sticky */
	assert_int_equal(w.pos, 3);
	assert_memory_equal(room, "abc.", 4);
	free(room);
}

/* --- CBOR --- */

enum kind {
	UINT,
	INT,
	BOOL,
	BYTES,
	TEXT,
	ARRAY,
	MAP,
	TAG
};

/* One item of this kind and nothing behind it? What it is goes to *value: a number, a size. */
static enum edb_err read_item(
	enum kind kind, const void *bytes, size_t size, int64_t want, uint64_t *value)
{
	uint8_t *copy = exact(bytes, size);
	struct cursor c = cursor_over(copy, size);
	enum edb_err err;

	*value = 0;
	switch (kind) {
	case UINT: *value = cbor_head(&c, CBOR_UINT, 0, UINT64_MAX); break;
	case INT: (void)cbor_int(&c, want); break;
	case BOOL: *value = cbor_bool(&c); break;
	case BYTES:
	case TEXT:
		*value = cbor_head(&c, kind == BYTES ? CBOR_BYTES : CBOR_TEXT, 0, 64);
		(void)cursor_take(&c, (size_t)*value);
		break;
	case ARRAY:
		*value = cbor_head(&c, CBOR_ARRAY, 0, 16);
		for (uint64_t i = 0; i < *value; i++)
			(void)cbor_head(&c, CBOR_UINT, 0, UINT64_MAX);
		break;
	case MAP:
		*value = cbor_head(&c, CBOR_MAP, 0, 16);
		for (uint64_t i = 0; i < 2 * *value; i++)
			(void)cbor_head(&c, CBOR_UINT, 0, UINT64_MAX);
		break;
	default: (void)cbor_head(&c, CBOR_TAG, (uint64_t)want, (uint64_t)want); break;
	}
	err = cbor_end(&c);
	free(copy);
	return err;
}

struct item {
	enum kind kind;
	size_t size;
	const char *bytes;
	uint64_t value; /* INT, TAG: the one that is expected */
};

/* RFC 8949, Appendix A: those of its examples that the documents' kinds of items cover. */
static void test_cbor_appendix_a(void **state)
{
	static const struct item items[] = {
		{UINT, 1, "\x00", 0},
		{UINT, 1, "\x01", 1},
		{UINT, 1, "\x0a", 10},
		{UINT, 1, "\x17", 23},
		{UINT, 2, "\x18\x18", 24},
		{UINT, 2, "\x18\x19", 25},
		{UINT, 2, "\x18\x64", 100},
		{UINT, 3, "\x19\x03\xe8", 1000},
		{UINT, 5, "\x1a\x00\x0f\x42\x40", 1000000},
		{UINT, 9, "\x1b\x00\x00\x00\xe8\xd4\xa5\x10\x00", 1000000000000},
		{UINT, 9, "\x1b\xff\xff\xff\xff\xff\xff\xff\xff", UINT64_MAX},
		{INT, 1, "\x20", (uint64_t)-1},
		{INT, 1, "\x29", (uint64_t)-10},
		{INT, 2, "\x38\x63", (uint64_t)-100},
		{INT, 3, "\x39\x03\xe7", (uint64_t)-1000},
		{INT, 9, "\x3b\x7f\xff\xff\xff\xff\xff\xff\xff", (uint64_t)INT64_MIN},
		{BOOL, 1, "\xf4", 0},
		{BOOL, 1, "\xf5", 1},
		{BYTES, 1, "\x40", 0},
		{BYTES, 5, "\x44\x01\x02\x03\x04", 4},
		{TEXT, 1, "\x60", 0},
		{TEXT, 2, "\x61\x61", 1},
		{TEXT, 5, "\x64\x49\x45\x54\x46", 4},
		{TEXT, 3, "\x62\xc3\xbc", 2},
		{ARRAY, 1, "\x80", 0},
		{ARRAY, 4, "\x83\x01\x02\x03", 3},
		{MAP, 1, "\xa0", 0},
		{MAP, 5, "\xa2\x01\x02\x03\x04", 2},
		{TAG, 1, "\xc1", 1},
		{TAG, 2, "\xd8\x20", 32},
	};
	uint64_t value;

	(void)state;
	for (size_t i = 0; i < COUNT(items); i++) {
		const struct item *t = &items[i];
		int64_t want = (int64_t)t->value;

		if (read_item(t->kind, t->bytes, t->size, want, &value) ||
			(t->kind != INT && t->kind != TAG && value != t->value))
			fail_msg("item %zu", i);
		for (size_t cut = 0; cut < t->size; cut++)
			if (!read_item(t->kind, t->bytes, cut, want, &value))
				fail_msg("item %zu, the first %zu bytes", i, cut);
	}
}

static void test_cbor_refused(void **state)
{
	static const struct {
		struct item item;
		const char *why;
	} items[] = {
		{{UINT, 2, "\x18\x00", 0}, "0 in two bytes"},
		{{UINT, 2, "\x18\x17", 0}, "23 in two bytes"},
		{{UINT, 3, "\x19\x00\xff", 0}, "255 in three"},
		{{UINT, 5, "\x1a\x00\x00\xff\xff", 0}, "65535 in five"},
		{{UINT, 9, "\x1b\x00\x00\x00\x00\xff\xff\xff\xff", 0}, "2^32-1 in nine"},
		{{UINT, 1, "\x1c", 0}, "additional information 28 is reserved"},
		{{UINT, 1, "\x1d", 0}, "29"},
		{{UINT, 1, "\x1e", 0}, "30"},
		{{UINT, 1, "\x1f", 0}, "31 with an integer"},
		{{UINT, 1, "\x20", 0}, "a negative one"},
		{{UINT, 2, "\x00\x00", 0}, "a byte behind it"},
		{{INT, 1, "\x00", (uint64_t)-1}, "0 for -1"},
		{{INT, 2, "\x38\x00", (uint64_t)-1}, "-1 in two bytes"},
		{{INT, 9, "\x3b\xff\xff\xff\xff\xff\xff\xff\xff", (uint64_t)-1}, "-2^64"},
		{{BOOL, 1, "\xf6", 0}, "null"},
		{{BOOL, 1, "\xf7", 0}, "undefined"},
		{{BOOL, 2, "\xf8\x14", 0}, "false in two bytes"},
		{{BOOL, 3, "\xf9\x00\x00", 0}, "a float"},
		{{BOOL, 1, "\xff", 0}, "break"},
		{{BYTES, 5, "\x5f\x42\x01\x02\xff", 0}, "indefinite length"},
		{{TEXT, 4, "\x7f\x61\x61\xff", 0}, "indefinite length"},
		{{ARRAY, 2, "\x9f\xff", 0}, "indefinite length"},
		{{MAP, 2, "\xbf\xff", 0}, "indefinite length"},
		{{BYTES, 3, "\x58\x01\x00", 0}, "a length in two bytes"},
		{{BYTES, 9, "\x5b\xff\xff\xff\xff\xff\xff\xff\xff", 0}, "2^64-1 bytes"},
		{{BYTES, 3, "\x58\x41\x00", 0}, "65, and 64 are allowed"},
		{{TEXT, 1, "\x40", 0}, "bytes"},
		{{BYTES, 1, "\x60", 0}, "text"},
		{{ARRAY, 1, "\x91", 0}, "17 items, and 16 are allowed"},
		{{ARRAY, 9, "\x9b\xff\xff\xff\xff\xff\xff\xff\xff", 0}, "2^64-1 items"},
		{{ARRAY, 1, "\xa0", 0}, "a map"},
		{{MAP, 1, "\xb1", 0}, "17 pairs, and 16 are allowed"},
		{{TAG, 1, "\xc2", 1}, "another tag"},
		{{TAG, 2, "\xd8\x01", 1}, "a tag in two bytes"},
	};
	uint64_t value;

	(void)state;
	for (size_t i = 0; i < COUNT(items); i++)
		if (read_item(items[i].item.kind, items[i].item.bytes, items[i].item.size,
			    (int64_t)items[i].item.value, &value) != EDB_E_DOCUMENT)
			fail_msg("%zu: %s", i, items[i].why);
}

static void test_cbor_is_sticky_and_looks_ahead(void **state)
{
	uint8_t *bytes = exact("\x01\x02\x21", 3);
	struct cursor c = cursor_over(bytes, 3);

	(void)state;
	assert_false(cbor_next_is_int(&c, 2)); /* reads nothing, fails nothing */
	assert_true(cbor_next_is_int(&c, 1));
	assert_int_equal(cbor_head(&c, CBOR_UINT, 0, 1), 0); /* 2 is above 1 */
	assert_int_equal(c.err, EDB_E_DOCUMENT);
	assert_false(cbor_next_is_int(&c, -2));
	assert_int_equal(cbor_end(&c), EDB_E_DOCUMENT);
	free(bytes);
}

/* --- public keys --- */

/* Bytes before the numbers. */
#define P256_HEADS 27u
#define RSA_HEADS  33u

static enum edb_err parse(const uint8_t *der, size_t size, struct spki *key)
{
	uint8_t *copy = exact(der, size);
	enum edb_err err = spki_parse(copy, size, false, key);

	free(copy); /* what key borrows is not looked at */
	return err;
}

static void test_keys_and_their_prefixes(void **state)
{
	EVP_PKEY *keys[] = {EVP_EC_gen("P-256"), EVP_RSA_gen(2048), EVP_RSA_gen(2048 + 64)};

	(void)state;
	for (size_t i = 0; i < COUNT(keys); i++) {
		unsigned char *der = NULL;
		size_t size = (size_t)i2d_PUBKEY(keys[i], &der);
		uint8_t again[SPKI_MAX];
		size_t again_size = sizeof again;
		struct spki key = {0};
		uint8_t digest[32];

		assert_int_equal(spki_parse(der, size, false, &key), EDB_OK);
		assert_int_equal(key.kind, i ? SPKI_RSA : SPKI_P256);
		assert_true(EVP_Digest(der, size, digest, NULL, EVP_sha256(), NULL));
		assert_memory_equal(key.id, digest, 32);
		/* What was read is written as it was. */
		assert_int_equal(spki_write(&key, false, again, &again_size), EDB_OK);
		assert_int_equal(again_size, size);
		assert_memory_equal(again, der, size);
		for (size_t room = 0; room < size; room += 7) {
			again_size = room;
			assert_int_equal(spki_write(&key, false, again, &again_size), EDB_E_SPACE);
		}
		for (size_t cut = 0; cut < size; cut++)
			assert_int_equal(parse(der, cut, &key), EDB_E_CERTIFICATE);
		/* Whatever comes before the numbers: tags, lengths, algorithm, sign byte. */
		for (size_t bit = 0; bit < 8 * (i ? RSA_HEADS : P256_HEADS); bit++) {
			der[bit / 8] ^= (uint8_t)(1 << bit % 8);
			assert_int_equal(parse(der, size, &key), EDB_E_CERTIFICATE);
			der[bit / 8] ^= (uint8_t)(1 << bit % 8);
		}
		OPENSSL_free(der);
		EVP_PKEY_free(keys[i]);
	}
}

static void test_unfit_keys(void **state)
{
	static const struct {
		size_t bits;
		uint8_t first, last, e;
		bool good;
		const char *why;
	} cases[] = {
		{2048, 0x80, 1, 3, true, ""},
		{4096, 0x80, 1, 3, true, ""},
		{2040, 0x80, 1, 3, false, "below 2048"},
		{4104, 0x80, 1, 3, false, "above 4096"},
		{2048, 0x7f, 1, 3, false, "2047 bits in as many bytes"},
		{2048, 0x80, 2, 3, false, "an even modulus"},
		{2048, 0x80, 1, 4, false, "an even exponent"},
		{2048, 0x80, 1, 1, false, "the exponent 1 signs everything"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		uint8_t n[520] = {0}, der[700];
		size_t size = sizeof der, n_size = cases[i].bits / 8;
		struct spki key, numbers = {.kind = SPKI_RSA,
					 .first = n,
					 .first_size = n_size,
					 .second = &cases[i].e,
					 .second_size = 1};

		n[0] = cases[i].first;
		n[n_size - 1] = cases[i].last;
		assert_int_equal(spki_write(&numbers, false, der, &size), EDB_OK);
		if (parse(der, size, &key) != (cases[i].good ? EDB_OK : EDB_E_CERTIFICATE))
			fail_msg("%zu: %s", i, cases[i].why);
		size = sizeof der;
		assert_int_equal(spki_write(&numbers, true, der, &size), EDB_OK);
		if (spki_parse(der, size, true, &key) !=
			(cases[i].good ? EDB_OK : EDB_E_CERTIFICATE))
			fail_msg("RSAPublicKey %zu: %s", i, cases[i].why);
	}
}

/* Each length in an RSA key that goes on to its end. */
static void change_size(uint8_t *der, size_t size)
{
	static const size_t lengths[] = {2, 21, 26};

	for (size_t i = 0; i < COUNT(lengths); i++) {
		size_t length = size - lengths[i] - 2;

		der[lengths[i]] = (uint8_t)(length >> 8);
		der[lengths[i] + 1] = (uint8_t)length;
	}
}

/* An exponent in other bytes, all else being right. */
static void test_exponents(void **state)
{
	static const struct {
		size_t size;
		const char *bytes;
		bool good;
		const char *why;
	} cases[] = {
		{5, "\x02\x03\x01\x00\x01", true, "65537"},
		{3, "\x02\x01\x03", true, "3"},
		{4, "\x02\x02\x00\x81", true, "a sign byte where it is needed"},
		{7, "\x02\x05\x00\xff\xff\xff\xff", true, "2^32 - 1"},
		{7, "\x02\x05\x01\x00\x00\x00\x01", false, "2^32 + 1"},
		{2, "\x02\x00", false, "no number at all"},
		{0, "", false, "not even that"},
		{3, "\x02\x01\x00", false, "zero"},
		{4, "\x02\x02\x00\x00", false, "zero twice"},
		{3, "\x02\x01\x81", false, "negative"},
		{6, "\x02\x04\x00\x01\x00\x01", false, "a sign byte that is not needed"},
		{7, "\x02\x05\x00\x00\x01\x00\x01", false, "two of them"},
		{6, "\x02\x81\x03\x01\x00\x01", false, "a short form would have done"},
		{7, "\x02\x82\x00\x03\x01\x00\x01", false, "a short form would have done"},
		{7, "\x02\x80\x01\x00\x01\x00\x00", false, "indefinite"},
		{5, "\x02\x02\x01\x00\x01", false, "a byte more than it says"},
		{5, "\x02\x04\x01\x00\x01", false, "a byte fewer"},
		{5, "\x03\x03\x01\x00\x01", false, "no INTEGER"},
		{7, "\x02\x03\x01\x00\x01\x05\x00", false, "a third member"},
	};
	EVP_PKEY *rsa = EVP_RSA_gen(2048);
	unsigned char *good = NULL;
	size_t size = (size_t)i2d_PUBKEY(rsa, &good);

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		enum edb_err want = cases[i].good ? EDB_OK : EDB_E_CERTIFICATE;
		uint8_t der[SPKI_MAX];
		size_t changed = size - 5 + cases[i].size;
		struct spki key;

		memcpy(der, good, size);
		memcpy(&der[size - 5], cases[i].bytes, cases[i].size);
		change_size(der, changed);
		if (parse(der, changed, &key) != want)
			fail_msg("%zu: %s", i, cases[i].why);
		if (spki_parse(der + 24, changed - 24, true, &key) != want)
			fail_msg("RSAPublicKey %zu: %s", i, cases[i].why);
	}
	OPENSSL_free(good);
	EVP_PKEY_free(rsa);
}

/* Without its sign byte a modulus is negative; with two it is not the shortest. */
static void test_sign_bytes_of_a_modulus(void **state)
{
	EVP_PKEY *rsa = EVP_RSA_gen(2048);
	unsigned char *good = NULL;
	size_t size = (size_t)i2d_PUBKEY(rsa, &good);
	uint8_t der[SPKI_MAX];
	struct spki key;

	(void)state;
	memcpy(der, good, RSA_HEADS - 1);
	memcpy(&der[RSA_HEADS - 1], good + RSA_HEADS, size - RSA_HEADS);
	der[RSA_HEADS - 2]--; /* 257 bytes: 256 */
	change_size(der, size - 1);
	assert_int_equal(parse(der, size - 1, &key), EDB_E_CERTIFICATE);

	memcpy(der, good, RSA_HEADS);
	der[RSA_HEADS] = 0;
	memcpy(&der[RSA_HEADS + 1], good + RSA_HEADS, size - RSA_HEADS);
	der[RSA_HEADS - 2]++;
	change_size(der, size + 1);
	assert_int_equal(parse(der, size + 1, &key), EDB_E_CERTIFICATE);
	OPENSSL_free(good);
	EVP_PKEY_free(rsa);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cursor),
		cmocka_unit_test(test_writer),
		cmocka_unit_test(test_cbor_appendix_a),
		cmocka_unit_test(test_cbor_refused),
		cmocka_unit_test(test_cbor_is_sticky_and_looks_ahead),
		cmocka_unit_test(test_keys_and_their_prefixes),
		cmocka_unit_test(test_unfit_keys),
		cmocka_unit_test(test_exponents),
		cmocka_unit_test(test_sign_bytes_of_a_modulus),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
