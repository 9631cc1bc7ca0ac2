/* SPDX-License-Identifier: MIT
 *
 * Sessions and calls: who waits for whom.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core.h"

#define FLAG_SINGLE_INSTANCE (1u << 2)
#define FLAG_MULTI_SESSION   (1u << 3)
#define FLAG_KEEP_ALIVE      (1u << 4)

static void unlink_session(struct core *core, struct session *session)
{
	for (struct session **at = &core->sessions; *at; at = &(*at)->next) {
		if (*at != session)
			continue;
		*at = session->next;
		break;
	}
	free(session);
}

/* Would `callee` in the end wait for itself? */
bool call_is_circle(const struct instance *caller, const struct instance *callee)
{
	while (caller) {
		const struct instance *above = NULL;

		if (caller == callee)
			return true;
		/* Who waits for the caller? */
		for (const struct instance *i = caller->core->instances; i; i = i->next)
			if (i->waits_for == caller)
				above = i;
		caller = above;
	}
	return false;
}

static struct instance *running_instance(struct core *core, const TEE_UUID *uuid)
{
	struct instance *i = core->instances;

	while (i && (!core_same_uuid(&i->uuid, uuid) || !(i->flags & FLAG_SINGLE_INSTANCE) ||
			    i->ending || i->stale))
		i = i->next;
	return i;
}

TEE_Result call_open(struct core *core, const TEE_UUID *uuid, struct pending *pending)
{
	struct instance *instance = running_instance(core, uuid);
	struct session *session;
	TEE_Result res;

	if (instance && instance->sessions && !(instance->flags & FLAG_MULTI_SESSION))
		return TEE_ERROR_BUSY;
	if (instance && pending->caller && call_is_circle(pending->caller, instance))
		return TEE_ERROR_BUSY;
	if (!instance) {
		res = instance_start(core, uuid, &instance);
		if (res)
			return res;
	}
	session = calloc(1, sizeof *session);
	if (!session)
		return TEE_ERROR_OUT_OF_MEMORY;
	session->number = ++core->next_number;
	session->instance = instance;
	session->client = pending->client;
	session->caller = pending->caller;
	session->next = core->sessions;
	core->sessions = session;
	instance->sessions++;
	pending->session = session;
	call_queue(instance, pending);
	return TEE_SUCCESS;
}

void call_queue(struct instance *instance, struct pending *pending)
{
	struct pending **at = &instance->queue;

	while (*at)
		at = &(*at)->next;
	*at = pending;
	if (pending->caller)
		pending->caller->waits_for = instance;
	call_next(instance);
}

static bool knows(const struct instance *instance, uint32_t number)
{
	for (size_t i = 0; i < instance->known_count; i++)
		if (instance->known[i] == number)
			return true;
	return false;
}

static bool learn(struct instance *instance, uint32_t number)
{
	uint32_t *more =
		realloc(instance->known, (instance->known_count + 1) * sizeof *instance->known);

	if (!more)
		return false;
	instance->known = more;
	instance->known[instance->known_count++] = number;
	return true;
}

/* Descriptors of the blocks that the process has not seen yet go along. */
static bool attach_blocks(struct instance *instance, struct call *call, int fds[4])
{
	for (uint32_t i = 0; i < 4; i++) {
		uint32_t number = call->params.p[i].shm;
		struct block *block;

		if (TEE_PARAM_TYPE_GET(call->params.types, i) < TEE_PARAM_TYPE_MEMREF_INPUT ||
			!number || knows(instance, number))
			continue;
		block = core_find_block(instance->core, number);
		if (!block || !learn(instance, number))
			return false;
		fds[call->fd_count] = block->fd;
		call->fd_shm[call->fd_count] = number;
		call->shm_size[call->fd_count++] = block->size;
	}
	return true;
}

void call_next(struct instance *instance)
{
	struct pending *pending = instance->queue;
	struct call call = {0};
	int fds[4];

	if (!instance->ready || instance->running || !pending)
		return;
	call.op = pending->op;
	call.command = pending->command;
	call.session = pending->session->handle;
	call.params = pending->params;
	if (pending->session->caller) {
		call.client.login = TEE_LOGIN_TRUSTED_APP;
		call.client.uuid = pending->session->caller->uuid;
	}
	instance->running = true;
	if (!attach_blocks(instance, &call, fds) ||
		message_send(instance->fd, &call, sizeof call, fds, call.fd_count))
		instance_is_gone(instance);
}

/* What another application sent lies in copies; what it gets back goes into its buffer. */
static void return_copies(struct core *core, struct pending *pending)
{
	for (uint32_t i = 0; i < 4; i++) {
		struct block *copy = pending->copies[i];

		if (!copy)
			continue;
		core_drop_block(core, copy);
		pending->copies[i] = NULL;
	}
}

void call_answer(struct core *core, struct pending *pending, uint32_t result, uint32_t origin)
{
	uint32_t number = pending->session && !result ? pending->session->number : 0;

	if (pending->client) {
		const struct client_reply reply = {.result = result,
			.origin = origin,
			.number = number,
			.params = pending->params};

		if (message_send(pending->client->fd, &reply, sizeof reply, NULL, 0))
			pending->client->gone = true;
	} else if (pending->caller) {
		const struct sys_reply reply = {.result = result,
			.origin = origin,
			.handle = number,
			.params = pending->params};

		pending->caller->waits_for = NULL;
		(void)message_send(pending->caller->fd, &reply, sizeof reply, NULL, 0);
	}
	return_copies(core, pending);
	free(pending);
}

/* Output of a call from another application: from the copies into the caller's buffer. */
static void copy_back(struct pending *pending)
{
	for (uint32_t i = 0; i < 4; i++) {
		uint32_t size = pending->params.p[i].size;

		if (!pending->copies[i] || !pending->caller ||
			TEE_PARAM_TYPE_GET(pending->params.types, i) <=
				TEE_PARAM_TYPE_MEMREF_INPUT ||
			size > pending->asked.p[i].size)
			continue;
		if (pread(pending->copies[i]->fd,
			    pending->caller->buffer + pending->asked.p[i].offset, size, 0) < 0)
			pending->params.p[i].size = 0;
	}
}

static void session_over(struct core *core, struct session *session)
{
	struct instance *instance = session->instance;

	unlink_session(core, session);
	if (!instance)
		return;
	instance->sessions--;
	if (!instance->sessions && (!(instance->flags & FLAG_KEEP_ALIVE) || instance->stale))
		instance_end(instance);
}

void call_done(struct instance *instance, const struct report *report)
{
	struct core *core = instance->core;
	struct pending *pending = instance->queue;
	struct session *session;

	if (!instance->running || !pending)
		return;
	instance->running = false;
	instance->queue = pending->next;
	session = pending->session;
	for (uint32_t i = 0; i < 4; i++) {
		pending->params.p[i].a = report->params.p[i].a;
		pending->params.p[i].b = report->params.p[i].b;
		pending->params.p[i].size = report->params.p[i].size;
	}
	copy_back(pending);
	if (pending->op == CALL_OPEN && !report->result)
		session->handle = report->session;
	if (pending->op == CALL_CLOSE || (pending->op == CALL_OPEN && report->result)) {
		call_answer(core, pending, report->result, TEE_ORIGIN_TRUSTED_APP);
		session_over(core, session);
	} else {
		bool orphan = pending->op == CALL_OPEN && !pending->client && !pending->caller;

		call_answer(core, pending, report->result, TEE_ORIGIN_TRUSTED_APP);
		if (orphan)
			call_close(core, session); /* its client went while it was being opened */
	}
	if (!instance->ending)
		call_next(instance);
}

void call_close(struct core *core, struct session *session)
{
	struct pending *pending;

	session->client = NULL;
	session->caller = NULL;
	if (session->dead) {
		session->instance = NULL;
		unlink_session(core, session);
		return;
	}
	if (!session->handle && session->instance->queue) {
		/* Still being opened: call_done closes it. Or opened with no handle of its own. */
		for (struct pending *p = session->instance->queue; p; p = p->next)
			if (p->session == session && p->op == CALL_OPEN)
				return;
	}
	pending = calloc(1, sizeof *pending);
	if (!pending)
		return;
	pending->op = CALL_CLOSE;
	pending->session = session;
	call_queue(session->instance, pending);
}
