/* SPDX-License-Identifier: MIT
 *
 * The name holds the old contents or the new, and nothing else is left in the folder.
 */
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "file.h"

static char folder[64], path[128], other[128];

static int up(void **state)
{
	(void)state;
	snprintf(folder, sizeof folder, "/tmp/edb-file-XXXXXX");
	if (!mkdtemp(folder))
		return -1;
	snprintf(path, sizeof path, "%s/out", folder);
	snprintf(other, sizeof other, "%s/other", folder);
	return 0;
}

static unsigned entries(void)
{
	DIR *d = opendir(folder);
	unsigned count = 0;

	while (readdir(d))
		count++;
	closedir(d);
	return count - 2;
}

static int down(void **state)
{
	(void)state;
	unlink(path);
	unlink(other);
	return rmdir(folder);
}

static void expect(const char *file, const char *text)
{
	uint8_t *bytes = NULL;
	size_t size = 0;

	assert_int_equal(edb_read_file(file, 1000, &bytes, &size, NULL), EDB_OK);
	assert_int_equal(size, strlen(text));
	assert_string_equal((char *)bytes, text); /* a NUL stands behind it */
	edb_free_secret(bytes, size);
}

static void test_written_whole(void **state)
{
	struct stat st;

	(void)state;
	assert_int_equal(edb_write_file(path, 0600, "old", 3, NULL), EDB_OK);
	assert_int_equal(edb_write_file(path, 0640, "new!", 4, NULL), EDB_OK);
	expect(path, "new!");
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(entries(), 1);
}

/* A new file: what is asked for, less the umask. One that is there keeps its mode, but that a
 * secret is for its owner alone. */
static void test_modes(void **state)
{
	static const struct {
		mode_t mask, before, asked, after; /* before 0: no file */
	} row[] = {
		{0, 0, 0644, 0644},
		{022, 0, 0666, 0644},
		{077, 0, 0644, 0600},
		{022, 0, 0600, 0600},
		{077, 0644, 0644, 0644},
		{022, 0600, 0644, 0600},
		{022, 0755, 0644, 0755},
		{022, 04755, 0644, 0755},
		{0, 0644, 0600, 0600},
		{0, 0400, 0600, 0400},
	};
	struct stat st;
	mode_t was = umask(022);

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
		unlink(path);
		umask(0);
		if (row[i].before)
			close(open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
		if (row[i].before)
			assert_int_equal(chmod(path, row[i].before), 0);
		umask(row[i].mask);
		assert_int_equal(edb_write_file(path, row[i].asked, "x", 1, NULL), EDB_OK);
		assert_int_equal(umask(was), row[i].mask);
		assert_int_equal(stat(path, &st), 0);
		assert_int_equal(st.st_mode & 07777, row[i].after);
	}
}

static void test_dropped_leaves_the_old(void **state)
{
	struct edb_output *o = NULL;

	(void)state;
	assert_int_equal(edb_write_file(path, 0600, "old", 3, NULL), EDB_OK);
	assert_int_equal(edb_output_open(path, 0600, &o, NULL), EDB_OK);
	assert_int_equal(edb_write_all(edb_output_fd(o), "half", 4, "x", NULL), EDB_OK);
	expect(path, "old");
	edb_output_drop(o);
	edb_output_drop(NULL);
	expect(path, "old");
	assert_int_equal(entries(), 1);
}

/* The name becomes a folder meanwhile: the rename fails, nothing stays. */
static void test_failed_commit_leaves_nothing(void **state)
{
	struct edb_output *o = NULL;
	struct edb_error e = {0};

	(void)state;
	assert_int_equal(edb_output_open(path, 0600, &o, NULL), EDB_OK);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(edb_output_commit(o, &e), EDB_E_IO);
	assert_non_null(strstr(e.message, path));
	assert_int_equal(rmdir(path), 0);
	assert_int_equal(entries(), 0);
}

static void test_what_is_no_file_stays(void **state)
{
	struct stat st;

	(void)state;
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(edb_write_file(path, 0600, "x", 1, NULL), EDB_E_ARG);
	assert_int_equal(stat(path, &st), 0);
	assert_true(S_ISFIFO(st.st_mode));
	assert_int_equal(edb_write_file(folder, 0600, "x", 1, NULL), EDB_E_ARG);
	assert_int_equal(entries(), 1);
}

static void test_links_are_followed(void **state)
{
	struct stat st;

	(void)state;
	assert_int_equal(symlink("other", path), 0);
	assert_int_equal(edb_write_file(path, 0600, "x", 1, NULL), EDB_E_IO); /* leads nowhere */
	assert_int_equal(edb_write_file(other, 0600, "old", 3, NULL), EDB_OK);
	assert_int_equal(edb_write_file(path, 0600, "new", 3, NULL), EDB_OK);
	assert_int_equal(lstat(path, &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	expect(other, "new");
	assert_int_equal(entries(), 2);
}

static void test_limit(void **state)
{
	uint8_t *bytes = NULL;
	size_t size = 0;
	struct edb_error e = {0};

	(void)state;
	assert_int_equal(edb_write_file(path, 0600, "12345", 5, NULL), EDB_OK);
	assert_int_equal(edb_read_file(path, 5, &bytes, &size, NULL), EDB_OK);
	free(bytes);
	bytes = NULL;
	assert_int_equal(edb_read_file(path, 4, &bytes, &size, &e), EDB_E_LIMIT);
	assert_null(bytes);
	assert_int_equal(edb_read_file("/dev/zero", 200000, &bytes, &size, &e), EDB_E_LIMIT);
	assert_null(bytes);
}

static void test_larger_than_a_step(void **state)
{
	size_t size = 0, count = 300000;
	uint8_t *all = malloc(count), *bytes = NULL;

	(void)state;
	for (size_t i = 0; i < count; i++)
		all[i] = (uint8_t)(i * 7 >> 3);
	assert_int_equal(edb_write_file(path, 0600, all, count, NULL), EDB_OK);
	assert_int_equal(edb_read_file(path, count, &bytes, &size, NULL), EDB_OK);
	assert_int_equal(size, count);
	assert_memory_equal(bytes, all, count);
	edb_free_secret(bytes, size);
	free(all);
}

static void test_messages_name_the_file(void **state)
{
	uint8_t *bytes = NULL;
	size_t size = 0;
	struct edb_error e = {0};
	char deep[200];

	(void)state;
	assert_int_equal(edb_read_file(path, 10, &bytes, &size, &e), EDB_E_IO);
	assert_non_null(strstr(e.message, path));
	snprintf(deep, sizeof deep, "%s/none/out", folder);
	assert_int_equal(edb_write_file(deep, 0600, "x", 1, &e), EDB_E_IO);
	assert_non_null(strstr(e.message, deep));
}

static void test_full_disk_is_told_apart(void **state)
{
	struct edb_error e = {0};
	int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);

	(void)state;
	if (fd < 0)
		skip();
	assert_int_equal(edb_write_all(fd, "x", 1, "it", &e), EDB_E_STORAGE_FULL);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_written_whole, up, down),
		cmocka_unit_test_setup_teardown(test_modes, up, down),
		cmocka_unit_test_setup_teardown(test_dropped_leaves_the_old, up, down),
		cmocka_unit_test_setup_teardown(test_failed_commit_leaves_nothing, up, down),
		cmocka_unit_test_setup_teardown(test_what_is_no_file_stays, up, down),
		cmocka_unit_test_setup_teardown(test_links_are_followed, up, down),
		cmocka_unit_test_setup_teardown(test_limit, up, down),
		cmocka_unit_test_setup_teardown(test_larger_than_a_step, up, down),
		cmocka_unit_test_setup_teardown(test_messages_name_the_file, up, down),
		cmocka_unit_test(test_full_disk_is_told_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
