/* SPDX-License-Identifier: MIT */
#include "call.h"

#include <string.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "scalars cross as they lie");

uint64_t edb_in(struct edb_call *call, size_t bytes)
{
	const uint8_t *at = cursor_take(&call->in, bytes);
	uint64_t value = 0;

	if (at)
		TEE_MemMove(&value, at, bytes);
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
		cursor_fail(&call->in, EDB_E_TRUNCATED);
}

uint32_t edb_size(struct edb_call *call, uint64_t count, uint64_t size)
{
	edb_require(call, !size || count <= UINT32_MAX / size);
	return call->in.err ? 0 : (uint32_t)(count * size);
}

/* Not const: the application may write into what is its own. */
void *edb_in_array(struct edb_call *call, uint32_t bytes)
{
	edb_require(call, edb_in(call, 4) == bytes);
	return (void *)(uintptr_t)cursor_take(&call->in, bytes);
}

char *edb_in_string(struct edb_call *call, uint32_t *bytes)
{
	uint32_t size = (uint32_t)edb_in(call, 4);
	char *at = (void *)(uintptr_t)cursor_take(&call->in, size);

	/* The first NUL is the last byte; so an empty one, without any NUL, is refused as well. */
	edb_require(call, at && size && !at[size - 1] && strlen(at) == size - 1);
	if (bytes)
		*bytes = call->in.err ? 0 : size;
	return at;
}

TEE_Result edb_begin(struct edb_call *call, uint64_t out_bytes, size_t work_bytes)
{
	if (call->in.err || cursor_left(&call->in) || call->out_ns.size != out_bytes)
		return TEE_ERROR_BAD_PARAMETERS;
	if (!work_bytes)
		return TEE_SUCCESS;
	call->work.base = TEE_Malloc(work_bytes, TEE_MALLOC_FILL_ZERO);
	call->work.size = work_bytes;
	return call->work.base ? TEE_SUCCESS : TEE_ERROR_OUT_OF_MEMORY;
}

void *edb_work(struct edb_call *call, const void *from, uint32_t bytes)
{
	struct writer *w = &call->work;
	uint8_t *at = &w->base[w->pos];
	size_t step = edb_pad(bytes);

	if (step > w->size - w->pos)
		TEE_Panic(TEE_ERROR_BAD_STATE); /* edger8r added up wrongly */
	w->pos += step;
	if (from)
		TEE_MemMove(at, from, bytes);
	return at;
}

static void put(struct edb_call *call, const void *bytes, size_t size)
{
	if (call->in.err)
		return; /* the call was cancelled, and the memory is gone */
	writer_put(&call->out_ns, bytes, size);
	if (call->out_ns.err)
		TEE_Panic(TEE_ERROR_BAD_STATE); /* edger8r added up wrongly */
}

void edb_out(struct edb_call *call, uint64_t value, size_t bytes)
{
	put(call, &value, bytes);
}

void edb_out_array(struct edb_call *call, const void *from, uint32_t bytes)
{
	put(call, &bytes, sizeof bytes);
	put(call, from, bytes);
}

TEE_Result edb_call_copy_in(struct edb_call *call, const TEE_Param *param)
{
	const void *in_ns = param->memref.buffer;
	size_t size = param->memref.size;

	if (!in_ns || !size || size > edb_call_input_max)
		return TEE_ERROR_BAD_PARAMETERS;
	call->copy = TEE_Malloc(size, TEE_MALLOC_FILL_ZERO);
	if (!call->copy)
		return TEE_ERROR_OUT_OF_MEMORY;
	TEE_MemMove(call->copy, in_ns, size); /* the only read of in_ns */
	call->in = cursor_over(call->copy, size);
	return TEE_SUCCESS;
}

TEE_Result edb_call_prepare(
	struct edb_call *call, uint32_t command, uint32_t param_types, TEE_Param params[4])
{
	*call = (struct edb_call){0};
	if (command >= edb_ecall_count || param_types != edb_ecalls[command].param_types)
		return TEE_ERROR_BAD_PARAMETERS; /* before any params[] */

	if (TEE_PARAM_TYPE_GET(param_types, 1) == TEE_PARAM_TYPE_MEMREF_OUTPUT) {
		call->out_ns.base = params[1].memref.buffer;
		call->out_ns.size = params[1].memref.size;
		if (!call->out_ns.base || call->out_ns.size > edb_call_output_max)
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
	wipe_and_free(call->work.base, call->work.size);
	wipe_and_free(call->copy, call->in.size);
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
