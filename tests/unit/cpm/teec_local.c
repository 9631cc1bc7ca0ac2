/* SPDX-License-Identifier: MIT
 *
 * The TEE Client API into an application of the same program: what the host's stubs call goes
 * straight to TA_InvokeCommandEntryPoint. Memory references are exact-size copies, so that a
 * sanitizer sees one byte too many.
 */
#include <stdlib.h>
#include <string.h>

#include <tee_client_api.h>
#include <tee_internal_api.h>

#include "local.h"
#include "teec_local.h"

#define SESSIONS_MAX 8

static void *sessions[SESSIONS_MAX];
static bool open_sessions[SESSIONS_MAX];
static bool created;
static void (*before_call)(struct teec_local_call *call);
static void (*after_call)(const struct teec_local_call *call, TEE_Result res);

void teec_local_set_hooks(void (*before)(struct teec_local_call *call),
	void (*after)(const struct teec_local_call *call, TEE_Result res))
{
	before_call = before;
	after_call = after;
}

TEEC_Result TEEC_InitializeContext(const char *name, TEEC_Context *context)
{
	(void)name;
	*context = (TEEC_Context){0};
	return TEEC_SUCCESS;
}

void TEEC_FinalizeContext(TEEC_Context *context)
{
	(void)context;
}

TEEC_Result TEEC_OpenSession(TEEC_Context *context, TEEC_Session *session,
	const TEEC_UUID *destination, uint32_t connectionMethod, const void *connectionData,
	TEEC_Operation *operation, uint32_t *returnOrigin)
{
	TEE_Param none[4] = {0};
	TEE_Result res = TEE_ERROR_BUSY;

	(void)context, (void)destination, (void)connectionMethod, (void)connectionData;
	(void)operation, (void)returnOrigin;
	if (!created) {
		res = TA_CreateEntryPoint();
		if (res)
			return res;
		created = true;
	}
	for (uint32_t i = 0; i < SESSIONS_MAX; i++) {
		if (open_sessions[i])
			continue;
		res = TA_OpenSessionEntryPoint(0, none, &sessions[i]);
		open_sessions[i] = !res;
		session->imp.id = i;
		return res;
	}
	return res;
}

void TEEC_CloseSession(TEEC_Session *session)
{
	if (!open_sessions[session->imp.id])
		return; /* the power was cut in between */
	open_sessions[session->imp.id] = false;
	TA_CloseSessionEntryPoint(sessions[session->imp.id]);
}

void teec_local_power_cut(void)
{
	memset(open_sessions, 0, sizeof open_sessions);
	created = false;
}

TEEC_Result TEEC_AllocateSharedMemory(TEEC_Context *context, TEEC_SharedMemory *sharedMem)
{
	(void)context;
	sharedMem->buffer = calloc(1, sharedMem->size ? sharedMem->size : 1);
	return sharedMem->buffer ? TEEC_SUCCESS : TEEC_ERROR_OUT_OF_MEMORY;
}

void TEEC_ReleaseSharedMemory(TEEC_SharedMemory *sharedMemory)
{
	free(sharedMemory->buffer);
	sharedMemory->buffer = NULL;
}

TEEC_Result TEEC_InvokeCommand(TEEC_Session *session, uint32_t commandID, TEEC_Operation *operation,
	uint32_t *returnOrigin)
{
	struct teec_local_call call = {.command = commandID};
	TEE_Param *params = call.params;
	TEE_Result res;

	if (returnOrigin)
		*returnOrigin = TEEC_ORIGIN_TRUSTED_APP;
	for (uint32_t i = 0; i < 4; i++) {
		uint32_t type = TEEC_PARAM_TYPE_GET(operation->paramTypes, i);
		TEEC_RegisteredMemoryReference *ref = &operation->params[i].memref;

		call.types |= (type & 7) << 4 * i; /* partial references become plain ones */
		if (type < 4) {
			params[i].value.a = operation->params[i].value.a;
			params[i].value.b = operation->params[i].value.b;
			continue;
		}
		params[i].memref.size = ref->size;
		params[i].memref.buffer = malloc(ref->size ? ref->size : 1);
		memcpy(params[i].memref.buffer, (uint8_t *)ref->parent->buffer + ref->offset,
			ref->size);
	}
	if (before_call)
		before_call(&call);
	res = TA_InvokeCommandEntryPoint(
		sessions[session->imp.id], call.command, call.types, params);
	if (after_call)
		after_call(&call, res);
	for (uint32_t i = 0; i < 4; i++) {
		uint32_t type = TEEC_PARAM_TYPE_GET(operation->paramTypes, i);
		TEEC_RegisteredMemoryReference *ref = &operation->params[i].memref;

		if (type < 4) {
			operation->params[i].value.a = params[i].value.a;
			operation->params[i].value.b = params[i].value.b;
			continue;
		}
		if (params[i].memref.size < ref->size)
			ref->size = params[i].memref.size;
		if (type != TEEC_MEMREF_PARTIAL_INPUT)
			memcpy((uint8_t *)ref->parent->buffer + ref->offset,
				params[i].memref.buffer, ref->size);
		free(params[i].memref.buffer);
	}
	return res;
}
