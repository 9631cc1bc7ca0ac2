/* SPDX-License-Identifier: MIT
 *
 * An application's ELF image (docs/simtee.md, "Images"): read as hostile input, by the image store
 * before it is installed and by the loader before anything of it runs. An image is an ELF64 shared
 * object for this machine, without dependencies, constructors, thread-local storage or memory that
 * is writable and executable.
 */
#ifndef SIMTEE_IMAGE_H
#define SIMTEE_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <tee_api_types.h>

#define IMAGE_MAX          (13u << 20) /* bytes: what all of OP-TEE's applications share on our device */
#define IMAGE_SEGMENTS_MAX 8

struct image_segment {
	uint64_t address, file_offset, file_size, memory_size;
	uint32_t flags; /* PF_R, PF_W, PF_X */
};

struct image {
	const uint8_t *bytes; /* borrowed */
	size_t size;
	TEE_UUID uuid;
	uint32_t stack_size, flags;
	uint64_t heap_size;
	uint64_t span; /* bytes of address space, from 0 */
	uint32_t segment_count;
	struct image_segment segments[IMAGE_SEGMENTS_MAX];
	/* addresses, checked to lie in the image */
	uint64_t symbols, symbol_count, strings, strings_size;
	uint64_t rela, rela_count, plt_rela, plt_rela_count;
	uint64_t entries[5]; /* TA_CreateEntryPoint … TA_InvokeCommandEntryPoint */
};

/** Check and describe. False: not an image that can be loaded; *why says so. */
bool image_read(const uint8_t *bytes, size_t size, struct image *image, const char **why);

/** What one instance takes: segments, stack, heap. */
uint64_t image_memory(const struct image *image);

#endif
