/* SPDX-License-Identifier: MIT
 *
 * Ocalls: the whole way, and what a hostile host does with a call that waits.
 */
#include "back_u.h"
#include "fake_tee.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define RESUME        0xedb00001
#define ROOM          0xedb00002
#define TOKEN         8
#define REQUEST_BYTES 256
#define SUM_TYPES                                                                                  \
	TEE_PARAM_TYPES(TEE_PARAM_TYPE_MEMREF_INPUT, TEE_PARAM_TYPE_MEMREF_OUTPUT,                 \
		TEE_PARAM_TYPE_VALUE_OUTPUT, TEE_PARAM_TYPE_MEMREF_OUTPUT)

static const TEEC_UUID uuid = {0};

extern TEE_Result back_last_result;
extern unsigned int back_finished;

static struct edb_enclave *enclave_again; /* for an ecall inside an ocall */
static TEEC_Result nested;
static char noted[100];

int ocall_add(int a, int b)
{
	int retval;

	if (enclave_again)
		nested = ecall_none(enclave_again, &retval, 1);
	return a + b;
}

void ocall_note(char *text)
{
	snprintf(noted, sizeof noted, "%s", text);
}

bool ocall_kinds(uint32_t *wide, uint16_t n, uint32_t *back, char *text, enum flag *flag,
	int64_t *big, uint8_t *bytes)
{
	assert_false((uintptr_t)wide % 4 || (uintptr_t)back % 4);
	for (uint16_t i = 0; i < n; i++) {
		assert_int_equal(back[i], 0);
		back[i] = wide[i] + 1;
	}
	for (size_t i = 0; text[i]; i++)
		text[i] = (char)(text[i] >= 'a' ? text[i] - 32 : text[i]);
	*flag = *flag == NO ? YES : NO;
	*big = INT64_MIN;
	bytes[0] = 3;
	bytes[2] = 1;
	return true;
}

static int setup(void **state)
{
	(void)state;
	back_last_result = TEE_SUCCESS;
	back_finished = 0;
	enclave_again = NULL;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	assert_int_equal(fake.live_blocks, 0);
	assert_int_equal(fake.live_shared, 0);
	assert_false(fake.unwiped);
	fake_clear();
	return 0;
}

static struct edb_enclave *open_enclave(void)
{
	struct edb_enclave *enclave = NULL;

	assert_int_equal(edb_enclave_open(NULL, &uuid, &enclave), TEEC_SUCCESS);
	return enclave;
}

static void there_and_back(void **state)
{
	struct edb_enclave *enclave = open_enclave();
	uint8_t a[200], tail[4];
	uint32_t kinds = 0;
	int retval = 0, wanted = 0;

	(void)state;
	for (size_t i = 0; i < sizeof a; i++)
		wanted += a[i] = (uint8_t)i;
	assert_int_equal(ecall_sum(enclave, &retval, a, sizeof a, tail), TEEC_SUCCESS);
	assert_int_equal(retval, wanted);
	assert_int_equal(tail[3], (uint8_t)(4 + 50 * 3 + 4 * 49 * 25));
	assert_int_equal(ecall_note(enclave, "hello"), TEEC_SUCCESS);
	assert_string_equal(noted, "hello");
	assert_int_equal(ecall_kinds(enclave, &kinds), TEEC_SUCCESS);
	assert_int_equal(back_last_result, TEE_SUCCESS);
	assert_int_equal(kinds, 1);
	assert_int_equal(ecall_none(enclave, &retval, 5), TEEC_SUCCESS);
	assert_int_equal(retval, -5);
	edb_enclave_close(enclave);
}

static void no_ecall_inside_an_ocall(void **state)
{
	struct edb_enclave *enclave = open_enclave();
	uint8_t a = 5, tail[4];
	int retval = 0;

	(void)state;
	enclave_again = enclave;
	assert_int_equal(ecall_sum(enclave, &retval, &a, 1, tail), TEEC_SUCCESS);
	assert_int_equal(nested, TEEC_ERROR_BUSY);
	assert_int_equal(retval, 5);
	assert_int_equal(back_finished, 1);
	edb_enclave_close(enclave);
}

/* 64 KiB of room, 8 for the token, 4 for the size. */
static void a_request_too_large_fails_inside(void **state)
{
	struct edb_enclave *enclave = open_enclave();
	char *text = calloc(1, 65536);

	(void)state;
	assert_non_null(text);
	memset(text, 'x', 65536 - 13);
	/* The ecall's own limit: 64 KiB in. */
	assert_int_equal(ecall_note(enclave, text), TEEC_SUCCESS);
	assert_int_equal(back_last_result, TEE_SUCCESS);
	text[65536 - 13] = 'x';
	text[65536 - 12] = 0;
	assert_int_equal(ecall_note(enclave, text), TEEC_SUCCESS);
	assert_int_equal(back_last_result, TEE_ERROR_SHORT_BUFFER);
	free(text);
	edb_enclave_close(enclave);
}

/* From here on without our host: commands as root would send them. */
struct raw {
	void *session;
	size_t room; /* bytes of request that commands bring; 0: nothing at all */
	uint8_t in[64], out[8], request[REQUEST_BYTES];
	TEE_Param params[4];
};

static void raw_open(struct raw *raw)
{
	*raw = (struct raw){.room = REQUEST_BYTES};
	assert_int_equal(TA_OpenSessionEntryPoint(0, raw->params, &raw->session), TEE_SUCCESS);
}

static TEE_Result raw_invoke(
	struct raw *raw, uint32_t command, uint32_t types, size_t in_size, size_t out_size)
{
	TEE_Param params[4] = {
		{.memref = {raw->in, in_size}},
		{.memref = {raw->out, out_size}},
		{.value = {99, 99}},
		{.memref = {raw->room ? raw->request : NULL, raw->room}},
	};
	TEE_Result result = TA_InvokeCommandEntryPoint(raw->session, command, types, params);

	memcpy(raw->params, params, sizeof params);
	return result;
}

/* An ecall_sum of the bytes 1, 2 that waits in its first ocall. */
static void raw_start(struct raw *raw)
{
	static const uint8_t wire[] = {2, 0, 0, 0, 2, 0, 0, 0, 1, 2};

	raw_open(raw);
	memcpy(raw->in, wire, sizeof wire);
	assert_int_equal(raw_invoke(raw, 0, SUM_TYPES, sizeof wire, 8), TEE_SUCCESS);
	assert_int_equal(raw->params[2].value.a, 0);
	assert_int_equal(raw->params[2].value.b, 1);
	assert_int_equal(raw->params[3].memref.size, TOKEN + 8);
}

static TEE_Result raw_reply(struct raw *raw, uint8_t sum)
{
	memcpy(raw->in, raw->request, TOKEN);
	memset(&raw->in[TOKEN], 0, 4);
	raw->in[TOKEN] = sum;
	return raw_invoke(raw, RESUME, SUM_TYPES, TOKEN + 4, 8);
}

static void raw_finish(struct raw *raw)
{
	assert_int_equal(raw_reply(raw, 10), TEE_SUCCESS);
	assert_int_equal(raw->params[2].value.b, 1);
	assert_int_equal(raw->request[TOKEN], 10); /* the first ocall's answer comes back in */
	assert_int_equal(raw_reply(raw, 20), TEE_SUCCESS);
	assert_int_equal(raw->params[2].value.a, 20);
	assert_int_equal(raw->params[2].value.b, 0);
	assert_int_equal(raw->params[3].memref.size, 0);
	assert_memory_equal(raw->out, "\4\0\0\0\2\4\3\4", 8);
	TA_CloseSessionEntryPoint(raw->session);
}

static void resume_with_nothing_pending(void **state)
{
	struct raw raw;

	(void)state;
	raw_open(&raw);
	assert_int_equal(raw_invoke(&raw, RESUME, SUM_TYPES, 12, 8), TEE_ERROR_BAD_STATE);
	TA_CloseSessionEntryPoint(raw.session);
	raw_start(&raw);

	void *session = raw.session;
	uint8_t first[TOKEN];

	memcpy(first, raw.request, TOKEN);
	assert_int_equal(raw_reply(&raw, 10), TEE_SUCCESS);
	/* The first ocall's token once more: a second one waits now. */
	memcpy(raw.in, first, TOKEN);
	assert_int_equal(raw_invoke(&raw, RESUME, SUM_TYPES, 12, 8), TEE_ERROR_ACCESS_DENIED);
	assert_int_equal(raw_reply(&raw, 20), TEE_SUCCESS);
	assert_int_equal(raw_reply(&raw, 20), TEE_ERROR_BAD_STATE);
	TA_CloseSessionEntryPoint(session);
}

static void only_the_token_resumes(void **state)
{
	struct raw raw, other;

	(void)state;
	raw_start(&raw);
	raw_start(&other);
	for (unsigned int bit = 0; bit < TOKEN * 8; bit++) {
		memcpy(raw.in, raw.request, TOKEN);
		raw.in[bit / 8] ^= (uint8_t)(1u << bit % 8);
		assert_int_equal(
			raw_invoke(&raw, RESUME, SUM_TYPES, TOKEN + 4, 8), TEE_ERROR_ACCESS_DENIED);
	}
	memcpy(raw.in, other.request, TOKEN);
	assert_int_equal(
		raw_invoke(&raw, RESUME, SUM_TYPES, TOKEN + 4, 8), TEE_ERROR_ACCESS_DENIED);
	for (size_t size = 0; size < TOKEN; size++) {
		memcpy(raw.in, raw.request, TOKEN);
		assert_int_not_equal(raw_invoke(&raw, RESUME, SUM_TYPES, size, 8), TEE_SUCCESS);
	}
	/* None of that did harm; and two sessions wait at once. */
	raw_finish(&raw);
	raw_finish(&other);
}

/* The types of ROOM: as the ecall's, and nothing goes in. */
#define ROOM_TYPES (SUM_TYPES & ~UINT32_C(0xf))

/* An ecall_sum that waits for room, of token and two numbers. */
static void raw_start_without_room(struct raw *raw)
{
	static const uint8_t wire[] = {2, 0, 0, 0, 2, 0, 0, 0, 1, 2};

	raw_open(raw);
	raw->room = TOKEN + 7;
	memcpy(raw->in, wire, sizeof wire);
	assert_int_equal(raw_invoke(raw, 0, SUM_TYPES, sizeof wire, 8), TEE_SUCCESS);
	assert_int_equal(raw->params[2].value.a, TOKEN + 8);
	assert_int_equal(raw->params[2].value.b, UINT32_MAX);
	assert_int_equal(raw->params[3].memref.size, 0);
}

static void room_is_asked_for(void **state)
{
	struct raw raw;

	(void)state;
	raw_start_without_room(&raw);
	/* Too little, none, and whatever else than room. */
	for (raw.room = 0; raw.room < TOKEN + 8; raw.room++)
		assert_int_equal(
			raw_invoke(&raw, ROOM, ROOM_TYPES, 0, 8), TEE_ERROR_BAD_PARAMETERS);
	for (size_t size = 0; size < 20; size++) {
		if (size != 8)
			assert_int_equal(raw_invoke(&raw, ROOM, ROOM_TYPES, 0, size),
				TEE_ERROR_BAD_PARAMETERS);
	}
	for (uint32_t types = 0; types <= 0xffff; types++) {
		if (types != ROOM_TYPES)
			assert_int_equal(
				raw_invoke(&raw, ROOM, types, 12, 8), TEE_ERROR_BAD_PARAMETERS);
	}
	memset(raw.in, 0, sizeof raw.in);
	assert_int_equal(raw_invoke(&raw, RESUME, SUM_TYPES, 12, 8), TEE_ERROR_BAD_STATE);
	for (uint32_t command = 0; command < 6; command++)
		assert_int_equal(raw_invoke(&raw, command, SUM_TYPES, 10, 8), TEE_ERROR_BUSY);
	/* None of that did harm; and once the ocall is out there is nothing to ask room for. */
	assert_int_equal(raw_invoke(&raw, ROOM, ROOM_TYPES, 0, 8), TEE_SUCCESS);
	assert_int_equal(raw.params[2].value.b, 1);
	assert_int_equal(raw_invoke(&raw, ROOM, ROOM_TYPES, 0, 8), TEE_ERROR_BAD_STATE);
	raw_finish(&raw);
	raw_open(&raw);
	assert_int_equal(raw_invoke(&raw, ROOM, ROOM_TYPES, 0, 8), TEE_ERROR_BAD_STATE);
	TA_CloseSessionEntryPoint(raw.session);
}

/* A command in the middle may bring none: the next ocall asks for it. */
static void room_that_is_gone_is_asked_for_again(void **state)
{
	struct raw raw;

	(void)state;
	raw_start(&raw);
	raw.room = 0;
	assert_int_equal(raw_reply(&raw, 10), TEE_SUCCESS);
	assert_int_equal(raw.params[2].value.b, UINT32_MAX);
	raw.room = TOKEN + 8;
	assert_int_equal(raw_invoke(&raw, ROOM, ROOM_TYPES, 0, 8), TEE_SUCCESS);
	assert_int_equal(raw.params[2].value.b, 1);
	assert_int_equal(raw.request[TOKEN], 10);
	assert_int_equal(raw_reply(&raw, 20), TEE_SUCCESS);
	assert_int_equal(raw.params[2].value.a, 20);
	TA_CloseSessionEntryPoint(raw.session);
}

static void closing_while_room_is_waited_for(void **state)
{
	struct raw raw;

	(void)state;
	raw_start_without_room(&raw);
	TA_CloseSessionEntryPoint(raw.session);
	assert_int_equal(back_finished, 1);
	assert_int_equal(back_last_result, TEE_ERROR_CANCEL);
}

static void other_commands_while_one_waits(void **state)
{
	struct raw raw;

	(void)state;
	raw_start(&raw);
	for (uint32_t command = 0; command < 6; command++)
		assert_int_equal(raw_invoke(&raw, command, SUM_TYPES, 10, 8), TEE_ERROR_BUSY);
	for (uint32_t types = 0; types <= 0xffff; types++) {
		memcpy(raw.in, raw.request, TOKEN);
		if (types != SUM_TYPES)
			assert_int_equal(raw_invoke(&raw, RESUME, types, TOKEN + 4, 8),
				TEE_ERROR_BAD_PARAMETERS);
	}
	raw_finish(&raw);
}

static void other_memory_at_resume(void **state)
{
	struct raw raw;

	(void)state;
	raw_start(&raw);
	memcpy(raw.in, raw.request, TOKEN);
	for (size_t size = 0; size < 20; size++) {
		if (size != 8)
			assert_int_equal(raw_invoke(&raw, RESUME, SUM_TYPES, TOKEN + 4, size),
				TEE_ERROR_BAD_PARAMETERS);
	}
	raw.params[1].memref.size = 8;
	raw.params[1].memref.buffer = NULL;
	assert_int_equal(TA_InvokeCommandEntryPoint(raw.session, RESUME, SUM_TYPES, raw.params),
		TEE_ERROR_BAD_PARAMETERS);
	raw_finish(&raw);
}

/* A reply with the right token but another size: the ocall fails, the ecall goes on to its end. */
static void replies_of_other_sizes(void **state)
{
	(void)state;
	for (size_t size = TOKEN; size < TOKEN + 10; size++) {
		struct raw raw;

		if (size == TOKEN + 4)
			continue;
		raw_start(&raw);
		memcpy(raw.in, raw.request, TOKEN);
		assert_int_equal(raw_invoke(&raw, RESUME, SUM_TYPES, size, 8), TEE_SUCCESS);
		assert_int_equal(raw.params[2].value.b, 0);
		assert_int_equal(back_last_result, TEE_ERROR_BAD_FORMAT);
		TA_CloseSessionEntryPoint(raw.session);
	}
}

/* Each field of a reply of every kind, spoiled; the enclave's own variables stay as they were. */
static void replies_of_other_content(void **state)
{
	/* retval, flag, big, then back, text, bytes behind their sizes */
	static const uint8_t good[] = {1, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x80, 12, 0, 0, 0, 2, 0,
		0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 12, 0, 0, 0, 'F', 'R', 'O', 'M', ' ', 'I', 'N', 'S',
		'I', 'D', 'E', 0, 3, 0, 0, 0, 3, 2, 1};
	static const struct {
		size_t at;
		uint8_t value;
		uint32_t answer;
		const char *what;
	} cases[] = {
		{0, 1, 1, "as it should be"},
		{0, 2, 1000, "a bool that is 2"},
		{1, 6, 1000, "no value of the enum"},
		{13, 11, 1000, "the first array's size"},
		{29, 13, 1000, "the string's size"},
		{44, 'x', 1000, "a string without a NUL"},
		{45, 4, 1000, "the last array's size"},
	};
	const uint32_t types =
		TEE_PARAM_TYPES(0, 0, TEE_PARAM_TYPE_VALUE_OUTPUT, TEE_PARAM_TYPE_MEMREF_OUTPUT);

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct raw raw;

		raw_open(&raw);
		assert_int_equal(raw_invoke(&raw, 2, types, 0, 0), TEE_SUCCESS);
		assert_int_equal(raw.params[2].value.b, 3);
		memcpy(raw.in, raw.request, TOKEN);
		memcpy(&raw.in[TOKEN], good, sizeof good);
		raw.in[TOKEN + cases[i].at] = cases[i].value;
		assert_int_equal(raw_invoke(&raw, RESUME, types | TEE_PARAM_TYPE_MEMREF_INPUT,
					 TOKEN + sizeof good, 0),
			TEE_SUCCESS);
		if (raw.params[2].value.a != cases[i].answer)
			fail_msg("%s: %u", cases[i].what, raw.params[2].value.a);
		TA_CloseSessionEntryPoint(raw.session);
	}
}

static void closing_unwinds(void **state)
{
	struct raw raw;

	(void)state;
	raw_start(&raw);
	memset(raw.out, 0xee, sizeof raw.out);
	TA_CloseSessionEntryPoint(raw.session);
	assert_int_equal(back_finished, 1);
	assert_int_equal(back_last_result, TEE_ERROR_CANCEL);
	/* Its outputs went nowhere: the memory was gone. */
	assert_memory_equal(raw.out, "\xee\xee\xee\xee\xee\xee\xee\xee", 8);
}

/* The stack grows down to its first word, which is looked at after each turn. */
static void an_overrun_stack_ends_the_application(void **state)
{
	struct raw raw;
	jmp_buf panic;

	(void)state;
	raw_start(&raw);

	uint64_t mark = fake.stack[0];

	fake.stack[0] = 0;
	fake.on_panic = &panic;
	if (setjmp(panic) == 0) {
		(void)raw_reply(&raw, 10);
		fail_msg("not noticed");
	}
	fake.on_panic = NULL;
	/* A real one is gone now. Here, give back what it held. */
	fake.stack[0] = mark;
	TA_CloseSessionEntryPoint(raw.session);
}

static void without_memory(void **state)
{
	struct edb_enclave *enclave;
	uint8_t a = 5, tail[4];
	int retval = 0;

	(void)state;
	/* The fiber, its stack, the input, the work area. */
	for (size_t at = 1; at <= 4; at++) {
		enclave = open_enclave();
		fake.malloc_fails_at = at;
		assert_int_equal(
			ecall_sum(enclave, &retval, &a, 1, tail), TEEC_ERROR_OUT_OF_MEMORY);
		fake.malloc_fails_at = 0;
		assert_int_equal(ecall_sum(enclave, &retval, &a, 1, tail), TEEC_SUCCESS);
		edb_enclave_close(enclave);
	}
}

/* The enclave's request is as little believed as its answers. */
static void requests_are_checked(void **state)
{
	struct edb_enclave *enclave = open_enclave();
	uint32_t retval = 0;

	(void)state;
	fake.pending = 4; /* 3 | 4: an ocall that the file does not have */
	assert_int_equal(ecall_kinds(enclave, &retval), TEEC_ERROR_BAD_FORMAT);
	fake.pending = 0;
	/* The call still waits in the enclave; the host knows no way but to close. */
	assert_int_equal(ecall_kinds(enclave, &retval), TEEC_ERROR_BUSY);
	edb_enclave_close(enclave);
	assert_int_equal(back_last_result, TEE_ERROR_CANCEL);
}

/* Refused by the host: the enclave gets an empty reply, its call goes on. */
static void misshapen_requests_are_refused(void **state)
{
	struct edb_enclave *enclave = open_enclave();
	static const struct {
		size_t at;
		const char *what;
	} cases[] = {
		{TOKEN, "another count"},
		{TOKEN + 2, "no value of the enum"},
		{TOKEN + 6, "the array's size"},
		{TOKEN + 22, "the string's size"},
		{TOKEN + 37, "a string without a NUL at its end"},
		{TOKEN + 38, "the last array's size"},
	};
	uint32_t retval = 0;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		fake.flip_request_at = cases[i].at;
		assert_int_equal(ecall_kinds(enclave, &retval), TEEC_SUCCESS);
		if (retval != 1000 || back_last_result != TEE_ERROR_BAD_FORMAT)
			fail_msg("served: %s", cases[i].what);
	}
	assert_int_equal(ecall_kinds(enclave, &retval), TEEC_SUCCESS);
	assert_int_equal(retval, 1);
	edb_enclave_close(enclave);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
		T(there_and_back),
		T(no_ecall_inside_an_ocall),
		T(a_request_too_large_fails_inside),
		T(resume_with_nothing_pending),
		T(only_the_token_resumes),
		T(room_is_asked_for),
		T(room_that_is_gone_is_asked_for_again),
		T(closing_while_room_is_waited_for),
		T(other_commands_while_one_waits),
		T(other_memory_at_resume),
		T(replies_of_other_sizes),
		T(replies_of_other_content),
		T(closing_unwinds),
		T(an_overrun_stack_ends_the_application),
		T(without_memory),
		T(requests_are_checked),
		T(misshapen_requests_are_refused),
#undef T
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
