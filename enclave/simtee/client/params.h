/* SPDX-License-Identifier: MIT
 *
 * An operation's parameters: from the host's memory to the TEE and back.
 */
#ifndef SIMTEE_CLIENT_PARAMS_H
#define SIMTEE_CLIENT_PARAMS_H

#include "memory.h"

/* One parameter on its way. */
struct passage {
	struct shadow *shadow; /* of a temporary reference */
	uint8_t *host;         /* to be copied back here; NULL: nothing to copy */
	const uint8_t *shared;
	size_t size; /* room at host */
};

/** Fill in types and params of the request. @return TEEC_ERROR_BAD_PARAMETERS: not understood */
TEEC_Result params_send(struct simtee_connection *connection, const TEEC_Operation *operation,
	struct wire_request *request, struct passage passages[4]);

/** What the application gave back. */
void params_receive(const struct wire_reply *reply, uint32_t types, TEEC_Operation *operation,
	const struct passage passages[4]);

/** In every case, after the call. */
void params_clear(struct simtee_connection *connection, struct passage passages[4]);

#endif
