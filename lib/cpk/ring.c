/* SPDX-License-Identifier: MIT
 *
 * A few buffers between a thread that fills them and one that hashes them.
 */
#include "ring.h"

#include <openssl/crypto.h>
#include <signal.h>
#include <stdlib.h>

static uint8_t *slot(const struct ring *ring, uint64_t number)
{
	return &ring->data[number % RING_SLOTS * RING_SLOT_BYTES];
}

static void *hash_slots(void *context)
{
	struct ring *ring = context;

	pthread_mutex_lock(&ring->lock);
	for (;;) {
		while (ring->filled == ring->emptied && !ring->ended)
			pthread_cond_wait(&ring->changed, &ring->lock);
		if (ring->filled == ring->emptied)
			break;
		uint64_t now = ring->emptied;
		pthread_mutex_unlock(&ring->lock);
		sha256_add(ring->digest, slot(ring, now), ring->size[now % RING_SLOTS]);
		pthread_mutex_lock(&ring->lock);
		ring->emptied++;
		pthread_cond_signal(&ring->changed);
	}
	pthread_mutex_unlock(&ring->lock);
	return NULL;
}

/* The program's signals are for the program's own threads. */
static int start_thread(struct ring *ring)
{
	sigset_t all, before;
	int failed;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	failed = pthread_create(&ring->thread, NULL, hash_slots, ring);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return failed;
}

enum edb_err ring_start(struct ring *ring, struct sha256 *digest, struct edb_error *error)
{
	*ring = (struct ring){.digest = digest};
	ring->data = malloc(RING_SLOTS * RING_SLOT_BYTES);
	if (!ring->data)
		return edb_fail(error, EDB_E_NOMEM, EDB_NO_OFFSET, "no memory");
	pthread_mutex_init(&ring->lock, NULL);
	pthread_cond_init(&ring->changed, NULL);
	if (!start_thread(ring))
		return EDB_OK;
	pthread_cond_destroy(&ring->changed);
	pthread_mutex_destroy(&ring->lock);
	free(ring->data);
	return edb_fail(error, EDB_E_NOMEM, EDB_NO_OFFSET, "no thread to be had");
}

uint8_t *ring_next(struct ring *ring)
{
	pthread_mutex_lock(&ring->lock);
	while (ring->filled - ring->emptied == RING_SLOTS)
		pthread_cond_wait(&ring->changed, &ring->lock);
	uint64_t next = ring->filled;
	pthread_mutex_unlock(&ring->lock);
	return slot(ring, next);
}

void ring_push(struct ring *ring, size_t size)
{
	pthread_mutex_lock(&ring->lock);
	ring->size[ring->filled % RING_SLOTS] = size;
	ring->filled++;
	pthread_cond_signal(&ring->changed);
	pthread_mutex_unlock(&ring->lock);
}

void ring_end(struct ring *ring)
{
	pthread_mutex_lock(&ring->lock);
	ring->ended = true;
	pthread_cond_signal(&ring->changed);
	pthread_mutex_unlock(&ring->lock);
	pthread_join(ring->thread, NULL);
	pthread_cond_destroy(&ring->changed);
	pthread_mutex_destroy(&ring->lock);
	OPENSSL_cleanse(ring->data, RING_SLOTS * RING_SLOT_BYTES);
	free(ring->data);
}
