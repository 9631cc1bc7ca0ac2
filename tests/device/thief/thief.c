/* SPDX-License-Identifier: MIT
 *
 * The host of the application that is after another's image. Prints what OP-TEE said to opening the
 * application; then, if it is open, to dlopen, and to the command that once opened images for
 * applications.
 */
#include <stdio.h>

#include <tee_client_api.h>

/* pta_system.h */
#define OPEN_TA_BINARY 4u
#define DLOPEN         10u

static const TEEC_UUID uuid = {
	0x7e57da7a, 0x0000, 0x4000, {0x80, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xd1}};

static int ask(TEEC_Session *session, uint32_t command)
{
	TEEC_Operation operation = {
		.paramTypes = TEEC_PARAM_TYPES(TEEC_VALUE_OUTPUT, TEEC_NONE, TEEC_NONE, TEEC_NONE)};
	TEEC_Result result = TEEC_InvokeCommand(session, command, &operation, NULL);

	if (result)
		printf(" failed: 0x%08x", result);
	else
		printf(" 0x%08x", operation.params[0].value.a);
	return result ? 1 : 0;
}

int main(void)
{
	TEEC_Context context;
	TEEC_Session session;
	TEEC_Result result;
	int status = 0;

	if (TEEC_InitializeContext(NULL, &context))
		return 2;
	result = TEEC_OpenSession(&context, &session, &uuid, TEEC_LOGIN_PUBLIC, NULL, NULL, NULL);
	printf("0x%08x", result);
	if (!result) {
		status |= ask(&session, DLOPEN) | ask(&session, OPEN_TA_BINARY);
		TEEC_CloseSession(&session);
	}
	puts("");
	TEEC_FinalizeContext(&context);
	return status;
}
