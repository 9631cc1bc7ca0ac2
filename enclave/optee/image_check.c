/* SPDX-License-Identifier: MIT
 *
 * Everything is bounded; the image is hostile.
 */
#include "image_check.h"

#include <elf64.h>
#include <elf_common.h>
#include <string.h>
#include <tee/uuid.h>
#include <util.h>

#define MEMORY_MAX (1024u * 1024 * 1024) /* more than any secure world has */

/* Its first letter comes only once. */
static const uint8_t head_name[] = {'t', 'a', '_', 'h', 'e', 'a', 'd'};

void image_check_bytes(struct image_check *c, const uint8_t *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		if (c->size < sizeof c->start)
			c->start[c->size] = bytes[i];
		c->size++;
		if (c->matched >= sizeof head_name)
			continue;
		c->matched = bytes[i] == head_name[c->matched] ? c->matched + 1
							       : bytes[i] == head_name[0];
		if (c->matched == sizeof head_name)
			c->named_at = c->size;
	}
}

static bool header_fits(const Elf64_Ehdr *h)
{
	return IS_ELF(*h) && h->e_ident[EI_CLASS] == ELFCLASS64 &&
	       h->e_ident[EI_DATA] == ELFDATA2LSB && h->e_ident[EI_VERSION] == EV_CURRENT &&
	       h->e_type == ET_DYN && h->e_machine == EM_AARCH64 &&
	       h->e_phentsize == sizeof(Elf64_Phdr) && h->e_phoff % 8 == 0 &&
	       h->e_phoff <= IMAGE_HEADERS_BYTES &&
	       h->e_phnum <= (IMAGE_HEADERS_BYTES - h->e_phoff) / sizeof(Elf64_Phdr);
}

/*
 * Memory up to the end of the last segment, or 0: they make no sense, or memory is not the file
 * from the second page on. Were it not, the name might be in memory and not in the file.
 */
static uint64_t segments_end(const struct image_check *c, const Elf64_Ehdr *h)
{
	const Elf64_Phdr *segments = (const void *)&c->start[h->e_phoff];
	uint64_t end = 0, file_end = 0;

	for (uint32_t i = 0; i < h->e_phnum; i++) {
		const Elf64_Phdr *p = &segments[i];

		if (p->p_type != PT_LOAD)
			continue;
		if (p->p_vaddr < end || p->p_vaddr > MEMORY_MAX || p->p_memsz > MEMORY_MAX ||
			p->p_filesz > p->p_memsz || p->p_offset != p->p_vaddr + IMAGE_HEADERS_BYTES)
			return 0;
		if (!end && (p->p_vaddr || p->p_filesz < sizeof(struct ta_head)))
			return 0;
		end = p->p_vaddr + p->p_memsz;
		file_end = p->p_offset + p->p_filesz;
	}
	return file_end > c->size || (c->named_at && c->named_at <= file_end) ? 0 : end;
}

TEE_Result image_check_end(
	const struct image_check *c, const uint8_t id[16], uint32_t *memory_bytes)
{
	const Elf64_Ehdr *header = (const void *)c->start;
	const struct ta_head *head = (const void *)&c->start[IMAGE_HEADERS_BYTES];
	uint64_t end = 0;
	TEE_UUID uuid = {0};

	if (!header_fits(header)) /* what was not seen is zeros */
		return TEE_ERROR_BAD_FORMAT;
	end = segments_end(c, header);
	tee_uuid_from_octets(&uuid, id);
	if (!end || end > MEMORY_MAX || memcmp(&head->uuid, &uuid, sizeof uuid) ||
		head->stack_size > MEMORY_MAX || head->depr_entry != UINT64_MAX ||
		(head->flags & TA_FLAG_INSTANCE_KEEP_ALIVE))
		return TEE_ERROR_BAD_FORMAT;
	*memory_bytes = ROUNDUP((uint32_t)end, 4096u) + head->stack_size;
	return TEE_SUCCESS;
}
