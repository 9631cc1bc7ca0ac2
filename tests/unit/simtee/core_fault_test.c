/* SPDX-License-Identifier: MIT
 *
 * When things go wrong: applications that panic, crash, try what they must not; hosts that lie, or
 * change memory during a call. Arguments: the program simtee, the folder of the tests'
 * applications.
 */
#include "host.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "place.h"
#include "wire.h"

static TEEC_Result with_memory(
	TEEC_Session *session, uint32_t command, TEEC_SharedMemory *memory, uint32_t type)
{
	TEEC_Operation operation = {
		.paramTypes = type, .params[0].memref = {memory, memory->size, 0}};

	return TEEC_InvokeCommand(session, command, &operation, NULL);
}

/* Everything else goes on: another session of another application, and a new one of this. */
static void assert_only_that_died(TEEC_Session *witness, TEEC_Session *dead, uint32_t number)
{
	TEEC_Session again;
	uint32_t before = count_of(witness), origin = 0;

	assert_int_equal(
		TEEC_InvokeCommand(dead, PROBE_COUNT, NULL, &origin), TEEC_ERROR_TARGET_DEAD);
	assert_int_equal(origin, TEEC_ORIGIN_TEE);
	TEEC_CloseSession(dead);
	assert_int_equal(count_of(witness), before + 1);
	open_probe(&again, number);
	assert_int_equal(count_of(&again), 1);
	TEEC_CloseSession(&again);
}

static void a_panic_ends_the_instance_and_nothing_else(void **state)
{
	TEEC_Session witness, a, b;

	(void)state;
	open_probe(&witness, PROBE_OTHER);
	open_probe(&a, PROBE_SHARED);
	open_probe(&b, PROBE_SHARED);
	assert_int_equal(simple(&a, PROBE_PANIC), TEEC_ERROR_TARGET_DEAD);
	assert_int_equal(simple(&b, PROBE_COUNT), TEEC_ERROR_TARGET_DEAD);
	TEEC_CloseSession(&b);
	assert_only_that_died(&witness, &a, PROBE_SHARED);
	assert_int_equal(device_status(&device, "panics"), 1);
	assert_int_equal(device_status(&device, "crashes"), 0);
	TEEC_CloseSession(&witness);
}

/* How an application can crash. Its process must be gone after each. */
static void crashes_are_the_applications_own(void **state)
{
	static const struct {
		uint32_t command, value;
		const char *what;
	} cases[] = {
		{PROBE_CRASH, 0, "writes to nowhere"},
		{PROBE_RECURSE, PROBE_TOO_DEEP, "overruns its stack"},
#ifndef TEST_INSTRUMENTED
		{PROBE_SYSCALL, SYS_openat, "opens a file"},
		{PROBE_SYSCALL, SYS_read, "reads a file"},
		{PROBE_SYSCALL, SYS_write, "writes to a file"},
		{PROBE_SYSCALL, SYS_clone, "makes a process"},
		{PROBE_SYSCALL, SYS_kill, "sends a signal"},
		{PROBE_SYSCALL, SYS_prctl, "changes what it may do"},
		{PROBE_SYSCALL, SYS_memfd_create, "makes a file in memory"},
		{PROBE_SYSCALL, SYS_process_vm_readv, "reads other processes"},
		{PROBE_SYSCALL, SYS_bpf, "loads code into the kernel"},
		{PROBE_SYSCALL, SYS_io_uring_setup, "goes around the filter"},
#endif
		{PROBE_SYSCALL, SYS_socket, "opens a socket"},
		{PROBE_SYSCALL, SYS_execve, "becomes another program"},
		{PROBE_SYSCALL, SYS_ptrace, "debugs"},
	};
	TEEC_Session witness, session;

	(void)state;
	open_probe(&witness, PROBE_OTHER);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		TEEC_Operation operation = {
			.paramTypes = TEEC_VALUE_INPUT, .params[0].value.a = cases[i].value};

		print_message("%s\n", cases[i].what);
		if (cases[i].command == PROBE_CRASH)
			operation.paramTypes = TEEC_NONE;
		open_probe(&session, PROBE_SHARED);
		assert_int_equal(TEEC_InvokeCommand(&session, cases[i].command, &operation, NULL),
			TEEC_ERROR_TARGET_DEAD);
		assert_only_that_died(&witness, &session, PROBE_SHARED);
	}
	assert_int_equal(device_status(&device, "memory of applications") > 0, 1);
	TEEC_CloseSession(&witness);
}

static void a_kept_reference_is_of_no_use(void **state)
{
	TEEC_Session witness, session;
	TEEC_SharedMemory memory;

	(void)state;
	open_probe(&witness, PROBE_OTHER);
	open_probe(&session, PROBE_SHARED);
	allocate(&memory, 4096);
	assert_int_equal(with_memory(&session, PROBE_KEEP, &memory, TEEC_MEMREF_PARTIAL_INPUT), 0);
	assert_int_equal(simple(&session, PROBE_TOUCH), TEEC_ERROR_TARGET_DEAD);
	assert_only_that_died(&witness, &session, PROBE_SHARED);

	/* after the host released it, neither */
	open_probe(&session, PROBE_SHARED);
	assert_int_equal(with_memory(&session, PROBE_KEEP, &memory, TEEC_MEMREF_PARTIAL_INPUT), 0);
	TEEC_ReleaseSharedMemory(&memory);
	assert_int_equal(simple(&session, PROBE_TOUCH), TEEC_ERROR_TARGET_DEAD);
	assert_only_that_died(&witness, &session, PROBE_SHARED);
	TEEC_CloseSession(&witness);
}

static void input_cannot_be_written(void **state)
{
	TEEC_Session witness, session;
	TEEC_SharedMemory memory;

	(void)state;
	open_probe(&witness, PROBE_OTHER);
	open_probe(&session, PROBE_SHARED);
	allocate(&memory, 16);
	assert_int_equal(
		with_memory(&session, PROBE_WRITE_INPUT, &memory, TEEC_MEMREF_PARTIAL_INPUT),
		TEEC_ERROR_TARGET_DEAD);
	assert_only_that_died(&witness, &session, PROBE_SHARED);
	TEEC_ReleaseSharedMemory(&memory);
	TEEC_CloseSession(&witness);
}

static void heap_and_stack_are_as_declared(void **state)
{
	TEEC_Session session;

	(void)state;
	open_probe(&session, PROBE_SHARED);
	assert_int_equal(with_value(&session, PROBE_ALLOCATE, PROBE_HEAP - 4096), 0);
	assert_int_equal(
		with_value(&session, PROBE_ALLOCATE, PROBE_HEAP + 1), TEEC_ERROR_OUT_OF_MEMORY);
	assert_int_equal(
		with_value(&session, PROBE_ALLOCATE, UINT32_MAX), TEEC_ERROR_OUT_OF_MEMORY);
	assert_int_equal(with_value(&session, PROBE_RECURSE, PROBE_STACK / 1024 - 4), 0);
	TEEC_CloseSession(&session);
	assert_int_equal(device_status(&device, "not freed"), 0);
}

static void the_api_works_behind_the_filter(void **state)
{
	TEEC_Session session;

	(void)state;
	open_probe(&session, PROBE_SHARED);
	assert_int_equal(simple(&session, PROBE_API), TEEC_SUCCESS);
	TEEC_CloseSession(&session);
}

static void memory_of_the_host_is_known_as_such(void **state)
{
	uint8_t bytes[16] = {0};
	TEEC_Session session;
	TEEC_Operation operation = {.paramTypes = TEEC_PARAM_TYPES(TEEC_MEMREF_TEMP_INPUT,
					    TEEC_VALUE_OUTPUT, TEEC_NONE, TEEC_NONE),
		.params[0].tmpref = {bytes, sizeof bytes}};

	(void)state;
	open_probe(&session, PROBE_SHARED);
	assert_int_equal(TEEC_InvokeCommand(&session, PROBE_RIGHTS, &operation, NULL), 0);
	assert_int_equal(operation.params[1].value.a, 0);
	assert_int_equal(operation.params[1].value.b, 1);
	TEEC_CloseSession(&session);
}

/* --- hosts that lie --- */

static int raw_host(void)
{
	int fd = place_connect(device.folder);

	assert_true(fd >= 0);
	return fd;
}

static bool is_cut_off(int fd)
{
	struct wire_reply reply;
	size_t size = sizeof reply, count;
	int fds[WIRE_FDS_MAX];

	return wire_receive(fd, &reply, &size, fds, &count, 0) || !size;
}

static uint32_t raw_ask(int fd, const struct wire_request *request, int memory)
{
	struct wire_reply reply = {0};
	size_t size = sizeof reply, count;
	int fds[WIRE_FDS_MAX];

	assert_int_equal(wire_send(fd, request, sizeof *request, &memory, memory >= 0, 0), 0);
	assert_int_equal(wire_receive(fd, &reply, &size, fds, &count, 0), 0);
	assert_int_equal(size, sizeof reply);
	assert_int_equal(reply.tag, request->tag);
	return reply.result;
}

static void messages_of_another_shape_end_the_connection(void **state)
{
	struct wire_request request = {.kind = 999, .tag = 1};

	(void)state;
	for (size_t size = 1; size <= sizeof request; size++) { /* the whole one: unknown kind */
		int fd = raw_host();

		assert_int_equal(wire_send(fd, &request, size, NULL, 0, 0), 0);
		assert_true(is_cut_off(fd));
		close(fd);
	}
	assert_int_equal(device_status(&device, "clients"), 2); /* the test's, and the asker */
}

static void memory_that_could_change_its_size_is_not_taken(void **state)
{
	struct wire_request request = {.kind = WIRE_MEMORY_ADD, .tag = 1, .memory = 1};
	int fd = raw_host(), unsealed = memfd_create("x", MFD_CLOEXEC | MFD_ALLOW_SEALING),
	    file = open("/dev/zero", O_RDWR | O_CLOEXEC), good = wire_memory_make(4096);

	(void)state;
	assert_int_equal(ftruncate(unsealed, 4096), 0);
	assert_int_equal(raw_ask(fd, &request, unsealed), TEE_ERROR_BAD_PARAMETERS);
	assert_int_equal(raw_ask(fd, &request, file), TEE_ERROR_BAD_PARAMETERS);
	assert_int_equal(raw_ask(fd, &request, -1), TEE_ERROR_BAD_PARAMETERS);
	request.memory = 0;
	assert_int_equal(raw_ask(fd, &request, good), TEE_ERROR_BAD_PARAMETERS);
	request.memory = 7;
	assert_int_equal(raw_ask(fd, &request, good), TEE_SUCCESS);
	assert_int_equal(raw_ask(fd, &request, good), TEE_ERROR_BAD_PARAMETERS); /* twice */
	for (request.memory = 8; request.memory < 8 + 255; request.memory++)
		assert_int_equal(raw_ask(fd, &request, good), TEE_SUCCESS);
	assert_int_equal(raw_ask(fd, &request, good), TEE_ERROR_OUT_OF_MEMORY);
	close(fd);
	close(unsealed);
	close(file);
	close(good);
}

static void references_outside_memory_are_refused(void **state)
{
	struct wire_request add = {.kind = WIRE_MEMORY_ADD, .tag = 1, .memory = 5};
	struct wire_request open = {.kind = WIRE_OPEN,
		.tag = 2,
		.uuid = PROBE_UUID(PROBE_SHARED),
		.types = TEE_PARAM_TYPE_MEMREF_INPUT};
	static const struct {
		uint32_t memory;
		uint64_t offset, size;
	} cases[] = {{5, 0, 4097}, {5, 4097, 0}, {5, 4096, 1}, {5, UINT64_MAX, 2},
		{5, 1, UINT64_MAX}, {6, 0, 1}};
	int fd = raw_host(), good = wire_memory_make(4096);

	(void)state;
	assert_int_equal(raw_ask(fd, &add, good), TEE_SUCCESS);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		open.params[0] = (struct wire_param){.memory = cases[i].memory,
			.offset = cases[i].offset,
			.size = cases[i].size};
		assert_int_equal(raw_ask(fd, &open, -1), TEE_ERROR_BAD_PARAMETERS);
	}
	for (uint32_t type = 0; type < 16; type++) {
		if (type < 8 && type != 4)
			continue;
		open.types = type << 12;
		assert_int_equal(raw_ask(fd, &open, -1), TEE_ERROR_BAD_PARAMETERS);
	}
	close(fd);
	close(good);
}

static void sessions_belong_to_who_opened_them(void **state)
{
	struct wire_request invoke = {.kind = WIRE_INVOKE, .tag = 1, .command = PROBE_COUNT};
	TEEC_Session session;
	int fd = raw_host();

	(void)state;
	open_probe(&session, PROBE_KEPT);
	for (invoke.session = 0; invoke.session < 50; invoke.session++)
		assert_int_equal(raw_ask(fd, &invoke, -1), TEE_ERROR_BAD_PARAMETERS);
	invoke.kind = WIRE_CLOSE;
	for (invoke.session = 0; invoke.session < 50; invoke.session++)
		assert_int_equal(raw_ask(fd, &invoke, -1), TEE_ERROR_BAD_PARAMETERS);
	assert_int_equal(count_of(&session), 1);
	TEEC_CloseSession(&session);
	close(fd);
}

static void who_does_not_read_is_cut_off(void **state)
{
	const struct wire_request request = {.kind = WIRE_STATUS, .tag = 1};
	TEEC_Session session;
	int fd = raw_host(), err = 0;

	(void)state;
	/* The answers, unread, fill the socket; then the connection is closed. */
	while (!err)
		err = wire_send(fd, &request, sizeof request, NULL, 0, 0);
	assert_true(err == EPIPE || err == ECONNRESET);
	open_probe(&session, PROBE_SHARED);
	assert_int_equal(count_of(&session), 1);
	TEEC_CloseSession(&session);
	close(fd);
}

static void the_attack_is_seen_by_who_looks_twice(void **state)
{
	static const char *const options[] = {"--flip-after-copy", "--early-ta", NULL, NULL};
	const char *with_ta[] = {options[0], options[1], device_ta("probe_shared"), NULL};
	TEEC_Session session;
	TEEC_Operation operation = {.paramTypes = TEEC_PARAM_TYPES(TEEC_MEMREF_PARTIAL_INPUT,
					    TEEC_VALUE_OUTPUT, TEEC_NONE, TEEC_NONE)};
	TEEC_SharedMemory memory;

	(void)state;
	for (int attacked = 0; attacked < 2; attacked++) {
		allocate(&memory, 16);
		memset(memory.buffer, 'a', 16);
		open_probe(&session, PROBE_SHARED);
		operation.params[0].memref = (TEEC_RegisteredMemoryReference){&memory, 16, 0};
		operation.params[1].value.a = 7;
		assert_int_equal(
			TEEC_InvokeCommand(&session, PROBE_LOOK_TWICE, &operation, NULL), 0);
		assert_int_equal(operation.params[1].value.a, !attacked);
		TEEC_CloseSession(&session);
		TEEC_ReleaseSharedMemory(&memory);
		TEEC_FinalizeContext(&context);
		if (!attacked) {
			assert_int_equal(device_stop(&device), 0);
			assert_true(device_start(&device, with_ta));
		}
		assert_int_equal(TEEC_InitializeContext(NULL, &context), TEEC_SUCCESS);
	}
}

static void the_end_of_the_tee_is_noticed(void **state)
{
	TEEC_Session session, other;
	uint32_t origin = 0;

	(void)state;
	open_probe(&session, PROBE_SHARED);
	assert_int_equal(kill(device.pid, SIGKILL), 0);
	assert_int_equal(device_wait(&device), 128 + SIGKILL);
	assert_int_equal(
		TEEC_InvokeCommand(&session, PROBE_COUNT, NULL, &origin), TEEC_ERROR_COMMUNICATION);
	assert_int_equal(origin, TEEC_ORIGIN_COMMS);
	assert_int_equal(try_open(&other, PROBE_SHARED), TEEC_ERROR_COMMUNICATION);
	TEEC_CloseSession(&session);
	TEEC_FinalizeContext(&context);
	/* Its socket is still there; a new one takes its place. */
	device_start_probes(&device);
	assert_int_equal(TEEC_InitializeContext(NULL, &context), TEEC_SUCCESS);
	open_probe(&session, PROBE_SHARED);
	TEEC_CloseSession(&session);
}

int main(int argc, char **argv)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, host_set_up, host_tear_down)
	static const struct CMUnitTest tests[] = {
		TEST(a_panic_ends_the_instance_and_nothing_else),
		TEST(crashes_are_the_applications_own),
		TEST(a_kept_reference_is_of_no_use),
		TEST(input_cannot_be_written),
		TEST(heap_and_stack_are_as_declared),
		TEST(the_api_works_behind_the_filter),
		TEST(memory_of_the_host_is_known_as_such),
		TEST(messages_of_another_shape_end_the_connection),
		TEST(memory_that_could_change_its_size_is_not_taken),
		TEST(references_outside_memory_are_refused),
		TEST(sessions_belong_to_who_opened_them),
		TEST(who_does_not_read_is_cut_off),
		TEST(the_attack_is_seen_by_who_looks_twice),
		TEST(the_end_of_the_tee_is_noticed),
	};

	if (argc != 3)
		return 2;
	device_programs(argv[1], argv[2]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
