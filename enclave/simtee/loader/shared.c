/* SPDX-License-Identifier: MIT
 *
 * The normal world's memory in an application's process. It is mapped once and accessible only
 * while a call runs that names it: a reference that an application kept faults afterwards, as it
 * dies on OP-TEE.
 */
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "loader.h"
#include "sys.h"

#define BLOCKS_MAX 64u

static struct {
	uint32_t number, size;
	uint8_t *memory;
	bool open;
} blocks[BLOCKS_MAX];

bool shared_add(uint32_t number, int fd, uint32_t size)
{
	void *memory;

	for (unsigned i = 0; i < BLOCKS_MAX; i++) {
		if (blocks[i].memory)
			continue;
		memory = mmap(NULL, size, PROT_NONE, MAP_SHARED, fd, 0);
		close(fd);
		if (memory == MAP_FAILED)
			return false;
		blocks[i].number = number;
		blocks[i].size = size;
		blocks[i].memory = memory;
		return true;
	}
	close(fd);
	return false;
}

void shared_drop(uint32_t number)
{
	for (unsigned i = 0; i < BLOCKS_MAX; i++) {
		if (!blocks[i].memory || blocks[i].number != number)
			continue;
		munmap(blocks[i].memory, blocks[i].size);
		blocks[i].memory = NULL;
		blocks[i].open = false;
	}
}

void *shared_open(uint32_t number, uint32_t offset, uint32_t size)
{
	for (unsigned i = 0; i < BLOCKS_MAX; i++) {
		if (!blocks[i].memory || blocks[i].number != number)
			continue;
		if (offset > blocks[i].size || size > blocks[i].size - offset)
			return NULL;
		if (!blocks[i].open &&
			mprotect(blocks[i].memory, blocks[i].size, PROT_READ | PROT_WRITE))
			return NULL;
		blocks[i].open = true;
		return blocks[i].memory + offset;
	}
	return NULL;
}

void shared_close_all(void)
{
	for (unsigned i = 0; i < BLOCKS_MAX; i++) {
		if (!blocks[i].open)
			continue;
		mprotect(blocks[i].memory, blocks[i].size, PROT_NONE);
		blocks[i].open = false;
	}
}

bool sys_is_shared(const void *memory, size_t size)
{
	const uint8_t *at = memory;

	for (unsigned i = 0; i < BLOCKS_MAX; i++)
		if (blocks[i].memory && at < blocks[i].memory + blocks[i].size &&
			at + size > blocks[i].memory)
			return true;
	return false;
}
