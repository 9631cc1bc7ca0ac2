/* SPDX-License-Identifier: MIT */
#include "elf_image.h"

#include <elf.h>
#include <string.h>

#include "wire.h"

#if defined(__x86_64__)
#define MACHINE       EM_X86_64
#define REL_RELATIVE  R_X86_64_RELATIVE
#define REL_ABSOLUTE  R_X86_64_64
#define REL_GLOB_DAT  R_X86_64_GLOB_DAT
#define REL_JUMP_SLOT R_X86_64_JUMP_SLOT
#elif defined(__aarch64__)
#define MACHINE       EM_AARCH64
#define REL_RELATIVE  R_AARCH64_RELATIVE
#define REL_ABSOLUTE  R_AARCH64_ABS64
#define REL_GLOB_DAT  R_AARCH64_GLOB_DAT
#define REL_JUMP_SLOT R_AARCH64_JUMP_SLOT
#else
#error "simtee does not know this processor"
#endif

static const char *const imports[] = {
#define SYMBOL(name) #name,
#include "symbols.def"
#undef SYMBOL
};

/* What the dynamic section says, as far as it is of use. */
struct dynamic {
	uint64_t symbols, strings, strings_bytes, hash;
	uint64_t rela, rela_bytes, jmprel, jmprel_bytes;
	bool has_symbols, has_strings, has_hash, has_rela, has_jmprel;
};

/* A copy of `size` bytes of the file; false: not there. */
static bool read_at(const struct elf_image *image, uint64_t offset, void *to, size_t size)
{
	if (offset > image->size || size > image->size - offset)
		return false;
	memcpy(to, image->bytes + offset, size);
	return true;
}

static uint64_t page_up(uint64_t value)
{
	return (value + ELF_PAGE_BYTES - 1) & ~(uint64_t)(ELF_PAGE_BYTES - 1);
}

/* Where in the file lies what will be at an address? Only what the file holds, not zeros. */
static bool offset_of(
	const struct elf_image *image, uint64_t address, uint64_t size, uint64_t *offset)
{
	for (uint32_t i = 0; i < image->segment_count; i++) {
		const struct elf_segment *s = &image->segments[i];

		if (address < s->address || address - s->address > s->file_bytes ||
			size > s->file_bytes - (address - s->address))
			continue;
		*offset = s->offset + (address - s->address);
		return true;
	}
	return false;
}

static const struct elf_segment *segment_of(
	const struct elf_image *image, uint64_t address, uint64_t size)
{
	for (uint32_t i = 0; i < image->segment_count; i++) {
		const struct elf_segment *s = &image->segments[i];

		if (address >= s->address && address - s->address <= s->memory_bytes &&
			size <= s->memory_bytes - (address - s->address))
			return s;
	}
	return NULL;
}

static const char *check_header(const struct elf_image *image, Elf64_Ehdr *header)
{
	static const uint8_t ident[] = {
		ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB, EV_CURRENT};

	if (!read_at(image, 0, header, sizeof *header))
		return "shorter than an ELF header";
	if (memcmp(header->e_ident, ident, sizeof ident))
		return "not a 64-bit ELF file";
	if (header->e_type != ET_DYN)
		return "not a shared object";
	if (header->e_machine != MACHINE)
		return "made for another processor";
	if (header->e_phentsize != sizeof(Elf64_Phdr) || !header->e_phnum || header->e_phnum > 32)
		return "no sound list of segments";
	return NULL;
}

static const char *add_segment(struct elf_image *image, const Elf64_Phdr *p)
{
	struct elf_segment *s;

	if (image->segment_count == ELF_SEGMENTS_MAX)
		return "too many segments";
	if ((p->p_flags & PF_W) && (p->p_flags & PF_X))
		return "memory that is writable and executable";
	if (p->p_filesz > p->p_memsz || p->p_offset > image->size ||
		p->p_filesz > image->size - p->p_offset)
		return "a segment reaches beyond the file";
	if (p->p_memsz > SIMTEE_MEMORY_MAX || p->p_vaddr > SIMTEE_MEMORY_MAX)
		return "larger than the memory of the TEE";
	/* In the order of addresses, no page in two segments: each has its own protection. */
	if ((p->p_vaddr & ~(uint64_t)(ELF_PAGE_BYTES - 1)) < image->span_bytes)
		return "segments overlap";
	s = &image->segments[image->segment_count++];
	*s = (struct elf_segment){.address = p->p_vaddr,
		.memory_bytes = p->p_memsz,
		.offset = p->p_offset,
		.file_bytes = p->p_filesz,
		.writable = p->p_flags & PF_W,
		.executable = p->p_flags & PF_X};
	image->span_bytes = page_up(p->p_vaddr + p->p_memsz);
	return NULL;
}

static const char *read_segments(
	struct elf_image *image, const Elf64_Ehdr *header, Elf64_Phdr *dynamic)
{
	for (uint32_t i = 0; i < header->e_phnum; i++) {
		const char *wrong = NULL;
		Elf64_Phdr p;

		if (header->e_phoff > image->size ||
			!read_at(image, header->e_phoff + i * sizeof p, &p, sizeof p))
			return "the list of segments reaches beyond the file";
		switch (p.p_type) {
		case PT_LOAD: wrong = add_segment(image, &p); break;
		case PT_DYNAMIC: *dynamic = p; break;
		case PT_INTERP: return "asks for an interpreter";
		case PT_TLS: return "has thread-local variables";
		case PT_GNU_STACK:
			wrong = p.p_flags & PF_X ? "asks for an executable stack" : NULL;
			break;
		case PT_GNU_RELRO:
			image->relro_address = p.p_vaddr;
			image->relro_bytes = p.p_memsz;
			break;
		default: break;
		}
		if (wrong)
			return wrong;
	}
	if (!image->segment_count)
		return "nothing to load";
	return dynamic->p_type == PT_DYNAMIC ? NULL : "no dynamic section";
}

static const char *check_relro(const struct elf_image *image)
{
	const struct elf_segment *s;

	if (!image->relro_bytes)
		return NULL;
	/* Linkers round its end up to the page, beyond what the segment holds. */
	s = segment_of(image, image->relro_address, 0);
	if (!s || !s->writable ||
		image->relro_bytes > page_up(s->address + s->memory_bytes) - image->relro_address)
		return "what is to become read-only is not in a writable segment";
	return NULL;
}

static const char *take_dynamic(struct dynamic *d, const Elf64_Dyn *entry)
{
	const uint64_t value = entry->d_un.d_val;

	switch (entry->d_tag) {
	case DT_NEEDED: return "needs a library";
	case DT_TEXTREL: return "has relocations in its code";
	case DT_INIT:
	case DT_FINI:
	case DT_INIT_ARRAY:
	case DT_FINI_ARRAY:
	case DT_PREINIT_ARRAY: return "has code that runs outside the entry points";
	case DT_REL:
	case DT_RELR: return "has relocations of another kind";
	case DT_FLAGS: return value & DF_TEXTREL ? "has relocations in its code" : NULL;
	case DT_PLTREL: return value == DT_RELA ? NULL : "has relocations of another kind";
	case DT_RELAENT: return value == sizeof(Elf64_Rela) ? NULL : "misshapen relocations";
	case DT_SYMENT: return value == sizeof(Elf64_Sym) ? NULL : "misshapen symbols";
	case DT_SYMTAB: d->symbols = value, d->has_symbols = true; return NULL;
	case DT_STRTAB: d->strings = value, d->has_strings = true; return NULL;
	case DT_STRSZ: d->strings_bytes = value; return NULL;
	case DT_HASH: d->hash = value, d->has_hash = true; return NULL;
	case DT_RELA: d->rela = value, d->has_rela = true; return NULL;
	case DT_RELASZ: d->rela_bytes = value; return NULL;
	case DT_JMPREL: d->jmprel = value, d->has_jmprel = true; return NULL;
	case DT_PLTRELSZ: d->jmprel_bytes = value; return NULL;
	default: return NULL;
	}
}

static const char *read_dynamic(
	const struct elf_image *image, const Elf64_Phdr *segment, struct dynamic *d)
{
	uint64_t offset;

	if (!offset_of(image, segment->p_vaddr, segment->p_filesz, &offset))
		return "the dynamic section is not in a segment";
	for (uint64_t at = 0; at + sizeof(Elf64_Dyn) <= segment->p_filesz;
		at += sizeof(Elf64_Dyn)) {
		const char *wrong;
		Elf64_Dyn entry;

		if (!read_at(image, offset + at, &entry, sizeof entry))
			return "the dynamic section reaches beyond the file";
		if (entry.d_tag == DT_NULL)
			return NULL;
		wrong = take_dynamic(d, &entry);
		if (wrong)
			return wrong;
	}
	return "the dynamic section has no end";
}

static const char *find_table(const struct elf_image *image, uint64_t address, uint64_t bytes,
	size_t entry_bytes, struct elf_table *table)
{
	if (bytes % entry_bytes || !offset_of(image, address, bytes, &table->offset))
		return "a table is not in a segment";
	table->count = bytes / entry_bytes;
	/* Each relocation is looked up among all imports: this bounds the time that takes. */
	return table->count > ELF_ENTRIES_MAX ? "too many symbols or relocations" : NULL;
}

static const char *find_tables(struct elf_image *image, const struct dynamic *d)
{
	const char *wrong = NULL;
	uint32_t hash[2]; /* buckets, chains: one chain for each symbol */
	uint64_t offset;

	if (!d->has_symbols || !d->has_strings || !d->has_hash)
		return "no symbols (DT_SYMTAB, DT_STRTAB, DT_HASH)";
	if (!offset_of(image, d->strings, d->strings_bytes, &image->strings_offset) ||
		!offset_of(image, d->hash, sizeof hash, &offset) ||
		!read_at(image, offset, hash, sizeof hash))
		return "a table is not in a segment";
	image->strings_bytes = d->strings_bytes;
	wrong = find_table(image, d->symbols, (uint64_t)hash[1] * sizeof(Elf64_Sym),
		sizeof(Elf64_Sym), &image->symbols);
	if (!wrong && d->has_rela)
		wrong = find_table(
			image, d->rela, d->rela_bytes, sizeof(Elf64_Rela), &image->relocations[0]);
	if (!wrong && d->has_jmprel)
		wrong = find_table(image, d->jmprel, d->jmprel_bytes, sizeof(Elf64_Rela),
			&image->relocations[1]);
	return wrong;
}

static bool read_symbol(const struct elf_image *image, uint64_t index, Elf64_Sym *symbol)
{
	return index < image->symbols.count &&
	       read_at(image, image->symbols.offset + index * sizeof *symbol, symbol,
		       sizeof *symbol);
}

static bool is_named(const struct elf_image *image, const Elf64_Sym *symbol, const char *name)
{
	size_t size = strlen(name) + 1; /* with its NUL */

	return symbol->st_name < image->strings_bytes &&
	       size <= image->strings_bytes - symbol->st_name &&
	       !memcmp(image->bytes + image->strings_offset + symbol->st_name, name, size);
}

static bool find_export(
	const struct elf_image *image, const char *name, uint64_t size, uint64_t *address)
{
	for (uint64_t i = 1; i < image->symbols.count; i++) {
		Elf64_Sym symbol;

		if (!read_symbol(image, i, &symbol) || symbol.st_shndx == SHN_UNDEF ||
			symbol.st_shndx >= SHN_LORESERVE || !is_named(image, &symbol, name))
			continue;
		*address = symbol.st_value;
		return segment_of(image, symbol.st_value, size) != NULL;
	}
	return false;
}

static const char *find_exports(struct elf_image *image)
{
	static const char *const names[ELF_ENTRIES] = {
		[ELF_CREATE] = "TA_CreateEntryPoint",
		[ELF_DESTROY] = "TA_DestroyEntryPoint",
		[ELF_OPEN] = "TA_OpenSessionEntryPoint",
		[ELF_CLOSE] = "TA_CloseSessionEntryPoint",
		[ELF_INVOKE] = "TA_InvokeCommandEntryPoint",
	};
	uint64_t address = 0, offset;

	for (int i = 0; i < ELF_ENTRIES; i++) {
		const struct elf_segment *s = NULL;

		if (find_export(image, names[i], 1, &image->entries[i]))
			s = segment_of(image, image->entries[i], 1);
		if (!s || !s->executable)
			return "an entry point is missing (TA_…EntryPoint)";
	}
	if (!find_export(image, "ta_head", sizeof image->head, &address) ||
		!offset_of(image, address, sizeof image->head, &offset) ||
		!read_at(image, offset, &image->head, sizeof image->head))
		return "no ta_head";
	if (!find_export(image, "ta_heap_size", sizeof image->heap_bytes, &address) ||
		!offset_of(image, address, sizeof image->heap_bytes, &offset) ||
		!read_at(image, offset, &image->heap_bytes, sizeof image->heap_bytes))
		return "no ta_heap_size";
	return NULL;
}

static const char *add_memory(struct elf_image *image)
{
	uint64_t sum = 0;

	if (image->heap_bytes > SIMTEE_MEMORY_MAX || image->head.stack_size > SIMTEE_MEMORY_MAX)
		return "larger than the memory of the TEE";
	if (!image->head.stack_size)
		return "no stack";
	for (uint32_t i = 0; i < image->segment_count; i++) {
		const struct elf_segment *s = &image->segments[i];

		sum += page_up(s->address % ELF_PAGE_BYTES + s->memory_bytes);
	}
	sum += page_up(image->head.stack_size) + page_up(image->heap_bytes);
	if (sum > SIMTEE_MEMORY_MAX)
		return "larger than the memory of the TEE";
	image->memory_bytes = (uint32_t)sum;
	return NULL;
}

static const char *resolve(
	const struct elf_image *image, uint64_t index, struct elf_relocation *relocation)
{
	Elf64_Sym symbol;

	if (!read_symbol(image, index, &symbol))
		return "a relocation refers to a symbol that is not there";
	if (symbol.st_shndx != SHN_UNDEF) {
		if (symbol.st_shndx >= SHN_LORESERVE ||
			ELF64_ST_TYPE(symbol.st_info) == STT_GNU_IFUNC ||
			ELF64_ST_TYPE(symbol.st_info) == STT_TLS ||
			!segment_of(image, symbol.st_value, 0))
			return "a relocation refers to a symbol of a kind that cannot be loaded";
		relocation->source = ELF_FROM_SYMBOL;
		relocation->symbol_value = symbol.st_value;
		return NULL;
	}
	for (unsigned int i = 0; i < sizeof imports / sizeof imports[0]; i++) {
		if (!is_named(image, &symbol, imports[i]))
			continue;
		relocation->source = ELF_FROM_IMPORT;
		relocation->import = i;
		return NULL;
	}
	return "imports what the TEE does not offer";
}

const char *elf_image_relocation(const struct elf_image *image, unsigned int table, uint64_t index,
	struct elf_relocation *relocation)
{
	const struct elf_table *t = &image->relocations[table];
	const struct elf_segment *s;
	Elf64_Rela entry;

	if (index >= t->count ||
		!read_at(image, t->offset + index * sizeof entry, &entry, sizeof entry))
		return "a relocation is not there";
	s = segment_of(image, entry.r_offset, sizeof(uint64_t));
	if (!s || !s->writable)
		return "a relocation is not in a writable segment";
	*relocation = (struct elf_relocation){.place = entry.r_offset, .addend = entry.r_addend};
	switch (ELF64_R_TYPE(entry.r_info)) {
	case REL_RELATIVE: relocation->source = ELF_FROM_BASE; return NULL;
	case REL_GLOB_DAT:
	case REL_JUMP_SLOT:
	case REL_ABSOLUTE: return resolve(image, ELF64_R_SYM(entry.r_info), relocation);
	default: return "a relocation of an unknown kind";
	}
}

static const char *check_relocations(const struct elf_image *image)
{
	for (unsigned int table = 0; table < 2; table++) {
		for (uint64_t i = 0; i < image->relocations[table].count; i++) {
			struct elf_relocation relocation;
			const char *wrong = elf_image_relocation(image, table, i, &relocation);

			if (wrong)
				return wrong;
		}
	}
	return NULL;
}

const char *elf_image_read(const void *bytes, size_t size, struct elf_image *image)
{
	Elf64_Phdr dynamic_segment = {.p_type = PT_NULL};
	struct dynamic dynamic = {0};
	const char *wrong;
	Elf64_Ehdr header;

	*image = (struct elf_image){.bytes = bytes, .size = size};
	if (size > SIMTEE_MEMORY_MAX)
		return "larger than the memory of the TEE";
	wrong = check_header(image, &header);
	if (!wrong)
		wrong = read_segments(image, &header, &dynamic_segment);
	if (!wrong)
		wrong = check_relro(image);
	if (!wrong)
		wrong = read_dynamic(image, &dynamic_segment, &dynamic);
	if (!wrong)
		wrong = find_tables(image, &dynamic);
	if (!wrong)
		wrong = find_exports(image);
	if (!wrong)
		wrong = add_memory(image);
	return wrong ? wrong : check_relocations(image);
}
