/* SPDX-License-Identifier: MIT
 *
 * Memory for plaintext: locked and left out of core dumps where the system allows it, wiped at the
 * end.
 */
#ifndef SIMTEE_SECRET_H
#define SIMTEE_SECRET_H

#include <stddef.h>
#include <stdint.h>

struct secret {
	uint8_t *bytes; /* owned; NULL while capacity is 0 */
	size_t size;    /* bytes in use; all others are zero */
	size_t capacity;
};

/** Room for at least `capacity` bytes; what is there stays. 0, or ENOMEM and nothing changed. */
int secret_reserve(struct secret *secret, size_t capacity);

/** Change the size; new bytes are zero, bytes given up are wiped. 0 or ENOMEM. */
int secret_resize(struct secret *secret, size_t size);

/** Wiped, freed, empty again. */
void secret_clear(struct secret *secret);

#endif
