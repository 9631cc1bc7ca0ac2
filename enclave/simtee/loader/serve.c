/* SPDX-License-Identifier: MIT
 *
 * Calls from the core to the application, one at a time.
 */
#include "attack.h"
#include "heap.h"
#include "process.h"
#include "shared.h"

static bool map_fresh(const struct wire_down *message, const int *fds, size_t fd_count)
{
	if (message->fresh_count != fd_count)
		return false;
	for (size_t i = 0; i < fd_count; i++)
		if (!shared_add(message->fresh[i].memory, fds[i], message->fresh[i].size))
			return false;
	return true;
}

void process_receive(struct wire_down *message)
{
	do {
		int fds[WIRE_FDS_MAX];
		size_t size = sizeof *message, fd_count;

		if (wire_receive(PROCESS_SOCKET, message, &size, fds, &fd_count, 0) || !size)
			process_end(0); /* the core is gone */
		if (size != sizeof *message || !map_fresh(message, fds, fd_count))
			process_end(1);
		if (message->kind == WIRE_FORGET)
			shared_remove(message->memory);
	} while (message->kind == WIRE_FORGET);
}

void process_send(const struct wire_up *message)
{
	if (wire_send(PROCESS_SOCKET, message, sizeof *message, NULL, 0, 0))
		process_end(0);
}

static void params_in(const struct wire_down *call, TEE_Param params[4])
{
	shared_begin();
	for (int i = 0; i < 4; i++) {
		const struct wire_param *p = &call->params[i];
		uint32_t type = TEE_PARAM_TYPE_GET(call->types, i);

		params[i] = (TEE_Param){0};
		if (!wire_is_memref(type)) {
			if (wire_is_input(type)) {
				params[i].value.a = p->a;
				params[i].value.b = p->b;
			}
			continue;
		}
		params[i].memref.size = p->size;
		if (!p->memory)
			continue;
		params[i].memref.buffer =
			shared_give(p->memory, p->offset, p->size, wire_is_output(type));
		if (!params[i].memref.buffer)
			process_end(1); /* the core would not do that */
	}
	if (!shared_apply())
		process_end(1);
}

static void params_out(uint32_t types, const TEE_Param params[4], struct wire_up *answer)
{
	for (int i = 0; i < 4; i++) {
		uint32_t type = TEE_PARAM_TYPE_GET(types, i);

		if (!wire_is_output(type))
			continue;
		if (wire_is_memref(type)) {
			answer->params[i].size = params[i].memref.size;
		} else {
			answer->params[i].a = params[i].value.a;
			answer->params[i].b = params[i].value.b;
		}
	}
}

static void **session_of(const struct wire_down *call)
{
	if (!call->session || call->session > PROCESS_SESSIONS)
		process_end(1);
	return &process.sessions[call->session - 1];
}

static TEE_Result enter(const struct wire_down *call, TEE_Param params[4])
{
	const struct elf_loaded *ta = &process.loaded;

	switch (call->kind) {
	case WIRE_CALL_OPEN:
		*session_of(call) = NULL;
		return ta->open(call->types, params, session_of(call));
	case WIRE_CALL_INVOKE:
		return ta->invoke(*session_of(call), call->command, call->types, params);
	case WIRE_CALL_CLOSE: ta->close(*session_of(call)); return TEE_SUCCESS;
	case WIRE_CALL_DESTROY: ta->destroy(); return TEE_SUCCESS;
	default: process_end(1);
	}
}

_Noreturn void process_serve(void)
{
	struct wire_up created = {.kind = WIRE_DONE};

	created.result = process.loaded.create();
	process_send(&created);
	for (;;) {
		struct wire_up answer = {.kind = WIRE_DONE};
		struct wire_down call;
		TEE_Param params[4];

		process_receive(&call);
		process.client = call.client;
		params_in(&call, params);
		attack_arm(&call, params);
		answer.result = enter(&call, params);
		attack_disarm();
		params_out(call.types, params, &answer);
		if (call.kind == WIRE_CALL_DESTROY)
			answer.heap_bytes = simtee_heap_used();
		process_send(&answer);
		if (call.kind == WIRE_CALL_DESTROY)
			process_end(0);
	}
}
