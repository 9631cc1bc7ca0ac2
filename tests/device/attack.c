/* SPDX-License-Identifier: MIT
 *
 * attack pta | attack types: what root in a device's Linux can try through libteec. Says what got
 * through, and exits with 1 if anything did.
 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <tee_client_api.h>

#include "image_store.h"

#define BUFFER_BYTES 64
#define COMMANDS     40u /* more than the CPM has */

static const uint32_t kinds[] = {TEEC_NONE, TEEC_VALUE_INPUT, TEEC_VALUE_OUTPUT, TEEC_VALUE_INOUT,
	TEEC_MEMREF_PARTIAL_INPUT, TEEC_MEMREF_PARTIAL_OUTPUT, TEEC_MEMREF_PARTIAL_INOUT};
#define KINDS (sizeof kinds / sizeof kinds[0])

static TEEC_Result open_session(TEEC_Context *context, TEEC_Session *session, const TEEC_UUID *uuid)
{
	return TEEC_OpenSession(context, session, uuid, TEEC_LOGIN_PUBLIC, NULL, NULL, NULL);
}

/* Ours lets nobody in; OP-TEE's installer of TAs and its attestation are not there at all. */
static int attack_pta(TEEC_Context *context)
{
	static const struct {
		const char *name;
		TEEC_UUID uuid;
		TEEC_Result want;
	} targets[] = {
		{"image store", EDB_IMAGE_STORE_UUID, TEEC_ERROR_ACCESS_DENIED},
		{"secure storage TA management",
			{0x6e256cba, 0xfc4d, 0x4941,
				{0xad, 0x09, 0x2c, 0xa1, 0x86, 0x03, 0x42, 0xdd}},
			TEEC_ERROR_ITEM_NOT_FOUND},
		{"attestation",
			{0x39800861, 0x182a, 0x4720,
				{0x9b, 0x67, 0x2b, 0xcd, 0x62, 0x2b, 0xc0, 0xb5}},
			TEEC_ERROR_ITEM_NOT_FOUND},
	};
	int through = 0;

	for (size_t i = 0; i < sizeof targets / sizeof targets[0]; i++) {
		for (int again = 0; again < 50; again++) {
			TEEC_Session session;
			TEEC_Result result = open_session(context, &session, &targets[i].uuid);

			if (result == TEEC_SUCCESS)
				TEEC_CloseSession(&session);
			if (result == targets[i].want)
				continue;
			printf("%s: 0x%08x\n", targets[i].name, result);
			through = 1;
			break;
		}
	}
	return through;
}

static void fill(TEEC_Operation *operation, TEEC_SharedMemory *memory, uint32_t number)
{
	uint32_t types[4];

	memset(operation, 0, sizeof *operation);
	for (unsigned i = 0; i < 4; i++, number /= KINDS) {
		types[i] = kinds[number % KINDS];
		if (types[i] >= TEEC_MEMREF_PARTIAL_INPUT) {
			operation->params[i].memref.parent = memory;
			operation->params[i].memref.size = BUFFER_BYTES;
		}
	}
	operation->paramTypes = TEEC_PARAM_TYPES(types[0], types[1], types[2], types[3]);
}

/* Every combination for every command. No buffer here is one that a call takes. */
static int attack_types(TEEC_Context *context)
{
	static const TEEC_UUID cpm = EDB_CPM_UUID;
	const uint32_t combinations = KINDS * KINDS * KINDS * KINDS;
	TEEC_SharedMemory memory = {
		.size = BUFFER_BYTES, .flags = TEEC_MEM_INPUT | TEEC_MEM_OUTPUT};
	TEEC_Session session;
	uint32_t tried = 0, through = 0;

	if (TEEC_AllocateSharedMemory(context, &memory) || open_session(context, &session, &cpm))
		return 2;
	memset(memory.buffer, 0x5a, BUFFER_BYTES);
	for (uint32_t command = 0; command < COMMANDS; command++) {
		for (uint32_t number = 0; number < combinations; number++, tried++) {
			TEEC_Operation operation;
			TEEC_Result result;
			uint32_t origin = 0;

			fill(&operation, &memory, number);
			result = TEEC_InvokeCommand(&session, command, &operation, &origin);
			if (result == TEEC_ERROR_BAD_PARAMETERS &&
				origin == TEEC_ORIGIN_TRUSTED_APP)
				continue;
			if (through++ < 10)
				printf("command %u, types 0x%04x: 0x%08x from %u\n", command,
					operation.paramTypes, result, origin);
		}
	}
	for (size_t i = 0; i < BUFFER_BYTES; i++)
		through += ((uint8_t *)memory.buffer)[i] != 0x5a;
	printf("%u calls, %u through\n", tried, through);
	TEEC_CloseSession(&session);
	TEEC_ReleaseSharedMemory(&memory);
	return through != 0;
}

int main(int argc, char **argv)
{
	TEEC_Context context;
	int status = 2;

	if (argc != 2 || TEEC_InitializeContext(NULL, &context)) {
		fprintf(stderr, "Usage: attack pta|types, in a device\n");
		return 2;
	}
	if (!strcmp(argv[1], "pta"))
		status = attack_pta(&context);
	else if (!strcmp(argv[1], "types"))
		status = attack_types(&context);
	TEEC_FinalizeContext(&context);
	return status;
}
