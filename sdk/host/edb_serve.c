/* SPDX-License-Identifier: MIT
 *
 * The host's half of an ocall. The enclave is trusted with its own data, not with this process:
 * what it sends is checked as strictly as it checks us.
 */
#include "edb_host.h"

#include <stdlib.h>
#include <string.h>

#define TOKEN_BYTES 8

static const uint8_t *take(struct edb_serve_call *call, size_t bytes)
{
	if (call->bad || bytes > call->in_size - call->in_pos) {
		call->bad = true;
		return NULL;
	}
	const uint8_t *at = &call->in[call->in_pos];

	call->in_pos += bytes;
	return at;
}

uint64_t edb_serve_in(struct edb_serve_call *call, size_t bytes)
{
	const uint8_t *at = take(call, bytes);
	uint64_t value = 0;

	for (size_t i = bytes; at && i > 0; i--)
		value = value << 8 | at[i - 1];
	return value;
}

bool edb_serve_in_bool(struct edb_serve_call *call)
{
	uint64_t value = edb_serve_in(call, 1);

	edb_serve_require(call, value <= 1);
	return value == 1;
}

void edb_serve_require(struct edb_serve_call *call, bool condition)
{
	if (!condition)
		call->bad = true;
}

uint32_t edb_serve_size(struct edb_serve_call *call, uint64_t count, uint64_t size)
{
	if (size && count > UINT32_MAX / size) {
		call->bad = true;
		return 0;
	}
	return (uint32_t)(count * size);
}

void *edb_serve_in_array(struct edb_serve_call *call, uint32_t bytes)
{
	edb_serve_require(call, edb_serve_in(call, 4) == bytes);
	return (void *)(uintptr_t)take(call, bytes); /* the copy may be changed */
}

char *edb_serve_in_string(struct edb_serve_call *call, uint32_t *bytes)
{
	uint32_t size = (uint32_t)edb_serve_in(call, 4);
	char *at = (char *)(uintptr_t)take(call, size);

	edb_serve_require(call, at && size && strnlen(at, size) == size - 1);
	if (bytes)
		*bytes = call->bad ? 0 : size;
	return at;
}

size_t edb_serve_pad(uint32_t bytes)
{
	return ((size_t)bytes | 7) + 1;
}

TEEC_Result edb_serve_begin(struct edb_serve_call *call, uint64_t out_bytes, size_t work_bytes)
{
	if (call->bad || call->in_pos != call->in_size)
		return TEEC_ERROR_BAD_FORMAT;
	call->out_size = call->out_pos + out_bytes;

	uint8_t *out = realloc(call->out, call->out_size);

	if (!out)
		return TEEC_ERROR_OUT_OF_MEMORY;
	call->out = out;
	call->work = calloc(1, work_bytes ? work_bytes : 1);
	if (!call->work)
		return TEEC_ERROR_OUT_OF_MEMORY;
	call->work_size = work_bytes;
	return TEEC_SUCCESS;
}

void *edb_serve_work(struct edb_serve_call *call, const void *from, uint32_t bytes)
{
	uint8_t *at = &call->work[call->work_pos];

	call->work_pos += edb_serve_pad(bytes);
	edb_host_copy(at, from, from ? bytes : 0);
	return at;
}

void edb_serve_out(struct edb_serve_call *call, uint64_t value, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++)
		call->out[call->out_pos++] = (uint8_t)(value >> (8 * i));
}

void edb_serve_out_array(struct edb_serve_call *call, const void *from, uint32_t bytes)
{
	edb_serve_out(call, bytes, 4);
	edb_host_copy(&call->out[call->out_pos], from, bytes);
	call->out_pos += bytes;
}

TEEC_Result edb_serve(const struct edb_host_ocalls *ocalls, uint32_t number, uint8_t *request,
	size_t size, uint8_t **reply, size_t *reply_size)
{
	struct edb_serve_call call = {.in_size = size, .in_pos = TOKEN_BYTES};
	uint8_t *copy = NULL;
	TEEC_Result result = TEEC_ERROR_BAD_FORMAT;

	if (size < TOKEN_BYTES || number >= ocalls->count)
		return TEEC_ERROR_BAD_FORMAT;
	copy = malloc(size);
	call.out = malloc(TOKEN_BYTES);
	if (!copy || !call.out) {
		result = TEEC_ERROR_OUT_OF_MEMORY;
		goto out;
	}
	memcpy(copy, request, size);
	memcpy(call.out, copy, TOKEN_BYTES);
	call.in = copy;
	call.out_pos = TOKEN_BYTES;
	result = ocalls->functions[number](&call);
	/* A reply without its content tells the enclave that the ocall failed. */
	*reply_size = result ? TOKEN_BYTES : call.out_size;
	*reply = call.out;
	call.out = NULL;
	result = TEEC_SUCCESS;
out:
	if (copy)
		explicit_bzero(copy, size);
	free(copy);
	free(call.out);
	if (call.work)
		explicit_bzero(call.work, call.work_size);
	free(call.work);
	return result;
}
