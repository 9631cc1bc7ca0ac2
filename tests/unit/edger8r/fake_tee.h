/* SPDX-License-Identifier: MIT
 *
 * Both TEE APIs in one process, as far as calls need them: a command goes straight from
 * TEEC_InvokeCommand to TA_InvokeCommandEntryPoint. Buffers are exact-size copies, so a sanitizer
 * sees one byte too many.
 */
#ifndef FAKE_TEE_H
#define FAKE_TEE_H

#include <setjmp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <tee_internal_api.h>

/* What crossed last, and what the tests may change on the way. */
struct fake_tee {
	uint8_t *wire_in; /* last parameter 0; owned */
	size_t wire_in_size;
	size_t wire_out_size;
	uint32_t command, types;
	bool flip_out;          /* spoil one byte of what comes back … */
	size_t flip_out_at;     /* … here, to … */
	uint8_t flip_out_value; /* … this */
	size_t flip_request_at; /* spoil a byte of the next ocall's request; 0: none */
	bool change_out_size;
	uint32_t retval_or;     /* set bits in what the enclave returned */
	uint32_t pending;       /* what comes back beside the return value */
	TEE_Result fail_with;   /* instead of a call */
	size_t malloc_fails_at; /* the so-manieth TEE_Malloc from now gives NULL; 0: none */
	size_t live_blocks;     /* TEE_Malloc less TEE_Free */
	size_t live_shared;     /* shared memory blocks */
	size_t shared_made;     /* so many were ever made */
	bool shared_fails;
	uint64_t *stack;   /* the last block of a second stack's size */
	jmp_buf *on_panic; /* where a panic ends; NULL: abort */
	bool unwiped;      /* a block was freed that was not all zero */
	bool change_in_ns; /* after the first copy out of parameter 0, change it */
	void *in_ns;       /* of the call that runs */
	size_t in_ns_size;
};

extern struct fake_tee fake;

void fake_clear(void);

#endif
