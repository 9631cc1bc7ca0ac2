/* SPDX-License-Identifier: MIT
 *
 * The host of the application that calls back.
 *
 * caller test   what must work, line by line
 * caller times  medians, in microseconds, of an empty command, an empty ecall and an ocall's round
 *               trip, in turn
 * caller loop   ocalls without an end; says when the first one is there
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

static int times(void)
{
	double command[ROUNDS], ecall[ROUNDS], ocall[ROUNDS];
	struct edb_enclave *e = NULL;
	TEEC_Context context;
	TEEC_Session session;
	uint32_t got = 0;

	if (TEEC_InitializeContext(NULL, &context) ||
		TEEC_OpenSession(
			&context, &session, &nothing, TEEC_LOGIN_PUBLIC, NULL, NULL, NULL) ||
		edb_enclave_open(NULL, &caller, &e) || ecall_count(e, &got, CALLS))
		return 2;
	for (int round = 0; round < ROUNDS; round++) {
		double at = now_us();

		for (unsigned i = 0; i < CALLS; i++)
			if (TEEC_InvokeCommand(&session, 0, NULL, NULL))
				return 2;
		command[round] = (now_us() - at) / CALLS;
		at = now_us();
		for (unsigned i = 0; i < CALLS; i++)
			if (ecall_nothing(e, &got))
				return 2;
		ecall[round] = (now_us() - at) / CALLS;
		at = now_us();
		if (ecall_count(e, &got, CALLS) || got != CALLS)
			return 2;
		ocall[round] = (now_us() - at) / CALLS;
	}
	printf("%.1f %.1f %.1f\n", median(command), median(ecall), median(ocall));
	edb_enclave_close(e);
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
