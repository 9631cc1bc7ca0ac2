/* SPDX-License-Identifier: MIT
 *
 * Which objects there are, in the order of owner and id: a sorted array in memory.
 */
#ifndef SIMTEE_INDEX_H
#define SIMTEE_INDEX_H

#include <stdbool.h>

#include "storage.h"

struct index_entry {
	TEE_UUID owner;
	struct storage_id id;
};

struct index {
	struct index_entry *entries; /* owned */
	size_t count, capacity;
};

/** Room for one more. false: no memory. index_add after it cannot fail. */
bool index_reserve(struct index *index);

/** Already there is fine. */
void index_add(struct index *index, const TEE_UUID *owner, const struct storage_id *id);

/** Not there is fine. */
void index_remove(struct index *index, const TEE_UUID *owner, const struct storage_id *id);

/** The owner's first entry behind `after`; NULL: from the start. NULL: none. Borrowed until the
 *  index changes. */
const struct index_entry *index_next(
	const struct index *index, const TEE_UUID *owner, const struct storage_id *after);

/** The owner's n-th entry, from 0. NULL: it has no more than n. */
const struct index_entry *index_at(const struct index *index, const TEE_UUID *owner, size_t n);

void index_clear(struct index *index);

#endif
