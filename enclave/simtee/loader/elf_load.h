/* SPDX-License-Identifier: MIT
 *
 * Puts a checked image into this process: memory, relocations, protection. Nothing of it runs here.
 */
#ifndef SIMTEE_ELF_LOAD_H
#define SIMTEE_ELF_LOAD_H

#include "elf_image.h"

/* The image in memory; it stays until the process ends. */
struct elf_loaded {
	uint8_t *base;
	TEE_Result (*create)(void);
	void (*destroy)(void);
	TEE_Result (*open)(uint32_t types, TEE_Param params[4], void **session);
	void (*close)(void *session);
	TEE_Result (*invoke)(void *session, uint32_t command, uint32_t types, TEE_Param params[4]);
};

/** @return NULL; else what went wrong */
const char *elf_load(const struct elf_image *image, struct elf_loaded *loaded);

/** The memory that its secrets are in stays in memory, where the system allows it. */
void elf_lock(const struct elf_image *image, const struct elf_loaded *loaded);

#endif
