/* SPDX-License-Identifier: MIT
 *
 * Mapping an image that image_read has found good. Only the kinds of relocation that ld writes for
 * position-independent C without libraries.
 */
#include <elf.h>
#include <string.h>
#include <sys/mman.h>

#include "loader.h"

#if defined(__x86_64__)
#define R_RELATIVE  R_X86_64_RELATIVE
#define R_GLOB_DAT  R_X86_64_GLOB_DAT
#define R_JUMP_SLOT R_X86_64_JUMP_SLOT
#define R_ABSOLUTE  R_X86_64_64
#else
#define R_RELATIVE  R_AARCH64_RELATIVE
#define R_GLOB_DAT  R_AARCH64_GLOB_DAT
#define R_JUMP_SLOT R_AARCH64_JUMP_SLOT
#define R_ABSOLUTE  R_AARCH64_ABS64
#endif

#define PAGE_BYTES 4096u

/* Is this a place in a writable segment? */
static bool is_data(const struct image *image, uint64_t address)
{
	for (uint32_t i = 0; i < image->segment_count; i++) {
		const struct image_segment *s = &image->segments[i];

		if ((s->flags & PF_W) && address >= s->address && s->memory_size >= 8 &&
			address - s->address <= s->memory_size - 8)
			return true;
	}
	return false;
}

static bool symbol_value(
	const struct image *image, uint8_t *base, uint64_t index, uint64_t *value, const char **why)
{
	Elf64_Sym s;
	const char *name;

	if (index >= image->symbol_count) {
		*why = "a relocation names no symbol";
		return false;
	}
	memcpy(&s, base + image->symbols + index * sizeof s, sizeof s);
	if (s.st_name >= image->strings_size || ELF64_ST_TYPE(s.st_info) == STT_GNU_IFUNC ||
		ELF64_ST_TYPE(s.st_info) == STT_TLS) {
		*why = "a symbol of a kind that is not known";
		return false;
	}
	name = (const char *)base + image->strings + s.st_name;
	if (s.st_shndx != SHN_UNDEF) {
		*value = (uint64_t)(uintptr_t)base + s.st_value;
		return true;
	}
	*value = (uint64_t)(uintptr_t)import_find(name);
	*why = "it imports something that a TEE does not have";
	return *value != 0;
}

static bool relocate(
	const struct image *image, uint8_t *base, uint64_t table, uint64_t count, const char **why)
{
	for (uint64_t i = 0; i < count; i++) {
		Elf64_Rela r;
		uint64_t value = 0;

		memcpy(&r, base + table + i * sizeof r, sizeof r);
		if (!is_data(image, r.r_offset)) {
			*why = "a relocation lies outside";
			return false;
		}
		switch (ELF64_R_TYPE(r.r_info)) {
		case R_RELATIVE: value = (uint64_t)(uintptr_t)base; break;
		case R_GLOB_DAT:
		case R_JUMP_SLOT:
		case R_ABSOLUTE:
			if (!symbol_value(image, base, ELF64_R_SYM(r.r_info), &value, why))
				return false;
			break;
		default: *why = "a kind of relocation that is not known"; return false;
		}
		value += (uint64_t)r.r_addend;
		memcpy(base + r.r_offset, &value, sizeof value);
	}
	return true;
}

static bool protect(const struct image *image, uint8_t *base)
{
	for (uint32_t i = 0; i < image->segment_count; i++) {
		const struct image_segment *s = &image->segments[i];
		uint64_t start = s->address / PAGE_BYTES * PAGE_BYTES;
		int protection = (s->flags & PF_R ? PROT_READ : 0) |
				 (s->flags & PF_W ? PROT_WRITE : 0) |
				 (s->flags & PF_X ? PROT_EXEC : 0);

		if (mprotect(base + start, s->address + s->memory_size - start, protection))
			return false;
	}
	return true;
}

/* ISO C knows no way from an object's address to a function's but over an integer. */
static uintptr_t entry(const uint8_t *base, uint64_t address)
{
	return (uintptr_t)base + address;
}

bool image_load(const struct image *image, struct loaded *loaded, const char **why)
{
	uint8_t *base =
		mmap(NULL, image->span, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	*why = "out of memory";
	if (base == MAP_FAILED)
		return false;
	for (uint32_t i = 0; i < image->segment_count; i++) {
		const struct image_segment *s = &image->segments[i];

		memcpy(base + s->address, image->bytes + s->file_offset, s->file_size);
	}
	if (!relocate(image, base, image->rela, image->rela_count, why) ||
		!relocate(image, base, image->plt_rela, image->plt_rela_count, why))
		return false;
	*why = "its memory cannot be protected";
	if (!protect(image, base))
		return false;
	loaded->create = (TEE_Result(*)(void))entry(base, image->entries[0]);
	loaded->destroy = (void (*)(void))entry(base, image->entries[1]);
	loaded->open =
		(TEE_Result(*)(uint32_t, TEE_Param[4], void **))entry(base, image->entries[2]);
	loaded->close = (void (*)(void *))entry(base, image->entries[3]);
	loaded->invoke = (TEE_Result(*)(void *, uint32_t, uint32_t, TEE_Param[4]))entry(
		base, image->entries[4]);
	return true;
}
