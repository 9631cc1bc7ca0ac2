/* SPDX-License-Identifier: MIT
 *
 * The frames between edb-device and edb-execd.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "exec_frame.h"

struct known {
	enum exec_from from;
	enum exec_type type;
	size_t size; /* of the payload */
	const char *bytes;
};

#define NONCE "0123456789abcde\x01"

static const struct known good[] = {
	{EXEC_FROM_HOST, EXEC_HELLO, 16, "H\x10\0\0\0" NONCE},
	{EXEC_FROM_GUEST, EXEC_HELLO, 16, "H\x10\0\0\0" NONCE},
	{EXEC_FROM_HOST, EXEC_RUN, 2, "R\x02\0\0\0w"},
	{EXEC_FROM_HOST, EXEC_RUN, 7, "R\x07\0\0\0ls\0-l\0"}, /* and an empty argument */
	{EXEC_FROM_HOST, EXEC_INPUT, 3, "I\x03\0\0\0abc"},
	{EXEC_FROM_HOST, EXEC_END, 0, "E\0\0\0\0"},
	{EXEC_FROM_HOST, EXEC_SIGNAL, 1, "S\x01\0\0\0\x0f"},
	{EXEC_FROM_HOST, EXEC_SIGNAL, 1, "S\x01\0\0\0\x40"},
	{EXEC_FROM_GUEST, EXEC_OUTPUT, 4, "O\x04\0\0\0\0\xff\r\n"},
	{EXEC_FROM_GUEST, EXEC_ERROR, 1, "e\x01\0\0\0!"},
	{EXEC_FROM_GUEST, EXEC_ACK, 4, "A\x04\0\0\0\0\0\x02\0"},
	{EXEC_FROM_GUEST, EXEC_EXIT, 2, "X\x02\0\0\0\0\x07"},
	{EXEC_FROM_GUEST, EXEC_EXIT, 2, "X\x02\0\0\0\x02\x02"},
};

/* A copy of exactly that size: a byte read too many is found. */
static uint8_t *exactly(const char *bytes, size_t size)
{
	uint8_t *copy = malloc(size ? size : 1);

	assert_non_null(copy);
	if (size)
		memcpy(copy, bytes, size);
	return copy;
}

static void test_each_prefix_is_more(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
		size_t whole = EXEC_HEAD_BYTES + good[i].size;

		for (size_t size = 0; size <= whole; size++) {
			uint8_t *copy = exactly(good[i].bytes, size);
			struct exec_frame frame = {0};
			size_t used = 0;
			enum exec_parsed parsed =
				exec_frame_parse(good[i].from, copy, size, &frame, &used);

			assert_int_equal(parsed, size < whole ? EXEC_MORE : EXEC_WHOLE);
			if (size == whole) {
				assert_int_equal(frame.type, good[i].type);
				assert_int_equal(frame.size, good[i].size);
				assert_ptr_equal(frame.payload, &copy[EXEC_HEAD_BYTES]);
				assert_int_equal(used, whole);
			} else {
				assert_int_equal(used, 0);
				assert_int_equal(frame.type, 0);
			}
			free(copy);
		}
	}
}

static void test_bad(void **state)
{
	static const struct {
		const char *why;
		enum exec_from from;
		size_t size;
		const char *bytes;
	} bad[] = {
		{"no type", EXEC_FROM_HOST, 1, "Z"},
		{"padding", EXEC_FROM_HOST, 1, "\xff"},
		{"zero", EXEC_FROM_GUEST, 1, "\0"},
		{"the guest does not run", EXEC_FROM_GUEST, 1, "R"},
		{"the guest has no input", EXEC_FROM_GUEST, 1, "I"},
		{"the host has no output", EXEC_FROM_HOST, 1, "O"},
		{"the host does not exit", EXEC_FROM_HOST, 1, "X"},
		{"a nonce of 15 bytes", EXEC_FROM_HOST, 5, "H\x0f\0\0\0"},
		{"a nonce of 17 bytes", EXEC_FROM_HOST, 5, "H\x11\0\0\0"},
		{"a nonce that could end an argument", EXEC_FROM_HOST, 21,
			"H\x10\0\0\0"
			"0123456789abcde"},
		{"65537 bytes", EXEC_FROM_HOST, 5, "I\x01\0\x01\0"},
		{"4 GiB", EXEC_FROM_GUEST, 5, "O\xff\xff\xff\xff"},
		{"no input", EXEC_FROM_HOST, 5, "I\0\0\0\0"},
		{"no output", EXEC_FROM_GUEST, 5, "O\0\0\0\0"},
		{"an end with a payload", EXEC_FROM_HOST, 5, "E\x01\0\0\0"},
		{"no arguments", EXEC_FROM_HOST, 5, "R\0\0\0\0"},
		{"only a NUL: too short", EXEC_FROM_HOST, 5, "R\x01\0\0\0"},
		{"an empty program", EXEC_FROM_HOST, 7, "R\x02\0\0\0\0\0"},
		{"arguments without the last NUL", EXEC_FROM_HOST, 7, "R\x02\0\0\0ls"},
		{"signal 0", EXEC_FROM_HOST, 6, "S\x01\0\0\0\0"},
		{"signal 65", EXEC_FROM_HOST, 6, "S\x01\0\0\0\x41"},
		{"two signals", EXEC_FROM_HOST, 5, "S\x02\0\0\0"},
		{"an ack of nothing", EXEC_FROM_GUEST, 9, "A\x04\0\0\0\0\0\0\0"},
		{"an ack of more than the window", EXEC_FROM_GUEST, 9, "A\x04\0\0\0\x01\0\x02\0"},
		{"an end of no kind", EXEC_FROM_GUEST, 7, "X\x02\0\0\0\x03\0"},
		{"an end without a value", EXEC_FROM_GUEST, 5, "X\x01\0\0\0"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		uint8_t *copy = exactly(bad[i].bytes, bad[i].size);
		struct exec_frame frame = {0};
		size_t used = 0;

		if (exec_frame_parse(bad[i].from, copy, bad[i].size, &frame, &used) != EXEC_BAD)
			fail_msg("taken: %s", bad[i].why);
		assert_int_equal(used, 0);
		free(copy);
	}
}

static void test_heads(void **state)
{
	uint8_t head[EXEC_HEAD_BYTES];

	(void)state;
	exec_frame_head(EXEC_OUTPUT, 0x10000, head);
	assert_memory_equal(head, "O\0\0\x01\0", sizeof head);
	exec_frame_head(EXEC_END, 0, head);
	assert_memory_equal(head, "E\0\0\0\0", sizeof head);
}

static void test_arguments(void **state)
{
	static const char *arguments[EXEC_ARGUMENTS_MAX + 1];
	static uint8_t many[2 * EXEC_ARGUMENTS_MAX + 2];
	struct exec_frame f = {EXEC_RUN, (const uint8_t *)"ls\0\0-l", 7};

	(void)state;
	assert_int_equal(exec_arguments(&f, arguments), 3);
	assert_string_equal(arguments[0], "ls");
	assert_string_equal(arguments[1], "");
	assert_string_equal(arguments[2], "-l");
	assert_null(arguments[3]);
	for (size_t i = 0; i < sizeof many; i += 2)
		many[i] = 'x';
	f = (struct exec_frame){EXEC_RUN, many, 2 * EXEC_ARGUMENTS_MAX};
	assert_int_equal(exec_arguments(&f, arguments), EXEC_ARGUMENTS_MAX);
	assert_null(arguments[EXEC_ARGUMENTS_MAX]);
	f.size += 2;
	assert_int_equal(exec_arguments(&f, arguments), 0);
}

static void feed(struct exec_reader *reader, const void *bytes, size_t size)
{
	size_t room;
	uint8_t *at = exec_reader_room(reader, &room);

	assert_true(room >= size);
	memcpy(at, bytes, size);
	exec_reader_filled(reader, size);
}

static void test_reader_byte_by_byte(void **state)
{
	static struct exec_reader r;
	static const char bytes[] = "H\x10\0\0\0" NONCE "R\x05\0\0\0true\0E\0\0\0";
	static const enum exec_type wanted[] = {EXEC_HELLO, EXEC_RUN, EXEC_END};
	struct exec_frame frame;
	size_t got = 0;

	(void)state;
	exec_reader_reset(&r, EXEC_FROM_HOST);
	for (size_t i = 0; i < sizeof bytes; i++) {
		enum exec_parsed parsed;

		feed(&r, &bytes[i], 1);
		parsed = exec_reader_next(&r, &frame);
		assert_int_not_equal(parsed, EXEC_BAD);
		if (parsed == EXEC_WHOLE)
			assert_int_equal(frame.type, wanted[got++]);
	}
	assert_int_equal(got, 3);
}

/* Frames as large as they may be, in a buffer that has to be moved now and then. */
static void test_reader_large(void **state)
{
	static struct exec_reader r;
	static uint8_t frame_bytes[EXEC_FRAME_MAX];
	struct exec_frame frame;

	(void)state;
	exec_reader_reset(&r, EXEC_FROM_HOST);
	exec_frame_head(EXEC_INPUT, EXEC_PAYLOAD_MAX, frame_bytes);
	for (unsigned round = 0; round < 20; round++) {
		memset(&frame_bytes[EXEC_HEAD_BYTES], (int)round, EXEC_PAYLOAD_MAX);
		for (size_t done = 0; done < sizeof frame_bytes;) {
			size_t some = 40000 < sizeof frame_bytes - done ? 40000
									: sizeof frame_bytes - done;

			assert_int_equal(exec_reader_next(&r, &frame), EXEC_MORE);
			feed(&r, &frame_bytes[done], some);
			done += some;
		}
		assert_int_equal(exec_reader_next(&r, &frame), EXEC_WHOLE);
		assert_int_equal(frame.size, EXEC_PAYLOAD_MAX);
		assert_int_equal(frame.payload[EXEC_PAYLOAD_MAX - 1], round);
	}
}

/* A host that died in the middle of any frame: padding, then the next one's hello. */
static void test_reader_resynchronises(void **state)
{
	static struct exec_reader r;
	static uint8_t padding[EXEC_FRAME_MAX];
	static const char hello[] = "H\x10\0\0\0" NONCE;

	(void)state;
	memset(padding, EXEC_PADDING, sizeof padding);
	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
		for (size_t size = 0; size <= EXEC_HEAD_BYTES + good[i].size; size++) {
			struct exec_frame frame = {0};
			enum exec_parsed parsed;
			bool hello_came = false;

			exec_reader_reset(&r, good[i].from);
			feed(&r, good[i].bytes, size);
			while (exec_reader_next(&r, &frame) == EXEC_WHOLE)
				;
			feed(&r, padding, sizeof padding);
			/* Never a command made of a half one and padding. A hello may be: its
			 * answer has a nonce that nobody waits for. */
			while ((parsed = exec_reader_next(&r, &frame)) != EXEC_MORE)
				assert_true(parsed == EXEC_BAD || frame.type != EXEC_RUN);
			feed(&r, hello, sizeof hello - 1);
			while ((parsed = exec_reader_next(&r, &frame)) != EXEC_MORE)
				hello_came |= parsed == EXEC_WHOLE && frame.type == EXEC_HELLO &&
					      !memcmp(frame.payload, NONCE, 16);
			assert_true(hello_came);
			assert_false(r.lost);
		}
	}
}

static void test_find(void **state)
{
	static struct exec_reader r;
	static const char before[] = "O\x09\0\0\0H\x10\0\0\0H\x10\0\0",
			  hello[] = "H\x10\0\0\0" NONCE;
	struct exec_frame frame;

	(void)state;
	exec_reader_reset(&r, EXEC_FROM_GUEST);
	feed(&r,
		"H\x10\0\0\0"
		"0123456789abcde\x02",
		21); /* another's */
	feed(&r, before, sizeof before - 1);
	assert_false(exec_reader_find(&r, (const uint8_t *)NONCE));
	for (size_t i = 0; i < sizeof hello - 2; i++) {
		feed(&r, &hello[i], 1);
		assert_false(exec_reader_find(&r, (const uint8_t *)NONCE));
	}
	feed(&r, &hello[sizeof hello - 2], 1);
	feed(&r, "X\x02\0\0\0\0", 7);
	assert_true(exec_reader_find(&r, (const uint8_t *)NONCE));
	assert_int_equal(exec_reader_next(&r, &frame), EXEC_WHOLE);
	assert_int_equal(frame.type, EXEC_EXIT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_prefix_is_more),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_heads),
		cmocka_unit_test(test_arguments),
		cmocka_unit_test(test_reader_byte_by_byte),
		cmocka_unit_test(test_reader_large),
		cmocka_unit_test(test_reader_resynchronises),
		cmocka_unit_test(test_find),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
