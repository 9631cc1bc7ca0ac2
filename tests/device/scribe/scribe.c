/* SPDX-License-Identifier: MIT
 *
 * scribe: five times, how many seconds a MiB into secure storage takes: in pieces, and at once.
 */
#include <stdio.h>
#include <time.h>

#include <tee_client_api.h>

#include "scribe_id.h"

#define ROUNDS 5

static const TEEC_UUID uuid = SCRIBE_UUID;

/* -1: it failed. */
static double seconds(TEEC_Session *session, uint32_t command)
{
	struct timespec from, to;

	clock_gettime(CLOCK_MONOTONIC, &from);
	if (TEEC_InvokeCommand(session, command, NULL, NULL))
		return -1;
	clock_gettime(CLOCK_MONOTONIC, &to);
	return (double)(to.tv_sec - from.tv_sec) + (double)(to.tv_nsec - from.tv_nsec) / 1e9;
}

int main(void)
{
	TEEC_Context context;
	TEEC_Session session;

	if (TEEC_InitializeContext(NULL, &context) ||
		TEEC_OpenSession(&context, &session, &uuid, TEEC_LOGIN_PUBLIC, NULL, NULL, NULL))
		return 2;
	for (int round = 0; round < ROUNDS; round++) {
		double pieces = seconds(&session, 0), at_once = seconds(&session, 1);

		if (pieces < 0 || at_once < 0)
			return 1;
		printf("%.3f %.3f\n", pieces, at_once);
	}
	TEEC_CloseSession(&session);
	TEEC_FinalizeContext(&context);
	return 0;
}
