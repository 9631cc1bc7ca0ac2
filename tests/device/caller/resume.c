/* SPDX-License-Identifier: MIT
 *
 * resume: what root can send instead of the RESUME that an ocall waits for, through libteec alone.
 * Says of each whether it was refused as it should be; then the right ones still finish the ecall.
 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <tee_client_api.h>

#define RESUME       0xedb00001u /* docs/edl.md, "Ocalls" */
#define ROOM         0xedb00002u
#define PENDING_ROOM UINT32_MAX
#define ECALL_FILL   4u
#define ECALLS       5u
#define TOKEN_BYTES  8
#define REPLY_BYTES  12u /* token and what ocall_next returns */
#define OUT_BYTES    20u /* 16 bytes behind their size */
#define OCALLS       16

static const TEEC_UUID caller = {
	0x7e57da7a, 0x0000, 0x4000, {0x80, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xca}};

static const uint32_t kinds[] = {TEEC_NONE, TEEC_VALUE_INPUT, TEEC_VALUE_OUTPUT, TEEC_VALUE_INOUT,
	TEEC_MEMREF_PARTIAL_INPUT, TEEC_MEMREF_PARTIAL_OUTPUT, TEEC_MEMREF_PARTIAL_INOUT};
#define KINDS (sizeof kinds / sizeof kinds[0])

#define FIRST_TYPES                                                                                \
	TEEC_PARAM_TYPES(TEEC_NONE, TEEC_MEMREF_PARTIAL_OUTPUT, TEEC_VALUE_OUTPUT,                 \
		TEEC_MEMREF_PARTIAL_OUTPUT)
#define RESUME_TYPES                                                                               \
	TEEC_PARAM_TYPES(TEEC_MEMREF_PARTIAL_INPUT, TEEC_MEMREF_PARTIAL_OUTPUT, TEEC_VALUE_OUTPUT, \
		TEEC_MEMREF_PARTIAL_OUTPUT)

/* A session, its memory, and how much of it the next command brings. */
struct raw {
	TEEC_Session session;
	TEEC_SharedMemory memory[4]; /* by parameter; 2 is none */
	size_t size[4];
	uint32_t pending;
};

static bool all_good = true;

static void expect(const char *what, bool holds)
{
	printf("%s: %s\n", what, holds ? "good" : "WRONG");
	all_good &= holds;
}

static bool raw_open(TEEC_Context *context, struct raw *raw)
{
	*raw = (struct raw){.size = {REPLY_BYTES, OUT_BYTES, 4, REPLY_BYTES}};
	for (unsigned i = 0; i < 4; i++) {
		raw->memory[i].size = 4096;
		raw->memory[i].flags = TEEC_MEM_INPUT | TEEC_MEM_OUTPUT;
		if (TEEC_AllocateSharedMemory(context, &raw->memory[i]))
			return false;
	}
	return !TEEC_OpenSession(
		context, &raw->session, &caller, TEEC_LOGIN_PUBLIC, NULL, NULL, NULL);
}

static TEEC_Result raw_send(struct raw *raw, uint32_t command, uint32_t types)
{
	TEEC_Operation operation = {.paramTypes = types};
	TEEC_Result result;

	for (unsigned i = 0; i < 4; i++) {
		if (TEEC_PARAM_TYPE_GET(types, i) < TEEC_MEMREF_PARTIAL_INPUT)
			continue;
		operation.params[i].memref.parent = &raw->memory[i];
		operation.params[i].memref.size = raw->size[i];
	}
	result = TEEC_InvokeCommand(&raw->session, command, &operation, NULL);
	if (!result)
		raw->pending = operation.params[2].value.b;
	return result;
}

static uint8_t *token(struct raw *raw)
{
	return raw->memory[3].buffer;
}

/* A reply to the ocall that waits. */
static void raw_reply(struct raw *raw, const uint8_t *with_token)
{
	uint8_t *in = raw->memory[0].buffer;
	uint8_t *request = raw->memory[3].buffer;

	memcpy(in, with_token, TOKEN_BYTES);
	memset(&in[TOKEN_BYTES], 0, 4);
	in[TOKEN_BYTES] = (uint8_t)(request[TOKEN_BYTES] + 1);
}

static TEEC_Result raw_resume(struct raw *raw)
{
	raw_reply(raw, token(raw));
	return raw_send(raw, RESUME, RESUME_TYPES);
}

/* Up to its end: the bytes are there if nothing disturbed it. */
static bool finishes(struct raw *raw)
{
	const uint8_t *out = raw->memory[1].buffer;

	while (raw->pending == 1)
		if (raw_resume(raw))
			return false;
	for (uint8_t i = 0; i < OCALLS; i++)
		if (out[4 + i] != i + 1)
			return false;
	return !raw->pending;
}

static bool starts(struct raw *raw)
{
	return !raw_send(raw, ECALL_FILL, FIRST_TYPES) && raw->pending == 1;
}

static bool tokens_of_other_bits(struct raw *raw)
{
	bool refused = true;

	for (unsigned bit = 0; bit < TOKEN_BYTES * 8; bit++) {
		raw_reply(raw, token(raw));
		((uint8_t *)raw->memory[0].buffer)[bit / 8] ^= (uint8_t)(1u << bit % 8);
		refused &= raw_send(raw, RESUME, RESUME_TYPES) == TEEC_ERROR_ACCESS_DENIED;
	}
	return refused;
}

static bool token_of_another_session(struct raw *raw, struct raw *other)
{
	raw_reply(raw, token(other));
	return raw_send(raw, RESUME, RESUME_TYPES) == TEEC_ERROR_ACCESS_DENIED;
}

static bool token_of_before(struct raw *raw)
{
	uint8_t before[TOKEN_BYTES];

	memcpy(before, token(raw), sizeof before);
	if (raw_resume(raw) || raw->pending != 1)
		return false;
	raw_reply(raw, before);
	return raw_send(raw, RESUME, RESUME_TYPES) == TEEC_ERROR_ACCESS_DENIED;
}

static bool every_other_type(struct raw *raw)
{
	bool refused = true;

	raw_reply(raw, token(raw));
	for (unsigned number = 0; number < KINDS * KINDS * KINDS * KINDS; number++) {
		uint32_t types = TEEC_PARAM_TYPES(kinds[number % KINDS],
			kinds[number / KINDS % KINDS], kinds[number / KINDS / KINDS % KINDS],
			kinds[number / KINDS / KINDS / KINDS]);

		if (types != RESUME_TYPES)
			refused &= raw_send(raw, RESUME, types) == TEEC_ERROR_BAD_PARAMETERS;
	}
	return refused;
}

static bool reply_below_a_token(struct raw *raw)
{
	bool refused = true;

	raw_reply(raw, token(raw));
	for (raw->size[0] = 0; raw->size[0] < TOKEN_BYTES; raw->size[0]++)
		refused &= raw_send(raw, RESUME, RESUME_TYPES) != TEEC_SUCCESS;
	raw->size[0] = REPLY_BYTES;
	return refused;
}

static bool output_of_another_size(struct raw *raw)
{
	bool refused = true;

	raw_reply(raw, token(raw));
	for (raw->size[1] = 0; raw->size[1] < 2 * OUT_BYTES; raw->size[1]++)
		if (raw->size[1] != OUT_BYTES)
			refused &= raw_send(raw, RESUME, RESUME_TYPES) == TEEC_ERROR_BAD_PARAMETERS;
	raw->size[1] = OUT_BYTES;
	return refused;
}

static bool other_ecalls(struct raw *raw)
{
	bool refused = true;

	for (uint32_t command = 0; command < ECALLS; command++)
		refused &= raw_send(raw, command, FIRST_TYPES) == TEEC_ERROR_BUSY;
	return refused;
}

static bool room_that_is_too_small(struct raw *raw)
{
	bool refused;

	raw->size[3] = REPLY_BYTES - 1;
	refused = !raw_send(raw, ECALL_FILL, FIRST_TYPES) && raw->pending == PENDING_ROOM;
	refused &= raw_send(raw, ROOM, FIRST_TYPES) == TEEC_ERROR_BAD_PARAMETERS;
	raw_reply(raw, token(raw));
	refused &= raw_send(raw, RESUME, RESUME_TYPES) == TEEC_ERROR_BAD_STATE;
	refused &= other_ecalls(raw);
	raw->size[3] = REPLY_BYTES;
	return refused && !raw_send(raw, ROOM, FIRST_TYPES) && raw->pending == 1;
}

int main(void)
{
	TEEC_Context context;
	struct raw a, b;

	if (TEEC_InitializeContext(NULL, &context) || !raw_open(&context, &a) ||
		!raw_open(&context, &b))
		return 2;
	expect("before any ecall", raw_send(&a, RESUME, RESUME_TYPES) == TEEC_ERROR_BAD_STATE &&
					   raw_send(&a, ROOM, FIRST_TYPES) == TEEC_ERROR_BAD_STATE);
	if (!starts(&a) || !starts(&b))
		return 2;
	expect("a token with any bit changed", tokens_of_other_bits(&a));
	expect("another session's token", token_of_another_session(&a, &b));
	expect("the token of the ocall before", token_of_before(&a));
	expect("every other parameter type", every_other_type(&a));
	expect("a reply that has no token", reply_below_a_token(&a));
	expect("output of another size", output_of_another_size(&a));
	expect("an ecall in mid-ocall", other_ecalls(&a));
	expect("ROOM where none is asked for",
		raw_send(&a, ROOM, FIRST_TYPES) == TEEC_ERROR_BAD_STATE);
	expect("the right ones finish it", finishes(&a));
	raw_reply(&a, token(&a));
	expect("after the end", raw_send(&a, RESUME, RESUME_TYPES) == TEEC_ERROR_BAD_STATE);
	expect("the other session was not disturbed", finishes(&b));
	expect("room that is too small", room_that_is_too_small(&a) && finishes(&a));
	TEEC_CloseSession(&a.session);
	TEEC_CloseSession(&b.session);
	TEEC_FinalizeContext(&context);
	return all_good ? 0 : 1;
}
