/* SPDX-License-Identifier: MIT */
#include "core.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define POLL_MAX 512

void core_log(const char *format, ...)
{
	va_list args;

	fputs("simtee: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
}

bool core_same_uuid(const TEE_UUID *a, const TEE_UUID *b)
{
	return !memcmp(a, b, sizeof *a);
}

struct block *core_find_block(struct core *core, uint32_t number)
{
	struct block *b = core->blocks;

	while (b && b->number != number)
		b = b->next;
	return b;
}

struct session *core_find_session(struct core *core, uint32_t number)
{
	struct session *s = core->sessions;

	while (s && s->number != number)
		s = s->next;
	return s;
}

static struct block *add_block(struct core *core, struct client *owner, int fd, uint32_t size)
{
	struct block *b = calloc(1, sizeof *b);

	if (!b)
		return NULL;
	b->owner = owner;
	b->number = ++core->next_number;
	b->size = size;
	b->fd = fd;
	b->next = core->blocks;
	core->blocks = b;
	return b;
}

struct block *core_make_block(struct core *core, uint32_t size, void **memory)
{
	int fd = memfd_create("simtee-copy", MFD_CLOEXEC);
	struct block *b = NULL;

	if (fd < 0)
		return NULL;
	if (!ftruncate(fd, size)) {
		*memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
		if (*memory != MAP_FAILED)
			b = add_block(core, NULL, fd, size);
	}
	if (!b)
		close(fd);
	return b;
}

void core_drop_block(struct core *core, struct block *block)
{
	const struct call drop = {.op = CALL_SHM_DROP, .drop = block->number};

	for (struct instance *i = core->instances; i; i = i->next) {
		for (size_t k = 0; k < i->known_count; k++) {
			if (i->known[k] != block->number)
				continue;
			i->known[k] = i->known[--i->known_count];
			(void)message_send(i->fd, &drop, sizeof drop, NULL, 0);
			break;
		}
	}
	for (struct block **at = &core->blocks; *at; at = &(*at)->next) {
		if (*at != block)
			continue;
		*at = block->next;
		break;
	}
	close(block->fd);
	free(block);
}

static void reply_to(struct client *client, uint32_t result, uint32_t origin)
{
	const struct client_reply reply = {.result = result, .origin = origin};

	if (message_send(client->fd, &reply, sizeof reply, NULL, 0))
		client->gone = true;
}

/* A descriptor from a host is taken only if it really is memory of that size. */
static TEE_Result add_client_block(
	struct core *core, struct client *client, const struct client_request *request, int fd)
{
	struct stat info;
	struct block *block;

	if (fd < 0)
		return TEE_ERROR_BAD_PARAMETERS;
	if (fstat(fd, &info) || !S_ISREG(info.st_mode) || !request->size ||
		request->size > SHM_MAX || (uint64_t)info.st_size < request->size) {
		close(fd);
		return TEE_ERROR_BAD_PARAMETERS;
	}
	block = add_block(core, client, fd, (uint32_t)request->size);
	if (!block) {
		close(fd);
		return TEE_ERROR_OUT_OF_MEMORY;
	}
	block->client_number = request->number;
	return TEE_SUCCESS;
}

static struct block *client_block(struct core *core, struct client *client, uint32_t number)
{
	struct block *b = core->blocks;

	while (b && (b->owner != client || b->client_number != number))
		b = b->next;
	return b;
}

/* The client's numbers of blocks become the core's; pieces must lie in them. */
static bool translate(struct core *core, struct client *client, struct wire_params *params)
{
	for (uint32_t i = 0; i < 4; i++) {
		uint32_t type = TEE_PARAM_TYPE_GET(params->types, i);
		struct wire_param *p = &params->p[i];
		struct block *b;

		if (type == 4 || type > 7 || params->types >> 16)
			return false;
		if (type < TEE_PARAM_TYPE_MEMREF_INPUT || !p->shm)
			continue;
		b = client_block(core, client, p->shm);
		if (!b || p->offset > b->size || p->size > b->size - p->offset)
			return false;
		p->shm = b->number;
	}
	return true;
}

static void client_call(
	struct core *core, struct client *client, const struct client_request *request)
{
	struct pending *pending = calloc(1, sizeof *pending);
	struct session *session = NULL;
	TEE_Result res = TEE_ERROR_OUT_OF_MEMORY;

	if (pending) {
		pending->client = client;
		pending->command = request->command;
		pending->asked = pending->params = request->params;
		res = translate(core, client, &pending->params) ? TEE_SUCCESS
								: TEE_ERROR_BAD_PARAMETERS;
	}
	if (!res && request->op == CLIENT_OPEN) {
		pending->op = CALL_OPEN;
		res = call_open(core, &request->uuid, pending);
	} else if (!res) {
		session = core_find_session(core, request->number);
		if (!session || session->client != client)
			res = TEE_ERROR_BAD_PARAMETERS;
		else if (session->dead)
			res = TEE_ERROR_TARGET_DEAD;
		else {
			pending->op = CALL_INVOKE;
			pending->session = session;
			call_queue(session->instance, pending);
		}
	}
	if (res) {
		free(pending);
		reply_to(client, res, TEE_ORIGIN_TEE);
	}
}

static void serve_client(struct core *core, struct client *client)
{
	struct client_request request;
	int fds[4] = {-1, -1, -1, -1};
	unsigned fd_count = 0;
	struct session *session;
	struct block *block;

	if (message_receive(client->fd, &request, sizeof request, fds, 1, &fd_count) != 1) {
		client->gone = true;
		return;
	}
	if (fd_count && request.op != CLIENT_SHM_ADD)
		close(fds[0]);
	switch (request.op) {
	case CLIENT_SHM_ADD:
		reply_to(
			client, add_client_block(core, client, &request, fds[0]), TEE_ORIGIN_COMMS);
		break;
	case CLIENT_SHM_DROP:
		block = client_block(core, client, request.number);
		if (block)
			core_drop_block(core, block);
		reply_to(client, TEE_SUCCESS, TEE_ORIGIN_COMMS);
		break;
	case CLIENT_CLOSE:
		session = core_find_session(core, request.number);
		if (session && session->client == client)
			call_close(core, session);
		reply_to(client, TEE_SUCCESS, TEE_ORIGIN_COMMS);
		break;
	case CLIENT_OPEN:
	case CLIENT_INVOKE: client_call(core, client, &request); break;
	default: reply_to(client, TEE_ERROR_BAD_PARAMETERS, TEE_ORIGIN_COMMS); break;
	}
}

/* Nobody waits any more for what a client asked; its sessions close, its memory goes. */
static void forget_client(struct core *core, struct client *client)
{
	for (struct instance *i = core->instances; i; i = i->next)
		for (struct pending *p = i->queue; p; p = p->next)
			if (p->client == client)
				p->client = NULL;
	for (struct session *s = core->sessions, *next; s; s = next) {
		next = s->next;
		if (s->client == client)
			call_close(core, s);
	}
	for (struct block *b = core->blocks, *next; b; b = next) {
		next = b->next;
		if (b->owner == client)
			core_drop_block(core, b);
	}
	close(client->fd);
	free(client);
}

static void drop_gone_clients(struct core *core)
{
	struct client **at = &core->clients;

	while (*at) {
		struct client *client = *at;

		if (!client->gone) {
			at = &client->next;
			continue;
		}
		*at = client->next;
		forget_client(core, client);
	}
}

static void accept_client(struct core *core)
{
	int fd = accept4(core->listener, NULL, NULL, SOCK_CLOEXEC);
	struct client *client = fd < 0 ? NULL : calloc(1, sizeof *client);

	if (!client) {
		if (fd >= 0)
			close(fd);
		return;
	}
	client->fd = fd;
	client->next = core->clients;
	core->clients = client;
}

static struct instance *instance_by_fd(struct core *core, int fd)
{
	struct instance *i = core->instances;

	while (i && i->fd != fd)
		i = i->next;
	return i;
}

static struct client *client_by_fd(struct core *core, int fd)
{
	struct client *c = core->clients;

	while (c && c->fd != fd)
		c = c->next;
	return c;
}

void core_run(struct core *core)
{
	while (!core->stop) {
		struct pollfd polled[POLL_MAX] = {{.fd = core->listener, .events = POLLIN}};
		nfds_t count = 1;

		for (struct instance *i = core->instances; i && count < POLL_MAX; i = i->next)
			polled[count++] = (struct pollfd){.fd = i->fd, .events = POLLIN};
		for (struct client *c = core->clients; c && count < POLL_MAX; c = c->next)
			polled[count++] = (struct pollfd){.fd = c->fd, .events = POLLIN};
		if (poll(polled, count, -1) < 0 && errno != EINTR)
			break;
		for (nfds_t n = 1; n < count; n++) {
			struct instance *instance;
			struct client *client;

			if (!polled[n].revents)
				continue;
			instance = instance_by_fd(core, polled[n].fd);
			if (instance) {
				instance_report(instance);
				continue;
			}
			client = client_by_fd(core, polled[n].fd);
			if (client && !client->gone)
				serve_client(core, client);
		}
		if (polled[0].revents)
			accept_client(core);
		drop_gone_clients(core);
	}
}
