/* SPDX-License-Identifier: MIT
 *
 * The path that OP-TEE's loader (ldelf) takes to the ta_head: program headers in the first page,
 * the dynamic section, the symbol "ta_head". Everything is bounded; the image is hostile.
 */
#include "image_check.h"

#include <elf64.h>
#include <elf_common.h>
#include <stdlib.h>
#include <string.h>
#include <tee/tadb.h>
#include <tee/uuid.h>
#include <user_ta_header.h>
#include <util.h>

#define DYNAMIC_MAX 64u                 /* entries */
#define SYMBOLS_MAX 64u                 /* a trusted application exports a handful */
#define STACK_MAX   (16u * 1024 * 1024) /* more than any secure world has */
#define MEMORY_MAX  (1024ull * 1024 * 1024)

struct image {
	const TEE_UUID *name;
	uint32_t size;
	uint32_t segment_count;
	const Elf64_Phdr *segments;
};

/* The database decrypts from the beginning only: each look begins there anew. */
static TEE_Result image_read(const struct image *image, uint64_t offset, void *to, size_t size)
{
	struct tee_tadb_ta_read *stored = NULL;
	uint8_t skipped[512];
	TEE_Result res;

	if (offset > image->size || size > image->size - offset)
		return TEE_ERROR_BAD_FORMAT;
	res = tee_tadb_ta_open(image->name, &stored);
	if (res)
		return res;
	while (!res && offset) {
		size_t now = MIN(offset, sizeof skipped);

		res = tee_tadb_ta_read(stored, skipped, NULL, &now);
		offset -= now;
	}
	if (!res)
		res = tee_tadb_ta_read(stored, to, NULL, &size);
	tee_tadb_ta_close(stored);
	return res;
}

/* Bytes at an address of the loaded image, as far as they come from the file. */
static TEE_Result image_read_at(const struct image *image, uint64_t address, void *to, size_t size)
{
	for (uint32_t i = 0; i < image->segment_count; i++) {
		const Elf64_Phdr *p = &image->segments[i];

		if (p->p_type != PT_LOAD || address < p->p_vaddr)
			continue;
		if (address - p->p_vaddr <= p->p_filesz &&
			size <= p->p_filesz - (address - p->p_vaddr))
			return image_read(image, p->p_offset + (address - p->p_vaddr), to, size);
	}
	return TEE_ERROR_BAD_FORMAT;
}

/* The memory of all segments, or 0: they make no sense. */
static uint64_t segments_memory(const struct image *image)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < image->segment_count; i++) {
		const Elf64_Phdr *p = &image->segments[i];

		if (p->p_type != PT_LOAD)
			continue;
		if (p->p_memsz > MEMORY_MAX || p->p_filesz > p->p_memsz ||
			p->p_offset > image->size || p->p_filesz > image->size - p->p_offset)
			return 0;
		sum += ROUNDUP(p->p_memsz, 4096);
	}
	return sum > MEMORY_MAX ? 0 : sum;
}

static bool header_fits(const Elf64_Ehdr *h)
{
	return IS_ELF(*h) && h->e_ident[EI_CLASS] == ELFCLASS64 &&
	       h->e_ident[EI_DATA] == ELFDATA2LSB && h->e_ident[EI_VERSION] == EV_CURRENT &&
	       h->e_type == ET_DYN && h->e_machine == EM_AARCH64 &&
	       h->e_phentsize == sizeof(Elf64_Phdr) && h->e_phoff % 8 == 0;
}

/* Where symbols and their names begin; the names follow the symbols, as every linker has it. */
static TEE_Result find_tables(
	const struct image *image, uint64_t *symbols, uint64_t *names, size_t *names_size)
{
	Elf64_Dyn dynamic[DYNAMIC_MAX];
	const Elf64_Phdr *at = NULL;
	size_t count = 0;
	TEE_Result res;

	for (uint32_t i = 0; i < image->segment_count; i++)
		if (image->segments[i].p_type == PT_DYNAMIC)
			at = &image->segments[i];
	if (!at)
		return TEE_ERROR_BAD_FORMAT;
	count = MIN(at->p_filesz / sizeof dynamic[0], DYNAMIC_MAX);
	res = image_read(image, at->p_offset, dynamic, count * sizeof dynamic[0]);
	for (size_t i = 0; !res && i < count && dynamic[i].d_tag != DT_NULL; i++) {
		switch (dynamic[i].d_tag) {
		case DT_SYMTAB: *symbols = dynamic[i].d_un.d_ptr; break;
		case DT_STRTAB: *names = dynamic[i].d_un.d_ptr; break;
		case DT_STRSZ: *names_size = dynamic[i].d_un.d_val; break;
		default: break;
		}
	}
	return res;
}

static TEE_Result find_head(const struct image *image, struct ta_head *head)
{
	static const char wanted[] = "ta_head";
	uint64_t symbols = 0, names = 0;
	size_t names_size = 0, count = 0;
	Elf64_Sym table[SYMBOLS_MAX];
	char name[sizeof wanted];
	TEE_Result res = find_tables(image, &symbols, &names, &names_size);

	if (res)
		return res;
	if (names <= symbols || (names - symbols) / sizeof table[0] > SYMBOLS_MAX)
		return TEE_ERROR_BAD_FORMAT;
	count = (names - symbols) / sizeof table[0];
	res = image_read_at(image, symbols, table, count * sizeof table[0]);
	for (size_t i = 0; !res && i < count; i++) {
		if (table[i].st_name >= names_size || names_size - table[i].st_name < sizeof name)
			continue;
		res = image_read_at(image, names + table[i].st_name, name, sizeof name);
		if (!res && !memcmp(name, wanted, sizeof wanted))
			return image_read_at(image, table[i].st_value, head, sizeof *head);
	}
	return res ? res : TEE_ERROR_BAD_FORMAT;
}

static TEE_Result check(struct image *image, const uint8_t *page, size_t page_size,
	const uint8_t id[16], uint32_t *memory_bytes)
{
	struct ta_head head = {0};
	TEE_UUID uuid = {0};
	Elf64_Ehdr header;
	uint64_t memory = 0;
	TEE_Result res;

	if (page_size < sizeof header)
		return TEE_ERROR_BAD_FORMAT;
	memcpy(&header, page, sizeof header);
	if (!header_fits(&header) || header.e_phoff > page_size ||
		header.e_phnum > (page_size - header.e_phoff) / sizeof(Elf64_Phdr))
		return TEE_ERROR_BAD_FORMAT;
	image->segments = (const Elf64_Phdr *)(const void *)(page + header.e_phoff);
	image->segment_count = header.e_phnum;
	memory = segments_memory(image);
	res = find_head(image, &head);
	if (res)
		return res;
	tee_uuid_from_octets(&uuid, id);
	if (!memory || memcmp(&head.uuid, &uuid, sizeof uuid) || head.stack_size > STACK_MAX ||
		(head.flags & TA_FLAG_INSTANCE_KEEP_ALIVE))
		return TEE_ERROR_BAD_FORMAT;
	*memory_bytes = (uint32_t)memory + head.stack_size;
	return TEE_SUCCESS;
}

TEE_Result image_check(
	const TEE_UUID *name, const uint8_t id[16], uint32_t size, uint32_t *memory_bytes)
{
	struct image image = {.name = name, .size = size};
	size_t page_size = MIN(size, 4096u);
	uint8_t *page = malloc(4096); /* aligned for the headers in it */
	TEE_Result res;

	if (!page)
		return TEE_ERROR_OUT_OF_MEMORY;
	res = image_read(&image, 0, page, page_size);
	if (!res)
		res = check(&image, page, page_size, id, memory_bytes);
	free(page);
	return res;
}
