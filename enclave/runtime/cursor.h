/* SPDX-License-Identifier: MIT
 *
 * The one bounded reader, and its writing twin, of the trusted side. Everything that came from
 * outside is read through a cursor; only cursor_take() and writer_put() do pointer arithmetic.
 */
#ifndef EDB_CURSOR_H
#define EDB_CURSOR_H

#include <stddef.h>
#include <stdint.h>

#include "edb_err.h"

struct cursor {
	const uint8_t *base; /* borrowed; outlives the cursor */
	size_t size, pos;    /* bytes; pos <= size always */
	enum edb_err err;    /* sticky: the first failure stays */
};

struct cursor cursor_over(const void *base, size_t size);

/** The next n bytes, borrowed; NULL after a failure. Too few left: EDB_E_TRUNCATED. n may be 0. */
const uint8_t *cursor_take(struct cursor *c, size_t n);

/** Big-endian number of 1, 2, 4 or 8 bytes; 0 after a failure. */
uint64_t cursor_be(struct cursor *c, size_t bytes);

size_t cursor_left(const struct cursor *c);

/** Keep the first failure. */
void cursor_fail(struct cursor *c, enum edb_err err);

struct writer {
	uint8_t *base; /* borrowed; outlives the writer */
	size_t size, pos;
	enum edb_err err; /* sticky; EDB_E_SPACE when something did not fit */
};

/** All of it, or nothing and EDB_E_SPACE. */
void writer_put(struct writer *w, const void *bytes, size_t n);

#endif
