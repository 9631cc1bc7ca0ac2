/* SPDX-License-Identifier: MIT
 *
 * What is deterministic CBOR and what is not, with the reason beside each.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "deterministic.h"
#include "text.h"
#include "tree.h"

/* Bytes from hex in an allocation of exactly their size. */
static uint8_t *from_hex(const char *hex, size_t *size)
{
	uint8_t *bytes;

	*size = strlen(hex) / 2;
	bytes = malloc(*size);
	assert_true(!*size || edb_hex_decode(hex, bytes, *size));
	return bytes;
}

static const char *const good[] = {
	"00",
	"17",
	"1818",
	"18ff",
	"190100",
	"19ffff",
	"1a00010000",
	"1affffffff",
	"1b0000000100000000",
	"1bffffffffffffffff",
	"20",
	"37",
	"3818",
	"3828",
	"3903e7",
	"3bffffffffffffffff",
	"40",
	"4401020304",
	"60",
	"6161",
	"6449455446",
	"62c3bc",
	"63e6b0b4",
	"64f0908591",
	"80",
	"83010203",
	"f4",
	"f5",
	"a0",
	"a201020304",
	"a201f520f4",
};

static void test_good(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
		size_t size;
		uint8_t *bytes = from_hex(good[i], &size);
		cbor_item_t *item;

		if (!cbor_is_deterministic(bytes, size))
			fail_msg("refused: %s", good[i]);
		item = tree_decode(bytes, size); /* and libcbor makes the same bytes of it */
		assert_non_null(item);
		cbor_decref(&item);
		for (size_t less = 0; less < size; less++) {
			uint8_t *prefix = malloc(less ? less : 1);

			memcpy(prefix, bytes, less);
			if (cbor_is_deterministic(prefix, less))
				fail_msg("accepted %zu bytes of %s", less, good[i]);
			free(prefix);
		}
		free(bytes);
	}
}

static void test_bad(void **state)
{
	static const struct {
		const char *hex, *why;
	} bad[] = {
		{"", "nothing"},
		{"0000", "two items"},
		{"1800", "0 in two bytes"},
		{"1817", "23 in two bytes"},
		{"190018", "24 in three bytes"},
		{"1900ff", "255 in three bytes"},
		{"1a0000ffff", "65535 in five bytes"},
		{"1b00000000ffffffff", "2^32 - 1 in nine bytes"},
		{"390028", "-41 in three bytes"},
		{"1c", "reserved"},
		{"1f", "reserved: an integer has no indefinite length"},
		{"5800", "an empty string with a long head"},
		{"581700", "a size in two bytes, and cut"},
		{"5f41004100ff", "byte string of indefinite length"},
		{"7f6161ff", "text of indefinite length"},
		{"9f01ff", "array of indefinite length"},
		{"bf0102ff", "map of indefinite length"},
		{"ff", "a break alone"},
		{"41", "one byte is promised, none is there"},
		{"5bffffffffffffffff", "2^64 - 1 bytes"},
		{"5b0000000200000000", "8 GiB"},
		{"9b0000000100000000", "2^32 items: libcbor would allocate for them"},
		{"9bffffffffffffffff", "2^64 - 1 items"},
		{"bb0000000100000000", "2^32 pairs"},
		{"bbffffffffffffffff", "2^64 - 1 pairs"},
		{"a101", "a key without a value"},
		{"a201020102", "the same key twice"},
		{"a2020001f5", "keys descend"},
		{"a2200001f5", "-1 before 1: order is by bytes"},
		{"a2616200616100", "text keys descend"},
		{"a24100004000", "the longer key first"},
		{"a2a10102000100", "a map as a key, before a number"},
		{"8681818181818101", "fewer items than promised"},
		{"81818181818181", "seven deep, and cut"},
		{"8181818181818101", "depth 7"},
		{"a101a101a101a101a101a101a10101", "depth 7 in maps"},
		{"c101", "a tag"},
		{"d28441a0a04040", "the tag of COSE_Sign1 is the document's business"},
		{"f6", "null"},
		{"f7", "undefined"},
		{"f0", "simple value 16"},
		{"f814", "false in two bytes"},
		{"f820", "simple value 32"},
		{"f90000", "half float"},
		{"f90014", "a half float whose bits look like false"},
		{"fa3f800000", "float"},
		{"fb3ff0000000000000", "double"},
		{"6180", "a continuation byte alone"},
		{"61c3", "half a character"},
		{"62c080", "an overlong NUL"},
		{"62c1bf", "overlong"},
		{"63e08080", "overlong"},
		{"64f0808080", "overlong"},
		{"63eda080", "a surrogate"},
		{"64f4908080", "above U+10FFFF"},
		{"61ff", "no UTF-8 at all"},
		{"62c328", "no continuation"},
		{"64f8888080", "five bytes"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		size_t size;
		uint8_t *bytes = from_hex(bad[i].hex, &size);

		if (cbor_is_deterministic(bytes, size))
			fail_msg("accepted: %s: %s", bad[i].hex, bad[i].why);
		assert_null(tree_decode(bytes, size));
		free(bytes);
	}
}

static void test_depth_at_the_limit(void **state)
{
	size_t size;
	uint8_t *arrays = from_hex("81818181818101", &size);

	(void)state;
	assert_true(cbor_is_deterministic(arrays, size));
	free(arrays);
	arrays = from_hex("a101a101a101a101a101a10101", &size);
	assert_true(cbor_is_deterministic(arrays, size));
	free(arrays);
}

/* 64 KiB of "an array of one" would recurse that deep in a careless reader. */
static void test_deep_is_not_slow_or_fatal(void **state)
{
	static uint8_t deep[1 << 16];

	(void)state;
	memset(deep, 0x81, sizeof deep);
	assert_false(cbor_is_deterministic(deep, sizeof deep));
	assert_null(tree_decode(deep, sizeof deep));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_depth_at_the_limit),
		cmocka_unit_test(test_deep_is_not_slow_or_fatal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
