/* SPDX-License-Identifier: MIT
 *
 * One call: made, answered, freed. Who calls whom is session.c's matter.
 */
#include "core.h"

#include <stdlib.h>
#include <string.h>

struct call *call_new(struct core *core, uint32_t kind)
{
	struct call *call = calloc(1, sizeof *call), **at = &core->calls;

	if (!call)
		return NULL;
	call->kind = kind;
	while (*at)
		at = &(*at)->next;
	*at = call;
	return call;
}

void call_free(struct core *core, struct call *call)
{
	struct call **at = &core->calls;

	while (*at != call)
		at = &(*at)->next;
	*at = call->next;
	if (call->client)
		call->client->call_count--;
	for (int i = 0; i < 4; i++)
		memory_unref(call->params[i].memory);
	if (call->bounce) /* what was in it was nobody's but the caller's */
		explicit_bzero(call->bounce->bytes, call->bounce->size);
	memory_unref(call->bounce);
	free(call);
}

static void answer_client(
	const struct call *call, TEE_Result result, uint32_t origin, const struct wire_param out[4])
{
	struct wire_reply reply = {.tag = call->tag,
		.result = result,
		.origin = origin,
		.session = call->session && !result ? call->session->id : 0};

	for (int i = 0; out && i < 4; i++) {
		uint32_t type = TEE_PARAM_TYPE_GET(call->types, i);

		if (!wire_is_output(type))
			continue;
		if (wire_is_memref(type)) {
			reply.params[i].size = out[i].size;
		} else {
			reply.params[i].a = out[i].a;
			reply.params[i].b = out[i].b;
		}
	}
	client_answer(call->client, &reply);
}

static void answer_caller(
	const struct call *call, TEE_Result result, uint32_t origin, const struct wire_param out[4])
{
	struct wire_down reply = {.kind = WIRE_SYS_REPLY,
		.result = result,
		.origin = origin,
		.session = call->session && !result ? call->session->id : 0};

	for (int i = 0; out && i < 4; i++) {
		const struct call_param *p = &call->params[i];

		if (!wire_is_output(TEE_PARAM_TYPE_GET(call->types, i)))
			continue;
		reply.params[i].a = out[i].a;
		reply.params[i].b = out[i].b;
		reply.params[i].size = out[i].size;
		if (p->memory && out[i].size <= p->size)
			memcpy(call->caller->buffer + call->sent[i].offset,
				p->memory->bytes + p->offset, out[i].size);
	}
	call->caller->waits_for = NULL;
	instance_send(call->caller, &reply, NULL, 0);
}

void call_answer(struct core *core, struct call *call, TEE_Result result, uint32_t origin,
	const struct wire_param out[4])
{
	if (call->client)
		answer_client(call, result, origin, out);
	else if (call->caller)
		answer_caller(call, result, origin, out);
	call_free(core, call);
}
