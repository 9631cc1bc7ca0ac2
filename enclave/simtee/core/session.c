/* SPDX-License-Identifier: MIT
 *
 * Sessions: who may open which, whose turn it is, and what becomes of them when somebody dies.
 */
#include "core.h"

#include <stdlib.h>
#include <string.h>

#include "simtee/ta/ta_head.h"
#include "store.h"

static const struct wire_param nothing[4];

static void session_free(struct core *core, struct session *session)
{
	struct session **at = &core->sessions;

	while (*at && *at != session)
		at = &(*at)->next;
	if (*at)
		*at = session->next;
	for (struct call *c = core->calls; c; c = c->next)
		if (c->session == session)
			c->session = NULL;
	if (session->instance)
		session->instance->session_count--;
	if (session->spare)
		call_free(core, session->spare);
	if (session->store)
		store_close(core, session->store);
	memory_unref(session->bounce);
	free(session);
}

struct session *session_find(
	struct core *core, uint32_t id, const struct client *client, const struct instance *caller)
{
	struct session *s = core->sessions;

	while (s && (s->id != id || s->client != client || s->caller != caller))
		s = s->next;
	return s;
}

static bool is_kept(const struct instance *instance)
{
	const uint32_t both = TA_FLAG_SINGLE_INSTANCE | TA_FLAG_INSTANCE_KEEP_ALIVE;

	return (instance->flags & both) == both;
}

void session_settle(struct instance *instance)
{
	if (instance->state != INSTANCE_IDLE)
		return;
	for (struct call *c = instance->core->calls; c; c = c->next) {
		if (c->instance != instance || c->state != CALL_QUEUED)
			continue;
		c->state = CALL_RUNNING;
		instance_run(instance, c);
		return;
	}
	if (!instance->session_count && !is_kept(instance))
		instance_destroy(instance);
}

static void queue(struct call *call, struct instance *instance)
{
	call->instance = instance;
	call->state = CALL_QUEUED;
	if (call->caller)
		call->caller->waits_for = instance;
	session_settle(instance);
}

/* Would the caller in the end wait for itself? What waits_for says is never a circle. */
bool session_is_circle(const struct instance *caller, const struct instance *callee)
{
	while (callee && callee != caller)
		callee = callee->waits_for;
	return callee != NULL;
}

static uint32_t free_slot(const struct instance *instance)
{
	bool taken[SESSIONS_MAX + 1] = {0};
	uint32_t slot = 1;

	for (const struct session *s = instance->core->sessions; s; s = s->next)
		if (s->instance == instance)
			taken[s->slot] = true;
	while (slot <= SESSIONS_MAX && taken[slot])
		slot++;
	return slot <= SESSIONS_MAX ? slot : 0;
}

static struct instance *single_instance(const struct core *core, const TEE_UUID *uuid)
{
	struct instance *i = core->instances;

	while (i && (!core_same_uuid(&i->uuid, uuid) || !(i->flags & TA_FLAG_SINGLE_INSTANCE)))
		i = i->next;
	return i;
}

/* Which instance is it to be? *instance stays NULL: wait, for *blocking to be gone. */
static TEE_Result choose(struct core *core, const struct call *call, struct instance **instance,
	struct instance **blocking)
{
	struct instance *there = single_instance(core, &call->uuid);
	struct image_ref image;
	TEE_Result res;

	if (!there) {
		res = image_find(core, &call->uuid, &image);
		return res ? res : instance_start(core, &call->uuid, &image, instance);
	}
	if (call->caller && session_is_circle(call->caller, there))
		return TEE_ERROR_BUSY;
	if (there->state >= INSTANCE_ENDING) {
		*blocking = there;
		return TEE_SUCCESS;
	}
	if (there->session_count && !(there->flags & TA_FLAG_MULTI_SESSION))
		return TEE_ERROR_BUSY;
	*instance = there;
	return TEE_SUCCESS;
}

static void place(struct core *core, struct call *call)
{
	struct session *session = call->session;
	struct instance *instance = NULL, *blocking = NULL;
	TEE_Result res = choose(core, call, &instance, &blocking);

	if (!res && instance) {
		session->slot = free_slot(instance);
		if (!session->slot)
			res = TEE_ERROR_OUT_OF_MEMORY;
	}
	if (res) {
		session_free(core, session);
		call_answer(core, call, res, TEE_ORIGIN_TEE, NULL);
		return;
	}
	if (!instance) {
		call->state = CALL_WAITING;
		if (call->caller)
			call->caller->waits_for = blocking;
		return;
	}
	session->instance = instance;
	instance->session_count++;
	queue(call, instance);
}

void session_retry_waiting(struct core *core)
{
	const uint64_t now = ++core->clock;
	struct call *c;

	do { /* from the start each time: placing one may free others */
		for (c = core->calls; c; c = c->next)
			if (c->state == CALL_WAITING && c->session && c->tried != now)
				break;
		if (c) {
			c->tried = now;
			place(core, c);
		}
	} while (c);
}

void session_open(struct core *core, struct call *call, TEE_Identity identity)
{
	struct session *session = calloc(1, sizeof *session);

	if (session)
		session->spare = call_new(core, WIRE_CALL_CLOSE);
	if (!session || !session->spare) {
		free(session);
		call_answer(core, call, TEE_ERROR_OUT_OF_MEMORY, TEE_ORIGIN_TEE, NULL);
		return;
	}
	session->id = core_number(core);
	session->client = call->client;
	session->caller = call->caller;
	session->identity = identity;
	session->bounce = call->bounce ? memory_ref(call->bounce) : NULL;
	session->next = core->sessions;
	core->sessions = session;
	call->session = session;
	place(core, call);
}

TEE_Result session_open_store(struct instance *caller, struct session **session)
{
	struct core *core = caller->core;
	struct store_session *store = NULL;
	TEE_Result res = store_open(caller, &store);
	struct session *fresh;

	if (res)
		return res;
	fresh = calloc(1, sizeof *fresh);
	if (!fresh) {
		store_close(core, store);
		return TEE_ERROR_OUT_OF_MEMORY;
	}
	fresh->id = core_number(core);
	fresh->state = SESSION_OPEN;
	fresh->caller = caller;
	fresh->store = store;
	fresh->next = core->sessions;
	core->sessions = fresh;
	*session = fresh;
	return TEE_SUCCESS;
}

void session_invoke(struct core *core, struct call *call, struct session *session)
{
	TEE_Result res = TEE_SUCCESS;

	if (session->state == SESSION_DEAD)
		res = TEE_ERROR_TARGET_DEAD;
	else if (session->state != SESSION_OPEN)
		res = TEE_ERROR_BAD_STATE;
	else if (call->caller && session_is_circle(call->caller, session->instance))
		res = TEE_ERROR_BUSY;
	if (res) {
		call_answer(core, call, res, TEE_ORIGIN_TEE, NULL);
		return;
	}
	call->session = session;
	queue(call, session->instance);
}

void session_close(struct core *core, struct session *session, struct call *call)
{
	if (session->state == SESSION_OPENING) {
		if (call)
			call_answer(core, call, TEE_ERROR_BAD_STATE, TEE_ORIGIN_TEE, NULL);
		return;
	}
	/* In a circle nobody can wait for the close; it comes when its turn does. */
	if (session->state == SESSION_CLOSING || session->state == SESSION_DEAD ||
		(call && call->caller && session_is_circle(call->caller, session->instance))) {
		if (call)
			call_answer(core, call, TEE_SUCCESS, TEE_ORIGIN_TEE, NULL);
		call = NULL;
	}
	if (session->state == SESSION_DEAD) {
		session_free(core, session);
		return;
	}
	if (session->store) {
		session_free(core, session);
		if (call)
			call_answer(core, call, TEE_SUCCESS, TEE_ORIGIN_TEE, NULL);
		return;
	}
	if (session->state != SESSION_OPEN)
		return;
	if (!call) {
		call = session->spare;
		session->spare = NULL;
	}
	session->state = SESSION_CLOSING;
	call->session = session;
	queue(call, session->instance);
}

/* Nobody waits for it any more. What has not begun never will; a close is never given up. */
static void abandon_call(struct core *core, struct call *call)
{
	struct session *session = call->session;

	if (call->client)
		call->client->call_count--;
	call->client = NULL;
	call->caller = NULL;
	if (call->kind == WIRE_CALL_CLOSE ||
		(call->state != CALL_QUEUED && call->state != CALL_WAITING))
		return;
	if (call->kind == WIRE_CALL_OPEN && session)
		session_free(core, session);
	call_free(core, call);
}

static struct call *call_of(
	const struct core *core, const struct client *client, const struct instance *caller)
{
	struct call *c = core->calls;

	while (c && !((client && c->client == client) || (caller && c->caller == caller)))
		c = c->next;
	return c;
}

void session_abandon_all(
	struct core *core, const struct client *client, const struct instance *caller)
{
	struct call *call;

	while ((call = call_of(core, client, caller)))
		abandon_call(core, call);
	for (struct session *s = core->sessions, *next; s; s = next) {
		next = s->next;
		if (!(client && s->client == client) && !(caller && s->caller == caller))
			continue;
		s->client = NULL;
		s->caller = NULL;
		session_close(core, s, NULL); /* one that is opening closes when it is open */
	}
}

/* The session is over. If it was the instance's last, the answer waits for the instance's end. */
static void finish(struct instance *instance, struct call *call, TEE_Result result,
	const struct wire_param out[4])
{
	struct core *core = instance->core;

	if (call->session)
		session_free(core, call->session);
	if (instance->session_count || is_kept(instance)) {
		call_answer(core, call, result, TEE_ORIGIN_TRUSTED_APP, out);
		return;
	}
	call->state = CALL_LAST;
	call->result = result;
	memcpy(call->out, out, sizeof call->out);
}

void session_call_done(struct instance *instance, TEE_Result result, const struct wire_param out[4])
{
	struct core *core = instance->core;
	struct call *call = core->calls;
	struct session *session;

	while (call && (call->instance != instance || call->state != CALL_RUNNING))
		call = call->next;
	instance->state = INSTANCE_IDLE;
	if (!call) { /* cannot be: an instance is busy with a call */
		instance_fail(instance);
		return;
	}
	session = call->session;
	if (call->kind == WIRE_CALL_CLOSE || (call->kind == WIRE_CALL_OPEN && result)) {
		finish(instance, call, result, out);
	} else {
		if (call->kind == WIRE_CALL_OPEN)
			session->state = SESSION_OPEN;
		call_answer(core, call, result, TEE_ORIGIN_TRUSTED_APP, out);
		if (!session->client && !session->caller) /* its owner went meanwhile */
			session_close(core, session, NULL);
	}
	session_settle(instance);
}

static void call_is_dead(struct instance *instance, struct call *call)
{
	struct core *core = instance->core;
	TEE_Result result = instance->failure ? instance->failure : TEE_ERROR_TARGET_DEAD;

	if (call->state == CALL_LAST) {
		call_answer(core, call, call->result, TEE_ORIGIN_TRUSTED_APP, call->out);
		return;
	}
	if (call->kind != WIRE_CALL_INVOKE && call->session)
		session_free(core, call->session);
	if (call->kind == WIRE_CALL_CLOSE)
		call_answer(core, call, TEE_SUCCESS, TEE_ORIGIN_TEE, nothing);
	else
		call_answer(core, call, result, TEE_ORIGIN_TEE, NULL);
}

void session_instance_gone(struct instance *instance)
{
	struct core *core = instance->core;
	struct call *call;

	session_abandon_all(core, NULL, instance);
	do {
		for (call = core->calls; call && call->instance != instance; call = call->next)
			;
		if (call)
			call_is_dead(instance, call);
	} while (call);
	for (struct session *s = core->sessions, *next; s; s = next) {
		next = s->next;
		if (s->instance != instance)
			continue;
		s->instance = NULL;
		s->state = SESSION_DEAD;
		if (!s->client && !s->caller)
			session_free(core, s);
	}
	for (struct instance *i = core->instances; i; i = i->next)
		if (i->waits_for == instance)
			i->waits_for = NULL;
}
