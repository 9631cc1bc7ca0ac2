/* SPDX-License-Identifier: MIT
 *
 * A few buffers between a thread that fills them and one that hashes them.
 *
 * SHA-256 is what building a package waits for, twice over the whole payload; so one thread does
 * nothing else.
 */
#ifndef CPK_RING_H
#define CPK_RING_H

#include "sha256.h"

#include <pthread.h>

#define RING_SLOTS      4
#define RING_SLOT_BYTES ((size_t)256 * 1024)

struct ring {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	pthread_t thread;
	struct sha256 *digest;    /* borrowed; the thread's until ring_end */
	uint8_t *data;            /* RING_SLOTS * RING_SLOT_BYTES; wiped at the end */
	size_t size[RING_SLOTS];  /* bytes to hash in each */
	uint64_t filled, emptied; /* slots, ever; filled - emptied <= RING_SLOTS */
	bool ended;
};

/** Start hashing into `digest`. EDB_E_NOMEM. On success, ring_end must follow. */
enum edb_err ring_start(struct ring *ring, struct sha256 *digest, struct edb_error *error);

/** A buffer of RING_SLOT_BYTES to fill; waits until one is free. */
uint8_t *ring_next(struct ring *ring);

/** Hand over its first `size` bytes. They may be read, not written, until the next ring_next. */
void ring_push(struct ring *ring, size_t size);

/** Wait until all is hashed; stop the thread; wipe and free the buffers. */
void ring_end(struct ring *ring);

#endif
