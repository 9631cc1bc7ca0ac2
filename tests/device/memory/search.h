/* SPDX-License-Identifier: MIT
 *
 * What is looked for in dumps of a device's memory. Every finding is a line on standard output:
 *
 *	NAME FORM FILE OFFSET BYTES
 */
#ifndef MEMORY_SEARCH_H
#define MEMORY_SEARCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One dump. */
struct dump {
	const char *name;
	const uint8_t *bytes;
	size_t size;
};

void tell(const char *name, const char *form, const struct dump *dump, size_t at, size_t size);

/**
 * Bytes that are known: as they are, backwards (big numbers in limbs), with every four bytes
 * backwards (words of a key schedule), and as hexadecimal text. Every 16 bytes of each of these are
 * looked for on their own, at every offset, so that half of a secret is found, too.
 *
 * @param name  borrowed
 * @param bytes 16 at least; copied
 * @return false: too short, or too many
 */
bool bytes_want(const char *name, const uint8_t *bytes, size_t size);
void bytes_search(const struct dump *dump);

/**
 * The private half of a key of which only the public one is known.
 *
 * A factor of an RSA modulus: whatever divides it, in either byte order, at every offset. To be
 * fast enough for all memory, only what is odd, has its top bit set, and consists of about as many
 * different bytes as chance would give it, is divided by.
 *
 * The scalar of a P-256 key: whatever times the generator is the public point, in either byte
 * order, at every offset. That is some 10 us for each that looks random: good for 16 MiB of secure
 * memory; the normal world's is searched for the bytes that were found there.
 *
 * What is found is written into a folder, big-endian: NAME (the scalar), or NAME.p, NAME.q, NAME.d,
 * NAME.dp and NAME.dq.
 *
 * @param folder  NULL: nothing is written
 */
bool key_search(const char *name, const char *pem_file, const char *folder,
	const struct dump *dumps, size_t dump_count);

#endif
