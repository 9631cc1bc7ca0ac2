/* SPDX-License-Identifier: MIT
 *
 * Sessions, parameters and instances, as a host sees them through libsimteec. Arguments: the
 * program simtee, the folder of the tests' applications.
 */
#include "host.h"

#include <string.h>
#include <unistd.h>

/* --- parameters --- */

static void temporary_references_go_there_and_back(void **state)
{
	char in[] = "out of the host", out[64] = {0};
	TEEC_Session session;
	TEEC_Operation operation = {.paramTypes = TEEC_PARAM_TYPES(TEEC_MEMREF_TEMP_INPUT,
					    TEEC_MEMREF_TEMP_OUTPUT, TEEC_VALUE_INOUT, TEEC_NONE),
		.params = {{.tmpref = {in, sizeof in}}, {.tmpref = {out, sizeof out}},
			{.value = {40, 50}}}};
	uint32_t origin = 0;

	(void)state;
	open_probe(&session, PROBE_SHARED);
	assert_int_equal(TEEC_InvokeCommand(&session, PROBE_ECHO, &operation, &origin), 0);
	assert_int_equal(origin, TEEC_ORIGIN_TRUSTED_APP);
	assert_string_equal(out, in);
	assert_int_equal(operation.params[1].tmpref.size, sizeof in);
	assert_int_equal(operation.params[2].value.a, 41);
	assert_int_equal(operation.params[2].value.b, 52);

	/* too small: the size comes back, and nothing is written */
	memset(out, 'x', sizeof out);
	operation.params[1].tmpref.size = 3;
	assert_int_equal(TEEC_InvokeCommand(&session, PROBE_ECHO, &operation, &origin),
		TEEC_ERROR_SHORT_BUFFER);
	assert_int_equal(operation.params[1].tmpref.size, sizeof in);
	assert_int_equal(out[0], 'x');

	/* a question for the size */
	operation.params[1].tmpref = (TEEC_TempMemoryReference){NULL, 0};
	assert_int_equal(TEEC_InvokeCommand(&session, PROBE_ECHO, &operation, &origin),
		TEEC_ERROR_SHORT_BUFFER);
	assert_int_equal(operation.params[1].tmpref.size, sizeof in);
	TEEC_CloseSession(&session);
}

static void registered_memory_is_copied_in_and_out(void **state)
{
	char here[256] = "0123456789";
	TEEC_SharedMemory memory = {
		.buffer = here, .size = sizeof here, .flags = TEEC_MEM_INPUT | TEEC_MEM_OUTPUT};
	TEEC_Session session;
	TEEC_Operation operation = {
		.paramTypes = TEEC_PARAM_TYPES(TEEC_MEMREF_PARTIAL_INPUT,
			TEEC_MEMREF_PARTIAL_OUTPUT, TEEC_VALUE_INOUT, TEEC_NONE),
		.params = {{.memref = {&memory, 4, 3}}, {.memref = {&memory, 100, 100}}}};

	(void)state;
	open_probe(&session, PROBE_SHARED);
	assert_int_equal(TEEC_RegisterSharedMemory(&context, &memory), TEEC_SUCCESS);
	assert_int_equal(TEEC_InvokeCommand(&session, PROBE_ECHO, &operation, NULL), 0);
	assert_memory_equal(here, "0123456789", 10);
	assert_memory_equal(&here[100], "3456", 5);
	assert_int_equal(operation.params[1].memref.size, 4);
	TEEC_ReleaseSharedMemory(&memory);
	assert_memory_equal(here, "0123456789", 10);
	TEEC_CloseSession(&session);
}

static void whole_references_have_the_directions_of_their_memory(void **state)
{
	TEEC_SharedMemory in = {.size = 10, .flags = TEEC_MEM_INPUT};
	TEEC_SharedMemory out = {.size = 20, .flags = TEEC_MEM_OUTPUT};
	TEEC_Session session;
	TEEC_Operation operation = {.paramTypes = TEEC_PARAM_TYPES(TEEC_MEMREF_WHOLE,
					    TEEC_MEMREF_WHOLE, TEEC_VALUE_INOUT, TEEC_NONE),
		.params = {{.memref.parent = &in}, {.memref.parent = &out}}};

	(void)state;
	open_probe(&session, PROBE_SHARED);
	assert_int_equal(TEEC_AllocateSharedMemory(&context, &in), TEEC_SUCCESS);
	assert_int_equal(TEEC_AllocateSharedMemory(&context, &out), TEEC_SUCCESS);
	memcpy(in.buffer, "abcdefghi", 10);
	assert_int_equal(TEEC_InvokeCommand(&session, PROBE_ECHO, &operation, NULL), 0);
	assert_string_equal(out.buffer, "abcdefghi");
	assert_int_equal(operation.params[1].memref.size, 10);
	TEEC_ReleaseSharedMemory(&in);
	TEEC_ReleaseSharedMemory(&out);
	TEEC_CloseSession(&session);
}

static void bad_parameters_do_not_reach_the_application(void **state)
{
	TEEC_SharedMemory memory, input = {.size = 8, .flags = TEEC_MEM_INPUT};
	const struct {
		uint32_t types;
		TEEC_Parameter param;
		const char *why;
	} cases[] = {
		{4, {{0}}, "a type that is not defined"},
		{8, {{0}}, "a type that is not defined"},
		{0x10000, {{0}}, "a fifth parameter"},
		{TEEC_MEMREF_WHOLE, {{0}}, "a reference to no memory"},
		{TEEC_MEMREF_PARTIAL_INPUT, {.memref = {&memory, 101, 0}}, "more than there is"},
		{TEEC_MEMREF_PARTIAL_INPUT, {.memref = {&memory, 1, 100}}, "behind the end"},
		{TEEC_MEMREF_PARTIAL_INPUT, {.memref = {&memory, SIZE_MAX, 2}}, "wraps around"},
		{TEEC_MEMREF_PARTIAL_OUTPUT, {.memref = {&input, 1, 0}}, "against its direction"},
	};
	TEEC_Session session;
	uint32_t origin;

	(void)state;
	open_probe(&session, PROBE_SHARED);
	allocate(&memory, 100);
	assert_int_equal(TEEC_AllocateSharedMemory(&context, &input), TEEC_SUCCESS);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		TEEC_Operation operation = {
			.paramTypes = cases[i].types, .params[0] = cases[i].param};

		origin = 0;
		print_message("%s\n", cases[i].why);
		assert_int_equal(TEEC_InvokeCommand(&session, PROBE_COUNT, &operation, &origin),
			TEEC_ERROR_BAD_PARAMETERS);
		assert_int_equal(origin, TEEC_ORIGIN_API);
	}
	assert_int_equal(count_of(&session), 1);
	assert_int_equal(
		TEEC_InvokeCommand(NULL, PROBE_COUNT, NULL, &origin), TEEC_ERROR_BAD_PARAMETERS);
	assert_int_equal(TEEC_AllocateSharedMemory(&context, &(TEEC_SharedMemory){.size = 1}),
		TEEC_ERROR_BAD_PARAMETERS);
	assert_int_equal(TEEC_RegisterSharedMemory(&context,
				 &(TEEC_SharedMemory){.size = 1, .flags = TEEC_MEM_INPUT}),
		TEEC_ERROR_BAD_PARAMETERS);
	TEEC_ReleaseSharedMemory(&memory);
	TEEC_ReleaseSharedMemory(&input);
	TEEC_CloseSession(&session);
}

static void many_memories_take_turns(void **state)
{
	TEEC_SharedMemory memories[80]; /* more than a process keeps mapped */
	TEEC_Session session;

	(void)state;
	open_probe(&session, PROBE_SHARED);
	for (size_t i = 0; i < 80; i++)
		allocate(&memories[i], 4096);
	for (size_t i = 0; i < 400; i++) {
		TEEC_SharedMemory *from = &memories[i % 80], *to = &memories[i * 7 % 80];
		TEEC_Operation operation = {
			.paramTypes = TEEC_PARAM_TYPES(TEEC_MEMREF_PARTIAL_INPUT,
				TEEC_MEMREF_PARTIAL_OUTPUT, TEEC_VALUE_INOUT, TEEC_NONE),
			.params = {
				{.memref = {from, sizeof i, 0}}, {.memref = {to, sizeof i, 2048}}}};

		memcpy(from->buffer, &i, sizeof i);
		assert_int_equal(TEEC_InvokeCommand(&session, PROBE_ECHO, &operation, NULL), 0);
		assert_memory_equal((uint8_t *)to->buffer + 2048, &i, sizeof i);
	}
	for (size_t i = 0; i < 80; i++)
		TEEC_ReleaseSharedMemory(&memories[i]);
	TEEC_CloseSession(&session);
}

/* --- sessions --- */

static void what_is_not_there_is_not_found(void **state)
{
	const TEEC_UUID unknown = probe(PROBE_UNKNOWN);
	TEEC_Session session;
	TEEC_Context other;
	uint32_t origin = 0;

	(void)state;
	assert_int_equal(TEEC_OpenSession(&context, &session, &unknown, TEEC_LOGIN_PUBLIC, NULL,
				 NULL, &origin),
		TEEC_ERROR_ITEM_NOT_FOUND);
	assert_int_equal(origin, TEEC_ORIGIN_TEE);
	assert_int_equal(
		TEEC_InitializeContext("/nowhere/at/all", &other), TEEC_ERROR_ITEM_NOT_FOUND);
	assert_int_equal(TEEC_InitializeContext(NULL, NULL), TEEC_ERROR_BAD_PARAMETERS);
}

static void instances_follow_their_flags(void **state)
{
	TEEC_Session a, b;

	(void)state;
	open_probe(&a, PROBE_SHARED); /* one instance, several sessions */
	open_probe(&b, PROBE_SHARED);
	assert_int_equal(count_of(&a), 1);
	assert_int_equal(count_of(&b), 2);
	TEEC_CloseSession(&a);
	assert_int_equal(count_of(&b), 3);
	TEEC_CloseSession(&b);
	open_probe(&a, PROBE_SHARED); /* the last session took the instance with it */
	assert_int_equal(count_of(&a), 1);
	TEEC_CloseSession(&a);

	open_probe(&a, PROBE_MANY); /* an instance for each session */
	open_probe(&b, PROBE_MANY);
	assert_int_equal(count_of(&a), 1);
	assert_int_equal(count_of(&b), 1);
	TEEC_CloseSession(&a);
	TEEC_CloseSession(&b);

	open_probe(&a, PROBE_SOLO); /* one session at a time */
	assert_int_equal(try_open(&b, PROBE_SOLO), TEEC_ERROR_BUSY);
	TEEC_CloseSession(&a);
	open_probe(&b, PROBE_SOLO);
	TEEC_CloseSession(&b);

	open_probe(&a, PROBE_KEPT); /* stays */
	assert_int_equal(count_of(&a), 1);
	TEEC_CloseSession(&a);
	open_probe(&a, PROBE_KEPT);
	assert_int_equal(count_of(&a), 2);
	TEEC_CloseSession(&a);
}

static void a_closed_session_has_left_when_close_returns(void **state)
{
	TEEC_Session session;

	(void)state;
	for (int i = 0; i < 5; i++) {
		open_probe(&session, PROBE_SHARED);
		assert_true(device_status(&device, "memory of applications") > 0);
		TEEC_CloseSession(&session);
		assert_int_equal(device_status(&device, "memory of applications"), 0);
	}
}

static void opening_can_be_refused_and_has_parameters(void **state)
{
	const TEEC_UUID uuid = probe(PROBE_SHARED);
	TEEC_Operation operation = {.paramTypes = TEEC_PARAM_TYPES(TEEC_VALUE_INPUT,
					    TEEC_VALUE_OUTPUT, TEEC_NONE, TEEC_NONE),
		.params[0].value.a = 0xffff1234,
		.params[1].value.a = 77};
	TEEC_Session session;
	uint32_t origin = 0;

	(void)state;
	assert_int_equal(TEEC_OpenSession(&context, &session, &uuid, TEEC_LOGIN_PUBLIC, NULL,
				 &operation, &origin),
		0xffff1234);
	assert_int_equal(origin, TEEC_ORIGIN_TRUSTED_APP);
	assert_int_equal(operation.params[1].value.a, TEEC_LOGIN_PUBLIC);
	assert_int_equal(device_status(&device, "memory of applications"), 0);
	operation.params[0].value.a = 0;
	assert_int_equal(TEEC_OpenSession(&context, &session, &uuid, TEEC_LOGIN_USER, NULL,
				 &operation, &origin),
		TEEC_SUCCESS);
	assert_int_equal(operation.params[1].value.a, TEEC_LOGIN_USER);
	TEEC_CloseSession(&session);
}

static TEEC_Result get_identity(uint32_t login, const void *data, uint32_t *seen, TEEC_UUID *uuid)
{
	const TEEC_UUID ta = probe(PROBE_SHARED);
	TEEC_Operation operation = {.paramTypes = TEEC_PARAM_TYPES(TEEC_VALUE_OUTPUT,
					    TEEC_MEMREF_TEMP_OUTPUT, TEEC_NONE, TEEC_NONE),
		.params[1].tmpref = {uuid, sizeof *uuid}};
	TEEC_Session session;
	TEEC_Result result = TEEC_OpenSession(&context, &session, &ta, login, data, NULL, NULL);

	if (result)
		return result;
	result = TEEC_InvokeCommand(&session, PROBE_IDENTITY, &operation, NULL);
	*seen = operation.params[0].value.a;
	TEEC_CloseSession(&session);
	return result;
}

static void applications_know_their_clients(void **state)
{
	const TEEC_UUID nobody = {0};
	uint32_t seen = 0, group = getgid(), foreign = 0x7fffffff;
	TEEC_UUID public = {0}, user = {0}, again = {0}, of_group = {0};

	(void)state;
	assert_int_equal(get_identity(TEEC_LOGIN_PUBLIC, NULL, &seen, &public), TEEC_SUCCESS);
	assert_int_equal(seen, TEEC_LOGIN_PUBLIC);
	assert_memory_equal(&public, &nobody, sizeof nobody);
	assert_int_equal(get_identity(TEEC_LOGIN_USER, NULL, &seen, &user), TEEC_SUCCESS);
	assert_int_equal(seen, TEEC_LOGIN_USER);
	assert_int_equal(user.timeHiAndVersion >> 12, 5);
	assert_int_equal(get_identity(TEEC_LOGIN_USER, NULL, &seen, &again), TEEC_SUCCESS);
	assert_memory_equal(&user, &again, sizeof user);
	assert_int_equal(get_identity(TEEC_LOGIN_GROUP, &group, &seen, &of_group), TEEC_SUCCESS);
	assert_memory_not_equal(&user, &of_group, sizeof user);
	assert_int_equal(
		get_identity(TEEC_LOGIN_GROUP, &foreign, &seen, &again), TEEC_ERROR_ACCESS_DENIED);
	assert_int_equal(
		get_identity(TEEC_LOGIN_GROUP, NULL, &seen, &again), TEEC_ERROR_BAD_PARAMETERS);
	assert_int_equal(get_identity(TEEC_LOGIN_APPLICATION, NULL, &seen, &again),
		TEEC_ERROR_NOT_SUPPORTED);
	if (!getuid()) { /* known answer: what Linux makes of uid=0 */
		static const TEEC_UUID root = {0xef0180a3, 0x13f3, 0x5d1c,
			{0xb7, 0xf5, 0x88, 0x8c, 0x0e, 0x21, 0x05, 0x9a}};

		assert_memory_equal(&user, &root, sizeof root);
	}
}

static void memory_of_all_applications_is_limited(void **state)
{
	TEEC_Session a, b;

	(void)state;
	open_probe(&a, PROBE_LARGE); /* 8 of 13 MiB */
	assert_int_equal(try_open(&b, PROBE_LARGE), TEEC_ERROR_OUT_OF_MEMORY);
	open_probe(&b, PROBE_SHARED);
	TEEC_CloseSession(&b);
	TEEC_CloseSession(&a);
	open_probe(&b, PROBE_LARGE);
	TEEC_CloseSession(&b);
}

static void sessions_of_an_instance_are_limited(void **state)
{
	TEEC_Session sessions[129];
	size_t count = 0;

	(void)state;
	while (count < 128)
		open_probe(&sessions[count++], PROBE_KEPT);
	assert_int_equal(try_open(&sessions[128], PROBE_KEPT), TEEC_ERROR_OUT_OF_MEMORY);
	TEEC_CloseSession(&sessions[--count]);
	open_probe(&sessions[count++], PROBE_KEPT);
	while (count)
		TEEC_CloseSession(&sessions[--count]);
}

static void what_an_application_leaves_is_counted(void **state)
{
	TEEC_Session session;

	(void)state;
	open_probe(&session, PROBE_SHARED);
	TEEC_CloseSession(&session);
	assert_int_equal(device_status(&device, "not freed"), 0);
	open_probe(&session, PROBE_SHARED);
	assert_int_equal(with_value(&session, PROBE_LEAK, 1000), TEEC_SUCCESS);
	assert_int_equal(with_value(&session, PROBE_LEAK, 24), TEEC_SUCCESS);
	TEEC_CloseSession(&session);
	assert_int_equal(device_status(&device, "not freed"), 1024);
}

int main(int argc, char **argv)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, host_set_up, host_tear_down)
	static const struct CMUnitTest tests[] = {
		TEST(temporary_references_go_there_and_back),
		TEST(registered_memory_is_copied_in_and_out),
		TEST(whole_references_have_the_directions_of_their_memory),
		TEST(bad_parameters_do_not_reach_the_application),
		TEST(many_memories_take_turns),
		TEST(what_is_not_there_is_not_found),
		TEST(instances_follow_their_flags),
		TEST(a_closed_session_has_left_when_close_returns),
		TEST(opening_can_be_refused_and_has_parameters),
		TEST(applications_know_their_clients),
		TEST(memory_of_all_applications_is_limited),
		TEST(sessions_of_an_instance_are_limited),
		TEST(what_an_application_leaves_is_counted),
	};

	if (argc != 3)
		return 2;
	device_programs(argv[1], argv[2]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
