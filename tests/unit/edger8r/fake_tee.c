/* SPDX-License-Identifier: MIT */
#include "fake_tee.h"

#include <stdlib.h>
#include <string.h>
#include <tee_client_api.h>

struct fake_tee fake;

static void *session_context;

void fake_clear(void)
{
	free(fake.wire_in);
	fake = (struct fake_tee){0};
}

/* The size lies before the block, so that freeing can look at all of it. */
#define HEADER_BYTES 16

void *TEE_Malloc(size_t size, uint32_t hint)
{
	uint8_t *block;

	(void)hint;
	if (fake.malloc_fails_at && !--fake.malloc_fails_at)
		return NULL;
	block = calloc(1, HEADER_BYTES + size);
	if (!block)
		abort();
	memcpy(block, &size, sizeof size);
	fake.live_blocks++;
	if (size == 32 * 1024)
		fake.stack = (uint64_t *)(void *)(block + HEADER_BYTES);
	return block + HEADER_BYTES;
}

void TEE_Free(void *memory)
{
	uint8_t *block = memory;
	size_t size;

	if (!block)
		return;
	block -= HEADER_BYTES;
	memcpy(&size, block, sizeof size);
	/* Sessions are 8 bytes and no secret. */
	for (size_t i = 0; size > 16 && i < size; i++)
		fake.unwiped |= block[HEADER_BYTES + i] != 0;
	free(block);
	fake.live_blocks--;
}

void TEE_MemMove(void *to, const void *from, size_t size)
{
	memmove(to, from, size);
	if (fake.change_in_ns && from == fake.in_ns)
		memset(fake.in_ns, 0xa5, fake.in_ns_size);
}

void TEE_MemFill(void *memory, uint8_t value, size_t size)
{
	memset(memory, value, size);
}

int32_t TEE_MemCompare(const void *left, const void *right, size_t size)
{
	return memcmp(left, right, size);
}

/* No two are equal, and no test depends on more. */
void TEE_GenerateRandom(void *memory, size_t size)
{
	static uint8_t counter;

	memset(memory, ++counter, size);
}

void TEE_Panic(TEE_Result code)
{
	(void)code;
	if (fake.on_panic)
		longjmp(*fake.on_panic, 1);
	abort();
}

TEEC_Result TEEC_InitializeContext(const char *name, TEEC_Context *context)
{
	(void)context;
	if (name && strcmp(name, "no such TEE") == 0)
		return TEEC_ERROR_ITEM_NOT_FOUND;
	return TA_CreateEntryPoint();
}

void TEEC_FinalizeContext(TEEC_Context *context)
{
	(void)context;
	TA_DestroyEntryPoint();
}

TEEC_Result TEEC_OpenSession(TEEC_Context *context, TEEC_Session *session, const TEEC_UUID *uuid,
	uint32_t login, const void *login_data, TEEC_Operation *operation, uint32_t *origin)
{
	TEE_Param params[4] = {0};

	(void)context, (void)session, (void)uuid, (void)login, (void)login_data, (void)operation;
	(void)origin;
	return TA_OpenSessionEntryPoint(0, params, &session_context);
}

void TEEC_CloseSession(TEEC_Session *session)
{
	(void)session;
	TA_CloseSessionEntryPoint(session_context);
}

TEEC_Result TEEC_AllocateSharedMemory(TEEC_Context *context, TEEC_SharedMemory *memory)
{
	(void)context;
	if (fake.shared_fails)
		return TEEC_ERROR_OUT_OF_MEMORY;
	memory->buffer = calloc(1, memory->size);
	if (!memory->buffer)
		abort();
	fake.live_shared++;
	fake.shared_made++;
	return TEEC_SUCCESS;
}

void TEEC_ReleaseSharedMemory(TEEC_SharedMemory *memory)
{
	const uint8_t *bytes = memory->buffer;

	for (size_t i = 0; i < memory->size; i++)
		fake.unwiped |= bytes[i] != 0;
	free(memory->buffer);
	memory->buffer = NULL;
	fake.live_shared--;
}

static void *exact_copy(const TEEC_RegisteredMemoryReference *reference)
{
	uint8_t *copy = malloc(reference->size);

	if (!copy || reference->offset + reference->size > reference->parent->size)
		abort();
	memcpy(copy, (uint8_t *)reference->parent->buffer + reference->offset, reference->size);
	return copy;
}

static void spoil_output(TEEC_Operation *operation)
{
	if (fake.flip_request_at && operation->params[2].value.b &&
		operation->params[2].value.b != UINT32_MAX /* no request, it waits for room */) {
		((uint8_t *)operation->params[3].memref.parent->buffer)[fake.flip_request_at] ^= 8;
		fake.flip_request_at = 0;
	}
	if (fake.flip_out)
		((uint8_t *)operation->params[1].memref.parent->buffer)[fake.flip_out_at] =
			fake.flip_out_value;
	if (fake.change_out_size)
		operation->params[1].memref.size--;
	operation->params[2].value.a |= fake.retval_or;
	operation->params[2].value.b |= fake.pending;
}

/* TEEC_MEMREF_PARTIAL_… to TEE_PARAM_TYPE_MEMREF_…; values keep their number. */
static uint32_t trusted_type(uint32_t type)
{
	return type >= TEEC_MEMREF_PARTIAL_INPUT ? type - 8 : type;
}

static bool is_memref(uint32_t types, unsigned int at)
{
	return TEE_PARAM_TYPE_GET(types, at) >= TEE_PARAM_TYPE_MEMREF_INPUT;
}

/* Memory for the time of one call. Ours is always none. */
static bool is_temporary(const TEEC_Operation *operation, unsigned int at)
{
	uint32_t type = TEEC_PARAM_TYPE_GET(operation->paramTypes, at);

	if (type < TEEC_MEMREF_TEMP_INPUT || type > TEEC_MEMREF_TEMP_INOUT)
		return false;
	if (operation->params[at].tmpref.buffer || operation->params[at].tmpref.size)
		abort();
	return true;
}

TEEC_Result TEEC_InvokeCommand(
	TEEC_Session *session, uint32_t command, TEEC_Operation *operation, uint32_t *origin)
{
	TEE_Param params[4] = {0};
	TEE_Result result;

	(void)session, (void)origin;
	if (fake.fail_with)
		return fake.fail_with;
	fake.types = 0;
	for (unsigned int i = 0; i < 4; i++)
		fake.types |= trusted_type((operation->paramTypes >> (4 * i)) & 0xf) << (4 * i);
	for (unsigned int i = 0; i < 4; i++) {
		if (!is_memref(fake.types, i) || is_temporary(operation, i))
			continue;
		params[i].memref.buffer = exact_copy(&operation->params[i].memref);
		params[i].memref.size = operation->params[i].memref.size;
	}
	free(fake.wire_in);
	fake.wire_in_size = params[0].memref.size;
	fake.wire_in = fake.wire_in_size ? exact_copy(&operation->params[0].memref) : NULL;
	fake.wire_out_size = params[1].memref.size;
	fake.command = command;
	fake.in_ns = params[0].memref.buffer;
	fake.in_ns_size = params[0].memref.size;
	result = TA_InvokeCommandEntryPoint(session_context, command, fake.types, params);
	fake.in_ns = NULL;
	for (unsigned int i = 0; i < 4; i++) {
		if (!is_memref(fake.types, i) || is_temporary(operation, i))
			continue;
		if (i > 0)
			memcpy(operation->params[i].memref.parent->buffer, params[i].memref.buffer,
				params[i].memref.size);
		operation->params[i].memref.size = params[i].memref.size;
		free(params[i].memref.buffer);
	}
	operation->params[2].value.a = params[2].value.a;
	operation->params[2].value.b = params[2].value.b;
	spoil_output(operation);
	return result;
}
