/* SPDX-License-Identifier: MIT
 *
 * System calls from one application to another. The caller's memory is its own: it is copied into
 * memory of the session, which the called one maps like a host's, and back.
 */
#include "core.h"

#include <string.h>
#include <sys/mman.h>

#include "store.h"

#define BOUNCE_STEP (64u << 10)

static void refuse(struct instance *caller, TEE_Result result)
{
	const struct wire_down reply = {
		.kind = WIRE_SYS_REPLY, .result = result, .origin = TEE_ORIGIN_TEE};

	instance_send(caller, &reply, NULL, 0);
}

/* Are these places in the buffer? *bytes: how much memory all of them take. */
static bool check_params(const struct wire_up *request, uint64_t *bytes)
{
	*bytes = 0;
	if (!wire_types_are_valid(request->types))
		return false;
	for (int i = 0; i < 4; i++) {
		const struct wire_param *p = &request->params[i];

		if (!wire_is_memref(TEE_PARAM_TYPE_GET(request->types, i)) || !p->memory)
			continue;
		if (p->offset > WIRE_BUFFER_SIZE || p->size > WIRE_BUFFER_SIZE - p->offset)
			return false;
		*bytes += (p->size + 15) & ~(uint64_t)15;
	}
	return true;
}

/* Memory for the copies: the session's, or new if that is too small. One reference. */
static struct memory *make_bounce(struct core *core, const struct session *session, uint64_t bytes)
{
	struct memory *memory;
	void *mapped;
	int fd;

	if (session && session->bounce && session->bounce->size >= bytes)
		return memory_ref(session->bounce);
	bytes = (bytes + BOUNCE_STEP) / BOUNCE_STEP * BOUNCE_STEP;
	fd = wire_memory_make(bytes);
	if (fd < 0)
		return NULL;
	memory = memory_new(core, fd, bytes);
	if (!memory)
		return NULL;
	mapped = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (mapped == MAP_FAILED) {
		memory_unref(memory);
		return NULL;
	}
	memory->bytes = mapped;
	return memory;
}

static void copy_params(struct call *call, const struct wire_up *request)
{
	uint64_t at = 0;

	call->types = request->types;
	memcpy(call->sent, request->params, sizeof call->sent);
	for (int i = 0; i < 4; i++) {
		const struct wire_param *from = &request->params[i];
		struct call_param *to = &call->params[i];
		uint32_t type = TEE_PARAM_TYPE_GET(request->types, i);

		to->a = from->a;
		to->b = from->b;
		if (!wire_is_memref(type))
			continue;
		to->size = from->size;
		if (!from->memory || !call->bounce)
			continue;
		to->memory = memory_ref(call->bounce);
		to->offset = at;
		if (wire_is_input(type))
			memcpy(call->bounce->bytes + at, call->caller->buffer + from->offset,
				from->size);
		at += (from->size + 15) & ~(uint64_t)15;
	}
}

/* A call to another application. NULL: refused already. */
static struct call *new_call(struct instance *caller, const struct wire_up *request,
	struct session *session, uint32_t kind)
{
	struct core *core = caller->core;
	struct call *call;
	uint64_t bytes;

	if (!check_params(request, &bytes)) {
		refuse(caller, TEE_ERROR_BAD_PARAMETERS);
		return NULL;
	}
	call = call_new(core, kind);
	if (call && bytes)
		call->bounce = make_bounce(core, session, bytes);
	if (!call || (bytes && !call->bounce)) {
		if (call)
			call_free(core, call);
		refuse(caller, TEE_ERROR_OUT_OF_MEMORY);
		return NULL;
	}
	if (session && call->bounce && session->bounce != call->bounce) {
		memory_unref(session->bounce);
		session->bounce = memory_ref(call->bounce);
	}
	call->caller = caller;
	call->command = request->command;
	call->uuid = request->uuid;
	copy_params(call, request);
	return call;
}

static void open_store(struct instance *caller)
{
	struct wire_down reply = {.kind = WIRE_SYS_REPLY, .origin = TEE_ORIGIN_TEE};
	struct session *session = NULL;

	reply.result = session_open_store(caller, &session);
	if (session)
		reply.session = session->id;
	instance_send(caller, &reply, NULL, 0);
}

static void invoke_store(
	struct instance *caller, const struct wire_up *request, struct session *session)
{
	struct wire_down reply = {.kind = WIRE_SYS_REPLY, .origin = TEE_ORIGIN_TRUSTED_APP};
	uint64_t bytes;

	if (!check_params(request, &bytes)) {
		refuse(caller, TEE_ERROR_BAD_PARAMETERS);
		return;
	}
	memcpy(reply.params, request->params, sizeof reply.params);
	reply.result = store_invoke(
		caller, session->store, request->command, request->types, reply.params);
	instance_send(caller, &reply, NULL, 0);
}

static void open_session(struct instance *caller, const struct wire_up *request)
{
	const TEE_Identity identity = {.login = TEE_LOGIN_TRUSTED_APP, .uuid = caller->uuid};
	struct call *call;

	if (store_is_called(&request->uuid)) {
		open_store(caller);
		return;
	}
	call = new_call(caller, request, NULL, WIRE_CALL_OPEN);
	if (call)
		session_open(caller->core, call, identity);
}

void ta_call(struct instance *instance, const struct wire_up *request)
{
	struct core *core = instance->core;
	struct session *session = session_find(core, request->session, NULL, instance);
	struct call *call;

	if (request->sys == WIRE_TA_OPEN) {
		open_session(instance, request);
	} else if (!session) {
		refuse(instance, TEE_ERROR_BAD_PARAMETERS);
	} else if (request->sys == WIRE_TA_CLOSE) {
		call = new_call(instance, &(struct wire_up){0}, session, WIRE_CALL_CLOSE);
		if (call)
			session_close(core, session, call);
	} else if (request->sys != WIRE_TA_INVOKE) {
		refuse(instance, TEE_ERROR_NOT_IMPLEMENTED);
	} else if (session->store) {
		invoke_store(instance, request, session);
	} else {
		call = new_call(instance, request, session, WIRE_CALL_INVOKE);
		if (call)
			session_invoke(core, call, session);
	}
}
