/* SPDX-License-Identifier: MIT
 *
 * Several at once: threads, sessions and hosts, and one that never comes to an end. Arguments: the
 * program simtee, the folder of the tests' applications.
 */
#include "host.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

struct meeting {
	pthread_t thread;
	TEEC_Session *session;
	TEEC_Operation operation;
	volatile uint8_t *bytes; /* shared with the application */
	TEEC_SharedMemory memory;
	TEEC_Result result;
};

static void *meet(void *argument)
{
	struct meeting *m = argument;

	m->result = TEEC_InvokeCommand(m->session, PROBE_MEET, &m->operation, NULL);
	return NULL;
}

/* Another thread is in a call that lasts until meeting_end. */
static void meeting_begin(struct meeting *m, TEEC_Session *session)
{
	memset(m, 0, sizeof *m);
	allocate(&m->memory, 2);
	m->session = session;
	m->bytes = m->memory.buffer;
	m->operation = (TEEC_Operation){
		.paramTypes = TEEC_MEMREF_PARTIAL_INOUT, .params[0].memref = {&m->memory, 2, 0}};
	assert_int_equal(pthread_create(&m->thread, NULL, meet, m), 0);
}

static void meeting_wait(struct meeting *m)
{
	while (!m->bytes[0])
		sched_yield();
}

static void meeting_end(struct meeting *m)
{
	m->bytes[1] = 1;
	assert_int_equal(pthread_join(m->thread, NULL), 0);
	TEEC_ReleaseSharedMemory(&m->memory);
}

static void one_call_at_a_time_others_wait(void **state)
{
	TEEC_Session a, b, other;
	struct meeting first, second;

	(void)state;
	open_probe(&a, PROBE_SHARED);
	open_probe(&b, PROBE_SHARED);
	open_probe(&other, PROBE_OTHER);
	meeting_begin(&first, &a);
	meeting_wait(&first);
	meeting_begin(&second, &b);
	/* Another application answers meanwhile, on the same connection. */
	for (int i = 1; i <= 20; i++)
		assert_int_equal(count_of(&other), i);
	assert_int_equal(second.bytes[0], 0);
	meeting_end(&first);
	meeting_wait(&second);
	meeting_end(&second);
	assert_int_equal(first.result, TEEC_SUCCESS);
	assert_int_equal(second.result, TEEC_SUCCESS);
	TEEC_CloseSession(&a);
	TEEC_CloseSession(&b);
	TEEC_CloseSession(&other);
}

/* How many CPUs a process may use; 0: it is not there. */
static int cpus_of(long pid)
{
	cpu_set_t cpus;

	return sched_getaffinity((pid_t)pid, sizeof cpus, &cpus) ? 0 : CPU_COUNT(&cpus);
}

static long child_of(long pid, int which)
{
	char path[64];
	long child = 0;
	FILE *file;

	snprintf(path, sizeof path, "/proc/%ld/task/%ld/children", pid, pid);
	file = fopen(path, "r");
	assert_non_null(file);
	while (which-- >= 0)
		assert_int_equal(fscanf(file, "%ld", &child), 1);
	fclose(file);
	return child;
}

static void a_lone_call_stays_on_one_cpu(void **state)
{
	const int all = cpus_of(getpid());
	struct meeting first, second;
	TEEC_Session a, b;
	long core = device_status(&device, "pid");

	(void)state;
	open_probe(&a, PROBE_SHARED);
	open_probe(&b, PROBE_OTHER);
	assert_int_equal(cpus_of(core), all);
	meeting_begin(&first, &a);
	meeting_wait(&first);
	assert_int_equal(cpus_of(core), 1);
	assert_int_equal(cpus_of(child_of(core, 0)), 1);
	/* A second one goes where there is room. */
	meeting_begin(&second, &b);
	meeting_wait(&second);
	assert_int_equal(cpus_of(core), all);
	assert_int_equal(cpus_of(child_of(core, 1)), all);
	meeting_end(&second);
	meeting_end(&first);
	/* One that crashes leaves the core free, too. */
	assert_int_equal(simple(&a, PROBE_CRASH), TEEC_ERROR_TARGET_DEAD);
	assert_int_equal(cpus_of(core), all);
	TEEC_CloseSession(&a);
	TEEC_CloseSession(&b);
}

static void a_call_that_waits_can_be_cancelled(void **state)
{
	TEEC_Session a, b;
	struct meeting first, second;

	(void)state;
	open_probe(&a, PROBE_SHARED);
	open_probe(&b, PROBE_SHARED);
	meeting_begin(&first, &a);
	meeting_wait(&first);
	meeting_begin(&second, &b);
	while (!__atomic_load_n(&second.operation.started, __ATOMIC_ACQUIRE))
		sched_yield();
	/* It may be asked for before the call itself has come: then once more. */
	while (pthread_tryjoin_np(second.thread, NULL)) {
		TEEC_RequestCancellation(&second.operation);
		sched_yield();
	}
	assert_int_equal(second.result, TEEC_ERROR_CANCEL);
	TEEC_RequestCancellation(&first.operation); /* runs: masked */
	TEEC_RequestCancellation(NULL);
	meeting_end(&first);
	assert_int_equal(first.result, TEEC_SUCCESS);
	TEEC_ReleaseSharedMemory(&second.memory);
	TEEC_CloseSession(&a);
	TEEC_CloseSession(&b);
}

static void a_stuck_application_holds_up_nobody_else(void **state)
{
	TEEC_Session stuck, other, again;
	TEEC_Context second;
	struct meeting meeting;
	pid_t host;

	(void)state;
	/* Another host is in a call that never ends, and dies. */
	host = fork();
	if (!host) {
		assert_int_equal(TEEC_InitializeContext(NULL, &context), TEEC_SUCCESS);
		open_probe(&stuck, PROBE_SHARED);
		meeting_begin(&meeting, &stuck);
		meeting_wait(&meeting);
		_exit(0);
	}
	assert_int_equal(waitpid(host, NULL, 0), host);
	assert_int_equal(TEEC_InitializeContext(NULL, &second), TEEC_SUCCESS);
	open_probe(&other, PROBE_OTHER);
	assert_int_equal(count_of(&other), 1);
	open_probe(&again, PROBE_MANY);
	assert_int_equal(count_of(&again), 1);
	TEEC_CloseSession(&again);
	TEEC_CloseSession(&other);
	TEEC_FinalizeContext(&second);
}

static void a_killed_hosts_sessions_close(void **state)
{
	TEEC_Session session;
	pid_t host = fork();

	(void)state;
	if (!host) {
		assert_int_equal(TEEC_InitializeContext(NULL, &context), TEEC_SUCCESS);
		open_probe(&session, PROBE_SOLO);
		assert_int_equal(with_value(&session, PROBE_LEAK, 5), TEEC_SUCCESS);
		kill(getpid(), SIGKILL);
	}
	assert_int_equal(waitpid(host, NULL, 0), host);
	/* The application takes one session only: it is there again when the other has closed. */
	while (try_open(&session, PROBE_SOLO) == TEEC_ERROR_BUSY)
		sched_yield();
	assert_int_equal(count_of(&session), 1);
	TEEC_CloseSession(&session);
	assert_int_equal(device_status(&device, "not freed"), 5);
}

static void *hammer(void *argument)
{
	TEEC_Session session;
	uintptr_t failed = 0;

	for (int i = 0; i < 20 && !failed; i++) {
		char out[100], in[100];
		TEEC_Operation operation = {
			.paramTypes = TEEC_PARAM_TYPES(TEEC_MEMREF_TEMP_INPUT,
				TEEC_MEMREF_TEMP_OUTPUT, TEEC_VALUE_INOUT, TEEC_NONE),
			.params = {{.tmpref = {in, sizeof in}}, {.tmpref = {out, sizeof out}}}};

		memset(in, (int)(uintptr_t)argument + i, sizeof in);
		failed = try_open(&session, PROBE_SHARED);
		if (failed)
			break;
		failed = TEEC_InvokeCommand(&session, PROBE_ECHO, &operation, NULL) ||
			 memcmp(in, out, sizeof in);
		TEEC_CloseSession(&session);
	}
	return (void *)failed;
}

static void threads_share_a_context(void **state)
{
	pthread_t threads[8];

	(void)state;
	for (uintptr_t i = 0; i < 8; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, hammer, (void *)(i * 20)), 0);
	for (int i = 0; i < 8; i++) {
		void *failed;

		assert_int_equal(pthread_join(threads[i], &failed), 0);
		assert_null(failed);
	}
	assert_int_equal(device_status(&device, "not freed"), 0);
}

int main(int argc, char **argv)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, host_set_up, host_tear_down)
	static const struct CMUnitTest tests[] = {
		TEST(one_call_at_a_time_others_wait),
		TEST(a_lone_call_stays_on_one_cpu),
		TEST(a_call_that_waits_can_be_cancelled),
		TEST(a_stuck_application_holds_up_nobody_else),
		TEST(a_killed_hosts_sessions_close),
		TEST(threads_share_a_context),
	};

	if (argc != 3)
		return 2;
	device_programs(argv[1], argv[2]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
