/* SPDX-License-Identifier: MIT */
#include "index.h"

#include <stdlib.h>
#include <string.h>

static int compare_id(const struct storage_id *a, const struct storage_id *b)
{
	uint32_t common = a->size < b->size ? a->size : b->size;
	int order = memcmp(a->bytes, b->bytes, common);

	if (order)
		return order;
	return (a->size > b->size) - (a->size < b->size);
}

static int compare(
	const struct index_entry *entry, const TEE_UUID *owner, const struct storage_id *id)
{
	int order = memcmp(&entry->owner, owner, sizeof *owner);

	return order ? order : compare_id(&entry->id, id);
}

/* The first entry that is not before this one. */
static size_t place_of(
	const struct index *index, const TEE_UUID *owner, const struct storage_id *id)
{
	size_t low = 0, high = index->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (compare(&index->entries[middle], owner, id) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool is_at(
	const struct index *index, size_t place, const TEE_UUID *owner, const struct storage_id *id)
{
	return place < index->count && !compare(&index->entries[place], owner, id);
}

bool index_reserve(struct index *index)
{
	size_t capacity = index->capacity ? 2 * index->capacity : 64;
	struct index_entry *grown;

	if (index->count < index->capacity)
		return true;
	grown = reallocarray(index->entries, capacity, sizeof *grown);
	if (!grown)
		return false;
	index->entries = grown;
	index->capacity = capacity;
	return true;
}

void index_add(struct index *index, const TEE_UUID *owner, const struct storage_id *id)
{
	size_t place = place_of(index, owner, id);

	if (is_at(index, place, owner, id))
		return;
	memmove(index->entries + place + 1, index->entries + place,
		(index->count - place) * sizeof *index->entries);
	index->entries[place] = (struct index_entry){.owner = *owner, .id = *id};
	index->count++;
}

void index_remove(struct index *index, const TEE_UUID *owner, const struct storage_id *id)
{
	size_t place = place_of(index, owner, id);

	if (!is_at(index, place, owner, id))
		return;
	index->count--;
	memmove(index->entries + place, index->entries + place + 1,
		(index->count - place) * sizeof *index->entries);
}

const struct index_entry *index_next(
	const struct index *index, const TEE_UUID *owner, const struct storage_id *after)
{
	static const struct storage_id empty = {.size = 0};
	size_t place = place_of(index, owner, after ? after : &empty);

	if (after && is_at(index, place, owner, after))
		place++;
	if (place == index->count || memcmp(&index->entries[place].owner, owner, sizeof *owner))
		return NULL;
	return &index->entries[place];
}

const struct index_entry *index_at(const struct index *index, const TEE_UUID *owner, size_t n)
{
	const struct index_entry *first = index_next(index, owner, NULL);
	size_t left = first ? index->count - (size_t)(first - index->entries) : 0;

	if (n >= left || memcmp(&first[n].owner, owner, sizeof *owner))
		return NULL;
	return &first[n];
}

void index_clear(struct index *index)
{
	free(index->entries);
	*index = (struct index){0};
}
