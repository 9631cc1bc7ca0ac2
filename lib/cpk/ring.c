/* SPDX-License-Identifier: MIT
 *
 * A few buffers between a thread that fills them and threads that each use all of them in order.
 */
#include "ring.h"

#include <openssl/crypto.h>
#include <signal.h>
#include <stdlib.h>

static uint8_t *slot(const struct ring *ring, uint64_t number)
{
	return &ring->data[number % RING_SLOTS * RING_SLOT_BYTES];
}

/* After a failure the rest is passed by. */
static void *use_slots(void *context)
{
	struct ring_user *user = context;
	struct ring *ring = user->ring;

	pthread_mutex_lock(&ring->lock);
	for (;;) {
		enum edb_err err = user->err;

		while (ring->filled == user->emptied && !ring->ended)
			pthread_cond_wait(&ring->changed, &ring->lock);
		if (ring->filled == user->emptied)
			break;
		uint64_t now = user->emptied;
		pthread_mutex_unlock(&ring->lock);
		if (!err)
			err = user->use(user->context, slot(ring, now),
				ring->size[now % RING_SLOTS], &user->error);
		pthread_mutex_lock(&ring->lock);
		user->err = err;
		user->emptied++;
		pthread_cond_broadcast(&ring->changed);
	}
	pthread_mutex_unlock(&ring->lock);
	return NULL;
}

/* The program's signals are for the program's own threads. */
static int start_thread(struct ring_user *user)
{
	sigset_t all, before;
	int failed;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	failed = pthread_create(&user->thread, NULL, use_slots, user);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return failed;
}

enum edb_err ring_start(
	struct ring *ring, const struct ring_user *users, size_t count, struct edb_error *error)
{
	*ring = (struct ring){.data = malloc(RING_SLOTS * RING_SLOT_BYTES)};
	if (!ring->data)
		return edb_fail(error, EDB_E_NOMEM, EDB_NO_OFFSET, "no memory");
	pthread_mutex_init(&ring->lock, NULL);
	pthread_cond_init(&ring->changed, NULL);
	for (size_t i = 0; i < count; i++) {
		struct ring_user *user = &ring->users[i];

		*user = (struct ring_user){
			.use = users[i].use, .context = users[i].context, .ring = ring};
		if (start_thread(user)) {
			ring_end(ring, NULL);
			return edb_fail(error, EDB_E_NOMEM, EDB_NO_OFFSET, "no thread to be had");
		}
		ring->user_count++;
	}
	return EDB_OK;
}

/* Under the lock. */
static const struct ring_user *failed_user(const struct ring *ring)
{
	for (size_t i = 0; i < ring->user_count; i++)
		if (ring->users[i].err)
			return &ring->users[i];
	return NULL;
}

static bool is_full(const struct ring *ring)
{
	for (size_t i = 0; i < ring->user_count; i++)
		if (ring->filled - ring->users[i].emptied == RING_SLOTS)
			return true;
	return false;
}

uint8_t *ring_next(struct ring *ring)
{
	pthread_mutex_lock(&ring->lock);
	while (is_full(ring))
		pthread_cond_wait(&ring->changed, &ring->lock);
	uint8_t *next = failed_user(ring) ? NULL : slot(ring, ring->filled);
	pthread_mutex_unlock(&ring->lock);
	return next;
}

void ring_push(struct ring *ring, size_t size)
{
	pthread_mutex_lock(&ring->lock);
	ring->size[ring->filled % RING_SLOTS] = size;
	ring->filled++;
	pthread_cond_broadcast(&ring->changed);
	pthread_mutex_unlock(&ring->lock);
}

enum edb_err ring_end(struct ring *ring, struct edb_error *error)
{
	const struct ring_user *failed;

	pthread_mutex_lock(&ring->lock);
	ring->ended = true;
	pthread_cond_broadcast(&ring->changed);
	pthread_mutex_unlock(&ring->lock);
	for (size_t i = 0; i < ring->user_count; i++)
		pthread_join(ring->users[i].thread, NULL);
	pthread_cond_destroy(&ring->changed);
	pthread_mutex_destroy(&ring->lock);
	OPENSSL_cleanse(ring->data, RING_SLOTS * RING_SLOT_BYTES);
	free(ring->data);
	failed = failed_user(ring);
	if (failed && error)
		*error = failed->error;
	return failed ? failed->err : EDB_OK;
}
