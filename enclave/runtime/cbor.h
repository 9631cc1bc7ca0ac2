/* SPDX-License-Identifier: MIT
 *
 * Pull reader for the deterministic CBOR of the signed documents (RFC 8949, 4.2): definite lengths
 * and shortest forms only; no floats; the caller says at each step what has to come.
 *
 * The cursor's error is sticky: after the first failure every getter gives 0 or NULL, so a caller
 * may read on and ask once at the end, but must look at err before a value decides anything. Depth
 * is bounded by the caller's own shape: nothing here recurses. Failures: EDB_E_DOCUMENT, or the
 * cursor's EDB_E_TRUNCATED; cbor_end makes them one.
 */
#ifndef EDB_CBOR_H
#define EDB_CBOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cursor.h"

enum cbor_major {
	CBOR_UINT = 0,
	CBOR_NEGATIVE = 1,
	CBOR_BYTES = 2,
	CBOR_TEXT = 3,
	CBOR_ARRAY = 4,
	CBOR_MAP = 5,
	CBOR_TAG = 6,
	CBOR_SIMPLE = 7
};

/** An item's head, of this type, its argument between min and max: an integer's value, a tag's
 *  number, a string's bytes, an array's items, a map's pairs. */
uint64_t cbor_head(struct cursor *c, enum cbor_major major, uint64_t min, uint64_t max);

/** Exactly this integer, or a failure: a constant, or a map's key. @return c, to read the member's
 *  value from */
struct cursor *cbor_int(struct cursor *c, int64_t value);

/** If this integer comes next, read it and say true; otherwise nothing is read. */
bool cbor_next_is_int(struct cursor *c, int64_t value);

bool cbor_bool(struct cursor *c);

/** Byte string of exactly `size` bytes; borrowed. */
const uint8_t *cbor_bytes(struct cursor *c, size_t size);

/** EDB_OK: no failure, and nothing left; otherwise EDB_E_DOCUMENT. */
enum edb_err cbor_end(struct cursor *c);

#endif
