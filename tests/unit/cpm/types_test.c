/* SPDX-License-Identifier: MIT
 *
 * The CPM's dispatcher and wrong parameter types: for every command each of the 65,536 values but
 * the declared one is refused before anything of the parameters is looked at, and changes nothing.
 * The declared one, with memory of a size that the call takes, is accepted.
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
#include "teec_local.h"
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
	}
	assert_int_equal(simtee_local_changes(), 0);
	assert_true(simtee_local_fingerprint() == before);
	TA_CloseSessionEntryPoint(session);
	printf("parameter types: %u values for each of %u commands\n", tried, edb_ecall_count);
}

/* Each command once, through the host's stubs, so with all that its declaration asks for. What the
 * CPM thinks of the contents is not the question here. Returns how many there are. */
static uint32_t call_each(TEEC_Result want)
{
	struct edb_enclave *e = world.cpm;
	uint8_t bytes[512] = {0};
	char kind[32];
	uint64_t u64;
	uint32_t u32, version[3];
	bool flag;
	enum edb_lifecycle life;
	enum edb_payload_type type;
	enum edb_app_state state;
	int ret;
	const TEEC_Result got[] = {
		ecall_ping(e, &ret, &u32),
		ecall_is_operation_supported(e, &ret, "x", &flag),
		ecall_get_device_public_key_data_size(e, &ret, &u32),
		ecall_export_device_public_key(e, &ret, bytes, 270),
		ecall_install_application_key(e, &ret, "x", bytes, 256),
		ecall_begin_application_deployment(e, &ret, "x", 1),
		ecall_initialize_decryption_aes_gcm(e, &ret, "x", 256, bytes, 12, bytes, 16),
		ecall_add_application_data(e, &ret, "x", bytes, 1),
		ecall_verify_application_sha256_rsa_pkcs1_v15(
			e, &ret, "x", 2048, bytes, 32, bytes, 256, bytes, 270, &flag, &flag),
		ecall_end_application_deployment(e, &ret, "x"),
		ecall_get_state(e, &ret, &u32, &u32, kind, &life, &flag, &u64, &u64, bytes, &u32,
			&u32, &u32, &u64),
		ecall_export_key(e, &ret, EDB_KEY_IDENTITY, bytes, 512, &u32),
		ecall_provision(e, &ret, bytes, 91, bytes, 100),
		ecall_update_policy(e, &ret, bytes, 100),
		ecall_install_key_bundle(e, &ret, bytes, 100),
		ecall_begin_package(
			e, &ret, bytes, 100, bytes, 60, bytes, bytes, 64, bytes, 64, bytes, 91),
		ecall_abort_application_deployment(e, &ret, "x"),
		ecall_list(e, &ret, 0, bytes, version, bytes, bytes, &type, &state, &u32),
		ecall_remove(e, &ret, "x"),
	};

	for (uint32_t i = 0; i < sizeof got / sizeof got[0]; i++)
		if (got[i] != want)
			fail_msg("%s: 0x%x", edb_ecalls[i].name, got[i]);
	return sizeof got / sizeof got[0];
}

static uint32_t commands_seen; /* a bit for each */

static void look(struct teec_local_call *call)
{
	commands_seen |= 1u << call->command;
	assert_int_equal(call->types, edb_ecalls[call->command].param_types);
}

static void spoil(struct teec_local_call *call)
{
	call->types ^= 0x3000; /* the last, unused one: VALUE_INOUT */
}

static void test_the_declared_types_are_accepted(void **state)
{
	(void)state;
	world_provision(false);
	commands_seen = 0;
	teec_local_set_hooks(look, NULL);
	assert_int_equal(call_each(TEEC_SUCCESS), edb_ecall_count);
	assert_int_equal(commands_seen, (1u << edb_ecall_count) - 1);
	/* The same once more: now the types alone are wrong. */
	teec_local_set_hooks(spoil, NULL);
	(void)call_each(TEEC_ERROR_BAD_PARAMETERS);
	teec_local_set_hooks(NULL, NULL);
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
			test_the_declared_types_are_accepted, world_set_up, world_tear_down),
		cmocka_unit_test_setup_teardown(
			test_commands_that_do_not_exist, world_set_up, world_tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
