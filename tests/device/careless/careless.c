/* SPDX-License-Identifier: MIT
 *
 * The host of the careless application.
 *
 * careless loop   a command that never returns; says when it is about to be sent
 * careless twice  a size that the application reads twice: how often it was another one the second
 * time
 */
#include <stdio.h>
#include <string.h>

#include <tee_client_api.h>

#include "careless_id.h"

#define COMMAND_LOOP  1u
#define COMMAND_TWICE 2u
#define CALLS         100

static const TEEC_UUID uuid = CARELESS_UUID;

static int loop(TEEC_Session *session)
{
	TEEC_Result result;

	puts("looping");
	fflush(stdout);
	result = TEEC_InvokeCommand(session, COMMAND_LOOP, NULL, NULL);
	printf("came back: 0x%08x\n", result);
	return 1;
}

static int twice(TEEC_Context *context, TEEC_Session *session)
{
	TEEC_SharedMemory memory = {.size = sizeof(uint32_t), .flags = TEEC_MEM_INPUT};
	TEEC_Operation operation = {.paramTypes = TEEC_PARAM_TYPES(TEEC_MEMREF_PARTIAL_INPUT,
					    TEEC_VALUE_OUTPUT, TEEC_NONE, TEEC_NONE)};
	uint32_t wrong = 0;

	if (TEEC_AllocateSharedMemory(context, &memory))
		return 2;
	memset(memory.buffer, 0, memory.size);
	operation.params[0].memref.parent = &memory;
	operation.params[0].memref.size = memory.size;
	for (int call = 0; call < CALLS; call++) {
		if (TEEC_InvokeCommand(session, COMMAND_TWICE, &operation, NULL))
			return 2;
		wrong += operation.params[1].value.a;
	}
	printf("%u\n", wrong);
	TEEC_ReleaseSharedMemory(&memory);
	return 0;
}

int main(int argc, char **argv)
{
	TEEC_Context context;
	TEEC_Session session;
	int status = 2;

	if (argc != 2 || TEEC_InitializeContext(NULL, &context))
		return 2;
	if (TEEC_OpenSession(&context, &session, &uuid, TEEC_LOGIN_PUBLIC, NULL, NULL, NULL))
		return 3;
	if (!strcmp(argv[1], "loop"))
		status = loop(&session);
	else if (!strcmp(argv[1], "twice"))
		status = twice(&context, &session);
	TEEC_CloseSession(&session);
	TEEC_FinalizeContext(&context);
	return status;
}
