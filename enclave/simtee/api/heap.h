/* SPDX-License-Identifier: MIT
 *
 * An application's heap: TEE_Malloc counts, so that the declared size is a limit and what is left
 * at the end can be reported.
 */
#ifndef SIMTEE_HEAP_H
#define SIMTEE_HEAP_H

#include <stddef.h>

/** Bytes that TEE_Malloc may give in all; no limit before this is called. */
void simtee_heap_limit(size_t bytes);

/** Bytes given and not yet freed. */
size_t simtee_heap_used(void);

#endif
