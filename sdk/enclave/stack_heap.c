/* SPDX-License-Identifier: MIT
 *
 * On the heap: an overrun is noticed by the mark at the stack's end, when the ecall returns.
 */
#include <tee_internal_api.h>

#include "stack.h"

uint64_t *edb_stack_new(size_t bytes)
{
	return TEE_Malloc(bytes, TEE_MALLOC_FILL_ZERO);
}

void edb_stack_free(uint64_t *stack, size_t bytes)
{
	(void)bytes;
	TEE_Free(stack);
}
