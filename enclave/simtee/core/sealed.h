/* SPDX-License-Identifier: MIT
 *
 * An image in memory without a name: written once, then unchangeable.
 */
#ifndef SIMTEE_SEALED_H
#define SIMTEE_SEALED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sealed {
	int fd;
	uint8_t *bytes; /* writable until sealed_seal */
	size_t size;
};

bool sealed_make(struct sealed *sealed, size_t size);

/** The descriptor, the caller's; -1: it could not be sealed. *sealed is done with. */
int sealed_seal(struct sealed *sealed);
void sealed_drop(struct sealed *sealed);

#endif
