/* SPDX-License-Identifier: MIT
 *
 * Memory for the second stack of an ecall that calls out. One file for each way to get it.
 */
#ifndef EDB_STACK_H
#define EDB_STACK_H

#include <stddef.h>
#include <stdint.h>

/** Zeros; bytes: a multiple of 16. NULL: there is no memory. */
uint64_t *edb_stack_new(size_t bytes);

/** What edb_stack_new gave, of this size. */
void edb_stack_free(uint64_t *stack, size_t bytes);

#endif
