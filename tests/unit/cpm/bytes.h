/* SPDX-License-Identifier: MIT
 *
 * Growing byte strings and deterministic CBOR for tests. Everything aborts on failure.
 */
#ifndef TEST_BYTES_H
#define TEST_BYTES_H

#include <stddef.h>
#include <stdint.h>

struct bytes {
	uint8_t *data; /* malloc'ed, exactly `size` bytes: one too many is seen by ASan */
	size_t size;
};

void bytes_put(struct bytes *b, const void *data, size_t size);
void bytes_free(struct bytes *b);

void put_uint(struct bytes *b, uint64_t value);
void put_int(struct bytes *b, int64_t value);
void put_string(struct bytes *b, const void *data, size_t size);
void put_text(struct bytes *b, const char *text);
void put_array(struct bytes *b, uint64_t count);
void put_map(struct bytes *b, uint64_t count);
void put_tag(struct bytes *b, uint64_t tag);
void put_bool(struct bytes *b, int value);

#endif
