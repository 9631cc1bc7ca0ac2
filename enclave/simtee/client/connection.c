/* SPDX-License-Identifier: MIT */
#include "connection.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#include "memory.h"
#include "place.h"

struct waiter {
	struct waiter *next;
	uint32_t tag;
	bool done;
	struct wire_reply reply;
};

struct simtee_connection *connection_open(const char *name, TEEC_Result *result)
{
	struct simtee_connection *connection;
	char folder[PATH_MAX];

	*result = TEEC_ERROR_ITEM_NOT_FOUND; /* as libteec has it: there is no TEE of that name */
	if (place_find(name, folder, sizeof folder))
		return NULL;
	connection = calloc(1, sizeof *connection);
	*result = TEEC_ERROR_OUT_OF_MEMORY;
	if (!connection)
		return NULL;
	connection->fd = place_connect(folder);
	if (connection->fd < 0) {
		*result = errno == EACCES || errno == EPERM ? TEEC_ERROR_ACCESS_DENIED
							    : TEEC_ERROR_ITEM_NOT_FOUND;
		free(connection);
		return NULL;
	}
	pthread_mutex_init(&connection->lock, NULL);
	pthread_cond_init(&connection->changed, NULL);
	*result = TEEC_SUCCESS;
	return connection;
}

void connection_free(struct simtee_connection *connection)
{
	memory_free_shadows(connection);
	close(connection->fd);
	pthread_cond_destroy(&connection->changed);
	pthread_mutex_destroy(&connection->lock);
	free(connection);
}

uint32_t connection_number(struct simtee_connection *connection)
{
	uint32_t number;

	do
		number = __atomic_add_fetch(&connection->last_number, 1, __ATOMIC_RELAXED);
	while (!number);
	return number;
}

static void deliver(struct simtee_connection *connection, const struct wire_reply *reply)
{
	for (struct waiter *w = connection->waiters; w; w = w->next) {
		if (w->tag != reply->tag || w->done)
			continue;
		w->reply = *reply;
		w->done = true;
		return;
	}
}

/* One answer, whosever it is. The lock is held on entry and on return, not while it waits. */
static void read_one(struct simtee_connection *connection)
{
	size_t size = sizeof(struct wire_reply), fd_count;
	struct wire_reply reply;
	int fds[WIRE_FDS_MAX], err;

	connection->reading = true;
	pthread_mutex_unlock(&connection->lock);
	err = wire_receive(connection->fd, &reply, &size, fds, &fd_count, 0);
	while (!err && fd_count)
		close(fds[--fd_count]);
	pthread_mutex_lock(&connection->lock);
	connection->reading = false;
	if (err || size != sizeof reply)
		connection->dead = true;
	else
		deliver(connection, &reply);
	pthread_cond_broadcast(&connection->changed);
}

static void forget(struct simtee_connection *connection, const struct waiter *waiter)
{
	struct waiter **at = &connection->waiters;

	while (*at != waiter)
		at = &(*at)->next;
	*at = waiter->next;
}

TEEC_Result connection_ask(struct simtee_connection *connection, const struct wire_request *request,
	int fd, struct wire_reply *reply)
{
	struct waiter me = {.tag = request->tag};
	int err;

	pthread_mutex_lock(&connection->lock);
	me.next = connection->waiters;
	connection->waiters = &me;
	pthread_mutex_unlock(&connection->lock);
	err = wire_send(connection->fd, request, sizeof *request, &fd, fd >= 0, 0);
	pthread_mutex_lock(&connection->lock);
	if (err)
		connection->dead = true;
	while (!me.done && !connection->dead) {
		if (connection->reading)
			pthread_cond_wait(&connection->changed, &connection->lock);
		else
			read_one(connection);
	}
	forget(connection, &me);
	pthread_mutex_unlock(&connection->lock);
	if (!me.done)
		return TEEC_ERROR_COMMUNICATION;
	*reply = me.reply;
	return TEEC_SUCCESS;
}

void connection_tell(struct simtee_connection *connection, const struct wire_request *request)
{
	(void)wire_send(connection->fd, request, sizeof *request, NULL, 0, 0);
}
