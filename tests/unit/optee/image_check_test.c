/* SPDX-License-Identifier: MIT
 *
 * Which images OP-TEE's image store takes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "image_check.h"
#include "optee_core.h"

#define PAGE       4096u
#define FILE_BYTES (3 * PAGE + 64)
#define HEADERS_AT 64u
#define HEAD_AT    PAGE
#define TEXT_BYTES 600u /* of the first segment */
#define DATA_AT    (3 * PAGE)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const uint8_t id[16] = {0x7e, 0x57, 0xda, 0x7a, 0x00, 0x00, 0x40, 0x00, 0x80, 0x00, 0x00,
	0x00, 0x00, 0x00, 0x00, 0xe0};

/* A ta_head and text at 0, data at 8192 with 100 bytes of bss; a header that is no segment. */
struct parts {
	Elf64_Ehdr header;
	Elf64_Phdr segments[3];
	struct ta_head head;
};

static struct parts good_parts(void)
{
	return (struct parts){
		.header = {.e_ident = {0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT},
			.e_type = ET_DYN,
			.e_machine = EM_AARCH64,
			.e_phoff = HEADERS_AT,
			.e_phentsize = sizeof(Elf64_Phdr),
			.e_phnum = 3},
		.segments = {{.p_type = PT_LOAD,
				     .p_offset = HEAD_AT,
				     .p_filesz = TEXT_BYTES,
				     .p_memsz = TEXT_BYTES},
			{.p_type = PT_NOTE, .p_offset = UINT64_MAX, .p_memsz = UINT64_MAX},
			{.p_type = PT_LOAD,
				.p_vaddr = DATA_AT - PAGE,
				.p_offset = DATA_AT,
				.p_filesz = 64,
				.p_memsz = 164}},
		.head = {.uuid = {0x7e57da7a, 0x0000, 0x4000, {0x80, 0, 0, 0, 0, 0, 0, 0xe0}},
			.stack_size = 16384,
			.depr_entry = UINT64_MAX},
	};
}

static void put_together(const struct parts *parts, uint8_t file[FILE_BYTES])
{
	memset(file, 0x55, FILE_BYTES);
	memcpy(file, &parts->header, sizeof parts->header);
	memcpy(&file[HEADERS_AT], parts->segments, sizeof parts->segments);
	memcpy(&file[HEAD_AT], &parts->head, sizeof parts->head);
}

/* From a copy of exactly that size. */
static TEE_Result check(const uint8_t *file, size_t size, uint32_t *memory_bytes)
{
	struct image_check *c = calloc(1, sizeof *c);
	uint8_t *copy = malloc(size ? size : 1);
	TEE_Result res;

	assert_non_null(c);
	assert_non_null(copy);
	memcpy(copy, file, size);
	image_check_bytes(c, copy, size);
	free(copy);
	res = image_check_end(c, id, memory_bytes);
	free(c);
	return res;
}

static void refused(const char *why, const uint8_t *file, size_t size)
{
	uint32_t memory_bytes = 0;

	if (check(file, size, &memory_bytes) != TEE_ERROR_BAD_FORMAT)
		fail_msg("taken: %s", why);
	assert_int_equal(memory_bytes, 0);
	LLVMFuzzerTestOneInput(file, size);
}

static void test_good(void **state)
{
	struct parts parts = good_parts();
	uint8_t file[FILE_BYTES];
	uint32_t memory_bytes = 0;

	(void)state;
	put_together(&parts, file);
	assert_int_equal(check(file, sizeof file, &memory_bytes), TEE_SUCCESS);
	assert_int_equal(memory_bytes, 3 * PAGE + 16384); /* 8192 + 164 in whole pages, and stack */
	LLVMFuzzerTestOneInput(file, sizeof file);
}

static void test_each_prefix(void **state)
{
	struct parts parts = good_parts();
	uint8_t file[FILE_BYTES];
	uint32_t memory_bytes = 0;

	(void)state;
	put_together(&parts, file);
	for (size_t size = 0; size < sizeof file; size++)
		assert_int_equal(check(file, size, &memory_bytes), TEE_ERROR_BAD_FORMAT);
}

static void test_bad_parts(void **state)
{
	(void)state;
#define REFUSED(why, change)                                                                       \
	do {                                                                                       \
		struct parts parts = good_parts();                                                 \
		uint8_t file[FILE_BYTES];                                                          \
                                                                                                   \
		change;                                                                            \
		put_together(&parts, file);                                                        \
		refused(why, file, sizeof file);                                                   \
	} while (0)

	REFUSED("no ELF", parts.header.e_ident[0] = 0);
	REFUSED("32 bits", parts.header.e_ident[EI_CLASS] = ELFCLASS32);
	REFUSED("big endian", parts.header.e_ident[EI_DATA] = ELFDATA2MSB);
	REFUSED("another version", parts.header.e_ident[EI_VERSION] = 2);
	REFUSED("a program", parts.header.e_type = ET_EXEC);
	REFUSED("another machine", parts.header.e_machine = EM_X86_64);
	REFUSED("other program headers", parts.header.e_phentsize = 32);
	REFUSED("program headers at an odd place", parts.header.e_phoff = 60);
	REFUSED("program headers past the first page", parts.header.e_phoff = PAGE + 8);
	REFUSED("program headers nowhere", parts.header.e_phoff = UINT64_MAX - 7);
	REFUSED("one program header too many", parts.header.e_phnum = (PAGE - 64) / 56 + 1);
	REFUSED("no program header", parts.header.e_phnum = 0);

	REFUSED("no segment at 0", parts.segments[0].p_type = PT_NOTE);
	REFUSED("the first one later", parts.segments[0].p_vaddr = PAGE;
		parts.segments[0].p_offset = 2 * PAGE);
	REFUSED("the first one without its ta_head", parts.segments[0].p_filesz = 31);
	REFUSED("the first one from elsewhere in the file", parts.segments[0].p_offset = 2 * PAGE);
	REFUSED("the second one from elsewhere", parts.segments[2].p_offset -= PAGE);
	REFUSED("one over the other", parts.segments[2].p_vaddr = 599;
		parts.segments[2].p_offset = PAGE + 599);
	REFUSED("more of the file than memory", parts.segments[0].p_memsz = TEXT_BYTES - 1);
	REFUSED("more than the file has", parts.segments[2].p_filesz = 65);
	REFUSED("memory over all bounds", parts.segments[2].p_memsz = UINT64_MAX);
	REFUSED("more memory than there is", parts.segments[2].p_memsz = 1u << 30);
	REFUSED("an address over all bounds", parts.segments[2].p_vaddr = UINT64_MAX - PAGE + 1;
		parts.segments[2].p_memsz = PAGE + 164; parts.segments[2].p_offset = 0);

	REFUSED("another UUID, first byte", parts.head.uuid.timeLow ^= 1u << 24);
	REFUSED("another UUID, last byte", parts.head.uuid.clockSeqAndNode[7] ^= 1);
	REFUSED("kept alive", parts.head.flags = TA_FLAG_INSTANCE_KEEP_ALIVE);
	REFUSED("kept alive, among others", parts.head.flags = UINT32_MAX);
	REFUSED("stack over all bounds", parts.head.stack_size = UINT32_MAX);
	REFUSED("an entry of the old kind", parts.head.depr_entry = 0);
}

/* Wherever it ends in what is loaded; one byte later it is not loaded as a whole. */
static void test_name(void **state)
{
	struct parts parts = good_parts();
	uint8_t file[FILE_BYTES + 7];
	uint32_t memory_bytes = 0;

	(void)state;
	for (size_t at = HEAD_AT + sizeof parts.head; at <= FILE_BYTES - 7; at++) {
		put_together(&parts, file);
		memcpy(&file[at], "ta_head", 7);
		if (at % 97 == 0 || at == FILE_BYTES - 7)
			refused("the name", file, FILE_BYTES);
	}
	put_together(&parts, file);
	memcpy(&file[HEAD_AT + 100], "tta_headta_hea", 14); /* begins anew where it broke off */
	refused("the name after its first letter", file, FILE_BYTES);
	put_together(&parts, file);
	memcpy(&file[HEAD_AT + 100], "ta_heata_hea", 12);
	memcpy(&file[FILE_BYTES - 6], "ta_head", 7);
	assert_int_equal(check(file, FILE_BYTES + 1, &memory_bytes), TEE_SUCCESS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_each_prefix),
		cmocka_unit_test(test_bad_parts),
		cmocka_unit_test(test_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
