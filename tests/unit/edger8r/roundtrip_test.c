/* SPDX-License-Identifier: MIT
 *
 * From a host's function through both generated halves to the enclave's and back, in one process:
 * every type, the edges of each size, and what a broken enclave answers.
 */
#include "all_u.h"
#include "call.h"
#include "enclave.h"
#include "session.h"

#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define NO_TYPES TEE_PARAM_TYPES(0, 0, TEE_PARAM_TYPE_VALUE_OUTPUT, 0)

static void empty(void **state)
{
	assert_int_equal(ecall_empty(*state), TEEC_SUCCESS);
	assert_int_equal(seen.calls, 1);
	assert_true(seen.slot_is_slot);
	assert_true(seen.slot_in_call);
	assert_int_equal(fake.types, NO_TYPES);
}

static void ecalls_are_known_by_name(void **state)
{
	(void)state;
	assert_true(edb_is_ecall("ecall_swap"));
	assert_false(edb_is_ecall("ecall_swa"));
	assert_false(edb_is_ecall("ecall_swapp"));
	assert_false(edb_is_ecall(""));
}

static void every_word_keeps_its_extremes(void **state)
{
	static const int64_t low[14] = {CHAR_MIN, SCHAR_MIN, 0, SHRT_MIN, 0, INT_MIN, 0, LONG_MIN,
		0, LLONG_MIN, 0, 0, 0, FLOOR};
	static const int64_t high[14] = {CHAR_MAX, SCHAR_MAX, UCHAR_MAX, SHRT_MAX, USHRT_MAX,
		INT_MAX, UINT_MAX, LONG_MAX, -1, LLONG_MAX, -1, -1, 1, TOP};
	int retval = 0;

	assert_int_equal(ecall_words(*state, &retval, CHAR_MIN, SCHAR_MIN, 0, SHRT_MIN, 0, INT_MIN,
				 0, LONG_MIN, 0, LLONG_MIN, 0, 0, false, FLOOR),
		TEEC_SUCCESS);
	assert_int_equal(retval, -14);
	assert_memory_equal(seen.values, low, sizeof low);
	assert_int_equal(ecall_words(*state, &retval, CHAR_MAX, SCHAR_MAX, UCHAR_MAX, SHRT_MAX,
				 USHRT_MAX, INT_MAX, UINT_MAX, LONG_MAX, ULONG_MAX, LLONG_MAX,
				 ULLONG_MAX, SIZE_MAX, true, TOP),
		TEEC_SUCCESS);
	assert_memory_equal(seen.values, high, sizeof high);
}

/* docs/edl.md, "On the wire": the layout is a contract with applications already installed. */
static void scalars_lie_packed_and_little_endian(void **state)
{
	static const uint8_t wire[] = {0xff, 0x80, 0xfe, 0xff, 0x34, 0x12, 0xfd, 0xff, 0xff, 0xff,
		0x78, 0x56, 0x34, 0x12, 0xfc, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xef, 0xcd,
		0xab, 0x89, 0x67, 0x45, 0x23, 0x01};
	uint64_t retval = 0;

	assert_int_equal(ecall_fixed(*state, &retval, -1, 0x80, -2, 0x1234, -3, 0x12345678, -4,
				 UINT64_C(0x0123456789abcdef)),
		TEEC_SUCCESS);
	assert_int_equal(retval, UINT64_C(0xfedcba9876543210));
	assert_int_equal(fake.wire_in_size, sizeof wire);
	assert_memory_equal(fake.wire_in, wire, sizeof wire);
	assert_int_equal(fake.wire_out_size, 8);
}

static void arrays_lie_behind_their_size(void **state)
{
	static const uint8_t wire[] = {2, 0, 'a', 'b', 'c', 'd'};
	static const uint8_t wanted[] = {2, 0, 2, 0, 0, 0, 'a', 'b', 2, 0, 0, 0, 'c', 'd'};
	uint8_t a[2], b[2];

	memcpy(a, &wire[2], 2);
	memcpy(b, &wire[4], 2);
	assert_int_equal(ecall_swap(*state, a, b, 2), TEEC_SUCCESS);
	assert_memory_equal(a, "cd", 2);
	assert_memory_equal(b, "ab", 2);
	assert_int_equal(fake.wire_in_size, sizeof wanted);
	assert_memory_equal(fake.wire_in, wanted, sizeof wanted);
	assert_int_equal(fake.wire_out_size, 12);
}

static void pointed(void **state)
{
	int16_t a = -2;
	uint64_t b = 10;
	bool c = true, e = true, retval = false;
	enum color d = RED, f = AZURE;

	assert_int_equal(ecall_pointed(*state, &retval, &a, &b, &c, &d, &e, &f), TEEC_SUCCESS);
	assert_true(retval);
	assert_true(seen.out_was_zero);
	assert_int_equal(a, -2);
	assert_int_equal(b, 8);
	assert_true(c);
	assert_int_equal(d, CYAN);
	assert_false(e);
	/* An alias (AZURE is BLUE) is a value like any other. */
	assert_int_equal(ecall_pointed(*state, &retval, &a, &b, &c, &d, &e, &f), TEEC_SUCCESS);
	assert_int_equal(d, BLUE);
	assert_true(e);
}

static void narrow_results(void **state)
{
	enum color color = RED;
	int8_t small = 0;
	bool boolean = false;

	assert_int_equal(ecall_color(*state, &color, FLOOR), TEEC_SUCCESS);
	assert_int_equal(color, FLOOR);
	assert_int_equal(ecall_small(*state, &small, 127), TEEC_SUCCESS);
	assert_int_equal(small, -127);
	assert_int_equal(ecall_bool(*state, &boolean, false), TEEC_SUCCESS);
	assert_true(boolean);
}

static void strings(void **state)
{
	char b[] = "change me", nothing[] = "";
	uint32_t retval = 0;

	assert_int_equal(ecall_strings(*state, &retval, "abc", b, ""), TEEC_SUCCESS);
	assert_int_equal(retval, 3000);
	/* The enclave forgot the NUL; the generated code did not. */
	assert_string_equal(b, "xxxxxxxxx");
	assert_int_equal(ecall_strings(*state, &retval, "", nothing, "z"), TEEC_SUCCESS);
	assert_int_equal(retval, 1);
	assert_string_equal(nothing, "");
}

static void arrays(void **state)
{
	static const uint32_t a[] = {1, 0xffffffff, 0x12345678};
	uint64_t b[3];
	uint16_t c[3] = {0, 9, 0xffff};
	uint8_t d[] = {1, 2, 3, 4, 5};
	char e[] = "\x01\x01\x01\x01\x01\x01\x02\x02\x02\x02\x02\x02";
	int retval = 0;

	assert_int_equal(ecall_arrays(*state, &retval, a, 3, b, c, d, 5, e, 2), TEEC_SUCCESS);
	assert_int_equal(retval, 2);
	assert_true(seen.aligned);
	assert_true(seen.out_was_zero);
	assert_int_equal(b[2], UINT64_C(0x1234567812345678));
	assert_int_equal(c[0], 1);
	assert_int_equal(c[1], 10);
	assert_int_equal(c[2], 0);
	assert_int_equal(seen.sum, 15 + 18);
}

static void arrays_may_be_empty(void **state)
{
	uint16_t c[3] = {1, 2, 3};
	int retval = 5;

	assert_int_equal(
		ecall_arrays(*state, &retval, NULL, 0, NULL, c, NULL, 0, NULL, 0), TEEC_SUCCESS);
	assert_int_equal(retval, 0);
	assert_int_equal(c[2], 4);
	assert_int_equal(seen.sum, 0);
}

/* The host's own mistakes: nothing reaches the enclave. */
static void wrong_arguments_stay_here(void **state)
{
	uint16_t c[3] = {0};
	uint8_t byte = 0;
	int retval = 5;
	int64_t big = 5;
	bool boolean;

	struct {
		TEEC_Result result;
		const char *why;
	} cases[] = {
		{ecall_arrays(*state, &retval, NULL, 1, NULL, c, NULL, 0, NULL, 0), "no a"},
		{ecall_arrays(*state, &retval, NULL, 0, NULL, NULL, NULL, 0, NULL, 0), "no c"},
		{ecall_arrays(*state, &retval, NULL, 0, NULL, c, NULL, 0, NULL, -1), "negative"},
		{ecall_arrays(*state, &retval, NULL, 0, NULL, c, &byte, SIZE_MAX, NULL, 0),
			"a size of 64 bits"},
		{ecall_arrays(*state, NULL, NULL, 0, NULL, c, NULL, 0, NULL, 0), "no retval"},
		{ecall_big_out(*state, &big, &byte, UINT64_C(0x100000000)), "33 bits"},
		{ecall_bool(NULL, &boolean, true), "no enclave"},
		{ecall_strings(*state, (uint32_t *)&retval, NULL, (char[]){""}, ""), "no string"},
		{ecall_pointed(*state, &boolean, NULL, NULL, NULL, NULL, NULL, NULL),
			"no pointers"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		if (cases[i].result != TEEC_ERROR_BAD_PARAMETERS)
			fail_msg("accepted: %s", cases[i].why);
	}
	assert_int_equal(seen.calls, 0);
	assert_int_equal(retval, 5);
}

static void both_limits_hold(void **state)
{
	static uint8_t much[100 * 1024];
	uint16_t c[3] = {0};
	int64_t big = 0;
	int retval = 0;
	/* n, m, k, then four sizes, and c: what else crosses. */
	const size_t rest_in = 4 + 8 + 4 + 4 * 4 + 6;

	assert_int_equal(ecall_arrays(*state, &retval, NULL, 0, NULL, c, much,
				 sizeof much - rest_in, NULL, 0),
		TEEC_SUCCESS);
	assert_int_equal(ecall_arrays(*state, &retval, NULL, 0, NULL, c, much,
				 sizeof much - rest_in + 1, NULL, 0),
		TEEC_ERROR_BAD_PARAMETERS);
	assert_int_equal(ecall_big_out(*state, &big, much, 80 * 1024 - 12), TEEC_SUCCESS);
	assert_true(seen.out_was_zero);
	assert_int_equal(big, INT64_MIN);
	assert_int_equal(much[80 * 1024 - 13], (uint8_t)((80 * 1024 - 13) * 7));
	assert_int_equal(
		ecall_big_out(*state, &big, much, 80 * 1024 - 11), TEEC_ERROR_BAD_PARAMETERS);
}

static void shared_memory_is_made_once(void **state)
{
	uint8_t a[300] = {1}, b[300] = {2};

	for (int i = 0; i < 100; i++)
		assert_int_equal(ecall_swap(*state, a, b, sizeof a), TEEC_SUCCESS);
	assert_int_equal(fake.shared_made, 2);

	int64_t big = 0;
	static uint8_t much[20000];

	assert_int_equal(ecall_big_out(*state, &big, much, sizeof much), TEEC_SUCCESS);
	assert_int_equal(fake.shared_made, 3);
	assert_int_equal(fake.live_shared, 2);
}

/* The host believes an enclave only what the declaration allows; nothing changes otherwise. */
static void answers_are_checked(void **state)
{
	int16_t a = 1;
	uint64_t b = 1;
	bool c = false, e = false, retval = false;
	enum color d = RED, color = RED;
	const enum color f = BLUE;
	static const struct {
		size_t at;
		uint8_t value;
	} spoiled[] = {{8, 2}, {9, 99}, {13, 2}};

	fake.flip_out = true;
	for (size_t i = 0; i < sizeof spoiled / sizeof spoiled[0]; i++) {
		fake.flip_out_at = spoiled[i].at;
		fake.flip_out_value = spoiled[i].value;
		assert_int_equal(ecall_pointed(*state, &retval, &a, &b, &c, &d, &e, &f),
			TEEC_ERROR_BAD_FORMAT);
	}
	fake.flip_out = false;
	fake.change_out_size = true;
	assert_int_equal(
		ecall_pointed(*state, &retval, &a, &b, &c, &d, &e, &f), TEEC_ERROR_BAD_FORMAT);
	fake.change_out_size = false;
	fake.retval_or = 6;
	assert_int_equal(
		ecall_pointed(*state, &retval, &a, &b, &c, &d, &e, &f), TEEC_ERROR_BAD_FORMAT);
	fake.retval_or = 2;
	assert_int_equal(ecall_color(*state, &color, GREEN), TEEC_ERROR_BAD_FORMAT);
	fake.retval_or = 0;
	fake.pending = 1;
	assert_int_equal(ecall_color(*state, &color, GREEN), TEEC_ERROR_BAD_FORMAT);
	fake.pending = 0;
	fake.fail_with = TEEC_ERROR_OUT_OF_MEMORY;
	assert_int_equal(ecall_color(*state, &color, GREEN), TEEC_ERROR_OUT_OF_MEMORY);
	fake.fail_with = TEEC_SUCCESS;
	assert_false(retval || c || e);
	assert_int_equal(b, 1);
	assert_int_equal(d, RED);
	assert_int_equal(color, RED);

	uint8_t x[2] = {1, 2}, y[2] = {3, 4};

	fake.flip_out = true; /* the size before the second array */
	fake.flip_out_at = 6;
	fake.flip_out_value = 1;
	assert_int_equal(ecall_swap(*state, x, y, 2), TEEC_ERROR_BAD_FORMAT);
	fake.flip_out = false;
	assert_int_equal(x[0], 1);
}

static void without_shared_memory(void **state)
{
	bool retval;

	fake.shared_fails = true;
	assert_int_equal(ecall_bool(*state, &retval, true), TEEC_ERROR_OUT_OF_MEMORY);
	fake.shared_fails = false;
	assert_int_equal(ecall_bool(*state, &retval, true), TEEC_SUCCESS);
}

static void a_refused_session_leaves_nothing(void **state)
{
	struct edb_enclave *enclave = *state;
	TEE_Param params[4] = {0};
	void *session = NULL;

	(void)enclave;
	seen.refuse_open = true;
	assert_int_equal(edb_enclave_open(NULL, &session_uuid, &enclave), TEE_ERROR_BAD_STATE);
	assert_null(enclave);
	seen.refuse_open = false;
	assert_int_equal(edb_enclave_open("no such TEE", &session_uuid, &enclave),
		TEEC_ERROR_ITEM_NOT_FOUND);
	seen.refuse_create = true;
	assert_int_equal(edb_enclave_open(NULL, &session_uuid, &enclave), TEE_ERROR_BAD_STATE);
	seen.refuse_create = false;
	assert_int_equal(TA_OpenSessionEntryPoint(1, params, &session), TEE_ERROR_BAD_PARAMETERS);
	fake.malloc_fails_at = 1;
	assert_int_equal(TA_OpenSessionEntryPoint(0, params, &session), TEE_ERROR_OUT_OF_MEMORY);
	edb_enclave_close(NULL);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
#define T(test) cmocka_unit_test_setup_teardown(test, session_setup, session_teardown)
		T(empty),
		T(ecalls_are_known_by_name),
		T(every_word_keeps_its_extremes),
		T(scalars_lie_packed_and_little_endian),
		T(arrays_lie_behind_their_size),
		T(pointed),
		T(narrow_results),
		T(strings),
		T(arrays),
		T(arrays_may_be_empty),
		T(wrong_arguments_stay_here),
		T(both_limits_hold),
		T(shared_memory_is_made_once),
		T(answers_are_checked),
		T(without_shared_memory),
		T(a_refused_session_leaves_nothing),
#undef T
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
