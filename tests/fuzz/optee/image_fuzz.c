/* SPDX-License-Identifier: MIT
 *
 * Any bytes as an image for OP-TEE. Of each that passes, its memory is laid out as OP-TEE's loader
 * does it, and looked at from there: the loader can find one ta_head only, and that is a good one.
 */
#include <stdlib.h>

#include "image_check.h"
#include "optee_core.h"

#define LAID_OUT_MAX (1024u * 1024) /* bss beyond is zeros, and not looked at */

static const uint8_t id[16] = {0x7e, 0x57, 0xda, 0x7a, 0x00, 0x00, 0x40, 0x00, 0x80, 0x00, 0x00,
	0x00, 0x00, 0x00, 0x00, 0xe0};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
	if (!holds)
		abort();
}

/* Segments may overlap pages, never bytes. Returns the end of the last. */
static uint64_t lay_out(const uint8_t *data, size_t size, uint8_t *memory)
{
	uint64_t end = 0, loaded = 0;
	Elf64_Ehdr header;

	memcpy(&header, data, sizeof header);
	for (uint32_t i = 0; i < header.e_phnum; i++) {
		Elf64_Phdr p;

		require(header.e_phoff + (i + 1) * sizeof p <= 4096);
		memcpy(&p, &data[header.e_phoff + i * sizeof p], sizeof p);
		if (p.p_type != PT_LOAD)
			continue;
		require(loaded++ || p.p_vaddr == 0); /* else vaddr is not what it looks like */
		require(p.p_vaddr >= end && p.p_filesz <= p.p_memsz);
		require(p.p_offset <= size && p.p_filesz <= size - p.p_offset);
		require(p.p_offset >= 4096 && p.p_offset % 4096 == p.p_vaddr % 4096);
		if (p.p_vaddr + p.p_filesz <= LAID_OUT_MAX)
			memcpy(&memory[p.p_vaddr], &data[p.p_offset], p.p_filesz);
		end = p.p_vaddr + p.p_memsz;
	}
	require(loaded > 0);
	return end;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct image_check whole = {0}, pieces = {0};
	uint32_t memory_bytes = 0, other_bytes = 0;
	struct ta_head head;
	uint8_t *memory = NULL;
	uint64_t end = 0;
	TEE_Result res;

	image_check_bytes(&whole, data, size);
	for (size_t at = 0, now; at < size; at += now) {
		now = 1 + at % 7;
		now = now < size - at ? now : size - at;
		image_check_bytes(&pieces, &data[at], now);
	}
	res = image_check_end(&whole, id, &memory_bytes);
	require(res == TEE_SUCCESS || res == TEE_ERROR_BAD_FORMAT);
	require(res == image_check_end(&pieces, id, &other_bytes) && memory_bytes == other_bytes);
	if (res)
		return 0;
	memory = calloc(1, LAID_OUT_MAX);
	require(memory != NULL);
	end = lay_out(data, size, memory);
	require(!memmem(memory, LAID_OUT_MAX, "ta_head", 7));
	memcpy(&head, memory, sizeof head);
	require(head.uuid.timeLow == 0x7e57da7a && head.uuid.clockSeqAndNode[7] == 0xe0);
	require(!(head.flags & TA_FLAG_INSTANCE_KEEP_ALIVE) && head.depr_entry == UINT64_MAX);
	require(memory_bytes >= end + head.stack_size &&
		memory_bytes < end + 4096 + head.stack_size);
	free(memory);
	return 0;
}
