/* SPDX-License-Identifier: MIT
 *
 * A connection to the core, shared by all threads of a host program: each asks and gets its own
 * answer; whoever waits and finds nobody reading reads for all.
 */
#ifndef SIMTEE_CONNECTION_H
#define SIMTEE_CONNECTION_H

#include <pthread.h>
#include <tee_client_api.h>

#include "wire.h"

struct waiter;
struct shadow;

struct simtee_connection {
	int fd;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct waiter *waiters;
	struct shadow *shadows; /* shared memory that is kept for the next call */
	size_t shadow_count;
	uint32_t last_number;
	bool reading, dead;
};

/** NULL: TEEC_ERROR_*, in *result. */
struct simtee_connection *connection_open(const char *name, TEEC_Result *result);
void connection_free(struct simtee_connection *connection);

/** A number for a request or a memory: not 0, not used for a long time. */
uint32_t connection_number(struct simtee_connection *connection);

/**
 * Ask, wait, and take the answer.
 *
 * @param request  its tag from connection_number
 * @param fd       goes along; -1: none
 * @return TEEC_SUCCESS: there is an answer, whatever it says; TEEC_ERROR_COMMUNICATION
 */
TEEC_Result connection_ask(struct simtee_connection *connection, const struct wire_request *request,
	int fd, struct wire_reply *reply);

/** Send what is not answered. */
void connection_tell(struct simtee_connection *connection, const struct wire_request *request);

#endif
