/* SPDX-License-Identifier: MIT
 *
 * Hostile images: a good one, and what the checker says of each way to spoil it. Argument: an image
 * as the build makes them.
 */
#include <elf.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "elf_image.h"
#include "wire.h"

/* tests/fuzz/simtee/elf_fuzz.c: aborts if what passes the check breaks its promise. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *path;
static uint8_t *good;
static size_t good_size;

static int read_good(void **state)
{
	FILE *file = fopen(path, "rb");
	long end = -1;

	(void)state;
	if (file && !fseek(file, 0, SEEK_END))
		end = ftell(file);
	if (end > 0 && !fseek(file, 0, SEEK_SET)) {
		good_size = (size_t)end;
		good = malloc(good_size);
	}
	if (good && fread(good, 1, good_size, file) != good_size)
		good_size = 0;
	if (file)
		fclose(file);
	return good && good_size ? 0 : -1;
}

static int free_good(void **state)
{
	(void)state;
	free(good);
	return 0;
}

static void a_good_image_passes(void **state)
{
	struct elf_image image;

	(void)state;
	assert_null(elf_image_read(good, good_size, &image));
	assert_int_equal(image.head.uuid.timeMid, 0x7e57);
	assert_true(image.relocations[0].count + image.relocations[1].count > 0);
	LLVMFuzzerTestOneInput(good, good_size);
}

/* Nothing of the file behind the last segment's bytes is looked at; without any before, refused. */
static void every_prefix_is_refused(void **state)
{
	struct elf_image image;
	size_t end = 0;

	(void)state;
	assert_null(elf_image_read(good, good_size, &image));
	for (uint32_t i = 0; i < image.segment_count; i++)
		if (image.segments[i].offset + image.segments[i].file_bytes > end)
			end = image.segments[i].offset + image.segments[i].file_bytes;
	for (size_t size = 0; size < good_size; size++) {
		uint8_t *exact = malloc(size ? size : 1); /* one byte beyond is seen by ASan */

		assert_non_null(exact);
		memcpy(exact, good, size);
		assert_int_equal(elf_image_read(exact, size, &image) != NULL, size < end);
		free(exact);
	}
}

static void no_byte_makes_it_break_its_promise(void **state)
{
	static const uint8_t changes[] = {0x01, 0x80, 0xff, 0x04};

	(void)state;
	for (size_t at = 0; at < good_size; at++) {
		for (size_t i = 0; i < sizeof changes; i++) {
			good[at] ^= changes[i];
			LLVMFuzzerTestOneInput(good, good_size);
			good[at] ^= changes[i];
		}
	}
}

/* --- the table --- */

static _Noreturn void missing(const char *what)
{
	fail_msg("no %s", what);
	abort();
}

static Elf64_Ehdr *header(uint8_t *bytes)
{
	return (void *)bytes;
}

/* The n-th program header of a type. */
static Elf64_Phdr *segment(uint8_t *bytes, uint32_t type, unsigned int n)
{
	Elf64_Phdr *p = (void *)&bytes[header(bytes)->e_phoff];

	for (unsigned int i = 0; i < header(bytes)->e_phnum; i++)
		if (p[i].p_type == type && !n--)
			return &p[i];
	missing("segment");
}

static Elf64_Phdr *load_with(uint8_t *bytes, uint32_t flags)
{
	unsigned int n = 0;

	while (segment(bytes, PT_LOAD, n)->p_flags != flags)
		n++;
	return segment(bytes, PT_LOAD, n);
}

static Elf64_Dyn *dynamic(uint8_t *bytes, int64_t tag)
{
	const Elf64_Phdr *p = segment(bytes, PT_DYNAMIC, 0);
	Elf64_Dyn *entry = (void *)&bytes[p->p_offset];

	for (size_t i = 0; i < p->p_filesz / sizeof *entry; i++)
		if (entry[i].d_tag == tag)
			return &entry[i];
	missing("dynamic entry");
}

/* The tables lie in the first segment, whose addresses are offsets. */
static Elf64_Sym *symbol(uint8_t *bytes, const char *name)
{
	const char *strings = (void *)&bytes[dynamic(bytes, DT_STRTAB)->d_un.d_ptr];
	Elf64_Sym *s = (void *)&bytes[dynamic(bytes, DT_SYMTAB)->d_un.d_ptr];
	uint32_t count = ((uint32_t *)(void *)&bytes[dynamic(bytes, DT_HASH)->d_un.d_ptr])[1];

	for (uint32_t i = 1; i < count; i++)
		if (!strcmp(&strings[s[i].st_name], name))
			return &s[i];
	missing("symbol");
}

static Elf64_Rela *relocation(uint8_t *bytes, int64_t table)
{
	return (void *)&bytes[dynamic(bytes, table)->d_un.d_ptr];
}

static struct ta_head *head(uint8_t *bytes)
{
	struct elf_image image;
	uint64_t address = symbol(bytes, "ta_head")->st_value;

	assert_null(elf_image_read(good, good_size, &image));
	for (uint32_t i = 0; i < image.segment_count; i++) {
		const struct elf_segment *s = &image.segments[i];

		if (address >= s->address && address - s->address < s->file_bytes)
			return (void *)&bytes[s->offset + (address - s->address)];
	}
	missing("ta_head in the file");
}

#define SPOIL(name, ...)                                                                           \
	static void name(uint8_t *b)                                                               \
	{                                                                                          \
		__VA_ARGS__;                                                                       \
	}

SPOIL(other_magic, b[1] = 'e')
SPOIL(other_class, b[EI_CLASS] = ELFCLASS32)
SPOIL(other_order, b[EI_DATA] = ELFDATA2MSB)
SPOIL(program, header(b)->e_type = ET_EXEC)
SPOIL(machine, header(b)->e_machine = EM_RISCV)
SPOIL(no_segments, header(b)->e_phnum = 0)
SPOIL(many_segments, header(b)->e_phnum = 33)
SPOIL(narrow_segments, header(b)->e_phentsize = 55)
SPOIL(far_list, header(b)->e_phoff = good_size - 8)
SPOIL(wrapped_list, header(b)->e_phoff = UINT64_MAX - 8)
SPOIL(write_and_execute, load_with(b, PF_R | PF_X)->p_flags |= PF_W)
SPOIL(beyond_file, load_with(b, PF_R | PF_W)->p_offset = good_size)
SPOIL(wrapped_offset, load_with(b, PF_R | PF_W)->p_offset = UINT64_MAX - 1)
SPOIL(file_over_memory, load_with(b, PF_R | PF_W)->p_memsz = 1)
SPOIL(huge_segment, load_with(b, PF_R | PF_W)->p_memsz = UINT64_MAX)
SPOIL(large_segment, load_with(b, PF_R | PF_W)->p_memsz = SIMTEE_MEMORY_MAX)
SPOIL(far_segment, load_with(b, PF_R | PF_W)->p_vaddr = UINT64_MAX - 4095)
SPOIL(same_page, load_with(b, PF_R | PF_W)->p_vaddr = load_with(b, PF_R | PF_X)->p_vaddr)
SPOIL(grown_into_next, segment(b, PT_LOAD, 0)->p_memsz = load_with(b, PF_R | PF_X)->p_vaddr + 1)
SPOIL(interpreter, segment(b, PT_GNU_STACK, 0)->p_type = PT_INTERP)
SPOIL(thread_local, segment(b, PT_GNU_STACK, 0)->p_type = PT_TLS)
SPOIL(executable_stack, segment(b, PT_GNU_STACK, 0)->p_flags |= PF_X)
SPOIL(relro_of_code, segment(b, PT_GNU_RELRO, 0)->p_vaddr = load_with(b, PF_R | PF_X)->p_vaddr)
SPOIL(huge_relro, segment(b, PT_GNU_RELRO, 0)->p_memsz = UINT64_MAX)
SPOIL(no_dynamic, segment(b, PT_DYNAMIC, 0)->p_type = PT_NULL)
SPOIL(dynamic_elsewhere, segment(b, PT_DYNAMIC, 0)->p_vaddr = UINT64_MAX - 8)
SPOIL(endless_dynamic, segment(b, PT_DYNAMIC, 0)->p_filesz = sizeof(Elf64_Dyn))
SPOIL(library, dynamic(b, DT_PLTGOT)->d_tag = DT_NEEDED)
SPOIL(constructor, dynamic(b, DT_PLTGOT)->d_tag = DT_INIT)
SPOIL(constructors, dynamic(b, DT_PLTGOT)->d_tag = DT_INIT_ARRAY)
SPOIL(destructor, dynamic(b, DT_PLTGOT)->d_tag = DT_FINI)
SPOIL(text_relocations, dynamic(b, DT_PLTGOT)->d_tag = DT_TEXTREL)
SPOIL(rel, dynamic(b, DT_PLTGOT)->d_tag = DT_REL)
SPOIL(wide_relocations, dynamic(b, DT_RELAENT)->d_un.d_val = 25)
SPOIL(wide_symbols, dynamic(b, DT_SYMENT)->d_un.d_val = 25)
SPOIL(no_hash, dynamic(b, DT_HASH)->d_tag = DT_DEBUG)
SPOIL(far_hash, dynamic(b, DT_HASH)->d_un.d_val = UINT64_MAX - 3)
SPOIL(far_strings, dynamic(b, DT_STRTAB)->d_un.d_val = UINT64_MAX)
SPOIL(huge_strings, dynamic(b, DT_STRSZ)->d_un.d_val = UINT64_MAX)
SPOIL(half_relocation, dynamic(b, DT_PLTRELSZ)->d_un.d_val -= 1)
SPOIL(huge_relocations, dynamic(b, DT_PLTRELSZ)->d_un.d_val = UINT64_MAX / 24 * 24)
SPOIL(no_entry, symbol(b, "TA_InvokeCommandEntryPoint")->st_shndx = SHN_UNDEF)
SPOIL(unnamed, symbol(b, "TA_InvokeCommandEntryPoint")->st_name = UINT32_MAX)
SPOIL(entry_in_data,
	symbol(b, "TA_CreateEntryPoint")->st_value = load_with(b, PF_R | PF_W)->p_vaddr)
SPOIL(entry_outside, symbol(b, "TA_DestroyEntryPoint")->st_value = UINT64_MAX)
SPOIL(head_outside, symbol(b, "ta_head")->st_value = UINT64_MAX - 8)
SPOIL(heap_size_outside, symbol(b, "ta_heap_size")->st_value = SIMTEE_MEMORY_MAX)
SPOIL(no_stack, head(b)->stack_size = 0)
SPOIL(huge_stack, head(b)->stack_size = UINT32_MAX)
SPOIL(large_stack, head(b)->stack_size = SIMTEE_MEMORY_MAX)
SPOIL(unknown_import, symbol(b, "TEE_Panic")->st_name += 1)
SPOIL(no_symbol, relocation(b, DT_JMPREL)->r_info |= 0xffffULL << 32)
SPOIL(unknown_relocation, relocation(b, DT_JMPREL)->r_info |= 0xff)
SPOIL(code_relocated, relocation(b, DT_JMPREL)->r_offset = load_with(b, PF_R | PF_X)->p_vaddr)
SPOIL(outside_relocated, relocation(b, DT_RELA)->r_offset = UINT64_MAX - 3)

static const struct {
	const char *what;
	void (*spoil)(uint8_t *bytes);
	const char *wrong; /* what it must say */
} cases[] = {
#define CASE(name, wrong)                                                                          \
	{                                                                                          \
#name, name, wrong                                                                 \
	}
	CASE(other_magic, "not a 64-bit ELF file"),
	CASE(other_class, "not a 64-bit ELF file"),
	CASE(other_order, "not a 64-bit ELF file"),
	CASE(program, "not a shared object"),
	CASE(machine, "made for another processor"),
	CASE(no_segments, "no sound list of segments"),
	CASE(many_segments, "no sound list of segments"),
	CASE(narrow_segments, "no sound list of segments"),
	CASE(far_list, "the list of segments reaches beyond the file"),
	CASE(wrapped_list, "the list of segments reaches beyond the file"),
	CASE(write_and_execute, "memory that is writable and executable"),
	CASE(beyond_file, "a segment reaches beyond the file"),
	CASE(wrapped_offset, "a segment reaches beyond the file"),
	CASE(file_over_memory, "a segment reaches beyond the file"),
	CASE(huge_segment, "larger than the memory of the TEE"),
	CASE(large_segment, "larger than the memory of the TEE"), /* with the rest */
	CASE(far_segment, "larger than the memory of the TEE"),
	CASE(same_page, "segments overlap"),
	CASE(grown_into_next, "segments overlap"),
	CASE(interpreter, "asks for an interpreter"),
	CASE(thread_local, "has thread-local variables"),
	CASE(executable_stack, "asks for an executable stack"),
	CASE(relro_of_code, "what is to become read-only is not in a writable segment"),
	CASE(huge_relro, "what is to become read-only is not in a writable segment"),
	CASE(no_dynamic, "no dynamic section"),
	CASE(dynamic_elsewhere, "the dynamic section is not in a segment"),
	CASE(endless_dynamic, "the dynamic section has no end"),
	CASE(library, "needs a library"),
	CASE(constructor, "has code that runs outside the entry points"),
	CASE(constructors, "has code that runs outside the entry points"),
	CASE(destructor, "has code that runs outside the entry points"),
	CASE(text_relocations, "has relocations in its code"),
	CASE(rel, "has relocations of another kind"),
	CASE(wide_relocations, "misshapen relocations"),
	CASE(wide_symbols, "misshapen symbols"),
	CASE(no_hash, "no symbols (DT_SYMTAB, DT_STRTAB, DT_HASH)"),
	CASE(far_hash, "a table is not in a segment"),
	CASE(far_strings, "a table is not in a segment"),
	CASE(huge_strings, "a table is not in a segment"),
	CASE(half_relocation, "a table is not in a segment"),
	CASE(huge_relocations, "a table is not in a segment"),
	CASE(no_entry, "an entry point is missing (TA_…EntryPoint)"),
	CASE(unnamed, "an entry point is missing (TA_…EntryPoint)"),
	CASE(entry_in_data, "an entry point is missing (TA_…EntryPoint)"),
	CASE(entry_outside, "an entry point is missing (TA_…EntryPoint)"),
	CASE(head_outside, "no ta_head"),
	CASE(heap_size_outside, "no ta_heap_size"),
	CASE(no_stack, "no stack"),
	CASE(huge_stack, "larger than the memory of the TEE"),
	CASE(large_stack, "larger than the memory of the TEE"), /* with the rest */
	CASE(unknown_import, "imports what the TEE does not offer"),
	CASE(no_symbol, "a relocation refers to a symbol that is not there"),
	CASE(unknown_relocation, "a relocation of an unknown kind"),
	CASE(code_relocated, "a relocation is not in a writable segment"),
	CASE(outside_relocated, "a relocation is not in a writable segment"),
};

static void each_spoilt_image_is_refused_for_its_reason(void **state)
{
	uint8_t *bytes = malloc(good_size);

	(void)state;
	assert_non_null(bytes);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct elf_image image;
		const char *wrong;

		memcpy(bytes, good, good_size);
		cases[i].spoil(bytes);
		wrong = elf_image_read(bytes, good_size, &image);
		if (!wrong || strcmp(wrong, cases[i].wrong))
			fail_msg("%s: \"%s\", not \"%s\"", cases[i].what, wrong ? wrong : "passes",
				cases[i].wrong);
	}
	free(bytes);
}

static void a_file_larger_than_the_tee_is_not_read(void **state)
{
	struct elf_image image;

	(void)state;
	assert_string_equal(elf_image_read(good, (size_t)SIMTEE_MEMORY_MAX + 1, &image),
		"larger than the memory of the TEE");
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_good_image_passes),
		cmocka_unit_test(every_prefix_is_refused),
		cmocka_unit_test(no_byte_makes_it_break_its_promise),
		cmocka_unit_test(each_spoilt_image_is_refused_for_its_reason),
		cmocka_unit_test(a_file_larger_than_the_tee_is_not_read),
	};

	if (argc != 2)
		return 2;
	path = argv[1];
	return cmocka_run_group_tests(tests, read_good, free_good);
}
