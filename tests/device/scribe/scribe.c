/* SPDX-License-Identifier: MIT
 *
 * scribe: five times, how many seconds a MiB into secure storage takes.
 */
#include <stdio.h>
#include <time.h>

#include <tee_client_api.h>

#include "scribe_id.h"

#define ROUNDS 5

static const TEEC_UUID uuid = SCRIBE_UUID;

int main(void)
{
	TEEC_Context context;
	TEEC_Session session;

	if (TEEC_InitializeContext(NULL, &context) ||
		TEEC_OpenSession(&context, &session, &uuid, TEEC_LOGIN_PUBLIC, NULL, NULL, NULL))
		return 2;
	for (int round = 0; round < ROUNDS; round++) {
		struct timespec from, to;

		clock_gettime(CLOCK_MONOTONIC, &from);
		if (TEEC_InvokeCommand(&session, 0, NULL, NULL))
			return 1;
		clock_gettime(CLOCK_MONOTONIC, &to);
		printf("%.3f\n", (double)(to.tv_sec - from.tv_sec) +
					 (double)(to.tv_nsec - from.tv_nsec) / 1e9);
	}
	TEEC_CloseSession(&session);
	TEEC_FinalizeContext(&context);
	return 0;
}
