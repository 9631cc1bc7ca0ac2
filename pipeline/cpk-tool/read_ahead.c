/* SPDX-License-Identifier: MIT */
#include "read_ahead.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define SLOTS 4

struct read_ahead {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	pthread_t thread;
	const struct cpk_raw *raw;
	uint16_t index;
	uint64_t total, filled, taken; /* blocks; filled - taken <= SLOTS */
	bool stop;
	enum edb_err err; /* of the thread; the block after the last good one */
	struct edb_error error;
	uint8_t blocks[SLOTS][CPK_BLOCK];
};

static size_t block_size(const struct read_ahead *r, uint64_t block)
{
	uint64_t left = cpk_raw_stream_size(r->raw, r->index) - block * CPK_BLOCK;

	return left < CPK_BLOCK ? (size_t)left : CPK_BLOCK;
}

static void *read_blocks(void *context)
{
	struct read_ahead *r = context;
	enum edb_err err = EDB_OK;

	for (uint64_t block = 0; block < r->total && !err; block++) {
		pthread_mutex_lock(&r->lock);
		while (block - r->taken >= SLOTS && !r->stop)
			pthread_cond_wait(&r->changed, &r->lock);
		err = r->stop ? EDB_E_STATE : EDB_OK;
		pthread_mutex_unlock(&r->lock);
		if (!err)
			err = cpk_raw_read_at(r->raw, r->index, block * CPK_BLOCK,
				r->blocks[block % SLOTS], block_size(r, block), &r->error);
		pthread_mutex_lock(&r->lock);
		if (err)
			r->err = err;
		else
			r->filled = block + 1;
		pthread_cond_signal(&r->changed);
		pthread_mutex_unlock(&r->lock);
	}
	return NULL;
}

enum edb_err read_ahead_start(const struct cpk_raw *raw, uint16_t index, struct read_ahead **reader,
	struct edb_error *error)
{
	struct read_ahead *r = calloc(1, sizeof *r);

	if (!r)
		return edb_fail(error, EDB_E_NOMEM, EDB_NO_OFFSET, "out of memory");
	r->raw = raw;
	r->index = index;
	r->total = (cpk_raw_stream_size(raw, index) + CPK_BLOCK - 1) / CPK_BLOCK;
	pthread_mutex_init(&r->lock, NULL);
	pthread_cond_init(&r->changed, NULL);
	if (pthread_create(&r->thread, NULL, read_blocks, r)) {
		pthread_cond_destroy(&r->changed);
		pthread_mutex_destroy(&r->lock);
		free(r);
		return edb_fail(error, EDB_E_NOMEM, EDB_NO_OFFSET, "cannot start a thread");
	}
	*reader = r;
	return EDB_OK;
}

/* `taken` counts what the user is done with: the block in his hands is not refilled. */
enum edb_err read_ahead_next(
	struct read_ahead *r, const uint8_t **block, size_t *size, struct edb_error *error)
{
	enum edb_err err = EDB_OK;
	uint64_t next;

	pthread_mutex_lock(&r->lock);
	if (*block) {
		r->taken++;
		pthread_cond_signal(&r->changed);
	}
	next = r->taken;
	while (next < r->total && r->filled <= next && !r->err)
		pthread_cond_wait(&r->changed, &r->lock);
	if (next < r->total && r->filled <= next)
		err = r->err;
	pthread_mutex_unlock(&r->lock);
	if (err && error)
		*error = r->error;
	if (err)
		return err;
	*block = next < r->total ? r->blocks[next % SLOTS] : NULL;
	*size = next < r->total ? block_size(r, next) : 0;
	return EDB_OK;
}

void read_ahead_stop(struct read_ahead *r)
{
	if (!r)
		return;
	pthread_mutex_lock(&r->lock);
	r->stop = true;
	pthread_cond_signal(&r->changed);
	pthread_mutex_unlock(&r->lock);
	pthread_join(r->thread, NULL);
	pthread_cond_destroy(&r->changed);
	pthread_mutex_destroy(&r->lock);
	free(r);
}
