/* SPDX-License-Identifier: MIT */
#include "core.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

struct memory *memory_new(struct core *core, int fd, uint64_t size)
{
	struct memory *memory = calloc(1, sizeof *memory);

	if (!memory) {
		close(fd);
		return NULL;
	}
	*memory = (struct memory){
		.core = core, .key = core_number(core), .references = 1, .fd = fd, .size = size};
	return memory;
}

struct memory *memory_ref(struct memory *memory)
{
	memory->references++;
	return memory;
}

void memory_unref(struct memory *memory)
{
	if (!memory || --memory->references)
		return;
	for (struct instance *i = memory->core->instances; i; i = i->next)
		instance_forget(i, memory);
	if (memory->bytes)
		munmap(memory->bytes, memory->size);
	close(memory->fd);
	free(memory);
}
