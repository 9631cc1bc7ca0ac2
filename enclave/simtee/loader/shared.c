/* SPDX-License-Identifier: MIT */
#include "shared.h"

#include <sys/mman.h>
#include <unistd.h>

struct mapping {
	uint32_t memory; /* 0: free */
	int protection;  /* what it has now */
	int given;       /* what this call is given */
	uint8_t *base;
	uint64_t size;
};

static struct mapping mappings[SHARED_MAX];

static struct mapping *find(uint32_t memory)
{
	for (size_t i = 0; i < SHARED_MAX; i++)
		if (mappings[i].memory == memory)
			return &mappings[i];
	return NULL;
}

bool shared_add(uint32_t memory, int fd, uint64_t size)
{
	struct mapping *m = memory && !find(memory) ? find(0) : NULL;
	void *base = MAP_FAILED;

	if (m)
		base = mmap(NULL, size, PROT_NONE, MAP_SHARED, fd, 0);
	close(fd);
	if (base == MAP_FAILED)
		return false;
	*m = (struct mapping){
		.memory = memory, .protection = PROT_NONE, .base = base, .size = size};
	return true;
}

void shared_remove(uint32_t memory)
{
	struct mapping *m = memory ? find(memory) : NULL;

	if (!m)
		return;
	munmap(m->base, m->size);
	*m = (struct mapping){0};
}

void shared_begin(void)
{
	for (size_t i = 0; i < SHARED_MAX; i++)
		mappings[i].given = PROT_NONE;
}

void *shared_give(uint32_t memory, uint64_t offset, uint64_t size, bool writable)
{
	struct mapping *m = memory ? find(memory) : NULL;

	if (!m || offset > m->size || size > m->size - offset)
		return NULL;
	/* Two parameters may lie in the same memory. */
	m->given |= writable ? PROT_READ | PROT_WRITE : PROT_READ;
	return m->base + offset;
}

bool shared_apply(void)
{
	for (size_t i = 0; i < SHARED_MAX; i++) {
		struct mapping *m = &mappings[i];

		if (!m->memory || m->given == m->protection)
			continue;
		if (mprotect(m->base, m->size, m->given))
			return false;
		m->protection = m->given;
	}
	return true;
}

bool shared_overlaps(const void *bytes, size_t size)
{
	uintptr_t from = (uintptr_t)bytes;

	for (size_t i = 0; i < SHARED_MAX; i++) {
		const struct mapping *m = &mappings[i];
		uintptr_t base = (uintptr_t)m->base;

		if (m->memory && from < base + m->size && size > 0 &&
			(from >= base || size > base - from))
			return true;
	}
	return false;
}
