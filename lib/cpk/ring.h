/* SPDX-License-Identifier: MIT
 *
 * A few buffers between a thread that fills them and threads that each use all of them in order.
 *
 * SHA-256 is what building a package waits for, twice over the whole payload; so one thread does
 * nothing else, and another one encrypts and writes beside it.
 */
#ifndef CPK_RING_H
#define CPK_RING_H

#include <edb/error.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RING_SLOTS      4
#define RING_SLOT_BYTES ((size_t)256 * 1024)
#define RING_USERS_MAX  2

/* Called in a thread of its own with each buffer, in order, until it fails. */
typedef enum edb_err ring_use(
	void *context, const uint8_t *data, size_t size, struct edb_error *error);

struct ring_user {
	/* Set by the caller. */
	ring_use *use;
	void *context; /* borrowed; the thread's until ring_end */

	struct ring *ring;
	pthread_t thread;
	uint64_t emptied; /* slots, ever */
	enum edb_err err;
	struct edb_error error;
};

struct ring {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct ring_user users[RING_USERS_MAX];
	size_t user_count;
	uint8_t *data;           /* RING_SLOTS * RING_SLOT_BYTES; wiped at the end */
	size_t size[RING_SLOTS]; /* bytes to use of each */
	uint64_t filled; /* slots, ever; at most RING_SLOTS more than any user has emptied */
	bool ended;
};

/**
 * Start `count` users, 1 to RING_USERS_MAX. EDB_E_NOMEM. On success, ring_end must follow; the ring
 * must not be moved before.
 */
enum edb_err ring_start(
	struct ring *ring, const struct ring_user *users, size_t count, struct edb_error *error);

/** A buffer of RING_SLOT_BYTES to fill; waits until one is free. NULL: a user failed. */
uint8_t *ring_next(struct ring *ring);

/** Hand over its first `size` bytes, which must not be written to any more. */
void ring_push(struct ring *ring, size_t size);

/**
 * Wait until all is used; stop the threads; wipe and free the buffers. Returns what a user failed
 * with, the first of them if both did.
 */
enum edb_err ring_end(struct ring *ring, struct edb_error *error);

#endif
