/* SPDX-License-Identifier: MIT
 *
 * Host programs: what they ask, and what is kept for them.
 */
#include "core.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

void client_fail(struct client *client)
{
	client->gone = true;
	client->core->something_died = true;
}

static void answer(struct client *client, const void *message, size_t size)
{
	/* The buffer has room for CLIENT_CALLS_MAX answers: who does not read them is cut off. */
	if (!client->gone && wire_send(client->source.fd, message, size, NULL, 0, MSG_DONTWAIT))
		client_fail(client);
}

void client_answer(struct client *client, const struct wire_reply *reply)
{
	answer(client, reply, sizeof *reply);
}

static void answer_simple(struct client *client, uint32_t tag, TEE_Result result)
{
	const struct wire_reply reply = {.tag = tag, .result = result, .origin = TEE_ORIGIN_COMMS};

	client_answer(client, &reply);
}

static struct memory *find_memory(const struct client *client, uint32_t number)
{
	struct memory *m = client->memories;

	while (m && m->number != number)
		m = m->next;
	return m;
}

static TEE_Result add_memory(struct client *client, uint32_t number, int *fd)
{
	struct memory *memory;
	uint64_t size;

	/* A host that could shorten it later could kill applications of others with it. */
	if (*fd < 0 || !wire_memory_is_fixed(*fd, &size) || !number || find_memory(client, number))
		return TEE_ERROR_BAD_PARAMETERS;
	if (client->memory_count == CLIENT_MEMORY_MAX)
		return TEE_ERROR_OUT_OF_MEMORY;
	memory = memory_new(client->core, *fd, size);
	*fd = -1;
	if (!memory)
		return TEE_ERROR_OUT_OF_MEMORY;
	memory->number = number;
	memory->next = client->memories;
	client->memories = memory;
	client->memory_count++;
	return TEE_SUCCESS;
}

static void remove_memory(struct client *client, uint32_t number)
{
	for (struct memory **at = &client->memories; *at; at = &(*at)->next) {
		struct memory *memory = *at;

		if (memory->number != number)
			continue;
		*at = memory->next;
		client->memory_count--;
		memory_unref(memory);
		return;
	}
}

/* false: a reference to what is not there. */
static bool take_params(
	const struct client *client, const struct wire_request *request, struct call *call)
{
	if (!wire_types_are_valid(request->types))
		return false;
	call->types = request->types;
	for (int i = 0; i < 4; i++) {
		const struct wire_param *from = &request->params[i];
		struct call_param *to = &call->params[i];
		uint32_t type = TEE_PARAM_TYPE_GET(request->types, i);
		struct memory *memory;

		to->a = from->a;
		to->b = from->b;
		if (!wire_is_memref(type))
			continue;
		to->size = from->size;
		if (!from->memory)
			continue;
		memory = find_memory(client, from->memory);
		if (!memory || from->offset > memory->size ||
			from->size > memory->size - from->offset)
			return false;
		to->offset = from->offset;
		to->memory = memory_ref(memory);
	}
	return true;
}

static void start_call(struct client *client, const struct wire_request *request)
{
	static const uint32_t kinds[] = {[WIRE_OPEN] = WIRE_CALL_OPEN,
		[WIRE_INVOKE] = WIRE_CALL_INVOKE,
		[WIRE_CLOSE] = WIRE_CALL_CLOSE};
	struct core *core = client->core;
	struct session *session = session_find(core, request->session, client, NULL);
	TEE_Identity identity = {0};
	TEE_Result res = TEE_SUCCESS;
	struct call *call;

	if (client->call_count == CLIENT_CALLS_MAX) {
		answer_simple(client, request->tag, TEE_ERROR_BUSY);
		return;
	}
	call = call_new(core, kinds[request->kind]);
	if (!call) {
		answer_simple(client, request->tag, TEE_ERROR_OUT_OF_MEMORY);
		return;
	}
	client->call_count++;
	call->client = client;
	call->tag = request->tag;
	call->command = request->command;
	call->uuid = request->uuid;
	if (!take_params(client, request, call) || (request->kind != WIRE_OPEN && !session))
		res = TEE_ERROR_BAD_PARAMETERS;
	if (!res && request->kind == WIRE_OPEN)
		res = identity_of(client->source.fd, request->login, request->group, &identity);
	if (res)
		call_answer(core, call, res, TEE_ORIGIN_TEE, NULL);
	else if (request->kind == WIRE_OPEN)
		session_open(core, call, identity);
	else if (request->kind == WIRE_INVOKE)
		session_invoke(core, call, session);
	else
		session_close(core, session, call);
}

/* What has not begun is taken back; what runs is not told: its cancellation is masked. */
static void cancel(struct client *client, uint32_t tag)
{
	for (struct call *c = client->core->calls; c; c = c->next) {
		if (c->client != client || c->tag != tag || c->kind != WIRE_CALL_INVOKE ||
			c->state != CALL_QUEUED)
			continue;
		call_answer(client->core, c, TEE_ERROR_CANCEL, TEE_ORIGIN_TEE, NULL);
		return;
	}
}

static void describe(struct client *client, uint32_t tag)
{
	struct {
		struct wire_reply reply;
		char text[WIRE_TEXT_MAX];
	} message = {.reply = {.tag = tag}};

	core_describe(client->core, message.text, sizeof message.text);
	answer(client, &message, sizeof message);
}

static void serve(struct client *client, const struct wire_request *request, int *fd)
{
	switch (request->kind) {
	case WIRE_OPEN:
	case WIRE_INVOKE:
	case WIRE_CLOSE: start_call(client, request); break;
	case WIRE_CANCEL: cancel(client, request->tag); break;
	case WIRE_MEMORY_ADD:
		answer_simple(client, request->tag, add_memory(client, request->memory, fd));
		break;
	case WIRE_MEMORY_REMOVE: remove_memory(client, request->memory); break;
	case WIRE_STATUS: describe(client, request->tag); break;
	case WIRE_STOP: client->core->stop = true; break;
	default: client_fail(client); break;
	}
}

static void on_request(struct source *source)
{
	struct client *client = (struct client *)source;
	struct wire_request request;
	size_t size = sizeof request, fd_count;
	int fds[WIRE_FDS_MAX], err;

	err = wire_receive(source->fd, &request, &size, fds, &fd_count, MSG_DONTWAIT);
	if (err == EAGAIN)
		return;
	if (err || size != sizeof request || fd_count > 1) {
		client_fail(client);
		if (err)
			return;
	} else {
		serve(client, &request, fd_count ? &fds[0] : &(int){-1});
	}
	for (size_t i = 0; i < fd_count; i++)
		if (fds[i] >= 0)
			close(fds[i]);
}

void client_accept(struct core *core, int fd)
{
	struct client *client = core->client_count < CLIENTS_MAX ? calloc(1, sizeof *client) : NULL;

	if (!client) {
		close(fd);
		return;
	}
	client->source = (struct source){.fd = fd, .ready = on_request};
	client->core = core;
	if (!core_watch(core, &client->source)) {
		close(fd);
		free(client);
		return;
	}
	client->next = core->clients;
	core->clients = client;
	core->client_count++;
}

void client_bury(struct client *client)
{
	struct core *core = client->core;
	struct client **at = &core->clients;

	session_abandon_all(core, client, NULL);
	while (client->memories)
		remove_memory(client, client->memories->number);
	while (*at != client)
		at = &(*at)->next;
	*at = client->next;
	core->client_count--;
	close(client->source.fd);
	free(client);
}
