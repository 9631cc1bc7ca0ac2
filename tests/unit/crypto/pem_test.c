/* SPDX-License-Identifier: MIT
 *
 * PEM as a package embeds it: one block, alone. docs/format.md, "The signer's key".
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "public_key.h"
#include "text.h"

/* The key of RFC 6979, A.2.5. */
#define LINE_1 "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEYP7UuiVanTHJYet0xjVtaMBJuJI7"
#define LINE_2 "Yfps5mliLmDyn7Z5A/4QCLi8maQa6elWKLxk8vGyDC1+n1F3o8KU1EYimQ=="
#define KEY_ID "5a7a78cca4a0f420d9bc62bb669c3c2759e39f723d3ae10dcbe0f0815a07ecd4"
#define BEGIN  "-----BEGIN PUBLIC KEY-----"
#define END    "-----END PUBLIC KEY-----"
#define GOOD   BEGIN "\n" LINE_1 "\n" LINE_2 "\n" END "\n"

/* In an allocation of exactly its size: one byte too many is seen. */
static enum edb_err take(enum edb_pem label, const char *text, size_t size)
{
	uint8_t *exact = malloc(size ? size : 1), id[EDB_KEY_ID_BYTES];
	struct edb_public_key *key = NULL;
	char hex[2 * EDB_KEY_ID_BYTES + 1];
	struct edb_error error = {0};
	enum edb_err err;

	memcpy(exact, text, size);
	err = edb_public_key_from_pem_alone(label, exact, size, &key, &error);
	free(exact);
	if (err) {
		assert_null(key);
		assert_int_equal(error.code, err);
		return err;
	}
	edb_public_key_id(key, id);
	edb_hex_encode(id, sizeof id, hex);
	assert_string_equal(hex, KEY_ID);
	edb_public_key_free(key);
	return EDB_OK;
}

static void test_good(void **state)
{
	static const char *const good[] = {
		GOOD,
		BEGIN "\r\n" LINE_1 "\r\n" LINE_2 "\r\n" END "\r\n",
		BEGIN "\n" LINE_1 "\r\n" LINE_2 "\n" END,
		BEGIN "\n" LINE_1 LINE_2 "\n" END "\n",
		BEGIN
		"\nM\nFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEYP7UuiVanTHJYet0xjVtaMBJuJI7\n" LINE_2
		"\n" END "\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
		assert_int_equal(take(EDB_PEM_PUBLIC_KEY, good[i], strlen(good[i])), EDB_OK);
}

/* All of it, or all but its last line's end. */
static void test_prefixes(void **state)
{
	(void)state;
	for (size_t size = 0; size <= strlen(GOOD); size++)
		assert_int_equal(take(EDB_PEM_PUBLIC_KEY, GOOD, size),
			size + 1 >= strlen(GOOD) ? EDB_OK : EDB_E_CERTIFICATE);
}

static void test_bad(void **state)
{
	static const struct {
		const char *why, *text;
	} bad[] = {
		{"two blocks", GOOD GOOD},
		{"text before", "key\n" GOOD},
		{"a blank before", " " GOOD},
		{"an empty line before", "\n" GOOD},
		{"an empty line behind", GOOD "\n"},
		{"text behind", GOOD "x"},
		{"text behind the last line", BEGIN "\n" LINE_1 "\n" LINE_2 "\n" END "x"},
		{"a lone carriage return at the end", BEGIN "\n" LINE_1 "\n" LINE_2 "\n" END "\r"},
		{"an empty line inside", BEGIN "\n\n" LINE_1 "\n" LINE_2 "\n" END "\n"},
		{"a header", BEGIN "\nA: b\n\n" LINE_1 "\n" LINE_2 "\n" END "\n"},
		{"a blank inside", BEGIN "\n" LINE_1 " \n" LINE_2 "\n" END "\n"},
		{"nothing inside", BEGIN "\n" END "\n"},
		{"no first line", LINE_1 "\n" LINE_2 "\n" END "\n"},
		{"no last line", BEGIN "\n" LINE_1 "\n" LINE_2 "\n"},
		{"another label at the end",
			BEGIN "\n" LINE_1 "\n" LINE_2 "\n-----END CERTIFICATE-----\n"},
		{"another label", "-----BEGIN EC PUBLIC KEY-----\n" LINE_1 "\n" LINE_2
				  "\n-----END EC PUBLIC KEY-----\n"},
		{"no padding", BEGIN
			"\n" LINE_1
			"\nYfps5mliLmDyn7Z5A/4QCLi8maQa6elWKLxk8vGyDC1+n1F3o8KU1EYimQ\n" END "\n"},
		{"padding in the middle", BEGIN "\n" LINE_2 "\n" LINE_1 "\n" END "\n"},
		{"bits behind the last byte",
			BEGIN "\n" LINE_1
			      "\nYfps5mliLmDyn7Z5A/4QCLi8maQa6elWKLxk8vGyDC1+n1F3o8KU1EYimR==\n" END
			      "\n"},
		{"a byte behind the DER", BEGIN
			"\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEYP7UuiVanTHJYet0xjVtaMBJuJI7Yfps5mliLmDyn7Z5A/4QCLi8maQa6elWKLxk8vGyDC1+n1F3o8KU1EYimTA=\n" END
			"\n"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		enum edb_err err = take(EDB_PEM_PUBLIC_KEY, bad[i].text, strlen(bad[i].text));

		if (err != EDB_E_CERTIFICATE)
			fail_msg("%s: %d", bad[i].why, err);
	}
	assert_int_equal(take(EDB_PEM_CERTIFICATE, GOOD, strlen(GOOD)), EDB_E_CERTIFICATE);
	/* A NUL, where strings would end. */
	assert_int_equal(take(EDB_PEM_PUBLIC_KEY, GOOD, sizeof GOOD), EDB_E_CERTIFICATE);
	assert_int_equal(take(EDB_PEM_PUBLIC_KEY, BEGIN "\n" LINE_1 "\n" LINE_2 "\0\n" END "\n",
				 sizeof(BEGIN "\n" LINE_1 "\n" LINE_2 "\0\n" END "\n") - 1),
		EDB_E_CERTIFICATE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_prefixes),
		cmocka_unit_test(test_bad),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
