/* SPDX-License-Identifier: MIT */
#include "elf_load.h"

#include <string.h>
#include <sys/mman.h>

static const uintptr_t addresses[] = {
#define SYMBOL(name) (uintptr_t)(name),
#include "symbols.def"
#undef SYMBOL
};

static uint64_t page_down(uint64_t value)
{
	return value & ~(uint64_t)(ELF_PAGE_BYTES - 1);
}

static void relocate(const struct elf_loaded *loaded, const struct elf_relocation *relocation)
{
	uint64_t value = (uintptr_t)loaded->base;

	if (relocation->source == ELF_FROM_SYMBOL)
		value += relocation->symbol_value;
	else if (relocation->source == ELF_FROM_IMPORT)
		value = addresses[relocation->import];
	value += (uint64_t)relocation->addend;
	memcpy(loaded->base + relocation->place, &value, sizeof value);
}

static bool protect(const struct elf_loaded *loaded, uint64_t from, uint64_t to, int protection)
{
	uint64_t start = page_down(from);

	return to <= start || !mprotect(loaded->base + start, to - start, protection);
}

static bool protect_all(const struct elf_image *image, const struct elf_loaded *loaded)
{
	for (uint32_t i = 0; i < image->segment_count; i++) {
		const struct elf_segment *s = &image->segments[i];
		int protection = PROT_READ | (s->writable ? PROT_WRITE : 0) |
				 (s->executable ? PROT_EXEC : 0);

		if (!protect(loaded, s->address, s->address + s->memory_bytes, protection))
			return false;
		if (s->executable) /* some processors read code through a cache of its own */
			__builtin___clear_cache((char *)loaded->base + s->address,
				(char *)loaded->base + s->address + s->memory_bytes);
	}
	return protect(loaded, image->relro_address,
		page_down(image->relro_address + image->relro_bytes), PROT_READ);
}

/* C has no cast from object to function. */
static void set_entry(void *function, const struct elf_loaded *loaded, uint64_t address)
{
	uint8_t *at = loaded->base + address;

	memcpy(function, &at, sizeof at);
}

const char *elf_load(const struct elf_image *image, struct elf_loaded *loaded)
{
	void *base = mmap(NULL, image->span_bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (base == MAP_FAILED)
		return "no memory";
	*loaded = (struct elf_loaded){.base = base};
	for (uint32_t i = 0; i < image->segment_count; i++) {
		const struct elf_segment *s = &image->segments[i];

		if (!protect(loaded, s->address, s->address + s->memory_bytes,
			    PROT_READ | PROT_WRITE))
			return "no memory";
		memcpy(loaded->base + s->address, image->bytes + s->offset, s->file_bytes);
	}
	for (unsigned int table = 0; table < 2; table++) {
		for (uint64_t i = 0; i < image->relocations[table].count; i++) {
			struct elf_relocation relocation;
			const char *wrong = elf_image_relocation(image, table, i, &relocation);

			if (wrong)
				return wrong;
			relocate(loaded, &relocation);
		}
	}
	if (!protect_all(image, loaded))
		return "its memory cannot be protected";
	set_entry(&loaded->create, loaded, image->entries[ELF_CREATE]);
	set_entry(&loaded->destroy, loaded, image->entries[ELF_DESTROY]);
	set_entry(&loaded->open, loaded, image->entries[ELF_OPEN]);
	set_entry(&loaded->close, loaded, image->entries[ELF_CLOSE]);
	set_entry(&loaded->invoke, loaded, image->entries[ELF_INVOKE]);
	return NULL;
}

void elf_lock(const struct elf_image *image, const struct elf_loaded *loaded)
{
	for (uint32_t i = 0; i < image->segment_count; i++) {
		const struct elf_segment *s = &image->segments[i];

		if (s->writable)
			(void)mlock(loaded->base + s->address, s->memory_bytes);
	}
}
