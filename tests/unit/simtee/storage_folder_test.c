/* SPDX-License-Identifier: MIT
 *
 * Storage on a real folder.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "medium.h"
#include "storage.h"

#define ALL                                                                                        \
	(TEE_DATA_FLAG_ACCESS_READ | TEE_DATA_FLAG_ACCESS_WRITE | TEE_DATA_FLAG_ACCESS_WRITE_META)

static const TEE_UUID owner = {.timeLow = 1};
static char base[] = "/tmp/simtee-storage-XXXXXX", folder[64];

static int remove_one(void *context, const char *name)
{
	char path[256];

	(void)context;
	snprintf(path, sizeof path, "%s/%s", folder, name);
	return unlink(path);
}

static int make_base(void **state)
{
	(void)state;
	if (!mkdtemp(base))
		return -1;
	snprintf(folder, sizeof folder, "%s/objects", base);
	return 0;
}

static int remove_base(void **state)
{
	struct medium *medium = NULL;

	(void)state;
	if (!medium_folder_open(folder, &medium))
		medium->ops->list(medium, remove_one, NULL);
	medium_free(medium);
	return rmdir(folder) || rmdir(base) ? -1 : 0;
}

static int each_private(void *context, const char *name)
{
	struct stat st;
	char path[256];

	snprintf(path, sizeof path, "%s/%s", folder, name);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	*(int *)context += 1;
	return 0;
}

static void an_object_lives_in_a_folder(void **state)
{
	const struct storage_id id = {.size = 1, .bytes = "x"}, id_y = {.size = 1, .bytes = "y"};
	static uint8_t bytes[200000];
	uint8_t key[STORAGE_KEY_BYTES];
	struct medium *medium = NULL;
	struct storage *storage = NULL;
	struct storage_handle *handle = NULL;
	struct stat st;
	uint64_t space = 0;
	size_t got = 0;
	int files = 0;

	(void)state;
	assert_int_equal(medium_folder_open(folder, &medium), 0);
	assert_int_equal(stat(folder, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	assert_int_equal(storage_device_key(medium, key), TEE_SUCCESS);
	assert_int_equal(storage_open(medium, key, &storage), TEE_SUCCESS);
	assert_int_equal(storage_space(storage, &space), TEE_SUCCESS);
	assert_true(space > 0);
	memset(bytes, 7, sizeof bytes);
	assert_int_equal(storage_object_create(storage, &owner, &id, ALL, "attr", 4, bytes,
				 sizeof bytes, &handle),
		TEE_SUCCESS);
	for (int i = 0; i < 6; i++) /* long enough to be written anew */
		assert_int_equal(storage_object_write(handle, 1, bytes, sizeof bytes), TEE_SUCCESS);
	assert_int_equal(storage_object_rename(handle, &id_y), TEE_SUCCESS);
	assert_int_equal(storage_object_truncate(handle, 10), TEE_SUCCESS);
	storage_object_close(handle);
	storage_free(storage);
	medium_free(medium);

	assert_int_equal(medium_folder_open(folder, &medium), 0);
	assert_int_equal(medium->ops->list(medium, each_private, &files), 0);
	assert_int_equal(files, 2); /* the object and the device key */
	assert_int_equal(storage_device_key(medium, key), TEE_SUCCESS);
	assert_int_equal(storage_open(medium, key, &storage), TEE_SUCCESS);
	assert_int_equal(storage_object_open(storage, &owner, &id_y, ALL, &handle), TEE_SUCCESS);
	assert_int_equal(storage_object_read(handle, 0, bytes, sizeof bytes, &got), TEE_SUCCESS);
	assert_int_equal(got, 10);
	assert_int_equal(storage_object_delete(handle), TEE_SUCCESS);
	storage_free(storage);
	medium_free(medium);
}

static void errors_of_the_system_arrive(void **state)
{
	struct medium *medium = NULL;
	struct medium_file *file = NULL;
	char path[128];
	uint8_t byte;
	uint64_t size = 1;

	(void)state;
	assert_int_equal(medium_folder_open("/nowhere/at/all", &medium), ENOENT);
	assert_int_equal(medium_folder_open("/dev/null", &medium), ENOTDIR);
	assert_int_equal(medium_folder_open(folder, &medium), 0);
	assert_int_equal(medium->ops->open(medium, "none", &file), ENOENT);
	assert_int_equal(medium->ops->rename(medium, "none", "other"), ENOENT);
	assert_int_equal(medium->ops->remove(medium, "none"), ENOENT);
	snprintf(path, sizeof path, "%s/link", folder);
	assert_int_equal(symlink("/etc/hostname", path), 0);
	assert_int_equal(medium->ops->open(medium, "link", &file), ELOOP); /* never followed */
	assert_int_equal(medium->ops->remove(medium, "link"), 0);
	assert_int_equal(medium->ops->create(medium, "f", &file), 0);
	assert_int_equal(medium->ops->read(medium, file, 0, &byte, 1), EIO);
	assert_int_equal(medium->ops->size(medium, file, &size), 0);
	assert_int_equal(size, 0);
	medium->ops->close(medium, file);
	assert_int_equal(medium->ops->remove(medium, "f"), 0);
	medium_free(medium);
	medium_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_object_lives_in_a_folder),
		cmocka_unit_test(errors_of_the_system_arrive),
	};

	return cmocka_run_group_tests(tests, make_base, remove_base);
}
