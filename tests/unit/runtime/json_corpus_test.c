/* SPDX-License-Identifier: MIT
 *
 * The trusted side's JSON reader over the corpus that it shares with libcpk: each file of bad/ gets
 * the error that `expected` has, each file of good/ is taken; and no prefix of one is.
 */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <edb/error.h>

#include "json.h"

#define TEXT_MAX 16384u

/* Exactly as large as the text: one byte too many is seen. */
static enum edb_err judge(const uint8_t *text, size_t size)
{
	uint8_t *exact = malloc(size ? size : 1);
	enum edb_err err = EDB_E_LIMIT;

	assert_non_null(exact);
	memcpy(exact, text, size);
	if (size <= TEXT_MAX)
		(void)json_parse(exact, size, &err);
	free(exact);
	return err;
}

static size_t read_file(const char *folder, const char *name, uint8_t *text, size_t capacity)
{
	char path[512];
	FILE *file;
	size_t size;

	snprintf(path, sizeof path, CORPUS "/%s/%s", folder, name);
	file = fopen(path, "rb");
	assert_non_null(file);
	size = fread(text, 1, capacity, file);
	fclose(file);
	return size;
}

static void test_bad(void **state)
{
	static uint8_t text[4 * TEXT_MAX];
	char line[256], name[128], want[64];
	FILE *expected = fopen(CORPUS "/expected", "r");
	unsigned count = 0;

	(void)state;
	assert_non_null(expected);
	while (fgets(line, sizeof line, expected)) {
		size_t size;

		if (line[0] == '#' || sscanf(line, "%127s %63s", name, want) != 2)
			continue;
		size = read_file("bad", name, text, sizeof text);
		if (strcmp(edb_err_name(judge(text, size)), want))
			fail_msg("%s: %s, not %s", name, edb_err_name(judge(text, size)), want);
		count++;
	}
	fclose(expected);
	assert_true(count > 100);
}

static void test_good_and_its_prefixes(void **state)
{
	static uint8_t text[4 * TEXT_MAX];
	DIR *folder = opendir(CORPUS "/good");
	struct dirent *entry;
	unsigned count = 0;

	(void)state;
	assert_non_null(folder);
	while ((entry = readdir(folder))) {
		size_t size, end;

		if (entry->d_name[0] == '.')
			continue;
		size = read_file("good", entry->d_name, text, sizeof text);
		if (judge(text, size))
			fail_msg("%s: %s", entry->d_name, edb_err_name(judge(text, size)));
		for (end = size; end && strchr(" \t\r\n", text[end - 1]); end--)
			;
		for (size_t cut = 0; cut < end && size < 2000; cut++)
			assert_int_not_equal(judge(text, cut), EDB_OK);
		count++;
	}
	closedir(folder);
	assert_true(count > 30);
}

static void test_getters(void **state)
{
	static const char text[] = "{\"n\":7,\"s\":\"a\\u00e9\\ud83d\\ude00\",\"o\":{\"x\":{}},"
				   "\"a\":[1,{},\"t\"],\"m\":-1,\"t\":\"\\u0061Bc\","
				   "\"same\":\"\\u0061\xc3\xa9\xf0\x9f\x98\x80\"}";
	enum edb_err err = EDB_OK;
	struct json root = json_parse((const uint8_t *)text, strlen(text), &err), value, name, item;
	size_t at = 0;
	char out[16];

	(void)state;
	assert_int_equal(json_uint(json_find(root, "n"), 7, 7), 7);
	json_text(json_find(root, "s"), 7, 7, NULL); /* in UTF-8 */
	json_text(json_find(root, "t"), 1, 3, out);
	assert_string_equal(out, "aBc");
	assert_true(json_same(json_find(root, "s"), json_find(root, "same")));
	assert_false(json_same(json_find(root, "s"), json_find(root, "t")));
	assert_false(json_same(json_find(root, "s"), json_find(root, "absent")));
	assert_true(json_same(json_find(root, "absent"), json_find(root, "absent")));
	value = json_find(root, "o");
	assert_true(json_next(value, &at, &name, &item));
	assert_true(json_is(name, "x"));
	assert_true(json_has_type(item, JSON_OBJECT));
	assert_false(json_next(value, &at, &name, &item));
	value = json_find(root, "a");
	at = 0;
	assert_true(json_next(value, &at, NULL, &item));
	assert_int_equal(json_uint(item, 1, 1), 1);
	assert_true(json_next(value, &at, NULL, &item));
	assert_true(json_has_type(item, JSON_OBJECT));
	assert_true(json_next(value, &at, NULL, &item));
	assert_true(json_is(item, "t"));
	assert_false(json_next(value, &at, NULL, &item));
	value = json_find(root, "s");
	assert_true(json_has_type(value, JSON_STRING));
	assert_false(json_is(value, "a"));
	assert_int_equal(json_find(root, "absent").size, 0);
	assert_int_equal(err, EDB_OK);
}

/* Each getter's own refusal; the first error stays. */
static void test_refusals(void **state)
{
	static const char text[] = "{\"n\":7,\"s\":\"abc\",\"o\":{},\"m\":-1}";
	static const struct {
		char what;
		enum edb_err want;
	} cases[] = {{'m', EDB_E_MEMBER_MISSING}, {'t', EDB_E_MEMBER_TYPE},
		{'v', EDB_E_MEMBER_VALUE}, {'-', EDB_E_MEMBER_VALUE}, {'l', EDB_E_MEMBER_VALUE}};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		enum edb_err err = EDB_OK;
		struct json root = json_parse((const uint8_t *)text, strlen(text), &err);
		char out[3];

		switch (cases[i].what) {
		case 'm': (void)json_uint(json_find(root, "absent"), 0, 1); break;
		case 't': (void)json_find(json_find(root, "n"), "x"); break;
		case 'v': (void)json_uint(json_find(root, "n"), 0, 6); break;
		case '-': (void)json_uint(json_find(root, "m"), 0, 6); break;
		default:
			json_text(json_find(root, "s"), 1, 2, out);
			assert_string_equal(out, "");
			break;
		}
		assert_int_equal(err, cases[i].want);
		(void)json_uint(json_find(root, "absent"), 0, 1);
		assert_int_equal(err, cases[i].want);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_good_and_its_prefixes),
		cmocka_unit_test(test_getters),
		cmocka_unit_test(test_refusals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
