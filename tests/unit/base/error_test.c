/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <edb/error.h>

static void test_fail_says_what_it_was_given(void **state)
{
	struct edb_error e = {0};

	(void)state;
	assert_int_equal(edb_fail(&e, EDB_E_IO, 7, "cannot read %s", "x"), EDB_E_IO);
	assert_int_equal(e.code, EDB_E_IO);
	assert_int_equal(e.offset, 7);
	assert_string_equal(e.message, "cannot read x");
	assert_int_equal(edb_fail(NULL, EDB_E_IO, 7, "nobody listens"), EDB_E_IO);
	edb_error_prefix(NULL, "nobody");
	edb_error_prefix(&e, "%s", "outer");
	assert_string_equal(e.message, "outer: cannot read x");
}

/* A file's name is others' text: no escape sequence, no second line in a log. */
static void test_control_characters_are_defused(void **state)
{
	struct edb_error e = {0};

	(void)state;
	edb_fail(&e, EDB_E_IO, EDB_NO_OFFSET, "cannot read %s", "a\nb\033[2J\177");
	assert_string_equal(e.message, "cannot read a?b?[2J?");
	edb_error_prefix(&e, "x\r");
	assert_string_equal(e.message, "x?: cannot read a?b?[2J?");
}

/* At every length: what is left of a character that takes 2, 3 or 4 bytes is all of it or nothing.
 */
static void test_cut_at_a_character_end(void **state)
{
	static const char *const characters[] = {"a", "\u00e9", "\u2026", "\U0001f512"};

	(void)state;
	for (size_t c = 0; c < 4; c++) {
		size_t bytes = strlen(characters[c]);

		for (size_t pad = 0; pad < 5; pad++) {
			struct edb_error e = {0};
			char text[1200] = "";

			memset(text, '.', pad);
			for (size_t at = pad; at + bytes < 1100; at += bytes)
				snprintf(&text[at], sizeof text - at, "%s", characters[c]);
			edb_fail(&e, EDB_E_IO, EDB_NO_OFFSET, "%s", text);
			assert_int_equal((strlen(e.message) - pad) % bytes, 0);
			assert_in_range(strlen(e.message), EDB_ERROR_MESSAGE_BYTES - bytes,
				EDB_ERROR_MESSAGE_BYTES - 1);
			edb_error_prefix(&e, "%s", text); /* both parts are cut */
			const char *colon = strstr(e.message, ": ");
			assert_non_null(colon);
			assert_int_equal(((size_t)(colon - e.message) - pad) % bytes, 0);
			assert_int_equal((strlen(colon + 2) - pad) % bytes, 0);
		}
	}
}

static void test_names(void **state)
{
	(void)state;
	assert_string_equal(edb_err_name(EDB_OK), "OK");
	assert_string_equal(edb_err_name(EDB_E_DOCUMENT_SIGNER), "DOCUMENT_SIGNER");
	assert_string_equal(edb_err_name((enum edb_err)99), "UNKNOWN");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fail_says_what_it_was_given),
		cmocka_unit_test(test_control_characters_are_defused),
		cmocka_unit_test(test_cut_at_a_character_end),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
