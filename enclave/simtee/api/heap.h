/* SPDX-License-Identifier: MIT
 *
 * An application's heap: TEE_Malloc counts, so that the declared size is a limit and what is left
 * at the end can be reported; and a hook in TEE_MemMove.
 */
#ifndef SIMTEE_HEAP_H
#define SIMTEE_HEAP_H

#include <stddef.h>

/** Bytes that TEE_Malloc may give in all; no limit before this is called. */
void simtee_heap_limit(size_t bytes);

/** Bytes given and not yet freed. */
size_t simtee_heap_used(void);

/** Called after every TEE_MemMove; NULL: nobody asks. For the attack of loader/attack.c. */
extern void (*simtee_after_copy)(const void *src, size_t size);

#endif
