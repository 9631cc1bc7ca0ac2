/* SPDX-License-Identifier: MIT
 *
 * What root in the normal world can send instead of what the generated host code would: straight to
 * the trusted half, in allocations of exactly the size claimed.
 */
#include "all_u.h"
#include "enclave.h"
#include "session.h"

#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define COMMANDS 11
#define NO_TYPES TEE_PARAM_TYPES(0, 0, TEE_PARAM_TYPE_VALUE_OUTPUT, 0)

/* The wire of one good call, and what the enclave says to it. */
struct wire {
	uint32_t command, types;
	uint8_t *in; /* owned */
	size_t in_size, out_size;
	void *session;
};

static struct wire capture(void)
{
	struct wire wire = {.command = fake.command,
		.types = fake.types,
		.in = fake.wire_in,
		.in_size = fake.wire_in_size,
		.out_size = fake.wire_out_size};
	TEE_Param params[4] = {0};

	fake.wire_in = NULL;
	assert_int_equal(TA_OpenSessionEntryPoint(0, params, &wire.session), TEE_SUCCESS);
	return wire;
}

static void wire_free(struct wire *wire)
{
	TA_CloseSessionEntryPoint(wire->session);
	free(wire->in);
}

/* Everything in allocations of exactly its size. */
static TEE_Result send(const struct wire *wire, const uint8_t *in, size_t in_size, size_t out_size)
{
	TEE_Param params[4] = {0};
	uint8_t *in_ns = malloc(in_size ? in_size : 1);
	uint8_t *out_ns = calloc(1, out_size ? out_size : 1);
	unsigned int calls = seen.calls;
	TEE_Result result;

	assert_non_null(in_ns);
	assert_non_null(out_ns);
	if (in_size)
		memcpy(in_ns, in, in_size);
	if (wire->types & 0xf) {
		params[0].memref.buffer = in_ns;
		params[0].memref.size = in_size;
	}
	if (wire->types & 0xf0) {
		params[1].memref.buffer = out_ns;
		params[1].memref.size = out_size;
	}
	result = TA_InvokeCommandEntryPoint(wire->session, wire->command, wire->types, params);
	assert_int_equal(seen.calls, calls + !result);
	for (size_t i = 0; result && i < out_size; i++)
		assert_int_equal(out_ns[i], 0);
	free(in_ns);
	free(out_ns);
	return result;
}

static struct wire good_arrays(void **state)
{
	static const uint32_t a[] = {1, 2};
	uint64_t b[2];
	uint16_t c[3] = {0};
	int retval;

	assert_int_equal(ecall_arrays(*state, &retval, a, 2, b, c, (const uint8_t *)"12345", 5,
				 "abcdefghijkl", 2),
		TEEC_SUCCESS);
	return capture();
}

static void every_prefix_is_refused(void **state)
{
	struct wire wire = good_arrays(state);

	assert_int_equal(send(&wire, wire.in, wire.in_size, wire.out_size), TEE_SUCCESS);
	for (size_t size = 0; size < wire.in_size; size++)
		assert_int_not_equal(send(&wire, wire.in, size, wire.out_size), TEE_SUCCESS);
	wire_free(&wire);
}

static void other_sizes_are_refused(void **state)
{
	struct wire wire = good_arrays(state);
	uint8_t *longer = calloc(1, wire.in_size + 1);

	assert_non_null(longer);
	memcpy(longer, wire.in, wire.in_size);
	assert_int_not_equal(send(&wire, longer, wire.in_size + 1, wire.out_size), TEE_SUCCESS);
	free(longer);
	for (size_t size = 0; size < wire.out_size + 20; size++) {
		if (size != wire.out_size)
			assert_int_not_equal(send(&wire, wire.in, wire.in_size, size), TEE_SUCCESS);
	}
	wire_free(&wire);
}

/* n, m, k, and the size before each array: with each bit flipped, and with telling values. */
static void every_other_size_field_is_refused(void **state)
{
	static const uint32_t values[] = {0, 1, 3, 0x7fffffff, 0x80000000, 0xfffffffc, 0xffffffff,
		0x20000000, 0x40000000, 0x55555556, 0x2aaaaaab};
	static const size_t fields[] = {
		0, 4, 8, 12, 16, 16 + 4 + 8, 16 + 4 + 8 + 4 + 6, 16 + 4 + 8 + 4 + 6 + 4 + 5};
	struct wire wire = good_arrays(state);

	for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
		for (size_t j = 0; j < 32 + sizeof values / sizeof values[0]; j++) {
			uint8_t *field = &wire.in[fields[i]];
			uint8_t keep[4];
			uint32_t value;

			memcpy(keep, field, 4);
			memcpy(&value, field, 4);
			value = j < 32 ? value ^ (UINT32_C(1) << j) : values[j - 32];
			memcpy(field, &value, 4);
			if (memcmp(keep, field, 4) != 0)
				assert_int_not_equal(
					send(&wire, wire.in, wire.in_size, wire.out_size),
					TEE_SUCCESS);
			memcpy(field, keep, 4);
		}
	}
	wire_free(&wire);
}

static void only_true_and_false_are_bools(void **state)
{
	bool retval;

	assert_int_equal(ecall_bool(*state, &retval, true), TEEC_SUCCESS);

	struct wire wire = capture();

	for (unsigned int value = 0; value < 256; value++) {
		wire.in[0] = (uint8_t)value;
		assert_int_equal(send(&wire, wire.in, 1, 0),
			value <= 1 ? TEE_SUCCESS : TEE_ERROR_BAD_PARAMETERS);
	}
	wire_free(&wire);
}

static void only_declared_enum_values(void **state)
{
	static const struct {
		int32_t value;
		bool good;
	} cases[] = {{RED, true}, {GREEN, true}, {BLUE, true}, {CYAN, true}, {FLOOR, true},
		{TOP, true}, {1, false}, {-1, false}, {4, false}, {7, false}, {-2, false},
		{INT32_MIN + 1, false}, {INT32_MAX - 1, false}};
	enum color retval;

	assert_int_equal(ecall_color(*state, &retval, RED), TEEC_SUCCESS);

	struct wire wire = capture();

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		memcpy(wire.in, &cases[i].value, 4);
		assert_int_equal(send(&wire, wire.in, 4, 0),
			cases[i].good ? TEE_SUCCESS : TEE_ERROR_BAD_PARAMETERS);
	}
	wire_free(&wire);
}

static void strings_end_with_their_only_nul(void **state)
{
	uint32_t retval;
	char b[] = "bb";

	assert_int_equal(ecall_strings(*state, &retval, "aaa", b, ""), TEEC_SUCCESS);

	struct wire wire = capture();
	/* 4 0 0 0 a a a NUL 3 0 0 0 b b NUL 1 0 0 0 NUL */
	static const struct {
		size_t at;
		uint8_t value;
		const char *why;
	} cases[] = {
		{5, 0, "a NUL inside"},
		{7, 'a', "no NUL at the end"},
		{0, 5, "the size reaches into the next string's"},
		{0, 3, "the size ends before the NUL"},
		{0, 0, "a string without even a NUL"},
		{15, 0, "the last is without even a NUL"},
		{19, 1, "the last one's NUL is none"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		uint8_t keep = wire.in[cases[i].at];

		wire.in[cases[i].at] = cases[i].value;
		if (send(&wire, wire.in, wire.in_size, wire.out_size) == TEE_SUCCESS)
			fail_msg("accepted: %s", cases[i].why);
		wire.in[cases[i].at] = keep;
	}
	assert_int_equal(send(&wire, wire.in, wire.in_size, wire.out_size), TEE_SUCCESS);
	wire_free(&wire);
}

/* All 65,536 parameter types, and the bits above, with every command. */
static void only_the_declared_types_are_looked_at(void **state)
{
	void *session = NULL;
	TEE_Param params[4] = {0};
	unsigned int accepted[COMMANDS] = {0};

	(void)state;
	assert_int_equal(TA_OpenSessionEntryPoint(0, params, &session), TEE_SUCCESS);
	for (uint32_t command = 0; command < COMMANDS; command++) {
		for (uint32_t types = 0; types <= 0xffff; types++) {
			/* Looked at before the types are, these crash. */
			for (size_t i = 0; i < 4; i++) {
				params[i].memref.buffer = (void *)(uintptr_t)8;
				params[i].memref.size = SIZE_MAX;
			}
			/* Sizes beyond the limits: the declared types go one step further. */
			if (TA_InvokeCommandEntryPoint(session, command, types, params) ==
				TEE_SUCCESS)
				accepted[command]++;
			assert_true((uintptr_t)params[3].memref.buffer == 8);
		}
		assert_int_equal(TA_InvokeCommandEntryPoint(session, command, 0x10000, params),
			TEE_ERROR_BAD_PARAMETERS);
	}
	/* Only ecall_empty has nothing in its parameters that could be wrong. */
	assert_int_equal(accepted[0], 1);
	for (uint32_t command = 1; command < COMMANDS; command++)
		assert_int_equal(accepted[command], 0);
	assert_int_equal(seen.calls, 1);
	assert_int_equal(TA_InvokeCommandEntryPoint(session, COMMANDS, NO_TYPES, params),
		TEE_ERROR_BAD_PARAMETERS);
	assert_int_equal(TA_InvokeCommandEntryPoint(session, UINT32_MAX, NO_TYPES, params),
		TEE_ERROR_BAD_PARAMETERS);
	TA_CloseSessionEntryPoint(session);
}

/* For the good wire of one call: exactly one of all types leads to the function. */
static void exactly_one_type_is_accepted(void **state)
{
	struct wire wire = good_arrays(state);
	uint32_t declared = wire.types, accepted = 0;

	for (uint32_t types = 0; types <= 0xffff; types++) {
		TEE_Param params[4] = {0};
		uint8_t *out_ns = calloc(1, wire.out_size);

		assert_non_null(out_ns);
		params[0].memref.buffer = wire.in;
		params[0].memref.size = wire.in_size;
		params[1].memref.buffer = out_ns;
		params[1].memref.size = wire.out_size;
		if (!TA_InvokeCommandEntryPoint(wire.session, wire.command, types, params)) {
			accepted++;
			assert_int_equal(types, declared);
		}
		free(out_ns);
	}
	assert_int_equal(accepted, 1);
	wire_free(&wire);
}

static void memory_references_to_nothing(void **state)
{
	struct wire wire = good_arrays(state);
	TEE_Param params[4] = {0};

	params[0].memref.size = wire.in_size;
	params[1].memref.size = wire.out_size;
	params[1].memref.buffer = calloc(1, wire.out_size);
	assert_int_equal(TA_InvokeCommandEntryPoint(wire.session, wire.command, wire.types, params),
		TEE_ERROR_BAD_PARAMETERS);
	free(params[1].memref.buffer);
	params[1].memref.buffer = NULL;
	params[0].memref.buffer = wire.in;
	assert_int_equal(TA_InvokeCommandEntryPoint(wire.session, wire.command, wire.types, params),
		TEE_ERROR_BAD_PARAMETERS);
	wire_free(&wire);
}

/* Root in the normal world writes to the memory while the call runs. */
static void changes_after_the_copy_are_not_seen(void **state)
{
	static const uint32_t a[] = {7};
	uint64_t b[1];
	uint16_t c[3] = {1, 2, 3};
	int retval = 0;

	fake.change_in_ns = true;
	assert_int_equal(ecall_arrays(*state, &retval, a, 1, b, c, (const uint8_t *)"\1\2", 2,
				 "\1\1\1\1\1\1", 1),
		TEEC_SUCCESS);
	assert_int_equal(b[0], UINT64_C(0x700000007));
	assert_int_equal(c[2], 4);
	assert_int_equal(seen.sum, 9);
}

static void without_memory(void **state)
{
	struct wire wire = good_arrays(state);

	fake.malloc_fails_at = 1;
	assert_int_equal(
		send(&wire, wire.in, wire.in_size, wire.out_size), TEE_ERROR_OUT_OF_MEMORY);
	fake.malloc_fails_at = 2;
	assert_int_equal(
		send(&wire, wire.in, wire.in_size, wire.out_size), TEE_ERROR_OUT_OF_MEMORY);
	fake.malloc_fails_at = 0;
	assert_int_equal(send(&wire, wire.in, wire.in_size, wire.out_size), TEE_SUCCESS);
	wire_free(&wire);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
#define T(test) cmocka_unit_test_setup_teardown(test, session_setup, session_teardown)
		T(every_prefix_is_refused),
		T(other_sizes_are_refused),
		T(every_other_size_field_is_refused),
		T(only_true_and_false_are_bools),
		T(only_declared_enum_values),
		T(strings_end_with_their_only_nul),
		T(only_the_declared_types_are_looked_at),
		T(exactly_one_type_is_accepted),
		T(memory_references_to_nothing),
		T(changes_after_the_copy_are_not_seen),
		T(without_memory),
#undef T
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
