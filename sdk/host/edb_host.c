/* SPDX-License-Identifier: MIT */
#include "edb_host.h"

#include <stdlib.h>
#include <string.h>

#define BUFFER_BYTES_MIN 4096

/* docs/edl.md, "Ocalls" */
#define COMMAND_RESUME    0xedb00001
#define COMMAND_ROOM      0xedb00002
#define PENDING_ROOM      UINT32_MAX
#define REQUEST_BYTES_MAX (64 * 1024)

/* Shared memory of one direction: made with the first call that needs it, grown when needed. */
struct buffer {
	TEEC_SharedMemory memory;
	bool is_there;
};

struct edb_enclave {
	TEEC_Context context;
	TEEC_Session session;
	struct buffer in, out;
	struct buffer request; /* made when the enclave asks for it */
	uint64_t calls_out;    /* bit N % 64: ecall N has asked for it; others do without */
	bool in_ocall;         /* an ocall runs: no ecall is possible */
};

TEEC_Result edb_enclave_open(const char *name, const TEEC_UUID *uuid, struct edb_enclave **enclave)
{
	struct edb_enclave *opened = calloc(1, sizeof *opened);
	TEEC_Result result;

	*enclave = NULL;
	if (!opened)
		return TEEC_ERROR_OUT_OF_MEMORY;
	result = TEEC_InitializeContext(name, &opened->context);
	if (result)
		goto no_context;
	result = TEEC_OpenSession(
		&opened->context, &opened->session, uuid, TEEC_LOGIN_PUBLIC, NULL, NULL, NULL);
	if (result)
		goto no_session;
	*enclave = opened;
	return TEEC_SUCCESS;

no_session:
	TEEC_FinalizeContext(&opened->context);
no_context:
	free(opened);
	return result;
}

static void buffer_clear(struct buffer *buffer)
{
	if (!buffer->is_there)
		return;
	/* What an enclave answers, or is told, may be for this process alone. */
	explicit_bzero(buffer->memory.buffer, buffer->memory.size);
	TEEC_ReleaseSharedMemory(&buffer->memory);
	buffer->is_there = false;
}

static TEEC_Result buffer_reserve(
	struct edb_enclave *enclave, struct buffer *buffer, size_t size, uint32_t flags)
{
	size_t room = BUFFER_BYTES_MIN;
	TEEC_Result result;

	if (buffer->is_there && buffer->memory.size >= size)
		return TEEC_SUCCESS;
	buffer_clear(buffer);
	while (room < size)
		room *= 2; /* size has 38 bits at most */
	buffer->memory = (TEEC_SharedMemory){.size = room, .flags = flags};
	result = TEEC_AllocateSharedMemory(&enclave->context, &buffer->memory);
	buffer->is_there = !result;
	return result;
}

void edb_enclave_close(struct edb_enclave *enclave)
{
	if (!enclave)
		return;
	TEEC_CloseSession(&enclave->session);
	buffer_clear(&enclave->in);
	buffer_clear(&enclave->out);
	buffer_clear(&enclave->request);
	TEEC_FinalizeContext(&enclave->context);
	free(enclave);
}

static void fail(struct edb_host_call *call, TEEC_Result result)
{
	if (!call->result)
		call->result = result;
}

void edb_host_require(struct edb_host_call *call, bool condition)
{
	if (!condition)
		fail(call, TEEC_ERROR_BAD_PARAMETERS);
}

void edb_host_check(struct edb_host_call *call, bool condition)
{
	if (!condition)
		fail(call, TEEC_ERROR_BAD_FORMAT);
}

uint32_t edb_host_size(
	struct edb_host_call *call, const void *memory, uint64_t count, uint64_t size)
{
	if (size && count > UINT32_MAX / size) {
		fail(call, TEEC_ERROR_BAD_PARAMETERS);
		return 0;
	}
	edb_host_require(call, memory || count * size == 0);
	return (uint32_t)(count * size);
}

uint32_t edb_host_string_size(struct edb_host_call *call, const char *string)
{
	size_t length = string ? strlen(string) : 0;

	edb_host_require(call, string && length < UINT32_MAX);
	return call->result ? 0 : (uint32_t)length + 1;
}

void edb_host_begin(struct edb_host_call *call, uint64_t in_bytes, uint64_t out_bytes)
{
	struct edb_enclave *enclave = call->enclave;

	edb_host_require(call, enclave);
	if (!call->result && enclave->in_ocall)
		fail(call, TEEC_ERROR_BUSY);
	if (!call->result && in_bytes) {
		fail(call, buffer_reserve(enclave, &enclave->in, in_bytes, TEEC_MEM_INPUT));
		call->in = enclave->in.memory.buffer;
	}
	if (!call->result && out_bytes) {
		fail(call, buffer_reserve(enclave, &enclave->out, out_bytes, TEEC_MEM_OUTPUT));
		call->out = enclave->out.memory.buffer;
	}
	call->in_size = in_bytes;
	call->out_size = out_bytes;
}

/* NULL after a failure. */
static uint8_t *in_place(struct edb_host_call *call, size_t bytes)
{
	if (call->result)
		return NULL;
	if (bytes > call->in_size - call->in_pos) {
		fail(call, TEEC_ERROR_GENERIC); /* edger8r added up wrongly */
		return NULL;
	}
	uint8_t *at = &call->in[call->in_pos];

	call->in_pos += bytes;
	return at;
}

void edb_host_put(struct edb_host_call *call, uint64_t value, size_t bytes)
{
	uint8_t *at = in_place(call, bytes);

	for (size_t i = 0; at && i < bytes; i++)
		at[i] = (uint8_t)(value >> (8 * i));
}

void edb_host_put_array(struct edb_host_call *call, const void *from, uint32_t bytes)
{
	edb_host_put(call, bytes, 4);
	edb_host_copy(in_place(call, bytes), from, call->result ? 0 : bytes);
}

static void refer(TEEC_Operation *operation, unsigned int at, struct buffer *buffer, size_t size)
{
	operation->params[at].memref.parent = &buffer->memory;
	operation->params[at].memref.size = size;
}

static uint64_t bit_of(uint32_t command)
{
	return 1ull << command % 64;
}

/* Mapping costs, with every command: only where it was needed before. */
static bool needs_room(const struct edb_enclave *enclave, uint32_t command)
{
	bool goes_on = command == COMMAND_RESUME || command == COMMAND_ROOM;

	return enclave->request.is_there && (goes_on || enclave->calls_out & bit_of(command));
}

/*
 * One command of the call: the first, or one that goes on. What comes back in parameter 2, b is an
 * ocall that waits, counted from 1; then *request is its size. PENDING_ROOM: it has no room yet.
 */
static uint32_t exchange(struct edb_host_call *call, uint32_t command, size_t in_size,
	bool with_ocalls, size_t *request)
{
	struct edb_enclave *enclave = call->enclave;
	bool has_room = needs_room(enclave, command);
	TEEC_Operation operation = {
		.paramTypes = TEEC_PARAM_TYPES(in_size ? TEEC_MEMREF_PARTIAL_INPUT : TEEC_NONE,
			call->out_size ? TEEC_MEMREF_PARTIAL_OUTPUT : TEEC_NONE, TEEC_VALUE_OUTPUT,
			!with_ocalls ? TEEC_NONE
			: has_room   ? TEEC_MEMREF_PARTIAL_OUTPUT
				     : TEEC_MEMREF_TEMP_OUTPUT /* of nothing */)};

	if (in_size)
		refer(&operation, 0, &enclave->in, in_size);
	if (call->out_size)
		refer(&operation, 1, &enclave->out, call->out_size);
	if (with_ocalls && has_room)
		refer(&operation, 3, &enclave->request, enclave->request.memory.size);
	fail(call, TEEC_InvokeCommand(&enclave->session, command, &operation, NULL));
	call->retval = operation.params[2].value.a;
	edb_host_check(call, !call->out_size || operation.params[1].memref.size == call->out_size);
	edb_host_check(call, with_ocalls || !operation.params[2].value.b);
	*request = with_ocalls && has_room ? operation.params[3].memref.size : 0;
	edb_host_check(call, !*request || *request <= enclave->request.memory.size);
	return call->result ? 0 : operation.params[2].value.b;
}

/* Run the ocall that waits and put its reply where the next command's input lies. */
static size_t answer(struct edb_host_call *call, const struct edb_host_ocalls *ocalls,
	uint32_t number, size_t request_size)
{
	struct edb_enclave *enclave = call->enclave;
	uint8_t *reply = NULL;
	size_t reply_size = 0;

	enclave->in_ocall = true;
	fail(call, edb_serve(ocalls, number, enclave->request.memory.buffer, request_size, &reply,
			   &reply_size));
	enclave->in_ocall = false;
	if (!call->result)
		fail(call, buffer_reserve(enclave, &enclave->in, reply_size, TEEC_MEM_INPUT));
	if (!call->result)
		memcpy(enclave->in.memory.buffer, reply, reply_size);
	if (reply)
		explicit_bzero(reply, reply_size);
	free(reply);
	return reply_size;
}

/* Room for a request, of as many bytes as the enclave asked for. */
static void make_room(struct edb_host_call *call)
{
	edb_host_check(call, call->retval <= REQUEST_BYTES_MAX);
	if (!call->result)
		fail(call, buffer_reserve(call->enclave, &call->enclave->request, call->retval,
				   TEEC_MEM_OUTPUT));
}

void edb_host_invoke(
	struct edb_host_call *call, uint32_t command, const struct edb_host_ocalls *ocalls)
{
	size_t request_size = 0;

	if (call->result)
		return;

	uint32_t pending = exchange(call, command, call->in_size, ocalls, &request_size);

	if (pending)
		call->enclave->calls_out |= bit_of(command);
	while (pending) {
		bool for_room = pending == PENDING_ROOM;
		size_t in_size = 0;

		if (for_room)
			make_room(call);
		else
			in_size = answer(call, ocalls, pending - 1, request_size);
		if (call->result)
			return;
		pending = exchange(call, for_room ? COMMAND_ROOM : COMMAND_RESUME, in_size, true,
			&request_size);
	}
}

uint32_t edb_host_retval(const struct edb_host_call *call)
{
	return call->result ? 0 : call->retval;
}

bool edb_host_bool(struct edb_host_call *call, uint64_t value)
{
	edb_host_check(call, value <= 1);
	return value == 1;
}

static const uint8_t *out_place(struct edb_host_call *call, size_t bytes)
{
	if (call->result)
		return NULL;
	if (bytes > call->out_size - call->out_pos) {
		fail(call, TEEC_ERROR_GENERIC); /* edger8r added up wrongly */
		return NULL;
	}
	const uint8_t *at = &call->out[call->out_pos];

	call->out_pos += bytes;
	return at;
}

uint64_t edb_host_get(struct edb_host_call *call, size_t bytes)
{
	const uint8_t *at = out_place(call, bytes);
	uint64_t value = 0;

	for (size_t i = bytes; at && i > 0; i--)
		value = value << 8 | at[i - 1];
	return value;
}

const void *edb_host_get_array(struct edb_host_call *call, uint32_t bytes)
{
	edb_host_check(call, edb_host_get(call, 4) == bytes);
	return out_place(call, bytes);
}

TEEC_Result edb_host_end(struct edb_host_call *call)
{
	if (!call->result && call->out_pos != call->out_size)
		fail(call, TEEC_ERROR_GENERIC); /* edger8r added up wrongly */
	return call->result;
}

void edb_host_copy(void *to, const void *from, uint32_t bytes)
{
	if (bytes)
		memcpy(to, from, bytes);
}
