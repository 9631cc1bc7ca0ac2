/* SPDX-License-Identifier: MIT
 *
 * A trusted application's image, read and checked: a 64-bit ELF shared object without dependencies.
 * The image is hostile. What passes here can be mapped and relocated without another look at sizes;
 * core and loader use the same check, so what the image store takes is what the loader loads.
 *
 * Refused, for each a reason is given: another machine; libraries; code that would run before
 * TA_CreateEntryPoint; thread-local variables; indirect functions; memory that is writable and
 * executable; relocations in code; imports other than symbols.def; no ta_head, no ta_heap_size, no
 * entry points; more memory than the TEE has.
 * Source: System V ABI, gABI 4.1 and the processors' supplements.
 */
#ifndef SIMTEE_ELF_IMAGE_H
#define SIMTEE_ELF_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "simtee/ta/ta_head.h"

#define ELF_SEGMENTS_MAX 8u
#define ELF_PAGE_BYTES   4096u
#define ELF_ENTRIES_MAX  (64u << 10) /* of one table: symbols, relocations */

enum elf_entry {
	ELF_CREATE,
	ELF_DESTROY,
	ELF_OPEN,
	ELF_CLOSE,
	ELF_INVOKE,
	ELF_ENTRIES
};

struct elf_segment {
	uint64_t address, memory_bytes; /* relative to where the image is put */
	uint64_t offset, file_bytes;
	bool writable, executable;
};

/* A table in the file. */
struct elf_table {
	uint64_t offset, count;
};

struct elf_image {
	const uint8_t *bytes; /* borrowed */
	size_t size;
	struct elf_segment segments[ELF_SEGMENTS_MAX];
	uint32_t segment_count;
	uint64_t span_bytes;                 /* address space, whole pages */
	uint64_t relro_address, relro_bytes; /* read-only after relocation; 0: none */
	struct elf_table symbols, relocations[2];
	uint64_t strings_offset, strings_bytes;
	uint64_t entries[ELF_ENTRIES];
	struct ta_head head;
	uint64_t heap_bytes;
	uint32_t memory_bytes; /* segments, stack and heap of one instance */
};

/* One relocation, decoded: *(place) = (from_base ? base : import or symbol) + addend. */
enum elf_source {
	ELF_FROM_BASE,
	ELF_FROM_SYMBOL,
	ELF_FROM_IMPORT
};

struct elf_relocation {
	uint64_t place; /* 8 bytes, in a writable segment */
	int64_t addend;
	enum elf_source source;
	uint64_t symbol_value; /* ELF_FROM_SYMBOL: relative to the base */
	unsigned int import;   /* ELF_FROM_IMPORT: place in symbols.def */
};

/**
 * @param bytes  the file; outlives the image and does not change
 * @return NULL; else what is wrong, a text without a full stop; *image is of no use then
 */
const char *elf_image_read(const void *bytes, size_t size, struct elf_image *image);

/** The index-th relocation of table 0 or 1; elf_image_read has seen that each is sound. */
const char *elf_image_relocation(const struct elf_image *image, unsigned int table, uint64_t index,
	struct elf_relocation *relocation);

#endif
