/* SPDX-License-Identifier: MIT
 *
 * Between a program and the TEE, by LD_PRELOAD.
 *
 * EDB_RECORD=FILE  keeps every command there: number, sizes of input and output (u32 each), input
 * EDB_FLIP=SEED    while a command runs, another thread flips one bit of its input and flips it
 * back, without a pause; at every other command, as the seed has it
 */
#include <dlfcn.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include <tee_client_api.h>

#define FRONT_BYTES 64 /* sizes and numbers lie there: half of all bits are flipped there */

static _Atomic(uint32_t *) target; /* NULL: nothing to flip now */
static atomic_bool idle = true;
static uint32_t mask;
static unsigned seed;

static void *flip(void *none)
{
	for (;;) {
		uint32_t *word = atomic_load(&target);

		atomic_store(&idle, false);
		if (word && atomic_load(&target) == word) { /* and stays so while not idle */
			__atomic_xor_fetch(word, mask, __ATOMIC_SEQ_CST);
			__atomic_xor_fetch(word, mask, __ATOMIC_SEQ_CST);
		}
		atomic_store(&idle, true);
	}
	return none;
}

static void flip_begin(uint8_t *input, size_t size)
{
	static bool flipping;
	size_t words;
	pthread_t thread;

	if (!flipping) {
		seed = (unsigned)strtoul(getenv("EDB_FLIP"), NULL, 10);
		flipping = !pthread_create(&thread, NULL, flip, NULL);
		if (!flipping)
			abort();
	}
	if (rand_r(&seed) % 2 && size > FRONT_BYTES)
		size = FRONT_BYTES;
	words = size / sizeof(uint32_t);
	if (!words)
		return;
	mask = 1u << rand_r(&seed) % 32;
	atomic_store(&target, (uint32_t *)(void *)input + (size_t)rand_r(&seed) % words);
}

/* Then the bit is as it was. */
static void flip_end(void)
{
	atomic_store(&target, NULL);
	while (!atomic_load(&idle))
		;
}

static void record(uint32_t command, const uint8_t *input, uint32_t in_size, uint32_t out_size)
{
	uint32_t head[3] = {command, in_size, out_size};
	FILE *file = fopen(getenv("EDB_RECORD"), "ab");

	if (!file || fwrite(head, sizeof head, 1, file) != 1 ||
		fwrite(input, 1, in_size, file) != in_size || fclose(file))
		abort();
}

TEEC_Result TEEC_InvokeCommand(
	TEEC_Session *session, uint32_t command, TEEC_Operation *operation, uint32_t *origin)
{
	TEEC_Result (*real)(TEEC_Session *, uint32_t, TEEC_Operation *, uint32_t *);
	TEEC_RegisteredMemoryReference *in = &operation->params[0].memref, *out;
	bool has_input = TEEC_PARAM_TYPE_GET(operation->paramTypes, 0) == TEEC_MEMREF_PARTIAL_INPUT;
	bool has_output =
		TEEC_PARAM_TYPE_GET(operation->paramTypes, 1) == TEEC_MEMREF_PARTIAL_OUTPUT;
	uint8_t *input = has_input ? (uint8_t *)in->parent->buffer + in->offset : NULL;
	TEEC_Result result;

	out = &operation->params[1].memref;
	*(void **)&real = dlsym(RTLD_NEXT, "TEEC_InvokeCommand");
	if (getenv("EDB_RECORD"))
		record(command, input, has_input ? (uint32_t)in->size : 0,
			has_output ? (uint32_t)out->size : 0);
	if (getenv("EDB_FLIP") && has_input)
		flip_begin(input, in->size);
	result = real(session, command, operation, origin);
	if (getenv("EDB_FLIP"))
		flip_end();
	return result;
}
