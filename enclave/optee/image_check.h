/* SPDX-License-Identifier: MIT
 *
 * Is a stored image one that OP-TEE can load, and the one of this id?
 */
#ifndef EDB_IMAGE_CHECK_H
#define EDB_IMAGE_CHECK_H

#include <tee_api_types.h>

/**
 * Read an image back from the TA database and check it: ELF of this architecture, position
 * independent; a ta_head where OP-TEE's loader will find it, with this UUID, and without the wish
 * to be kept alive.
 *
 * @param name    its name in the TA database
 * @param id      16 bytes, network byte order
 * @param size    bytes of the file
 * @param memory_bytes what one instance takes: segments, heap among them, and stack; never 0
 * @return TEE_SUCCESS; TEE_ERROR_BAD_FORMAT; what the database answers
 */
TEE_Result image_check(
	const TEE_UUID *name, const uint8_t id[16], uint32_t size, uint32_t *memory_bytes);

#endif
