/* SPDX-License-Identifier: MIT
 *
 * The corpus that libcpk and the CPM share, and every prefix of its good texts.
 */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "json_check.h"

#include <cpk/manifest.h>

#define TEXT_MAX 20000

/* A file of the corpus, in an allocation of exactly its size. */
static uint8_t *load(const char *folder, const char *name, size_t *size)
{
	static uint8_t buffer[TEXT_MAX];
	char path[4096];

	snprintf(path, sizeof path, "%s/%s/%s", JSON_CORPUS, folder, name);
	FILE *file = fopen(path, "rb");
	assert_non_null(file);
	*size = fread(buffer, 1, sizeof buffer, file);
	fclose(file);
	uint8_t *text = malloc(*size ? *size : 1);
	assert_non_null(text);
	memcpy(text, buffer, *size);
	return text;
}

/* Everything that a manifest's text goes through; a good text gets as far as its missing members.
 */
static enum edb_err judge(const uint8_t *text, size_t size, struct edb_error *error)
{
	struct cpk_manifest m = {0};

	return cpk_manifest_parse(text, size, &m, error);
}

static void test_good(void **state)
{
	struct dirent **entry;
	int count = scandir(JSON_CORPUS "/good", &entry, NULL, alphasort), seen = 0;

	(void)state;
	assert_true(count > 0);
	for (int i = 0; i < count; i++) {
		if (entry[i]->d_name[0] != '.') {
			struct edb_error error = {0};
			size_t size;
			uint8_t *text = load("good", entry[i]->d_name, &size);

			if (cpk_json_check(text, size, &error) ||
				judge(text, size, &error) != EDB_E_MEMBER_MISSING)
				fail_msg("%s: %s", entry[i]->d_name, error.message);
			free(text);
			seen++;
		}
		free(entry[i]);
	}
	free(entry);
	assert_true(seen >= 40);
}

static void test_bad(void **state)
{
	FILE *expected = fopen(JSON_CORPUS "/expected", "r");
	char line[256], name[128], code[64];
	int seen = 0;

	(void)state;
	assert_non_null(expected);
	while (fgets(line, sizeof line, expected)) {
		struct edb_error error = {0};
		size_t size;

		if (line[0] == '#')
			continue;
		assert_int_equal(sscanf(line, "%127s %63s", name, code), 2);
		uint8_t *text = load("bad", name, &size);
		const char *got = edb_err_name(judge(text, size, &error));
		if (strcmp(got, code) != 0)
			fail_msg("%s: wanted %s, got %s (%s)", name, code, got, error.message);
		assert_true(error.offset == EDB_NO_OFFSET || error.offset <= size);
		free(text);
		seen++;
	}
	fclose(expected);
	assert_true(seen >= 100);
}

/* No prefix of an object is an object; reading must stop at its last byte. */
static void test_every_prefix(void **state)
{
	static const char text[] =
		"{\"a\\u00e9\\ud83d\\ude00\":[-12,0,true,false,null,{\"\xf0\x9f\x98\x80\":\"\\n\"}]}";

	(void)state;
	for (size_t size = 0; size < sizeof text - 1; size++) {
		uint8_t *prefix = malloc(size ? size : 1);

		assert_non_null(prefix);
		memcpy(prefix, text, size);
		assert_int_equal(cpk_json_check(prefix, size, NULL), EDB_E_JSON);
		free(prefix);
	}
	assert_int_equal(cpk_json_check((const uint8_t *)text, sizeof text - 1, NULL), EDB_OK);
}

static void test_offset_is_that_of_the_fault(void **state)
{
	struct edb_error error = {0};

	(void)state;
	assert_int_equal(
		cpk_json_check((const uint8_t *)"{\"a\":1.5}", 9, &error), EDB_E_MEMBER_TYPE);
	assert_int_equal(error.offset, 6);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_every_prefix),
		cmocka_unit_test(test_offset_is_that_of_the_fault),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
