/* SPDX-License-Identifier: MIT
 *
 * Memory that this program and the TEE share. The TEE sees nothing else of this program: what lies
 * elsewhere is copied into a shadow, and back.
 */
#ifndef SIMTEE_CLIENT_MEMORY_H
#define SIMTEE_CLIENT_MEMORY_H

#include "connection.h"

struct shared {
	uint32_t number; /* the core's name for it, with this connection */
	uint8_t *bytes;  /* zero at first */
	size_t size;
};

TEEC_Result memory_share(struct simtee_connection *connection, size_t size, struct shared *shared);
void memory_unshare(struct simtee_connection *connection, const struct shared *shared);

/** A shadow of at least this size, for one call. NULL: no memory. */
struct shadow *memory_take_shadow(struct simtee_connection *connection, size_t size);
/** NULL is fine. It may be used again for a later call. */
void memory_give_shadow(struct simtee_connection *connection, struct shadow *shadow);
const struct shared *memory_of_shadow(const struct shadow *shadow);
void memory_free_shadows(struct simtee_connection *connection);

#endif
