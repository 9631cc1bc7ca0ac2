/* SPDX-License-Identifier: MIT
 *
 * The host of the application that calls back.
 *
 *	caller test	what must work, line by line
 *	caller times	medians, in microseconds, in turn: of an empty command, an empty ecall, an
 *			ocall's round trip, an empty ecall of a session that has made ocalls
 *	caller loop	ocalls without an end; says when the first one is there
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "caller_id.h"
#include "caller_u.h"
#include "nothing_id.h"

#define ROUNDS 25
#define CALLS  200u

static const TEEC_UUID caller = CALLER_UUID, nothing = NOTHING_UUID;

static bool telling; /* that an ocall has begun */

uint32_t ocall_next(uint32_t n)
{
	if (telling) {
		puts("in an ocall");
		fflush(stdout);
		telling = false;
	}
	return n + 1;
}

static bool expect(const char *what, bool holds)
{
	printf("%s: %s\n", what, holds ? "good" : "WRONG");
	return holds;
}

static int test(void)
{
	struct edb_enclave *a = NULL, *b = NULL;
	uint32_t got = 0, other = 0;
	bool good = true;

	if (edb_enclave_open(NULL, &caller, &a) || edb_enclave_open(NULL, &caller, &b))
		return 2;
	good &= expect("1000 ocalls", !ecall_count(a, &got, 1000) && got == 1000);
	good &= expect("at 20 levels", !ecall_deep(a, &got, 20) && got == 0);
	good &= expect("two sessions in turn", !ecall_count(a, &got, 3) && got == 3 &&
						       !ecall_deep(b, &other, 5) && other == 0 &&
						       !ecall_count(a, &got, 3) && got == 3);
	good &= expect("an overrun ends the instance", ecall_overrun(a) == TEEC_ERROR_TARGET_DEAD);
	good &= expect("and no other", !ecall_deep(b, &got, 5) && got == 0);
	edb_enclave_close(a);
	edb_enclave_close(b);
	return good ? 0 : 1;
}

static double now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static double median(double *values)
{
	qsort(values, ROUNDS, sizeof *values, by_size);
	return values[ROUNDS / 2];
}

/* Microseconds a call; less than 0: one failed. */
static double time_commands(TEEC_Session *session)
{
	double from = now_us();

	for (unsigned i = 0; i < CALLS; i++)
		if (TEEC_InvokeCommand(session, 0, NULL, NULL))
			return -1;
	return (now_us() - from) / CALLS;
}

static double time_ecalls(struct edb_enclave *e)
{
	double from = now_us();
	uint32_t got;

	for (unsigned i = 0; i < CALLS; i++)
		if (ecall_nothing(e, &got))
			return -1;
	return (now_us() - from) / CALLS;
}

static double time_ocalls(struct edb_enclave *e)
{
	double from = now_us();
	uint32_t got = 0;

	if (ecall_count(e, &got, CALLS) || got != CALLS)
		return -1;
	return (now_us() - from) / CALLS;
}

static int times(void)
{
	static double taken[4][ROUNDS];
	struct edb_enclave *silent = NULL, *talking = NULL;
	TEEC_Context context;
	TEEC_Session session;

	if (TEEC_InitializeContext(NULL, &context) ||
		TEEC_OpenSession(
			&context, &session, &nothing, TEEC_LOGIN_PUBLIC, NULL, NULL, NULL) ||
		edb_enclave_open(NULL, &caller, &silent) ||
		edb_enclave_open(NULL, &caller, &talking) || time_ocalls(talking) < 0)
		return 2;
	for (int round = 0; round < ROUNDS; round++) {
		taken[0][round] = time_commands(&session);
		taken[1][round] = time_ecalls(silent);
		taken[2][round] = time_ocalls(talking);
		taken[3][round] = time_ecalls(talking);
		for (int i = 0; i < 4; i++)
			if (taken[i][round] < 0)
				return 2;
	}
	printf("%.1f %.1f %.1f %.1f\n", median(taken[0]), median(taken[1]), median(taken[2]),
		median(taken[3]));
	edb_enclave_close(silent);
	edb_enclave_close(talking);
	TEEC_CloseSession(&session);
	TEEC_FinalizeContext(&context);
	return 0;
}

static int loop(void)
{
	struct edb_enclave *e = NULL;
	uint32_t got = 0;

	telling = true;
	return edb_enclave_open(NULL, &caller, &e) || ecall_count(e, &got, UINT32_MAX) ? 2 : 0;
}

int main(int argc, char **argv)
{
	if (argc == 2 && !strcmp(argv[1], "loop"))
		return loop();
	if (argc == 2 && !strcmp(argv[1], "test"))
		return test();
	if (argc == 2 && !strcmp(argv[1], "times"))
		return times();
	fprintf(stderr, "Usage: caller test|times|loop, in a device\n");
	return 2;
}
