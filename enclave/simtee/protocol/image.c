/* SPDX-License-Identifier: MIT */
#include "image.h"

#include <elf.h>
#include <string.h>

#define PAGE_BYTES  4096u
#define DYNAMIC_MAX 64u
#define STACK_MAX   (1u << 20)
#define HEAP_MAX    IMAGE_MAX

#if defined(__x86_64__)
#define MACHINE EM_X86_64
#elif defined(__aarch64__)
#define MACHINE EM_AARCH64
#else
#error "simtee does not know this architecture"
#endif

static bool no(const char **why, const char *reason)
{
	*why = reason;
	return false;
}

static bool copy_at(const struct image *image, uint64_t offset, void *to, size_t size)
{
	if (offset > image->size || size > image->size - offset)
		return false;
	memcpy(to, image->bytes + offset, size);
	return true;
}

/* Bytes of the file that lie at an address; NULL: not all of them do. */
static const uint8_t *at_address(const struct image *image, uint64_t address, uint64_t size)
{
	for (uint32_t i = 0; i < image->segment_count; i++) {
		const struct image_segment *s = &image->segments[i];

		if (address >= s->address && address - s->address <= s->file_size &&
			size <= s->file_size - (address - s->address))
			return image->bytes + s->file_offset + (address - s->address);
	}
	return NULL;
}

static bool read_header(struct image *image, Elf64_Ehdr *header, const char **why)
{
	if (!copy_at(image, 0, header, sizeof *header) || memcmp(header->e_ident, ELFMAG, SELFMAG))
		return no(why, "not an ELF file");
	if (header->e_ident[EI_CLASS] != ELFCLASS64 || header->e_ident[EI_DATA] != ELFDATA2LSB ||
		header->e_machine != MACHINE)
		return no(why, "made for another machine");
	if (header->e_type != ET_DYN || header->e_phentsize != sizeof(Elf64_Phdr))
		return no(why, "not a shared object");
	return true;
}

static bool add_segment(struct image *image, const Elf64_Phdr *p, const char **why)
{
	struct image_segment *s = &image->segments[image->segment_count];
	uint64_t end;

	if (image->segment_count == IMAGE_SEGMENTS_MAX)
		return no(why, "too many segments");
	if (p->p_filesz > p->p_memsz || p->p_memsz > IMAGE_MAX || p->p_vaddr > IMAGE_MAX ||
		p->p_offset > image->size || p->p_filesz > image->size - p->p_offset)
		return no(why, "a segment lies outside");
	if ((p->p_flags & (PF_W | PF_X)) == (PF_W | PF_X))
		return no(why, "a segment is writable and executable");
	/* Ascending, and no two on one page: each page has one protection. */
	if (p->p_vaddr / PAGE_BYTES * PAGE_BYTES < image->span)
		return no(why, "segments overlap");
	*s = (struct image_segment){p->p_vaddr, p->p_offset, p->p_filesz, p->p_memsz, p->p_flags};
	end = p->p_vaddr + p->p_memsz;
	image->span = (end + PAGE_BYTES - 1) / PAGE_BYTES * PAGE_BYTES;
	image->segment_count++;
	return image->span <= IMAGE_MAX || no(why, "too large");
}

static bool read_segments(
	struct image *image, const Elf64_Ehdr *header, Elf64_Phdr *dynamic, const char **why)
{
	bool found = false;

	for (uint32_t i = 0; i < header->e_phnum; i++) {
		Elf64_Phdr p;

		if (!copy_at(image, header->e_phoff + (uint64_t)i * sizeof p, &p, sizeof p))
			return no(why, "program headers lie outside");
		switch (p.p_type) {
		case PT_LOAD:
			if (p.p_memsz && !add_segment(image, &p, why))
				return false;
			break;
		case PT_DYNAMIC:
			*dynamic = p;
			found = true;
			break;
		case PT_TLS: return no(why, "thread-local storage");
		case PT_INTERP: return no(why, "a program interpreter");
		default: break;
		}
	}
	return found || no(why, "no dynamic section");
}

/* What may run code while loading, or reaches for other files, is refused. */
static bool read_dynamic(struct image *image, const Elf64_Phdr *p, const char **why)
{
	uint64_t rela_size = 0, plt_size = 0, hash = 0;

	for (uint32_t i = 0; i < DYNAMIC_MAX; i++) {
		const uint8_t *at =
			at_address(image, p->p_vaddr + i * sizeof(Elf64_Dyn), sizeof(Elf64_Dyn));
		Elf64_Dyn d;

		if (!at)
			return no(why, "the dynamic section lies outside");
		memcpy(&d, at, sizeof d);
		switch (d.d_tag) {
		case DT_NULL: goto done;
		case DT_NEEDED: return no(why, "it needs a library");
		case DT_INIT:
		case DT_FINI:
		case DT_INIT_ARRAY:
		case DT_FINI_ARRAY:
		case DT_PREINIT_ARRAY: return no(why, "it has constructors");
		case DT_TEXTREL: return no(why, "it has text relocations");
		case DT_REL:
		case DT_RELR: return no(why, "a kind of relocation that is not known");
		case DT_SYMTAB: image->symbols = d.d_un.d_ptr; break;
		case DT_STRTAB: image->strings = d.d_un.d_ptr; break;
		case DT_STRSZ: image->strings_size = d.d_un.d_val; break;
		case DT_HASH: hash = d.d_un.d_ptr; break;
		case DT_RELA: image->rela = d.d_un.d_ptr; break;
		case DT_RELASZ: rela_size = d.d_un.d_val; break;
		case DT_JMPREL: image->plt_rela = d.d_un.d_ptr; break;
		case DT_PLTRELSZ: plt_size = d.d_un.d_val; break;
		default: break;
		}
	}
	return no(why, "the dynamic section does not end");
done:;
	/* DT_HASH has the number of symbols: nbucket, nchain */
	const uint8_t *counts = hash ? at_address(image, hash, 8) : NULL;
	uint32_t chains = 0;

	if (!counts)
		return no(why, "no symbol table");
	memcpy(&chains, counts + 4, sizeof chains);
	image->symbol_count = chains;
	image->rela_count = rela_size / sizeof(Elf64_Rela);
	image->plt_rela_count = plt_size / sizeof(Elf64_Rela);
	if (!at_address(image, image->symbols, image->symbol_count * sizeof(Elf64_Sym)) ||
		!at_address(image, image->strings, image->strings_size) || !image->strings_size ||
		(image->rela_count && !at_address(image, image->rela, rela_size)) ||
		(image->plt_rela_count && !at_address(image, image->plt_rela, plt_size)))
		return no(why, "a table lies outside");
	/* Names end in the table. */
	return at_address(image, image->strings, image->strings_size)[image->strings_size - 1] ==
		       0 ||
	       no(why, "the string table does not end");
}

/* A symbol that the image defines; 0: none of this name and size. */
static uint64_t find_symbol(const struct image *image, const char *name, uint64_t size)
{
	const uint8_t *table =
		at_address(image, image->symbols, image->symbol_count * sizeof(Elf64_Sym));
	const char *strings = (const char *)at_address(image, image->strings, image->strings_size);

	for (uint64_t i = 0; i < image->symbol_count; i++) {
		Elf64_Sym s;

		memcpy(&s, table + i * sizeof s, sizeof s);
		if (s.st_shndx != SHN_UNDEF && s.st_name < image->strings_size &&
			!strcmp(strings + s.st_name, name) && s.st_size >= size)
			return s.st_value;
	}
	return 0;
}

struct ta_head_wire {
	TEE_UUID uuid;
	uint32_t stack_size, flags;
	uint64_t depr_entry;
};

static bool is_code(const struct image *image, uint64_t address)
{
	for (uint32_t i = 0; i < image->segment_count; i++) {
		const struct image_segment *s = &image->segments[i];

		if ((s->flags & PF_X) && address >= s->address &&
			address - s->address < s->file_size)
			return true;
	}
	return false;
}

static bool read_head(struct image *image, const char **why)
{
	static const char *const entries[] = {"TA_CreateEntryPoint", "TA_DestroyEntryPoint",
		"TA_OpenSessionEntryPoint", "TA_CloseSessionEntryPoint",
		"TA_InvokeCommandEntryPoint"};
	uint64_t head = find_symbol(image, "ta_head", sizeof(struct ta_head_wire));
	uint64_t heap = find_symbol(image, "ta_heap_size", sizeof(uint64_t));
	const uint8_t *at = head ? at_address(image, head, sizeof(struct ta_head_wire)) : NULL;
	const uint8_t *heap_at = heap ? at_address(image, heap, sizeof(uint64_t)) : NULL;
	struct ta_head_wire h;

	if (!at || !heap_at)
		return no(why, "no ta_head");
	memcpy(&h, at, sizeof h);
	memcpy(&image->heap_size, heap_at, sizeof image->heap_size);
	image->uuid = h.uuid;
	image->stack_size = h.stack_size;
	image->flags = h.flags;
	if (h.stack_size > STACK_MAX || image->heap_size > HEAP_MAX)
		return no(why, "it asks for too much memory");
	for (int i = 0; i < 5; i++) {
		image->entries[i] = find_symbol(image, entries[i], 0);
		if (!is_code(image, image->entries[i]))
			return no(why, "an entry point is missing");
	}
	return image_memory(image) <= IMAGE_MAX || no(why, "it asks for too much memory");
}

bool image_read(const uint8_t *bytes, size_t size, struct image *image, const char **why)
{
	Elf64_Ehdr header;
	Elf64_Phdr dynamic = {0};

	*image = (struct image){.bytes = bytes, .size = size};
	if (size > IMAGE_MAX)
		return no(why, "too large");
	return read_header(image, &header, why) && read_segments(image, &header, &dynamic, why) &&
	       read_dynamic(image, &dynamic, why) && read_head(image, why);
}

uint64_t image_memory(const struct image *image)
{
	return image->span + image->stack_size + image->heap_size;
}
