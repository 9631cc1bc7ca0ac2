/* SPDX-License-Identifier: MIT
 *
 * One corpus, two readers: lib/cose, and the one that the CPM trusts. Both must say what the file
 * `expected` says, of every document, and refuse every prefix of the good ones.
 */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "file.h"
#include "policy.h"
#include "trusted_judge.h"

#define FILE_MAX (64u << 10)

static struct edb_public_key *root;

/* A file of the corpus in an allocation of exactly its size. */
static uint8_t *load(const char *folder, const char *name, size_t *size)
{
	char path[4096];
	uint8_t *bytes = NULL, *exact;

	snprintf(path, sizeof path, "%s/%s/%s", CORPUS, folder, name);
	assert_int_equal(edb_read_file(path, FILE_MAX, &bytes, size, NULL), EDB_OK);
	exact = malloc(*size ? *size : 1);
	assert_non_null(exact);
	memcpy(exact, bytes, *size);
	free(bytes);
	return exact;
}

/* Decoded, and encoded again: the same bytes. */
static enum edb_err payload(const struct edb_document *d)
{
	static struct edb_operator_policy operator_;
	struct edb_device_policy device;
	struct edb_key_bundle bundle;
	uint8_t *again = NULL;
	size_t size = 0;
	enum edb_err err, encoded = EDB_OK;

	if (d->type == EDB_DOCUMENT_DEVICE_POLICY) {
		err = edb_device_policy_decode(d->payload, d->payload_size, &device, NULL);
		if (!err)
			encoded = edb_device_policy_encode(&device, &again, &size, NULL);
	} else if (d->type == EDB_DOCUMENT_OPERATOR_POLICY) {
		err = edb_operator_policy_decode(d->payload, d->payload_size, &operator_, NULL);
		if (!err)
			encoded = edb_operator_policy_encode(&operator_, &again, &size, NULL);
	} else {
		err = edb_key_bundle_decode(d->payload, d->payload_size, &bundle, NULL);
		if (!err)
			encoded = edb_key_bundle_encode(&bundle, &again, &size, NULL);
	}
	if (!err) {
		assert_int_equal(encoded, EDB_OK);
		assert_int_equal(size, d->payload_size);
		assert_memory_equal(again, d->payload, size);
	}
	free(again);
	return err;
}

static enum edb_err judge(const uint8_t *bytes, size_t size)
{
	struct edb_document d;
	enum edb_err err = edb_document_parse(bytes, size, &d, NULL);

	if (!err)
		err = edb_document_verify(&d, root, NULL);
	return err ? err : payload(&d);
}

/* 0: both say so. */
static unsigned check(const char *name, const uint8_t *bytes, size_t size, const char *expected)
{
	size_t spki_size = 0;
	const uint8_t *spki = edb_public_key_spki_borrow(root, &spki_size);
	const char *host = edb_err_name(judge(bytes, size));
	const char *trusted = edb_err_name(trusted_judge(bytes, size, spki, spki_size));

	if (!strcmp(host, expected) && !strcmp(trusted, expected))
		return 0;
	print_error("%s (%zu bytes): %s is due, lib/cose says %s, the CPM %s\n", name, size,
		expected, host, trusted);
	return 1;
}

static void test_good(void **state)
{
	struct dirent **entry;
	int count = scandir(CORPUS "/good", &entry, NULL, alphasort);
	unsigned wrong = 0, seen = 0;

	(void)state;
	for (int i = 0; i < count; i++) {
		if (entry[i]->d_name[0] != '.') {
			size_t size;
			uint8_t *bytes = load("good", entry[i]->d_name, &size);

			wrong += check(entry[i]->d_name, bytes, size, "OK");
			seen++;
			free(bytes);
		}
		free(entry[i]);
	}
	free(entry);
	assert_int_equal(wrong, 0);
	assert_int_equal(seen, 18);
}

static void test_bad(void **state)
{
	FILE *list = fopen(CORPUS "/expected", "r");
	char line[256], name[128], expected[64];
	unsigned wrong = 0, seen = 0, files = 0;
	DIR *folder = opendir(CORPUS "/bad");

	(void)state;
	assert_non_null(list);
	assert_non_null(folder);
	while (fgets(line, sizeof line, list)) {
		size_t size;
		uint8_t *bytes;

		if (line[0] == '#')
			continue;
		assert_int_equal(sscanf(line, "%127s %63s", name, expected), 2);
		bytes = load("bad", name, &size);
		wrong += check(name, bytes, size, expected);
		free(bytes);
		seen++;
	}
	fclose(list);
	for (struct dirent *e; (e = readdir(folder));)
		files += e->d_name[0] != '.';
	closedir(folder);
	assert_int_equal(wrong, 0);
	assert_int_equal(seen, files); /* none is there that nobody looks at */
}

static void test_every_prefix(void **state)
{
	static const char *const names[] = {"device-all-members", "operator", "bundle"};
	unsigned wrong = 0;

	(void)state;
	for (size_t n = 0; n < 3; n++) {
		size_t size;
		uint8_t *bytes = load("good", names[n], &size);

		for (size_t less = 0; less < size; less++) {
			uint8_t *prefix = malloc(less ? less : 1);

			memcpy(prefix, bytes, less);
			wrong += check(names[n], prefix, less, "DOCUMENT");
			free(prefix);
		}
		free(bytes);
	}
	assert_int_equal(wrong, 0);
}

/* Every byte matters: whichever is changed, the document is refused, by both. */
static void test_every_changed_byte(void **state)
{
	size_t size, spki_size = 0;
	uint8_t *bytes = load("good", "operator", &size);
	const uint8_t *spki = edb_public_key_spki_borrow(root, &spki_size);

	(void)state;
	for (size_t i = 0; i < size; i++) {
		bytes[i] ^= 1;
		if (!judge(bytes, size) || !trusted_judge(bytes, size, spki, spki_size))
			fail_msg("byte %zu may be changed", i);
		bytes[i] ^= 1;
	}
	free(bytes);
}

static int up(void **state)
{
	(void)state;
	return edb_public_key_load(CORPUS "/signer.spki", &root, NULL) != EDB_OK;
}

static int down(void **state)
{
	(void)state;
	edb_public_key_free(root);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_every_prefix),
		cmocka_unit_test(test_every_changed_byte),
	};

	return cmocka_run_group_tests(tests, up, down);
}
