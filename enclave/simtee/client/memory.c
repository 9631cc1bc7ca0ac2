/* SPDX-License-Identifier: MIT */
#include "memory.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define SHADOW_STEP (64u << 10)
#define SHADOW_KEEP (1u << 20) /* bytes: larger ones are given back after the call */
#define SHADOWS_MAX 8u

struct shadow {
	struct shadow *next;
	struct shared shared;
};

TEEC_Result memory_share(struct simtee_connection *connection, size_t size, struct shared *shared)
{
	struct wire_request request = {.kind = WIRE_MEMORY_ADD};
	int fd = wire_memory_make(size);
	void *bytes = MAP_FAILED;
	struct wire_reply reply;
	TEEC_Result result;

	if (fd >= 0)
		bytes = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (bytes == MAP_FAILED) {
		if (fd >= 0)
			close(fd);
		return TEEC_ERROR_OUT_OF_MEMORY;
	}
	request.tag = connection_number(connection);
	request.memory = connection_number(connection);
	result = connection_ask(connection, &request, fd, &reply);
	close(fd);
	if (!result)
		result = reply.result;
	if (result) {
		munmap(bytes, size);
		return result;
	}
	*shared = (struct shared){.number = request.memory, .bytes = bytes, .size = size};
	return TEEC_SUCCESS;
}

void memory_unshare(struct simtee_connection *connection, const struct shared *shared)
{
	const struct wire_request request = {.kind = WIRE_MEMORY_REMOVE, .memory = shared->number};

	connection_tell(connection, &request);
	munmap(shared->bytes, shared->size);
}

const struct shared *memory_of_shadow(const struct shadow *shadow)
{
	return &shadow->shared;
}

static struct shadow *take_kept(struct simtee_connection *connection, size_t size)
{
	struct shadow **at, *found = NULL;

	pthread_mutex_lock(&connection->lock);
	for (at = &connection->shadows; *at && (*at)->shared.size < size; at = &(*at)->next)
		;
	if (*at) {
		found = *at;
		*at = found->next;
		connection->shadow_count--;
	}
	pthread_mutex_unlock(&connection->lock);
	return found;
}

struct shadow *memory_take_shadow(struct simtee_connection *connection, size_t size)
{
	struct shadow *shadow = take_kept(connection, size);

	if (shadow || size > SIZE_MAX - SHADOW_STEP)
		return shadow;
	shadow = calloc(1, sizeof *shadow);
	size = (size + SHADOW_STEP - 1) / SHADOW_STEP * SHADOW_STEP;
	if (shadow && memory_share(connection, size, &shadow->shared)) {
		free(shadow);
		return NULL;
	}
	return shadow;
}

static void free_shadow(struct simtee_connection *connection, struct shadow *shadow)
{
	memory_unshare(connection, &shadow->shared);
	free(shadow);
}

void memory_give_shadow(struct simtee_connection *connection, struct shadow *shadow)
{
	if (!shadow)
		return;
	pthread_mutex_lock(&connection->lock);
	if (shadow->shared.size <= SHADOW_KEEP && connection->shadow_count < SHADOWS_MAX) {
		shadow->next = connection->shadows;
		connection->shadows = shadow;
		connection->shadow_count++;
		shadow = NULL;
	}
	pthread_mutex_unlock(&connection->lock);
	if (shadow)
		free_shadow(connection, shadow);
}

void memory_free_shadows(struct simtee_connection *connection)
{
	while (connection->shadows) {
		struct shadow *shadow = connection->shadows;

		connection->shadows = shadow->next;
		free_shadow(connection, shadow);
	}
}
