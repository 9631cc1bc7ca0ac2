/* SPDX-License-Identifier: MIT
 *
 * Has the application with something to hide open, says so, and waits to be ended.
 */
#include <stdio.h>
#include <unistd.h>

#include <tee_client_api.h>

#include "secret_id.h"

static const TEEC_UUID secret = SECRET_UUID;

int main(void)
{
	TEEC_Context context;
	TEEC_Session session;

	if (TEEC_InitializeContext(NULL, &context) ||
		TEEC_OpenSession(
			&context, &session, &secret, TEEC_LOGIN_PUBLIC, NULL, NULL, NULL) ||
		TEEC_InvokeCommand(&session, 0, NULL, NULL))
		return 1;
	puts("running");
	fflush(stdout);
	return pause();
}
