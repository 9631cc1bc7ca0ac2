/* SPDX-License-Identifier: MIT
 *
 * From one stack to another.
 */
#ifndef EDB_SWITCH_H
#define EDB_SWITCH_H

#include <stdint.h>

/*
 * Put the registers that a function must keep on the stack, note it in *from, and go on where
 * another such call left `to`. Own assembly that ends in a plain `ret`: longjmp to another stack
 * is a fault under BTI and under the checks of some C libraries.
 */
void edb_switch(void **from, void *to);

/* A new stack's first words, counted in 8 bytes from the top: what edb_switch will take off. */
#if defined(__x86_64__)
#define EDB_SWITCH_WORDS        9 /* control words, r15 … rbp, return address, one for alignment */
#define EDB_SWITCH_RETURN_WORD  2
#define EDB_SWITCH_CONTROL_WORD 9
#define EDB_SWITCH_CONTROL      UINT64_C(0x0000037f00001f80) /* x87 and SSE as a program starts */
#elif defined(__aarch64__)
#define EDB_SWITCH_WORDS       20 /* x19 … x30, d8 … d15 */
#define EDB_SWITCH_RETURN_WORD 9  /* x30 */
#else
#error "no edb_switch for this processor"
#endif

#endif
