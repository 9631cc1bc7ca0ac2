/* SPDX-License-Identifier: MIT */
#include "wipe.h"

#include <tee_internal_api.h>

void wipe(void *memory, size_t size)
{
	TEE_MemFill(memory, 0, size);
	/* The memory is "read" here, so the stores above must happen. */
	__asm__ volatile("" : : "r"(memory) : "memory");
}

bool equal_ct(const void *a, const void *b, size_t size)
{
	return TEE_MemCompare(a, b, size) == 0; /* constant-time by the API's specification */
}
