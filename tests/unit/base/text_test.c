/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "text.h"

/* RFC 4648, 10 */
static void test_base64_of_the_rfc(void **state)
{
	static const char *const vectors[][2] = {{"", ""}, {"f", "Zg=="}, {"fo", "Zm8="},
		{"foo", "Zm9v"}, {"foob", "Zm9vYg=="}, {"fooba", "Zm9vYmE="},
		{"foobar", "Zm9vYmFy"}};

	(void)state;
	for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
		size_t size = 0;
		uint8_t *bytes = NULL;
		char *text =
			edb_base64_encode((const uint8_t *)vectors[i][0], strlen(vectors[i][0]));

		assert_string_equal(text, vectors[i][1]);
		free(text);
		assert_true(edb_base64_decode(vectors[i][1], &bytes, &size));
		assert_int_equal(size, strlen(vectors[i][0]));
		assert_memory_equal(bytes, vectors[i][0], size);
		free(bytes);
	}
}

static void test_bad_base64(void **state)
{
	static const struct {
		const char *text, *why;
	} bad[] = {
		{"Zg", "padding is missing"},
		{"Zg=", "half of the padding is missing"},
		{"Zg===", "too much padding"},
		{"Z===", "six bits make no byte"},
		{"====", "padding alone"},
		{"Zm9v====", "a group of padding"},
		{"Zm9v\n", "a line break"},
		{"Zm9 ", "a blank"},
		{" Zm9", "a blank first"},
		{"Zm-v", "the alphabet of URLs"},
		{"Zg==Zg==", "padding in the middle"},
		{"Zh==", "bits set that no byte takes"},
		{"Zm9=", "bits set that no byte takes"},
		{"Zm\xc3\xa9", "not ASCII"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		uint8_t untouched, *bytes = &untouched;
		size_t size = 77;

		if (edb_base64_decode(bad[i].text, &bytes, &size))
			fail_msg("accepted: %s: %s", bad[i].text, bad[i].why);
		assert_ptr_equal(bytes, &untouched);
		assert_int_equal(size, 77);
	}
}

static void test_hex(void **state)
{
	static const char *const bad[] = {"", "00", "0011223", "001122334", "0011223g", "0x112233",
		" 0112233", "00 12233", "-0112233"};
	uint8_t bytes[4] = {9, 9, 9, 9};
	char text[9];

	(void)state;
	assert_true(edb_hex_decode("00aBfF10", bytes, 4));
	assert_memory_equal(bytes, "\x00\xab\xff\x10", 4);
	edb_hex_encode(bytes, 4, text);
	assert_string_equal(text, "00abff10");
	edb_hex_encode(bytes, 0, text);
	assert_string_equal(text, "");
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		if (edb_hex_decode(bad[i], bytes, 4))
			fail_msg("accepted: '%s'", bad[i]);
}

static void test_uuid(void **state)
{
	static const char good[] = "f81d4fae-7dec-11d0-a765-00a0c91e6bf6";
	static const struct {
		const char *text, *why;
	} bad[] = {
		{"", "empty"},
		{"F81D4FAE-7DEC-11D0-A765-00A0C91E6BF6", "upper case: one id, one text"},
		{"f81d4fae7dec11d0a76500a0c91e6bf6", "no hyphens"},
		{"{81d4fae-7dec-11d0-a765-00a0c91e6bf}", "braces"},
		{"f81d4fa-e7dec-11d0-a765-00a0c91e6bf6", "a hyphen in the wrong place"},
		{"f81d4fae-7dec-11d0-a765-00a0c91e6bf", "a digit is missing"},
		{"f81d4fae-7dec-11d0-a765-00a0c91e6bf66", "a digit too many"},
		{"f81d4fae-7dec-11d0-a765-00a0c91e6bfg", "not hex"},
		{"f81d4fae_7dec_11d0_a765_00a0c91e6bf6", "no hyphens but others"},
	};
	uint8_t uuid[EDB_UUID_BYTES], before[EDB_UUID_BYTES];
	char text[EDB_UUID_TEXT_SIZE];

	(void)state;
	assert_true(edb_uuid_decode(good, uuid));
	assert_memory_equal(uuid, "\xf8\x1d\x4f\xae\x7d\xec\x11\xd0", 8);
	edb_uuid_encode(uuid, text);
	assert_string_equal(text, good);
	memcpy(before, uuid, sizeof before);
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		if (edb_uuid_decode(bad[i].text, uuid))
			fail_msg("accepted: %s: %s", bad[i].text, bad[i].why);
	for (size_t size = 0; size < sizeof good - 1; size++) { /* every prefix, in exact size */
		char *prefix = strndup(good, size);

		assert_false(edb_uuid_decode(prefix, uuid));
		free(prefix);
	}
	assert_memory_equal(uuid, before, sizeof before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_base64_of_the_rfc),
		cmocka_unit_test(test_bad_base64),
		cmocka_unit_test(test_hex),
		cmocka_unit_test(test_uuid),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
