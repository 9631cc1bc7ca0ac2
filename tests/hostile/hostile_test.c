/* SPDX-License-Identifier: MIT
 *
 * libcpk against the whole set: each case gets exactly its error, within a second; the process
 * stays under 64 MiB; every rule of docs/format.md that gives an error has a case.
 */
#include "hostile.h"

#include <cpk/payload.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "model.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

static enum edb_err drop(void *context, const uint8_t *data, size_t size, struct edb_error *error)
{
	(void)context;
	(void)data;
	(void)size;
	(void)error;
	return EDB_OK;
}

static int file_of(const struct hostile_case *c)
{
	int fd = memfd_create("hostile", MFD_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, c->bytes, c->size), c->size);
	assert_int_equal(ftruncate(fd, (off_t)(c->size + c->tail)), 0);
	return fd;
}

/* All that an honest installer does with a package. */
static enum edb_err judge(int fd, const struct cpk_anchors *anchors, struct edb_error *error)
{
	struct cpk_raw *raw = NULL;
	struct cpk_pkg *pkg = NULL;
	enum edb_err err = cpk_open(fd, &raw, error);

	if (!err)
		err = cpk_verify(raw, anchors, NULL, NULL, &pkg, error);
	if (!err)
		err = cpk_decrypt(pkg, (const uint8_t *)HOSTILE_KEY, drop, NULL, NULL, error);
	cpk_pkg_free(pkg);
	cpk_raw_free(raw);
	return err;
}

static struct cpk_anchors *anchors_of(const struct hostile_kit *kit)
{
	struct cpk_anchors *anchors = NULL;
	const int vendor[] = {0, 2, 3};

	assert_int_equal(cpk_anchors_new(&anchors, NULL), EDB_OK);
	for (size_t i = 0; i < 3; i++) {
		uint8_t id[EDB_KEY_ID_BYTES];

		EVP_Digest(kit->spki[vendor[i]], kit->spki_size[vendor[i]], id, NULL, EVP_sha256(),
			NULL);
		assert_int_equal(cpk_anchors_add(anchors, id, NULL), EDB_OK);
	}
	return anchors;
}

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* The set, made once. */
struct set {
	struct hostile_kit *kit;
	struct hostile_case *all;
	size_t count;
};

static int make_set(void **state)
{
	struct set *set = calloc(1, sizeof *set);

	assert_non_null(set);
	set->kit = hostile_kit_new(NULL, NULL, NULL);
	set->count = hostile_count();
	set->all = calloc(set->count, sizeof *set->all);
	assert_non_null(set->all);
	for (size_t i = 0; i < set->count; i++)
		hostile_make(set->kit, i, &set->all[i]);
	*state = set;
	return 0;
}

static int drop_set(void **state)
{
	struct set *set = *state;

	for (size_t i = 0; i < set->count; i++)
		hostile_case_clear(&set->all[i]);
	free(set->all);
	hostile_kit_free(set->kit);
	free(set);
	return 0;
}

static bool check_case(const struct hostile_case *c, const struct cpk_anchors *anchors)
{
	struct edb_error error = {0};
	int fd = file_of(c);
	double start = seconds();
	enum edb_err got = judge(fd, anchors, &error);
	double took = seconds() - start;

	close(fd);
	if (got == c->want && took < (SANITIZED ? 10 : 1))
		return true;
	print_error("%s (%s): wanted %s, got %s after %.2f s: %s\n", c->name, c->rule,
		edb_err_name(c->want), edb_err_name(got), took, error.message);
	return false;
}

static void test_every_case(void **state)
{
	const struct set *set = *state;
	struct cpk_anchors *anchors = anchors_of(set->kit);
	unsigned wrong = 0, malformed = 0;
	struct rusage usage;

	for (size_t i = 0; i < set->count; i++) {
		wrong += !check_case(&set->all[i], anchors);
		malformed += set->all[i].want != EDB_OK;
	}
	getrusage(RUSAGE_SELF, &usage);
	cpk_anchors_free(anchors);
	assert_int_equal(wrong, 0);
	assert_true(malformed >= 300);
	if (!SANITIZED)
		assert_true(usage.ru_maxrss < 64 * 1024); /* KiB */
}

static void test_names_differ(void **state)
{
	const struct set *set = *state;

	for (size_t i = 0; i < set->count; i++)
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(set->all[i].name, set->all[j].name);
}

static bool has_case(const struct set *set, const char *rule, const char *code)
{
	for (size_t i = 0; i < set->count; i++)
		if (strcmp(set->all[i].rule, rule) == 0 &&
			strcmp(edb_err_name(set->all[i].want), code) == 0)
			return true;
	return false;
}

/* Rules stand in the page as "| F1 | ... | `TRUNCATED` |"; the error named there is what we want.
 */
static void test_every_rule_has_a_case(void **state)
{
	FILE *page = fopen(FORMAT_PAGE, "r");
	unsigned rules = 0, missing = 0;
	char line[1024];

	assert_non_null(page);
	while (fgets(line, sizeof line, page)) {
		char rule[8], *last = strrchr(line, '`');

		if (sscanf(line, "| %7[A-Z0-9] |", rule) != 1 || !last ||
			!strchr("FJMRSP", rule[0]) || strlen(rule) < 2)
			continue;
		*last = 0;
		const char *code = strrchr(line, '`');
		assert_non_null(code);
		rules++;
		if (!has_case(*state, rule, &code[1])) {
			print_error("rule %s (%s) has no case\n", rule, &code[1]);
			missing++;
		}
	}
	fclose(page);
	assert_true(rules > 40);
	assert_int_equal(missing, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_case),
		cmocka_unit_test(test_names_differ),
		cmocka_unit_test(test_every_rule_has_a_case),
	};

	return cmocka_run_group_tests(tests, make_set, drop_set);
}
