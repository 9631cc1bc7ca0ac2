/* SPDX-License-Identifier: MIT */
#include "call.h"

static uint8_t *take(struct edb_call *call, size_t bytes)
{
	if (call->bad || bytes > call->in_size - call->in_pos) {
		call->bad = true;
		return NULL;
	}
	uint8_t *at = &call->in[call->in_pos];

	call->in_pos += bytes;
	return at;
}

uint64_t edb_in(struct edb_call *call, size_t bytes)
{
	const uint8_t *at = take(call, bytes);
	uint64_t value = 0;

	for (size_t i = bytes; at && i > 0; i--)
		value = value << 8 | at[i - 1];
	return value;
}

bool edb_in_bool(struct edb_call *call)
{
	uint64_t value = edb_in(call, 1);

	edb_require(call, value <= 1);
	return value == 1;
}

void edb_require(struct edb_call *call, bool condition)
{
	if (!condition)
		call->bad = true;
}

uint32_t edb_size(struct edb_call *call, uint64_t count, uint64_t size)
{
	if (size && count > UINT32_MAX / size) {
		call->bad = true;
		return 0;
	}
	return (uint32_t)(count * size);
}

void *edb_in_array(struct edb_call *call, uint32_t bytes)
{
	edb_require(call, edb_in(call, 4) == bytes);
	return take(call, bytes);
}

char *edb_in_string(struct edb_call *call, uint32_t *bytes)
{
	uint32_t size = (uint32_t)edb_in(call, 4);
	uint8_t *at = take(call, size);
	uint32_t length = 0;

	while (at && length < size && at[length])
		length++;
	/* The first NUL is the last byte; so an empty one, without any NUL, is refused as well. */
	edb_require(call, at && length + 1 == size);
	if (bytes)
		*bytes = call->bad ? 0 : size;
	return (char *)at;
}

TEE_Result edb_begin(struct edb_call *call, uint64_t out_bytes, size_t work_bytes)
{
	if (call->bad || call->in_pos != call->in_size || call->out_size != out_bytes)
		return TEE_ERROR_BAD_PARAMETERS;
	if (!work_bytes)
		return TEE_SUCCESS;
	call->work = TEE_Malloc(work_bytes, TEE_MALLOC_FILL_ZERO);
	if (!call->work)
		return TEE_ERROR_OUT_OF_MEMORY;
	call->work_size = work_bytes;
	return TEE_SUCCESS;
}

void *edb_work(struct edb_call *call, const void *from, uint32_t bytes)
{
	size_t step = edb_pad(bytes);

	if (step > call->work_size - call->work_pos)
		TEE_Panic(TEE_ERROR_BAD_STATE); /* edger8r added up wrongly */

	uint8_t *at = &call->work[call->work_pos];

	call->work_pos += step;
	if (from)
		TEE_MemMove(at, from, bytes);
	return at;
}

/* NULL: the call was cancelled, and the memory is gone. */
static uint8_t *out_place_ns(struct edb_call *call, size_t bytes)
{
	if (call->bad)
		return NULL;
	if (bytes > call->out_size - call->out_pos)
		TEE_Panic(TEE_ERROR_BAD_STATE); /* edger8r added up wrongly */

	uint8_t *at_ns = &call->out_ns[call->out_pos];

	call->out_pos += bytes;
	return at_ns;
}

void edb_out(struct edb_call *call, uint64_t value, size_t bytes)
{
	uint8_t *at_ns = out_place_ns(call, bytes);

	for (size_t i = 0; at_ns && i < bytes; i++)
		at_ns[i] = (uint8_t)(value >> (8 * i));
}

void edb_out_array(struct edb_call *call, const void *from, uint32_t bytes)
{
	edb_out(call, bytes, 4);

	uint8_t *at_ns = out_place_ns(call, bytes);

	if (at_ns)
		TEE_MemMove(at_ns, from, bytes);
}

TEE_Result edb_call_copy_in(struct edb_call *call, const TEE_Param *param)
{
	const void *in_ns = param->memref.buffer;
	size_t size = param->memref.size;

	if (!in_ns || !size || size > edb_call_input_max)
		return TEE_ERROR_BAD_PARAMETERS;
	call->in = TEE_Malloc(size, TEE_MALLOC_FILL_ZERO);
	if (!call->in)
		return TEE_ERROR_OUT_OF_MEMORY;
	call->in_size = size;
	TEE_MemMove(call->in, in_ns, size); /* the only read of in_ns */
	return TEE_SUCCESS;
}

TEE_Result edb_call_prepare(
	struct edb_call *call, uint32_t command, uint32_t param_types, TEE_Param params[4])
{
	*call = (struct edb_call){0};
	if (command >= edb_ecall_count)
		return TEE_ERROR_BAD_PARAMETERS;
	if (param_types != edb_ecalls[command].param_types)
		return TEE_ERROR_BAD_PARAMETERS; /* before any params[] */

	if (TEE_PARAM_TYPE_GET(param_types, 1) == TEE_PARAM_TYPE_MEMREF_OUTPUT) {
		call->out_ns = params[1].memref.buffer;
		call->out_size = params[1].memref.size;
		if (!call->out_ns || call->out_size > edb_call_output_max)
			return TEE_ERROR_BAD_PARAMETERS;
	}
	if (TEE_PARAM_TYPE_GET(param_types, 0) == TEE_PARAM_TYPE_MEMREF_INPUT)
		return edb_call_copy_in(call, &params[0]);
	return TEE_SUCCESS;
}

static void wipe_and_free(uint8_t *memory, size_t size)
{
	if (memory)
		TEE_MemFill(memory, 0, size);
	TEE_Free(memory);
}

void edb_call_clear(struct edb_call *call)
{
	wipe_and_free(call->work, call->work_size);
	wipe_and_free(call->in, call->in_size);
	*call = (struct edb_call){0};
}

TEE_Result edb_call_invoke(
	struct edb_fiber **fiber, uint32_t command, uint32_t param_types, TEE_Param params[4])
{
	struct edb_call call;
	TEE_Result res = edb_call_prepare(&call, command, param_types, params);

	(void)fiber; /* there are no ocalls */
	if (!res)
		res = edb_ecalls[command].run(&call);
	if (!res) {
		params[2].value.a = call.retval;
		params[2].value.b = 0;
	}
	edb_call_clear(&call);
	return res;
}
