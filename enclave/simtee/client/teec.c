/* SPDX-License-Identifier: MIT
 *
 * TEE Client API: the functions of tee_client_api.h. Threads: as the specification says, any.
 */
#include <string.h>

#pragma GCC visibility push(default)
#include <tee_client_api.h>
#pragma GCC visibility pop

#include "connection.h"
#include "memory.h"
#include "params.h"

TEEC_Result TEEC_InitializeContext(const char *name, TEEC_Context *context)
{
	TEEC_Result result;

	if (!context)
		return TEEC_ERROR_BAD_PARAMETERS;
	context->imp = connection_open(name, &result);
	return result;
}

void TEEC_FinalizeContext(TEEC_Context *context)
{
	if (!context || !context->imp)
		return;
	connection_free(context->imp);
	context->imp = NULL;
}

static TEEC_Result share(TEEC_Context *context, TEEC_SharedMemory *memory, struct shared *shared)
{
	TEEC_Result result;

	if (!memory->flags || (memory->flags & ~(TEEC_MEM_INPUT | TEEC_MEM_OUTPUT)))
		return TEEC_ERROR_BAD_PARAMETERS;
	result = memory_share(context->imp, memory->size ? memory->size : 1, shared);
	if (result)
		return result;
	memory->imp.connection = context->imp;
	memory->imp.id = shared->number;
	memory->imp.allocated = shared->size;
	return TEEC_SUCCESS;
}

TEEC_Result TEEC_RegisterSharedMemory(TEEC_Context *context, TEEC_SharedMemory *sharedMem)
{
	struct shared shared;
	TEEC_Result result;

	if (!context || !context->imp || !sharedMem || !sharedMem->buffer)
		return TEEC_ERROR_BAD_PARAMETERS;
	result = share(context, sharedMem, &shared);
	if (!result)
		sharedMem->imp.shadow = shared.bytes;
	return result;
}

TEEC_Result TEEC_AllocateSharedMemory(TEEC_Context *context, TEEC_SharedMemory *sharedMem)
{
	struct shared shared;
	TEEC_Result result;

	if (!context || !context->imp || !sharedMem)
		return TEEC_ERROR_BAD_PARAMETERS;
	result = share(context, sharedMem, &shared);
	if (result)
		return result;
	sharedMem->imp.shadow = NULL;
	sharedMem->buffer = shared.bytes;
	return TEEC_SUCCESS;
}

void TEEC_ReleaseSharedMemory(TEEC_SharedMemory *sharedMemory)
{
	struct shared shared;

	if (!sharedMemory || !sharedMemory->imp.connection)
		return;
	shared = (struct shared){.number = sharedMemory->imp.id,
		.bytes = sharedMemory->imp.shadow ? sharedMemory->imp.shadow : sharedMemory->buffer,
		.size = sharedMemory->imp.allocated};
	memory_unshare(sharedMemory->imp.connection, &shared);
	if (!sharedMemory->imp.shadow)
		sharedMemory->buffer = NULL;
	sharedMemory->size = 0;
	memset(&sharedMemory->imp, 0, sizeof sharedMemory->imp);
}

static TEEC_Result set_origin(uint32_t *to, uint32_t origin, TEEC_Result result)
{
	if (to)
		*to = origin;
	return result;
}

/* From here on, and until it is over, another thread may ask for its cancellation. */
static void begin(TEEC_Operation *operation, struct simtee_connection *connection, uint32_t tag)
{
	operation->imp.connection = connection;
	operation->imp.tag = tag;
	__atomic_store_n(&operation->started, 1, __ATOMIC_RELEASE);
}

/* A call with parameters: out, in, and what comes of it. *session: the opened one's number. */
static TEEC_Result call(struct simtee_connection *connection, struct wire_request *request,
	TEEC_Operation *operation, uint32_t *session, uint32_t *origin)
{
	struct passage passages[4] = {0};
	struct wire_reply reply = {0};
	TEEC_Result result = TEEC_SUCCESS;

	request->tag = connection_number(connection);
	if (operation)
		result = params_send(connection, operation, request, passages);
	if (result) {
		params_clear(connection, passages);
		return set_origin(origin, TEEC_ORIGIN_API, result);
	}
	if (operation)
		begin(operation, connection, request->tag);
	result = connection_ask(connection, request, -1, &reply);
	if (result) {
		reply.origin = TEEC_ORIGIN_COMMS;
	} else {
		result = reply.result;
		if (operation && (!result || reply.origin == TEEC_ORIGIN_TRUSTED_APP))
			params_receive(&reply, request->types, operation, passages);
		*session = reply.session;
	}
	params_clear(connection, passages);
	return set_origin(origin, reply.origin, result);
}

TEEC_Result TEEC_OpenSession(TEEC_Context *context, TEEC_Session *session,
	const TEEC_UUID *destination, uint32_t connectionMethod, const void *connectionData,
	TEEC_Operation *operation, uint32_t *returnOrigin)
{
	struct wire_request request = {.kind = WIRE_OPEN, .login = connectionMethod};
	TEEC_Result result;
	uint32_t id = 0;

	if (!context || !context->imp || !session || !destination)
		return set_origin(returnOrigin, TEEC_ORIGIN_API, TEEC_ERROR_BAD_PARAMETERS);
	if (connectionMethod == TEEC_LOGIN_GROUP) {
		if (!connectionData)
			return set_origin(returnOrigin, TEEC_ORIGIN_API, TEEC_ERROR_BAD_PARAMETERS);
		memcpy(&request.group, connectionData, sizeof request.group);
	}
	memcpy(&request.uuid, destination, sizeof request.uuid);
	result = call(context->imp, &request, operation, &id, returnOrigin);
	if (result)
		return result;
	session->imp.connection = context->imp;
	session->imp.id = id;
	return TEEC_SUCCESS;
}

void TEEC_CloseSession(TEEC_Session *session)
{
	struct wire_request request = {.kind = WIRE_CLOSE};
	struct simtee_connection *connection = session ? session->imp.connection : NULL;
	struct wire_reply reply;

	if (!connection)
		return;
	request.tag = connection_number(connection);
	request.session = session->imp.id;
	(void)connection_ask(connection, &request, -1, &reply);
	memset(&session->imp, 0, sizeof session->imp);
}

TEEC_Result TEEC_InvokeCommand(TEEC_Session *session, uint32_t commandID, TEEC_Operation *operation,
	uint32_t *returnOrigin)
{
	struct wire_request request = {.kind = WIRE_INVOKE, .command = commandID};
	uint32_t unused;

	if (!session || !session->imp.connection)
		return set_origin(returnOrigin, TEEC_ORIGIN_API, TEEC_ERROR_BAD_PARAMETERS);
	request.session = session->imp.id;
	return call(session->imp.connection, &request, operation, &unused, returnOrigin);
}

void TEEC_RequestCancellation(TEEC_Operation *operation)
{
	struct wire_request request = {.kind = WIRE_CANCEL};

	if (!operation || !__atomic_load_n(&operation->started, __ATOMIC_ACQUIRE) ||
		!operation->imp.connection)
		return;
	request.tag = operation->imp.tag;
	connection_tell(operation->imp.connection, &request);
}
