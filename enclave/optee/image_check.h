/* SPDX-License-Identifier: MIT
 *
 * Is an image one that OP-TEE can load, and the one of its id? Asked of the bytes as they come from
 * the CPM: what is read back later comes through the normal world.
 *
 * OP-TEE's loader (ldelf, load_main) takes as the ta_head what the symbol of that name says, by
 * section headers and a hash table of the image's own; where no name matches, the image's first
 * bytes. So that there is one answer only, the head has to lie there, and the name nowhere.
 */
#ifndef EDB_IMAGE_CHECK_H
#define EDB_IMAGE_CHECK_H

#include <compiler.h>
#include <tee_api_types.h>
#include <user_ta_header.h>

/* The loader takes ELF and program headers from the first page; what it loads begins after it. */
#define IMAGE_HEADERS_BYTES 4096u

/* Zeros to begin with. */
struct image_check {
	uint8_t start[IMAGE_HEADERS_BYTES + sizeof(struct ta_head)] __aligned(8);
	uint32_t size;     /* bytes seen */
	uint32_t matched;  /* letters of the name that the last bytes were */
	uint32_t named_at; /* where the name first ends; 0: nowhere so far */
};

/* The image's next bytes. Together they are fewer than 4 GiB. */
void image_check_bytes(struct image_check *c, const uint8_t *bytes, size_t size);

/**
 * All bytes were seen: ELF of this architecture, position independent; a ta_head where the loader
 * will find it, with this UUID, and without the wish to be kept alive.
 *
 * @param id      16 bytes, network byte order
 * @param memory_bytes what one instance takes: segments, heap among them, and stack; never 0
 * @return TEE_SUCCESS; TEE_ERROR_BAD_FORMAT
 */
TEE_Result image_check_end(
	const struct image_check *c, const uint8_t id[16], uint32_t *memory_bytes);

#endif
