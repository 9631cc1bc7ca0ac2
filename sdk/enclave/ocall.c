/* SPDX-License-Identifier: MIT */
#include "ocall.h"

#include "fiber_asan.h"
#include "stack.h"
#include "switch.h"

#define STACK_MARK UINT64_C(0x5afe57ac5afe57ac)

/* One session's second stack, and the ecall on it. Exists from the first ecall to the end. */
struct edb_fiber {
	struct edb_call call; /* of the ecall */
	const struct edb_ecall *ecall;
	TEE_Result result;
	uint64_t *stack;
	size_t stack_size; /* bytes */
	void *own_sp, *entry_sp;
	void *own_fake, *entry_fake; /* for fiber_asan.h: both stacks' */
	const void *entry_bottom;
	size_t entry_size;
	uint32_t pending;    /* 0: none; else 1 + the ocall's number, or EDB_OCALL_ROOM */
	bool cancelled;      /* the session is being closed: unwind, write nothing */
	uint64_t token;      /* random when the session's first ecall came, counted up by ocalls */
	uint8_t *request_ns; /* parameter 3 of the command that runs; dead while one is pending */
	size_t request_size, request_used;
	uint32_t room_wanted; /* bytes, while room is waited for */
	uint8_t *reply;       /* private copy, until the ocall takes it */
	size_t reply_size;
};

/* The fiber whose stack we are on; NULL: on the entry points' own. */
static struct edb_fiber *running;

static void enter(struct edb_fiber *fiber)
{
	running = fiber;
	asan_leave(&fiber->entry_fake, fiber->stack, fiber->stack_size);
	edb_switch(&fiber->entry_sp, fiber->own_sp);
	asan_arrive(fiber->entry_fake, NULL, NULL);
	running = NULL;
	if (fiber->stack[0] != STACK_MARK)
		TEE_Panic(TEE_ERROR_OVERFLOW);
}

static void leave(struct edb_fiber *fiber, bool for_ever)
{
	asan_leave(for_ever ? NULL : &fiber->own_fake, fiber->entry_bottom, fiber->entry_size);
	edb_switch(&fiber->own_sp, fiber->entry_sp);
	asan_arrive(fiber->own_fake, &fiber->entry_bottom, &fiber->entry_size);
}

/* Where a new stack begins. Never returns: there is nothing to return to. */
static void fiber_main(void)
{
	struct edb_fiber *fiber = running;

	asan_arrive(NULL, &fiber->entry_bottom, &fiber->entry_size);
	fiber->result = fiber->ecall->run(&fiber->call);
	leave(fiber, true);
	TEE_Panic(TEE_ERROR_BAD_STATE);
}

static void prepare_stack(struct edb_fiber *fiber)
{
	size_t words = fiber->stack_size / sizeof *fiber->stack;

	fiber->stack[0] = STACK_MARK;
	fiber->stack[words - EDB_SWITCH_RETURN_WORD] = (uint64_t)(uintptr_t)fiber_main;
#ifdef EDB_SWITCH_CONTROL_WORD
	fiber->stack[words - EDB_SWITCH_CONTROL_WORD] = EDB_SWITCH_CONTROL;
#endif
	fiber->own_sp = &fiber->stack[words - EDB_SWITCH_WORDS];
}

static struct edb_fiber *fiber_new(void)
{
	struct edb_fiber *fiber = TEE_Malloc(sizeof *fiber, TEE_MALLOC_FILL_ZERO);
	size_t size = edb_ocall_stack_size & ~(uint32_t)15;

	if (!fiber)
		return NULL;
	fiber->stack = edb_stack_new(size);
	if (!fiber->stack) {
		TEE_Free(fiber);
		return NULL;
	}
	fiber->stack_size = size;
	TEE_GenerateRandom(&fiber->token, sizeof fiber->token);
	return fiber;
}

/* The ecall is over: nothing of it stays, neither in copies nor on its stack. */
static void fiber_clear(struct edb_fiber *fiber)
{
	edb_call_clear(&fiber->call);
	asan_forget(fiber->stack, fiber->stack_size);
	TEE_MemFill(fiber->stack, 0, fiber->stack_size);
}

/*
 * On until the ecall is over, calls out or needs room. Parameter 3: room for a request, or none, in
 * memory that ends with the command.
 */
static TEE_Result go_on(struct edb_fiber *fiber, TEE_Param params[4])
{
	fiber->request_ns = params[3].memref.buffer;
	fiber->request_size = params[3].memref.buffer ? params[3].memref.size : 0;
	fiber->request_used = 0;
	fiber->room_wanted = 0;
	fiber->pending = 0;
	enter(fiber);
	params[2].value.a = fiber->pending ? fiber->room_wanted : fiber->call.retval;
	params[2].value.b = fiber->pending;
	params[3].memref.size = fiber->request_used;
	if (fiber->pending)
		return TEE_SUCCESS;
	fiber_clear(fiber);
	return fiber->result;
}

static TEE_Result start(
	struct edb_fiber *fiber, uint32_t command, uint32_t param_types, TEE_Param params[4])
{
	TEE_Result res = edb_call_prepare(&fiber->call, command, param_types, params);

	if (res) {
		edb_call_clear(&fiber->call);
		return res;
	}
	fiber->ecall = &edb_ecalls[command];
	prepare_stack(fiber);
	return go_on(fiber, params);
}

/* The reply, in private memory, if it has this ocall's token. */
static TEE_Result take_reply(struct edb_fiber *fiber, const TEE_Param *param)
{
	struct edb_call reply = {0};
	TEE_Result res = edb_call_copy_in(&reply, param);

	if (res)
		return res;
	if (reply.in.size < sizeof fiber->token ||
		TEE_MemCompare(reply.copy, &fiber->token, sizeof fiber->token) != 0) {
		edb_call_clear(&reply);
		return TEE_ERROR_ACCESS_DENIED;
	}
	fiber->reply = reply.copy;
	fiber->reply_size = reply.in.size;
	return TEE_SUCCESS;
}

/* Types as the ecall's own, but for parameter 0; the ecall's output has its size. */
static bool fits(const struct edb_fiber *fiber, uint32_t param_types, uint32_t type_0,
	const TEE_Param params[4])
{
	if (param_types != ((fiber->ecall->param_types & ~UINT32_C(0xf)) | type_0))
		return false;
	return !fiber->call.out_ns.size ||
	       (params[1].memref.buffer && params[1].memref.size == fiber->call.out_ns.size);
}

static TEE_Result take_room(
	struct edb_fiber *fiber, uint32_t param_types, const TEE_Param params[4])
{
	if (!fiber || fiber->pending != EDB_OCALL_ROOM)
		return TEE_ERROR_BAD_STATE;
	if (!fits(fiber, param_types, TEE_PARAM_TYPE_NONE, params) || !params[3].memref.buffer ||
		params[3].memref.size < fiber->room_wanted)
		return TEE_ERROR_BAD_PARAMETERS;
	return TEE_SUCCESS;
}

static TEE_Result resume(struct edb_fiber *fiber, uint32_t param_types, const TEE_Param params[4])
{
	if (!fiber || !fiber->pending || fiber->pending == EDB_OCALL_ROOM)
		return TEE_ERROR_BAD_STATE;
	if (!fits(fiber, param_types, TEE_PARAM_TYPE_MEMREF_INPUT, params))
		return TEE_ERROR_BAD_PARAMETERS;
	return take_reply(fiber, &params[0]);
}

/* The command after one that ended with something pending. */
static TEE_Result come_back(
	struct edb_fiber *fiber, uint32_t command, uint32_t param_types, TEE_Param params[4])
{
	TEE_Result res = command == EDB_COMMAND_ROOM ? take_room(fiber, param_types, params)
						     : resume(fiber, param_types, params);

	if (res)
		return res;
	fiber->call.out_ns.base = fiber->call.out_ns.size ? params[1].memref.buffer : NULL;
	return go_on(fiber, params);
}

TEE_Result edb_ocall_invoke(
	struct edb_fiber **fiber, uint32_t command, uint32_t param_types, TEE_Param params[4])
{
	if (command == EDB_COMMAND_RESUME || command == EDB_COMMAND_ROOM)
		return come_back(*fiber, command, param_types, params);
	if (*fiber && (*fiber)->pending)
		return TEE_ERROR_BUSY;
	if (!*fiber)
		*fiber = fiber_new();
	if (!*fiber)
		return TEE_ERROR_OUT_OF_MEMORY;
	return start(*fiber, command, param_types, params);
}

void edb_ocall_close(struct edb_fiber **fiber)
{
	if (!*fiber)
		return;
	if ((*fiber)->pending) {
		/* Every further ocall fails at once, so one turn is enough. */
		(*fiber)->cancelled = true;
		/* edb_out writes nothing: the memory is gone */
		edb_require(&(*fiber)->call, false);
		(*fiber)->pending = 0;
		enter(*fiber);
		fiber_clear(*fiber);
	}
	edb_stack_free((*fiber)->stack, (*fiber)->stack_size);
	TEE_MemFill(*fiber, 0, sizeof **fiber);
	TEE_Free(*fiber);
	*fiber = NULL;
}

uint32_t edb_string_size(struct edb_call *call, const char *string)
{
	uint32_t length = 0;

	while (length < edb_call_output_max && string[length])
		length++;
	edb_require(call, length < edb_call_output_max);
	return length + 1;
}

static void ask_for_room(struct edb_fiber *fiber, size_t bytes)
{
	fiber->room_wanted = (uint32_t)bytes;
	fiber->pending = EDB_OCALL_ROOM;
	leave(fiber, false);
}

TEE_Result edb_ocall_begin(struct edb_call *call, uint64_t bytes)
{
	if (!running)
		return TEE_ERROR_BAD_STATE;
	if (running->cancelled)
		return TEE_ERROR_CANCEL;
	if (call->in.err)
		return TEE_ERROR_BAD_PARAMETERS;
	if (bytes > EDB_OCALL_REQUEST_MAX - EDB_OCALL_TOKEN_BYTES)
		return TEE_ERROR_SHORT_BUFFER;
	if (EDB_OCALL_TOKEN_BYTES + bytes > running->request_size)
		ask_for_room(running, EDB_OCALL_TOKEN_BYTES + bytes);
	if (running->cancelled)
		return TEE_ERROR_CANCEL;
	call->out_ns = (struct writer){
		.base = running->request_ns,
		.size = EDB_OCALL_TOKEN_BYTES + bytes,
		.pos = EDB_OCALL_TOKEN_BYTES, /* the token comes last, see edb_ocall_run */
	};
	return TEE_SUCCESS;
}

void edb_ocall_run(struct edb_call *call, uint32_t number, uint64_t reply_bytes)
{
	struct edb_fiber *fiber = running;

	fiber->token++;
	TEE_MemMove(call->out_ns.base, &fiber->token, sizeof fiber->token);
	fiber->request_used = call->out_ns.size;
	fiber->pending = number + 1;
	leave(fiber, false);
	if (fiber->cancelled)
		return; /* without a reply every edb_in fails */
	call->copy = fiber->reply;
	call->in = cursor_over(fiber->reply, fiber->reply_size);
	cursor_take(&call->in, EDB_OCALL_TOKEN_BYTES);
	fiber->reply = NULL;
	edb_require(call, cursor_left(&call->in) == reply_bytes);
}

const void *edb_in_text(struct edb_call *call, uint32_t bytes)
{
	const char *text = edb_in_array(call, bytes);

	edb_require(call, text && bytes && !text[bytes - 1]);
	return text;
}

TEE_Result edb_ocall_check(struct edb_call *call)
{
	if (running->cancelled)
		return TEE_ERROR_CANCEL;
	return call->in.err || cursor_left(&call->in) ? TEE_ERROR_BAD_FORMAT : TEE_SUCCESS;
}

void edb_ocall_end(struct edb_call *call)
{
	edb_call_clear(call);
}
