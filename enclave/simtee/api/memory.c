/* SPDX-License-Identifier: MIT
 *
 * Memory, 4.11 of the TEE Internal Core API.
 */
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <tee_internal_api.h>

#include "heap.h"
#include "sys.h"

struct block {
	size_t size;
	size_t pad; /* what follows is aligned as malloc's own */
};

_Static_assert(sizeof(struct block) == 16, "alignment of what TEE_Malloc gives");

static size_t limit = SIZE_MAX, used;
static const void *instance_data;

void simtee_heap_limit(size_t bytes)
{
	limit = bytes;
}

size_t simtee_heap_used(void)
{
	return used;
}

void *TEE_Malloc(size_t size, uint32_t hint)
{
	struct block *block;

	(void)hint; /* memory is always zero-filled, and never shared with the normal world */
	if (used > limit || size > limit - used || size > SIZE_MAX - sizeof *block)
		return NULL;
	block = calloc(1, sizeof *block + size);
	if (!block)
		return NULL;
	block->size = size;
	used += size;
	return block + 1;
}

void TEE_Free(void *buffer)
{
	struct block *block;

	if (!buffer)
		return;
	block = (struct block *)buffer - 1;
	used -= block->size;
	OPENSSL_cleanse(block, sizeof *block + block->size);
	free(block);
}

void *TEE_Realloc(void *buffer, size_t newSize)
{
	void *fresh = TEE_Malloc(newSize, 0);

	if (!fresh || !buffer)
		return fresh;
	size_t old = ((struct block *)buffer - 1)->size;

	memcpy(fresh, buffer, old < newSize ? old : newSize);
	TEE_Free(buffer);
	return fresh;
}

void (*simtee_after_copy)(const void *src, size_t size);

void TEE_MemMove(void *dest, const void *src, size_t size)
{
	if (size)
		memmove(dest, src, size);
	if (simtee_after_copy && size)
		simtee_after_copy(src, size);
}

int32_t TEE_MemCompare(const void *buffer1, const void *buffer2, size_t size)
{
	const uint8_t *a = buffer1, *b = buffer2;
	int32_t result = 0;

	/* Constant time: from the end, so that the first difference decides; no branch on the data.
	 */
	for (size_t i = size; i-- > 0;) {
		int32_t diff = (int32_t)a[i] - (int32_t)b[i];
		int32_t differs = -(int32_t)((uint32_t)(diff | -diff) >> 31);

		result = (result & ~differs) | (diff & differs);
	}
	return result;
}

void TEE_MemFill(void *buff, uint8_t x, size_t size)
{
	if (size)
		memset(buff, x, size);
}

TEE_Result TEE_CheckMemoryAccessRights(uint32_t accessFlags, void *buffer, size_t size)
{
	if (!size)
		return TEE_SUCCESS;
	if (!buffer)
		return TEE_ERROR_ACCESS_DENIED;
	if (!(accessFlags & TEE_MEMORY_ACCESS_ANY_OWNER) && sys_is_shared(buffer, size))
		return TEE_ERROR_ACCESS_DENIED;
	return TEE_SUCCESS;
}

void TEE_SetInstanceData(const void *instanceData)
{
	instance_data = instanceData;
}

const void *TEE_GetInstanceData(void)
{
	return instance_data;
}

void TEE_Panic(TEE_Result panicCode)
{
	sys_panic(panicCode);
}
