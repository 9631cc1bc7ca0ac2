/* SPDX-License-Identifier: MIT
 *
 * Any bytes as an application's image: what the checker lets pass can be mapped and relocated
 * without another look. That promise (elf_image.h) is checked here for each image that passes.
 */
#include <stdlib.h>
#include <string.h>

#include "elf_image.h"
#include "wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
	if (!holds)
		abort();
}

/* The segment that holds all of these bytes. */
static const struct elf_segment *holder(
	const struct elf_image *image, uint64_t address, uint64_t size)
{
	for (uint32_t i = 0; i < image->segment_count; i++) {
		const struct elf_segment *s = &image->segments[i];

		if (address >= s->address && address + size <= s->address + s->memory_bytes)
			return s;
	}
	return NULL;
}

static void check_segments(const struct elf_image *image)
{
	uint64_t pages_end = 0;

	require(image->segment_count > 0 && image->segment_count <= ELF_SEGMENTS_MAX);
	for (uint32_t i = 0; i < image->segment_count; i++) {
		const struct elf_segment *s = &image->segments[i];

		require(!(s->writable && s->executable));
		require(s->file_bytes <= s->memory_bytes);
		require(s->offset <= image->size && s->file_bytes <= image->size - s->offset);
		require(s->memory_bytes <= SIMTEE_MEMORY_MAX && s->address <= SIMTEE_MEMORY_MAX);
		require(s->address / ELF_PAGE_BYTES >= pages_end); /* no page in two segments */
		pages_end = (s->address + s->memory_bytes + ELF_PAGE_BYTES - 1) / ELF_PAGE_BYTES;
	}
	require(image->span_bytes == pages_end * ELF_PAGE_BYTES);
	require(image->memory_bytes <= SIMTEE_MEMORY_MAX);
	require(image->head.stack_size > 0 && image->head.stack_size <= SIMTEE_MEMORY_MAX);
	require(image->heap_bytes <= SIMTEE_MEMORY_MAX);
}

/* Made read-only in whole pages, from its start down to its end down: only writable memory. */
static void check_relro(const struct elf_image *image)
{
	const struct elf_segment *s = holder(image, image->relro_address, 0);

	if (!image->relro_bytes)
		return;
	require(s && s->writable);
	require(image->relro_address + image->relro_bytes <= image->span_bytes);
}

static void check_relocations(const struct elf_image *image)
{
	for (unsigned int table = 0; table < 2; table++) {
		require(image->relocations[table].count <= ELF_ENTRIES_MAX);
		for (uint64_t i = 0; i < image->relocations[table].count; i++) {
			struct elf_relocation r;
			const struct elf_segment *s;

			require(!elf_image_relocation(image, table, i, &r));
			s = holder(image, r.place, sizeof(uint64_t));
			require(s && s->writable);
			if (r.source == ELF_FROM_SYMBOL)
				require(holder(image, r.symbol_value, 0) != NULL);
		}
		require(elf_image_relocation(image, table, image->relocations[table].count,
				&(struct elf_relocation){0}) != NULL);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct elf_image image;
	const char *wrong = elf_image_read(data, size, &image);

	if (wrong) {
		require(*wrong && wrong[strlen(wrong) - 1] != '.');
		return 0;
	}
	check_segments(&image);
	check_relro(&image);
	check_relocations(&image);
	for (int i = 0; i < ELF_ENTRIES; i++) {
		const struct elf_segment *s = holder(&image, image.entries[i], 1);

		require(s && s->executable);
	}
	return 0;
}
