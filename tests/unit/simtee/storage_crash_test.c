/* SPDX-License-Identifier: MIT
 *
 * Power cut at every change that storage makes to its medium, in every step of a story: after the
 * next start every object is as it was before the step or as it was after it, and nothing is left
 * over. The write that is cut may have happened in part, and what was not synced may be lost.
 */
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

#define OVERWRITE TEE_DATA_FLAG_OVERWRITE
#define ALL                                                                                        \
	(TEE_DATA_FLAG_ACCESS_READ | TEE_DATA_FLAG_ACCESS_WRITE | TEE_DATA_FLAG_ACCESS_WRITE_META)

static const TEE_UUID owner = {.timeLow = 7};
static const uint8_t device_key[STORAGE_KEY_BYTES] = {1, 2, 3};
static uint8_t pattern[150 * 1024];

static struct storage_id id_of(const char *text)
{
	struct storage_id id = {.size = (uint32_t)strlen(text)};

	memcpy(id.bytes, text, id.size);
	return id;
}

/* One number for all that an application can see. */
static uint64_t look(struct storage *storage)
{
	uint64_t h = 0xcbf29ce484222325u;
	struct storage_id at = {0};
	const struct storage_id *after = NULL;
	struct storage_info info = {0};
	TEE_Result res;
	static uint8_t bytes[STORAGE_DATA_MAX];

	while ((res = storage_next(storage, &owner, after, &at, &info)) == TEE_SUCCESS) {
		struct storage_handle *handle = NULL;
		size_t got = 0;

		assert_int_equal(storage_object_open(
					 storage, &owner, &at, TEE_DATA_FLAG_ACCESS_READ, &handle),
			TEE_SUCCESS);
		assert_int_equal(
			storage_object_read(handle, 0, bytes, sizeof bytes, &got), TEE_SUCCESS);
		assert_int_equal(got, info.data_size);
		assert_int_equal(
			storage_object_attr(handle, bytes + got, info.attr_size), TEE_SUCCESS);
		storage_object_close(handle);
		for (size_t i = 0; i < at.size; i++)
			h = (h ^ at.bytes[i]) * 0x100000001b3u;
		for (size_t i = 0; i < got + info.attr_size; i++)
			h = (h ^ bytes[i]) * 0x100000001b3u;
		h = (h ^ got) * 0x100000001b3u;
		after = &at;
	}
	assert_int_equal(res, TEE_ERROR_ITEM_NOT_FOUND);
	return h;
}

static void create(struct storage *storage, const char *name, uint32_t flags, size_t size)
{
	const struct storage_id id = id_of(name);
	struct storage_handle *handle = NULL;

	if (!storage_object_create(storage, &owner, &id, flags | ALL, "attributes", 10, pattern + 1,
		    size, &handle))
		storage_object_close(handle);
}

static struct storage_handle *open_it(struct storage *storage, const char *name)
{
	const struct storage_id id = id_of(name);
	struct storage_handle *handle = NULL;

	return storage_object_open(storage, &owner, &id, ALL, &handle) ? NULL : handle;
}

static void step_create(struct storage *s)
{
	create(s, "a", 0, 500);
}
static void step_create_empty(struct storage *s)
{
	create(s, "empty", 0, 0);
}
static void step_replace(struct storage *s)
{
	create(s, "a", OVERWRITE, 300);
}
static void step_append(struct storage *s)
{
	struct storage_handle *h = open_it(s, "a");

	if (h)
		storage_object_write(h, 300, pattern + 77, 100);
	storage_object_close(h);
}
static void step_inside(struct storage *s)
{
	struct storage_handle *h = open_it(s, "a");

	if (h)
		storage_object_write(h, 10, pattern + 99, 10);
	storage_object_close(h);
}
static void step_gap(struct storage *s)
{
	struct storage_handle *h = open_it(s, "a");

	if (h)
		storage_object_write(h, 600, pattern + 3, 1);
	storage_object_close(h);
}
static void step_truncate(struct storage *s)
{
	struct storage_handle *h = open_it(s, "a");

	if (h)
		storage_object_truncate(h, 50);
	storage_object_close(h);
}
static void step_rename(struct storage *s)
{
	const struct storage_id id = id_of("b");
	struct storage_handle *h = open_it(s, "a");

	if (h)
		storage_object_rename(h, &id);
	storage_object_close(h);
}
static void step_rename_back(struct storage *s)
{
	const struct storage_id id = id_of("a");
	struct storage_handle *h = open_it(s, "b");

	if (h)
		storage_object_rename(h, &id);
	storage_object_close(h);
}
static void step_large(struct storage *s)
{
	create(s, "large", 0, sizeof pattern - 1);
}
/* Rewriting it whole soon makes its file too long: it is written anew. */
static void step_compact(struct storage *s)
{
	struct storage_handle *h = open_it(s, "large");

	if (h)
		storage_object_write(h, 0, pattern + 5, sizeof pattern - 5);
	storage_object_close(h);
}
static void step_compact_again(struct storage *s)
{
	struct storage_handle *h = open_it(s, "large");

	if (h)
		storage_object_write(h, 0, pattern + 9, sizeof pattern - 9);
	storage_object_close(h);
}
static void step_delete(struct storage *s)
{
	struct storage_handle *h = open_it(s, "large");

	if (h)
		storage_object_delete(h);
}

static void (*const story[])(struct storage *) = {step_create, step_create_empty, step_replace,
	step_append, step_inside, step_gap, step_truncate, step_rename, step_rename_back,
	step_large, step_compact, step_compact_again, step_delete};
#define STORY_STEPS (sizeof story / sizeof story[0])

static struct storage *start(struct medium *medium)
{
	struct storage *storage = NULL;

	assert_int_equal(storage_open(medium, device_key, &storage), TEE_SUCCESS);
	return storage;
}

static bool left_over(struct medium *medium)
{
	for (size_t i = 0; memory_medium_name(medium, i); i++)
		if (strstr(memory_medium_name(medium, i), ".new"))
			return true;
	return false;
}

/* What is there after each step of a story that nothing cuts short; [0]: before the first. */
static uint64_t state_after[STORY_STEPS + 1];

static void tell_story(void)
{
	struct medium *medium = memory_medium_new();
	struct storage *storage = start(medium);

	state_after[0] = look(storage);
	for (size_t i = 0; i < STORY_STEPS; i++) {
		story[i](storage);
		state_after[i + 1] = look(storage);
		assert_true(state_after[i + 1] != state_after[i]);
	}
	storage_free(storage);
	medium_free(medium);
}

/* The story up to `step`, which is cut at its n-th change; false: it has no n-th. */
static bool cut(size_t step, uint32_t n, uint32_t torn_percent, bool lose_bytes, bool lose_names)
{
	struct medium *medium = memory_medium_new();
	struct medium_fault fault;
	uint64_t found;
	bool reached;

	medium_fault_init(&fault, medium);
	struct storage *storage = start(&fault.medium);

	for (size_t i = 0; i < step; i++)
		story[i](storage);
	fault.changes = 0;
	fault.torn_percent = torn_percent;
	fault.stop_at = n;
	story[step](storage);
	reached = fault.changes >= n;
	storage_free(storage);
	assert_int_equal(memory_medium_open_files(medium), 0);
	memory_medium_cut(medium, lose_bytes, lose_names);

	storage = start(medium);
	assert_false(left_over(medium));
	found = look(storage);
	if (found == state_after[step])
		story[step](storage); /* what was cut can be done now */
	assert_int_equal(look(storage), state_after[step + 1]);
	storage_free(storage);
	medium_free(medium);
	return reached;
}

static void every_cut_leaves_old_or_new(void **state)
{
	static const uint32_t torn[] = {0, 50, 100};

	(void)state;
	for (size_t i = 0; i < sizeof pattern; i++)
		pattern[i] = (uint8_t)(i * 7 + i / 256);
	tell_story();
	for (size_t step = 0; step < STORY_STEPS; step++)
		for (size_t t = 0; t < sizeof torn / sizeof torn[0]; t++)
			for (int lose = 0; lose < 4; lose++) {
				uint32_t n = 1;

				while (cut(step, n, torn[t], lose & 1, lose & 2))
					n++;
				assert_true(n > 2); /* every step changes something */
			}
}

/* Two objects written one after the other, neither closed: the second is never there alone. */
static void order_between_objects_is_kept(void **state)
{
	(void)state;
	for (uint32_t n = 1;; n++) {
		struct medium *medium = memory_medium_new();
		struct medium_fault fault;
		size_t got = 0;
		uint8_t first = 0, second = 0;
		bool reached;

		medium_fault_init(&fault, medium);
		struct storage *s = start(&fault.medium);

		create(s, "a", 0, 10);
		create(s, "b", 0, 10);
		struct storage_handle *a = open_it(s, "a"), *b = open_it(s, "b");

		assert_non_null(a);
		assert_non_null(b);
		fault.changes = 0;
		fault.stop_at = n;
		storage_object_write(a, 0, "A", 1);
		storage_object_write(b, 0, "B", 1);
		storage_object_close(b);
		storage_object_close(a);
		reached = fault.changes >= n;
		storage_free(s);
		memory_medium_cut(medium, true, true);
		s = start(medium);
		a = open_it(s, "a");
		b = open_it(s, "b");
		storage_object_read(a, 0, &first, 1, &got);
		storage_object_read(b, 0, &second, 1, &got);
		assert_true(second != 'B' || first == 'A');
		if (!reached)
			assert_true(first == 'A' && second == 'B');
		storage_free(s);
		medium_free(medium);
		if (!reached)
			break;
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_cut_leaves_old_or_new),
		cmocka_unit_test(order_between_objects_is_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
