/* SPDX-License-Identifier: MIT
 *
 * The CPM's dispatcher and wrong parameter types: for every command each of the 65,536 values but
 * the declared one is refused before anything of the parameters is looked at, and changes nothing.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <tee_internal_api.h>

#include "edb_err.h"
#include "local.h"
#include "world.h"

/* Of enclave/runtime/call.h, which cannot be included beside the host's half. */
struct edb_call;
struct edb_ecall {
	const char *name;
	uint32_t param_types;
	TEE_Result (*run)(struct edb_call *call);
};
extern const struct edb_ecall edb_ecalls[];
extern const uint32_t edb_ecall_count;

/* Whoever looks at these crashes: there is no such memory. */
static void poison(TEE_Param params[4], size_t size)
{
	for (size_t i = 0; i < 4; i++) {
		params[i].memref.buffer = (void *)(uintptr_t)8;
		params[i].memref.size = size;
	}
}

static bool poisoned(const TEE_Param params[4])
{
	for (size_t i = 0; i < 4; i++)
		if ((uintptr_t)params[i].memref.buffer != 8 || params[i].memref.size != 64)
			return false;
	return true;
}

static void test_only_the_declared_types_are_accepted(void **state)
{
	TEE_Param params[4] = {0};
	void *session = NULL;
	uint64_t before;
	uint32_t tried = 0;

	(void)state;
	world_provision(false);
	world_give_key(&world.vendor, 1);
	assert_int_equal(TA_OpenSessionEntryPoint(0, params, &session), TEE_SUCCESS);
	before = simtee_local_fingerprint();
	simtee_local_stop_at(0); /* counts changes from here */
	for (uint32_t command = 0; command < edb_ecall_count; command++) {
		tried = 0;
		for (uint32_t types = 0; types <= 0xffff; types++) {
			tried++;
			if (types == edb_ecalls[command].param_types)
				continue;
			poison(params, 64);
			if (TA_InvokeCommandEntryPoint(session, command, types, params) !=
					TEE_ERROR_BAD_PARAMETERS ||
				!poisoned(params))
				fail_msg("%s takes types 0x%04x", edb_ecalls[command].name, types);
		}
		/* Bits above the four types count as well. */
		poison(params, 64);
		assert_int_equal(TA_InvokeCommandEntryPoint(session, command,
					 edb_ecalls[command].param_types | 0x10000, params),
			TEE_ERROR_BAD_PARAMETERS);
		/* The declared types go one step further: to sizes, which break limits here. */
		poison(params, SIZE_MAX);
		assert_int_equal(TA_InvokeCommandEntryPoint(
					 session, command, edb_ecalls[command].param_types, params),
			TEE_ERROR_BAD_PARAMETERS);
	}
	assert_int_equal(simtee_local_changes(), 0);
	assert_true(simtee_local_fingerprint() == before);
	TA_CloseSessionEntryPoint(session);
	printf("parameter types: %u values for each of %u commands\n", tried, edb_ecall_count);
}

static void test_commands_that_do_not_exist(void **state)
{
	static const uint32_t commands[] = {0x7fffffff, 0x80000000, UINT32_MAX};
	TEE_Param params[4] = {0};
	void *session = NULL;

	(void)state;
	assert_int_equal(TA_OpenSessionEntryPoint(0, params, &session), TEE_SUCCESS);
	for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
		poison(params, 64);
		assert_int_equal(TA_InvokeCommandEntryPoint(session, commands[i], 0, params),
			TEE_ERROR_BAD_PARAMETERS);
	}
	poison(params, 64);
	assert_int_equal(TA_InvokeCommandEntryPoint(session, edb_ecall_count, 0, params),
		TEE_ERROR_BAD_PARAMETERS);
	TA_CloseSessionEntryPoint(session);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			test_only_the_declared_types_are_accepted, world_set_up, world_tear_down),
		cmocka_unit_test_setup_teardown(
			test_commands_that_do_not_exist, world_set_up, world_tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
