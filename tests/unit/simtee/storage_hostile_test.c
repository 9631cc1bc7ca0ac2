/* SPDX-License-Identifier: MIT
 *
 * The folder belongs to the normal world: bytes of it changed, cut off, moved, taken from
 * elsewhere. What is found then is CORRUPT_OBJECT, or, where the end is missing, an earlier state,
 * whole.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "memory_medium.h"
#include "storage.h"

#define ALL                                                                                        \
	(TEE_DATA_FLAG_ACCESS_READ | TEE_DATA_FLAG_ACCESS_WRITE | TEE_DATA_FLAG_ACCESS_WRITE_META)
/* Sizes of a file's parts, docs/storage.md. */
#define PROLOGUE 40u
#define RECORD   (44u + 16u)
#define META     (RECORD + 16u + 4u + 64u + 4u + 4u) /* and 4 bytes of attributes */

static const TEE_UUID owner = {.timeLow = 1};
static const uint8_t device_key[STORAGE_KEY_BYTES] = {42};
static const struct storage_id id = {.size = 1, .bytes = "x"}, id_y = {.size = 1, .bytes = "y"};

struct file {
	char name[MEDIUM_NAME_MAX + 1];
	uint8_t bytes[2048];
	size_t size;
};

static struct storage *start(struct medium *medium)
{
	struct storage *storage = NULL;

	assert_int_equal(storage_open(medium, device_key, &storage), TEE_SUCCESS);
	return storage;
}

static void take(struct medium *medium, const struct file *other, struct file *file)
{
	size_t i = 0;
	const uint8_t *bytes;

	while (other && !strcmp(memory_medium_name(medium, i), other->name))
		i++;
	snprintf(file->name, sizeof file->name, "%s", memory_medium_name(medium, i));
	bytes = memory_medium_bytes(medium, file->name, &file->size);
	assert_true(file->size <= sizeof file->bytes);
	memcpy(file->bytes, bytes, file->size);
}

/* Object x: "abcdef", then "XY" at 1, then "ZW" at 3, then cut to 5: "aXYZW". */
static void write_x(struct medium *medium)
{
	struct storage *storage = start(medium);
	struct storage_handle *handle = NULL;

	assert_int_equal(
		storage_object_create(storage, &owner, &id, ALL, "attr", 4, "abcdef", 6, &handle),
		TEE_SUCCESS);
	assert_int_equal(storage_object_write(handle, 1, "XY", 2), TEE_SUCCESS);
	assert_int_equal(storage_object_write(handle, 3, "ZW", 2), TEE_SUCCESS);
	assert_int_equal(storage_object_truncate(handle, 5), TEE_SUCCESS);
	storage_object_close(handle);
	storage_free(storage);
}

/* What the file reads as. */
static TEE_Result read_file(struct medium *medium, const struct file *file, char text[8])
{
	struct storage_handle *handle = NULL;
	struct storage *storage;
	size_t got = 0;
	TEE_Result res;

	memory_medium_put(medium, file->name, file->bytes, file->size);
	storage = start(medium);
	res = storage_object_open(storage, &owner, &id, ALL, &handle);
	memset(text, 0, 8);
	if (!res)
		assert_int_equal(storage_object_read(handle, 0, text, 7, &got), TEE_SUCCESS);
	storage_object_close(handle);
	storage_free(storage);
	assert_int_equal(memory_medium_open_files(medium), 0);
	return res;
}

static void expect_corrupt(struct medium *medium, const struct file *file, const char *why)
{
	char text[8];
	TEE_Result res = read_file(medium, file, text);

	if (res != TEE_ERROR_CORRUPT_OBJECT)
		fail_msg("%s: 0x%x", why, res);
}

static void every_byte_counts(void **state)
{
	struct medium *medium = memory_medium_new();
	struct file file;
	char text[8];

	(void)state;
	write_x(medium);
	take(medium, NULL, &file);
	assert_int_equal(read_file(medium, &file, text), TEE_SUCCESS);
	assert_string_equal(text, "aXYZW");
	for (size_t i = 0; i < file.size; i++)
		for (int bit = 0; bit < 8; bit += 7) {
			file.bytes[i] ^= (uint8_t)(1 << bit);
			expect_corrupt(medium, &file, "a bit changed");
			file.bytes[i] ^= (uint8_t)(1 << bit);
		}
	medium_free(medium);
}

/* The state that a file cut off at `size` shows; NULL: none. */
static const char *state_at(size_t size)
{
	if (size < PROLOGUE + META + RECORD + 6)
		return NULL;
	if (size < PROLOGUE + META + RECORD + 6 + RECORD + 2)
		return "abcdef";
	if (size < PROLOGUE + META + RECORD + 6 + 2 * (RECORD + 2))
		return "aXYdef";
	if (size < PROLOGUE + META + RECORD + 6 + 2 * (RECORD + 2) + RECORD)
		return "aXYZWf";
	return "aXYZW";
}

static void every_length_shows_an_earlier_state(void **state)
{
	struct medium *medium = memory_medium_new();
	struct file file;
	size_t whole;
	char text[8];

	(void)state;
	write_x(medium);
	take(medium, NULL, &file);
	whole = file.size;
	assert_int_equal(whole, PROLOGUE + META + RECORD + 6 + 2 * (RECORD + 2) + RECORD);
	for (file.size = 0; file.size <= whole; file.size++) {
		const char *want = state_at(file.size);
		TEE_Result res = read_file(medium, &file, text);

		assert_int_equal(res, want ? TEE_SUCCESS : TEE_ERROR_CORRUPT_OBJECT);
		if (want)
			assert_string_equal(text, want);
	}
	medium_free(medium);
}

/* Blocks that never reached the disk: zeros up to the end. */
static void a_tail_of_zeros_is_a_torn_write(void **state)
{
	struct medium *medium = memory_medium_new();
	uint8_t header[44];
	struct file file;
	size_t last;
	char text[8];

	(void)state;
	write_x(medium);
	take(medium, NULL, &file);
	last = file.size - RECORD;
	memcpy(header, file.bytes + last, sizeof header);
	for (size_t from = file.size - 16; from >= last; from--) {
		TEE_Result res;

		memset(file.bytes + from, 0, file.size - from);
		res = read_file(medium, &file, text);
		/* A header cut in the middle is neither a record nor nothing; but its last byte is
		 * random, and may have been zero before. */
		if (from > last && memcmp(header, file.bytes + last, sizeof header) != 0) {
			assert_int_equal(res, TEE_ERROR_CORRUPT_OBJECT);
		} else {
			assert_int_equal(res, TEE_SUCCESS);
			assert_string_equal(text, "aXYZWf");
		}
	}
	medium_free(medium);
}

static void records_cannot_be_moved(void **state)
{
	struct medium *medium = memory_medium_new(), *second = memory_medium_new();
	const size_t first = PROLOGUE + META + RECORD + 6, length = RECORD + 2;
	struct file file, changed, other;

	(void)state;
	write_x(medium);
	take(medium, NULL, &file);

	changed = file; /* the two writes, equally long, change places */
	memcpy(changed.bytes + first, file.bytes + first + length, length);
	memcpy(changed.bytes + first + length, file.bytes + first, length);
	expect_corrupt(medium, &changed, "order");

	changed = file;
	memmove(changed.bytes + first, file.bytes + first + length, file.size - first - length);
	changed.size -= length;
	expect_corrupt(medium, &changed, "one left out");

	changed = file;
	memcpy(changed.bytes + first + length, file.bytes + first, length);
	expect_corrupt(medium, &changed, "one twice");

	changed = file;
	memcpy(changed.bytes + file.size, file.bytes + file.size - RECORD, RECORD);
	changed.size += RECORD;
	expect_corrupt(medium, &changed, "the last one again");

	/* The same object, the same story, written another time. */
	write_x(second);
	take(second, NULL, &other);
	assert_string_equal(other.name, file.name);
	changed = file;
	memcpy(changed.bytes + first, other.bytes + first, length);
	expect_corrupt(medium, &changed, "a record of another file");
	changed = file;
	memcpy(changed.bytes, other.bytes, PROLOGUE);
	expect_corrupt(medium, &changed, "the salt of another file");
	medium_free(medium);
	medium_free(second);
}

/* The folder is put back to an earlier time, and the same object goes on differently: a record of
 * the first course at the same place of the same file does not fit into the second. */
static void courses_cannot_be_mixed(void **state)
{
	struct medium *medium = memory_medium_new();
	const size_t length = RECORD + 2;
	struct file early, first, second;

	(void)state;
	write_x(medium);
	take(medium, NULL, &early);
	for (int course = 0; course < 2; course++) {
		struct storage *storage;
		struct storage_handle *handle = NULL;

		memory_medium_put(medium, early.name, early.bytes, early.size);
		storage = start(medium);
		assert_int_equal(
			storage_object_open(storage, &owner, &id, ALL, &handle), TEE_SUCCESS);
		storage_object_write(handle, 0, course ? "CD" : "AB", 2);
		storage_object_write(handle, 2, "EF", 2);
		storage_object_close(handle);
		storage_free(storage);
		take(medium, NULL, course ? &second : &first);
	}
	memcpy(second.bytes + early.size, first.bytes + early.size, length);
	expect_corrupt(medium, &second, "a record of another course");
	medium_free(medium);
}

static void files_cannot_change_names(void **state)
{
	struct medium *medium = memory_medium_new();
	struct storage_handle *handle = NULL;
	struct storage_info info;
	struct storage_id found;
	struct file x, y;
	struct storage *storage;

	(void)state;
	write_x(medium);
	take(medium, NULL, &x);
	storage = start(medium);
	assert_int_equal(
		storage_object_create(storage, &owner, &id_y, ALL, NULL, 0, "y", 1, &handle),
		TEE_SUCCESS);
	storage_free(storage);
	take(medium, &x, &y);
	memcpy(x.bytes, y.bytes, y.size);
	x.size = y.size;
	expect_corrupt(medium, &x, "another object's file");

	/* It is not listed; replacing it works, creating and renaming over it do not. */
	storage = start(medium);
	assert_int_equal(storage_count(storage), 1);
	assert_int_equal(
		storage_object_create(storage, &owner, &id, ALL, NULL, 0, NULL, 0, &handle),
		TEE_ERROR_ACCESS_CONFLICT);
	assert_int_equal(storage_object_open(storage, &owner, &id_y, ALL, &handle), TEE_SUCCESS);
	assert_int_equal(storage_object_rename(handle, &id), TEE_ERROR_ACCESS_CONFLICT);
	storage_object_close(handle);
	assert_int_equal(storage_object_create(storage, &owner, &id, ALL | TEE_DATA_FLAG_OVERWRITE,
				 NULL, 0, NULL, 0, &handle),
		TEE_SUCCESS);
	storage_object_close(handle);

	/* Taken away, or damaged, while storage runs. */
	medium->ops->remove(medium, y.name);
	assert_int_equal(
		storage_next(storage, &owner, &id, &found, &info), TEE_ERROR_CORRUPT_OBJECT);
	assert_int_equal(found.bytes[0], 'y');
	y.bytes[y.size - 1] ^= 1;
	memory_medium_put(medium, y.name, y.bytes, y.size);
	assert_int_equal(
		storage_next(storage, &owner, &id, &found, &info), TEE_ERROR_CORRUPT_OBJECT);
	storage_free(storage);
	medium_free(medium);
}

/* A file that was written and not read back yet is changed under the running storage. */
static void a_running_storage_notices(void **state)
{
	struct medium *medium = memory_medium_new();
	struct storage_handle *handle = NULL;
	struct storage *storage = start(medium);
	uint8_t byte = 0;
	size_t got = 0;
	struct file file;

	(void)state;
	assert_int_equal(
		storage_object_create(storage, &owner, &id, ALL, NULL, 0, "text", 4, &handle),
		TEE_SUCCESS);
	take(medium, NULL, &file);
	assert_int_equal(storage_object_write(handle, 0, "T", 1), TEE_SUCCESS);
	memory_medium_put(medium, file.name, file.bytes, file.size); /* without the write */
	assert_int_equal(storage_object_read(handle, 0, &byte, 1, &got), TEE_ERROR_CORRUPT_OBJECT);
	storage_object_close(handle);
	storage_free(storage);
	medium_free(medium);
}

static void other_files_are_left_alone(void **state)
{
	struct medium *medium = memory_medium_new();
	struct storage *storage;
	size_t size = 0;
	static const char *const names[] = {"README", "core", "0123",
		"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdeg"};

	(void)state;
	for (size_t i = 0; i < 4; i++)
		memory_medium_put(medium, names[i], "text", 4);
	memory_medium_put(medium, "object.new", "half", 4);
	memory_medium_put(
		medium, "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", "", 0);
	storage = start(medium);
	assert_int_equal(storage_count(storage), 0);
	for (size_t i = 0; i < 4; i++)
		assert_non_null(memory_medium_bytes(medium, names[i], &size));
	assert_null(memory_medium_bytes(medium, "object.new", &size));
	storage_free(storage);
	medium_free(medium);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_byte_counts),
		cmocka_unit_test(every_length_shows_an_earlier_state),
		cmocka_unit_test(a_tail_of_zeros_is_a_torn_write),
		cmocka_unit_test(records_cannot_be_moved),
		cmocka_unit_test(courses_cannot_be_mixed),
		cmocka_unit_test(files_cannot_change_names),
		cmocka_unit_test(a_running_storage_notices),
		cmocka_unit_test(other_files_are_left_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
