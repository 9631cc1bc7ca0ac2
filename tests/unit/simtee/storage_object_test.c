/* SPDX-License-Identifier: MIT
 *
 * What storage promises its callers: contents, sharing, limits, errors; a full disk; a failed sync.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "medium_fault.h"
#include "memory_medium.h"
#include "storage.h"

#define READ  TEE_DATA_FLAG_ACCESS_READ
#define WRITE TEE_DATA_FLAG_ACCESS_WRITE
#define META  TEE_DATA_FLAG_ACCESS_WRITE_META
#define SR    TEE_DATA_FLAG_SHARE_READ
#define SW    TEE_DATA_FLAG_SHARE_WRITE
#define OVER  TEE_DATA_FLAG_OVERWRITE
#define ALL   (READ | WRITE | META)

static const TEE_UUID alice = {.timeLow = 1}, bob = {.timeLow = 2};
static const uint8_t device_key[STORAGE_KEY_BYTES] = {42};

static struct medium *medium;
static struct medium_fault fault;
static struct storage *storage;

static int set_up(void **state)
{
	(void)state;
	medium = memory_medium_new();
	medium_fault_init(&fault, medium);
	return storage_open(&fault.medium, device_key, &storage) ? -1 : 0;
}

static int tear_down(void **state)
{
	(void)state;
	storage_free(storage);
	if (memory_medium_open_files(medium))
		return -1;
	medium_free(medium);
	return 0;
}

static void restart(void)
{
	storage_free(storage);
	medium_fault_init(&fault, medium);
	assert_int_equal(storage_open(&fault.medium, device_key, &storage), TEE_SUCCESS);
}

static struct storage_id id_of(const char *text)
{
	struct storage_id id = {.size = (uint32_t)strlen(text)};

	memcpy(id.bytes, text, id.size);
	return id;
}

static TEE_Result make(const TEE_UUID *owner, const char *name, uint32_t flags, const void *data,
	size_t size, struct storage_handle **handle)
{
	const struct storage_id id = id_of(name);

	return storage_object_create(storage, owner, &id, flags, "attr", 4, data, size, handle);
}

static TEE_Result get(
	const TEE_UUID *owner, const char *name, uint32_t flags, struct storage_handle **handle)
{
	const struct storage_id id = id_of(name);

	return storage_object_open(storage, owner, &id, flags, handle);
}

static void make_and_close(const TEE_UUID *owner, const char *name, const char *text)
{
	struct storage_handle *handle = NULL;

	assert_int_equal(make(owner, name, ALL, text, strlen(text), &handle), TEE_SUCCESS);
	assert_int_equal(storage_object_close(handle), TEE_SUCCESS);
}

static void expect(struct storage_handle *handle, const char *text)
{
	char bytes[256];
	size_t got = 0;
	struct storage_info info;

	assert_int_equal(storage_object_read(handle, 0, bytes, sizeof bytes, &got), TEE_SUCCESS);
	assert_int_equal(got, strlen(text));
	assert_memory_equal(bytes, text, got);
	storage_object_info(handle, &info);
	assert_int_equal(info.data_size, got);
}

static void expect_stored(const TEE_UUID *owner, const char *name, const char *text)
{
	struct storage_handle *handle = NULL;

	assert_int_equal(get(owner, name, READ, &handle), TEE_SUCCESS);
	expect(handle, text);
	storage_object_close(handle);
}

static void contents_survive_a_restart(void **state)
{
	struct storage_handle *handle = NULL;
	char attr[4];

	(void)state;
	make_and_close(&alice, "x", "hello");
	make_and_close(&alice, "", "an id of no bytes is an id");
	assert_int_equal(get(&alice, "x", ALL, &handle), TEE_SUCCESS);
	assert_int_equal(storage_object_write(handle, 5, " world", 6), TEE_SUCCESS);
	assert_int_equal(storage_object_write(handle, 0, "J", 1), TEE_SUCCESS);
	assert_int_equal(storage_object_write(handle, 0, NULL, 0), TEE_SUCCESS);
	expect(handle, "Jello world");
	assert_int_equal(storage_object_truncate(handle, 7), TEE_SUCCESS);
	assert_int_equal(storage_object_truncate(handle, 7), TEE_SUCCESS);
	assert_int_equal(storage_object_write(handle, 7, "arld", 4), TEE_SUCCESS);
	storage_object_close(handle);
	restart();
	expect_stored(&alice, "x", "Jello warld");
	expect_stored(&alice, "", "an id of no bytes is an id");
	assert_int_equal(get(&alice, "x", READ, &handle), TEE_SUCCESS);
	assert_int_equal(storage_object_attr(handle, attr, 4), TEE_SUCCESS);
	assert_memory_equal(attr, "attr", 4);
	assert_int_equal(storage_object_attr(handle, attr, 3), TEE_ERROR_BAD_PARAMETERS);
	storage_object_close(handle);
}

static void growing_and_gaps_are_zero(void **state)
{
	struct storage_handle *handle = NULL;
	char bytes[16];
	size_t got = 0;

	(void)state;
	assert_int_equal(make(&alice, "x", ALL, "secret", 6, &handle), TEE_SUCCESS);
	storage_object_truncate(handle, 1);
	storage_object_truncate(handle, 4); /* what was cut off does not come back */
	storage_object_write(handle, 6, "!", 1);
	for (int pass = 0; pass < 2; pass++) {
		assert_int_equal(storage_object_read(handle, 0, bytes, sizeof bytes, &got), 0);
		assert_int_equal(got, 7);
		assert_memory_equal(bytes, "s\0\0\0\0\0!", 7);
		assert_int_equal(storage_object_read(handle, 7, bytes, 1, &got), TEE_SUCCESS);
		assert_int_equal(got, 0);
		assert_int_equal(storage_object_read(handle, 99, bytes, 1, &got), TEE_SUCCESS);
		assert_int_equal(got, 0);
		storage_object_close(handle);
		restart();
		assert_int_equal(get(&alice, "x", READ, &handle), TEE_SUCCESS);
	}
	storage_object_close(handle);
}

static void owners_do_not_see_each_other(void **state)
{
	struct storage_handle *handle = NULL;
	struct storage_id id;
	struct storage_info info;

	(void)state;
	make_and_close(&alice, "x", "alice's");
	assert_int_equal(get(&bob, "x", READ, &handle), TEE_ERROR_ITEM_NOT_FOUND);
	assert_int_equal(storage_next(storage, &bob, NULL, &id, &info), TEE_ERROR_ITEM_NOT_FOUND);
	make_and_close(&bob, "x", "bob's");
	expect_stored(&alice, "x", "alice's");
	assert_int_equal(storage_count(storage), 2);

	/* Erasing takes one owner's, and none while one of them is open. */
	make_and_close(&alice, "y", "more");
	assert_int_equal(get(&alice, "y", READ, &handle), TEE_SUCCESS);
	assert_int_equal(storage_erase(storage, &alice), TEE_ERROR_ACCESS_CONFLICT);
	storage_object_close(handle);
	assert_int_equal(storage_count(storage), 3);
	assert_int_equal(storage_erase(storage, &alice), TEE_SUCCESS);
	assert_int_equal(storage_erase(storage, &alice), TEE_SUCCESS);
	restart();
	assert_int_equal(storage_count(storage), 1);
	expect_stored(&bob, "x", "bob's");
}

static void creating_replaces_only_where_asked(void **state)
{
	struct storage_handle *handle = NULL, *other = NULL;

	(void)state;
	make_and_close(&alice, "x", "old");
	assert_int_equal(make(&alice, "x", ALL, "new", 3, &handle), TEE_ERROR_ACCESS_CONFLICT);
	assert_int_equal(get(&alice, "x", READ | SR, &other), TEE_SUCCESS);
	assert_int_equal(
		make(&alice, "x", ALL | OVER, "new", 3, &handle), TEE_ERROR_ACCESS_CONFLICT);
	storage_object_close(other);
	expect_stored(&alice, "x", "old");
	assert_int_equal(make(&alice, "x", ALL | OVER, "new", 3, &handle), TEE_SUCCESS);
	expect(handle, "new");
	storage_object_close(handle);
	assert_int_equal(storage_count(storage), 1);
}

static void renaming_never_overwrites(void **state)
{
	const struct storage_id x = id_of("x"), y = id_of("y"), z = id_of("z");
	struct storage_handle *handle = NULL;

	(void)state;
	make_and_close(&alice, "x", "of x");
	make_and_close(&alice, "y", "of y");
	assert_int_equal(get(&alice, "x", ALL, &handle), TEE_SUCCESS);
	assert_int_equal(storage_object_rename(handle, &y), TEE_ERROR_ACCESS_CONFLICT);
	assert_int_equal(storage_object_rename(handle, &x), TEE_ERROR_ACCESS_CONFLICT);
	assert_int_equal(storage_object_rename(handle, &z), TEE_SUCCESS);
	assert_int_equal(storage_object_write(handle, 0, "Of", 2), TEE_SUCCESS);
	expect(handle, "Of x");
	storage_object_close(handle);
	restart();
	assert_int_equal(get(&alice, "x", READ, &handle), TEE_ERROR_ITEM_NOT_FOUND);
	expect_stored(&alice, "z", "Of x");
	expect_stored(&alice, "y", "of y");
	assert_int_equal(storage_count(storage), 2);
}

static void handles_share_what_all_of_them_share(void **state)
{
	static const struct {
		uint32_t first, second;
		bool fits;
		const char *why;
	} cases[] = {
		{READ | SR, READ | SR, true, "both read and let read"},
		{READ, READ | SR, false, "the first lets nobody"},
		{READ | SR, READ, false, "the second lets nobody"},
		{READ | SR, WRITE | SR, false, "writing is not shared"},
		{READ | SR | SW, WRITE | SR | SW, true, "both let read and write"},
		{WRITE | SW, WRITE | SW, true, "both write"},
		{META | SR | SW, READ | SR | SW, false, "meta data is for one alone"},
		{READ | SR | SW, META | SR | SW, false, "meta data is for one alone"},
		{0, 0, true, "neither does anything"},
	};

	(void)state;
	make_and_close(&alice, "x", "text");
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct storage_handle *first = NULL, *second = NULL;
		TEE_Result res;

		assert_int_equal(get(&alice, "x", cases[i].first, &first), TEE_SUCCESS);
		res = get(&alice, "x", cases[i].second, &second);
		if (res != (cases[i].fits ? TEE_SUCCESS : TEE_ERROR_ACCESS_CONFLICT))
			fail_msg("%s: 0x%x", cases[i].why, res);
		storage_object_close(first);
		storage_object_close(second);
	}
}

static void one_handle_sees_what_another_writes(void **state)
{
	struct storage_handle *a = NULL, *b = NULL;

	(void)state;
	make_and_close(&alice, "x", "text");
	get(&alice, "x", READ | WRITE | SR | SW, &a);
	get(&alice, "x", READ | SR | SW, &b);
	storage_object_write(a, 0, "T", 1);
	expect(b, "Text");
	storage_object_close(a);
	expect(b, "Text");
	storage_object_close(b);
}

static void limits(void **state)
{
	static uint8_t bytes[STORAGE_DATA_MAX + 1];
	struct storage_handle *handle = NULL;
	struct storage_id id = {.size = STORAGE_ID_MAX};

	(void)state;
	assert_int_equal(make(&alice, "x", ALL, bytes, STORAGE_DATA_MAX + 1, &handle),
		TEE_ERROR_STORAGE_NO_SPACE);
	assert_int_equal(storage_object_create(storage, &alice, &id, ALL, bytes,
				 STORAGE_ATTR_MAX + 1, NULL, 0, &handle),
		TEE_ERROR_STORAGE_NO_SPACE);
	assert_int_equal(make(&alice, "x", ALL, bytes, STORAGE_DATA_MAX, &handle), TEE_SUCCESS);
	assert_int_equal(
		storage_object_write(handle, STORAGE_DATA_MAX, "x", 1), TEE_ERROR_STORAGE_NO_SPACE);
	assert_int_equal(
		storage_object_write(handle, UINT32_MAX, "x", 1), TEE_ERROR_STORAGE_NO_SPACE);
	assert_int_equal(storage_object_write(handle, 1, bytes, STORAGE_DATA_MAX),
		TEE_ERROR_STORAGE_NO_SPACE);
	assert_int_equal(
		storage_object_truncate(handle, STORAGE_DATA_MAX + 1), TEE_ERROR_STORAGE_NO_SPACE);
	assert_int_equal(storage_object_write(handle, STORAGE_DATA_MAX - 1, "x", 1), TEE_SUCCESS);
	storage_object_close(handle);
	id.bytes[STORAGE_ID_MAX - 1] = 1;
	assert_int_equal(storage_object_create(storage, &alice, &id, ALL, bytes, STORAGE_ATTR_MAX,
				 NULL, 0, &handle),
		TEE_SUCCESS);
	storage_object_close(handle);
	restart();
	assert_int_equal(storage_object_open(storage, &alice, &id, READ, &handle), TEE_SUCCESS);
	storage_object_close(handle);
	assert_int_equal(storage_count(storage), 2);
}

static void ids_come_in_order_whatever_goes(void **state)
{
	static const char *const names[] = {"c", "a", "b", "aa", "", "ab"};
	static const char *const sorted[] = {"", "a", "aa", "ab", "b", "c"};
	struct storage_id id = {0}, after = {0};
	struct storage_info info;
	struct storage_handle *handle = NULL;

	(void)state;
	make_and_close(&bob, "a0", "in between");
	for (size_t i = 0; i < 6; i++)
		make_and_close(&alice, names[i], names[i]);
	for (uint32_t i = 0; i < 6; i++) {
		assert_int_equal(storage_at(storage, &alice, i, &id, &info), TEE_SUCCESS);
		assert_int_equal(id.size, strlen(sorted[i]));
		assert_memory_equal(id.bytes, sorted[i], id.size);
	}
	assert_int_equal(storage_at(storage, &alice, 6, &id, &info), TEE_ERROR_ITEM_NOT_FOUND);
	assert_int_equal(storage_at(storage, &bob, 1, &id, &info), TEE_ERROR_ITEM_NOT_FOUND);
	for (size_t i = 0; i < 6; i++) {
		assert_int_equal(
			storage_next(storage, &alice, i ? &after : NULL, &id, &info), TEE_SUCCESS);
		assert_int_equal(id.size, strlen(sorted[i]));
		assert_memory_equal(id.bytes, sorted[i], id.size);
		assert_int_equal(info.data_size, id.size);
		assert_int_equal(info.attr_size, 4);
		after = id;
		assert_int_equal(get(&alice, sorted[i], ALL, &handle), TEE_SUCCESS);
		assert_int_equal(
			storage_next(storage, &alice, NULL, &id, &info), TEE_SUCCESS); /* open */
		assert_int_equal(storage_object_delete(handle), TEE_SUCCESS);
	}
	assert_int_equal(
		storage_next(storage, &alice, &after, &id, &info), TEE_ERROR_ITEM_NOT_FOUND);
	expect_stored(&bob, "a0", "in between");
}

static void a_file_does_not_grow_for_ever(void **state)
{
	static uint8_t bytes[20000];
	struct storage_handle *handle = NULL;
	size_t size = 0;

	(void)state;
	assert_int_equal(make(&alice, "x", ALL, bytes, sizeof bytes, &handle), TEE_SUCCESS);
	for (int i = 0; i < 100; i++) {
		memset(bytes, i, sizeof bytes);
		assert_int_equal(storage_object_write(handle, 0, bytes, sizeof bytes), TEE_SUCCESS);
		memory_medium_bytes(medium, memory_medium_name(medium, 0), &size);
		assert_true(size < 2 * sizeof bytes + 300 * 1024);
	}
	storage_object_close(handle);
	restart();
	assert_int_equal(get(&alice, "x", ALL, &handle), TEE_SUCCESS);
	uint8_t found[4];
	size_t got = 0;

	assert_int_equal(storage_object_read(handle, 19996, found, 8, &got), TEE_SUCCESS);
	assert_int_equal(got, 4);
	assert_memory_equal(found, "\x63\x63\x63\x63", 4);
	storage_object_close(handle);
}

static void a_full_disk_leaves_the_old_state(void **state)
{
	static uint8_t bytes[50000];
	struct storage_handle *handle = NULL;
	uint64_t space = 0;

	(void)state;
	memory_medium_limit(medium, 30000);
	make_and_close(&alice, "x", "old");
	assert_int_equal(storage_space(storage, &space), TEE_SUCCESS);
	assert_in_range(space, 29000, 30000);
	assert_int_equal(
		make(&alice, "y", ALL, bytes, sizeof bytes, &handle), TEE_ERROR_STORAGE_NO_SPACE);
	assert_int_equal(make(&alice, "x", ALL | OVER, bytes, sizeof bytes, &handle),
		TEE_ERROR_STORAGE_NO_SPACE);
	assert_int_equal(get(&alice, "x", ALL, &handle), TEE_SUCCESS);
	assert_int_equal(
		storage_object_write(handle, 1, bytes, sizeof bytes), TEE_ERROR_STORAGE_NO_SPACE);
	expect(handle, "old");
	/* What fits still goes, over the remains of what did not. */
	assert_int_equal(storage_object_write(handle, 0, "O", 1), TEE_SUCCESS);
	storage_object_close(handle);
	expect_stored(&alice, "x", "Old");
	restart();
	expect_stored(&alice, "x", "Old");
	assert_int_equal(storage_count(storage), 1);
}

static void a_failed_write_is_followed_by_a_good_one(void **state)
{
	struct storage_handle *handle = NULL;

	(void)state;
	make_and_close(&alice, "x", "old");
	assert_int_equal(get(&alice, "x", ALL, &handle), TEE_SUCCESS);
	fault.dead = 0;
	fault.torn_percent = 50;
	fault.stop_at = fault.changes + 1;
	assert_int_equal(
		storage_object_write(handle, 0, "bad", 3), TEE_ERROR_STORAGE_NOT_AVAILABLE);
	expect(handle, "old");
	assert_int_equal(storage_object_write(handle, 3, "er", 2), TEE_SUCCESS);
	storage_object_close(handle);
	restart();
	expect_stored(&alice, "x", "older");
}

static void after_a_failed_sync_nothing_is_written(void **state)
{
	const struct storage_id y = id_of("y");
	struct storage_handle *handle = NULL, *other = NULL;

	(void)state;
	make_and_close(&alice, "x", "old");
	assert_int_equal(get(&alice, "x", ALL, &handle), TEE_SUCCESS);
	assert_int_equal(storage_object_write(handle, 0, "O", 1), TEE_SUCCESS);
	fault.dead = 0;
	fault.stop_at = fault.changes + 1;
	assert_int_equal(make(&alice, "z", ALL, "z", 1, &other), TEE_ERROR_STORAGE_NOT_AVAILABLE);
	assert_int_equal(storage_object_write(handle, 0, "x", 1), TEE_ERROR_STORAGE_NOT_AVAILABLE);
	assert_int_equal(storage_object_truncate(handle, 1), TEE_ERROR_STORAGE_NOT_AVAILABLE);
	assert_int_equal(storage_object_rename(handle, &y), TEE_ERROR_STORAGE_NOT_AVAILABLE);
	assert_int_equal(make(&alice, "z", ALL, "z", 1, &other), TEE_ERROR_STORAGE_NOT_AVAILABLE);
	expect(handle, "Old"); /* reading goes on */
	assert_int_equal(storage_object_delete(handle), TEE_ERROR_STORAGE_NOT_AVAILABLE);
	assert_int_equal(storage_erase(storage, &alice), TEE_ERROR_STORAGE_NOT_AVAILABLE);
	restart();
	expect_stored(&alice, "x", "Old");
}

/* Every change of every call fails once, and goes on failing: an error, never anything worse. */
static void every_failure_is_reported(void **state)
{
	const struct storage_id y = id_of("y");

	(void)state;
	for (uint32_t n = 1; n < 40; n++) {
		struct storage_handle *handle = NULL;

		restart();
		storage_erase(storage, &alice);
		fault.changes = 0;
		fault.stop_at = n;
		if (make(&alice, "x", ALL, "text", 4, &handle))
			continue;
		storage_object_write(handle, 0, "T", 1);
		storage_object_truncate(handle, 2);
		storage_object_rename(handle, &y);
		if (n & 1)
			storage_object_delete(handle);
		else
			storage_object_close(handle);
	}
	restart();
}

static void the_device_key_is_made_once(void **state)
{
	uint8_t key[STORAGE_KEY_BYTES] = {0}, again[STORAGE_KEY_BYTES] = {0};
	uint8_t zero[STORAGE_KEY_BYTES] = {0};
	size_t size = 0;

	(void)state;
	for (uint32_t n = 1; n <= 5; n++) { /* create, write, sync, rename, sync of the folder */
		fault.changes = 0;
		fault.stop_at = n;
		assert_int_equal(
			storage_device_key(&fault.medium, key), TEE_ERROR_STORAGE_NOT_AVAILABLE);
		assert_memory_equal(key, zero, sizeof key);
	}
	fault.stop_at = 0;
	assert_int_equal(storage_device_key(&fault.medium, key), TEE_SUCCESS);
	assert_memory_not_equal(key, zero, sizeof key);
	assert_int_equal(storage_device_key(&fault.medium, again), TEE_SUCCESS);
	assert_memory_equal(key, again, sizeof key);
	memory_medium_bytes(medium, "device.key", &size);
	assert_int_equal(size, STORAGE_KEY_BYTES);
	memory_medium_put(medium, "device.key", key, 31);
	assert_int_equal(storage_device_key(medium, again), TEE_ERROR_CORRUPT_OBJECT);

	/* Without it the objects are lost: that is not the moment to make another. */
	make_and_close(&alice, "x", "text");
	medium->ops->remove(medium, "device.key");
	assert_int_equal(storage_device_key(medium, again), TEE_ERROR_CORRUPT_OBJECT);
}

static void another_device_reads_nothing(void **state)
{
	const uint8_t other[STORAGE_KEY_BYTES] = {43};
	struct storage_handle *handle = NULL;

	(void)state;
	make_and_close(&alice, "x", "text");
	storage_free(storage);
	assert_int_equal(storage_open(medium, other, &storage), TEE_SUCCESS);
	assert_int_equal(storage_count(storage), 0);
	assert_int_equal(get(&alice, "x", READ, &handle), TEE_ERROR_ITEM_NOT_FOUND);
	restart();
	expect_stored(&alice, "x", "text");
}

static void nothing_lies_in_the_clear(void **state)
{
	static const char secret[] = "a sentence that must not be found";
	struct storage_handle *handle = NULL;
	size_t size = 0;

	(void)state;
	assert_int_equal(make(&alice, secret, ALL, secret, sizeof secret, &handle), TEE_SUCCESS);
	storage_object_write(handle, 100, secret, sizeof secret);
	storage_object_close(handle);
	const uint8_t *bytes = memory_medium_bytes(medium, memory_medium_name(medium, 0), &size);

	assert_null(memmem(bytes, size, secret, 8));
	assert_null(memmem(bytes, size, "attr", 4));
}

#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(contents_survive_a_restart),
		T(growing_and_gaps_are_zero),
		T(owners_do_not_see_each_other),
		T(creating_replaces_only_where_asked),
		T(renaming_never_overwrites),
		T(handles_share_what_all_of_them_share),
		T(one_handle_sees_what_another_writes),
		T(limits),
		T(ids_come_in_order_whatever_goes),
		T(a_file_does_not_grow_for_ever),
		T(a_full_disk_leaves_the_old_state),
		T(a_failed_write_is_followed_by_a_good_one),
		T(after_a_failed_sync_nothing_is_written),
		T(every_failure_is_reported),
		T(the_device_key_is_made_once),
		T(another_device_reads_nothing),
		T(nothing_lies_in_the_clear),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
