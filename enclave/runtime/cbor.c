/* SPDX-License-Identifier: MIT */
#include "cbor.h"

#define SIMPLE_FALSE 20
#define SIMPLE_TRUE  21

/* Major type and argument, in its shortest form (RFC 8949, 3 and 4.2.1). */
uint64_t cbor_head(struct cursor *c, enum cbor_major major, uint64_t min, uint64_t max)
{
	uint64_t first = cursor_be(c, 1), info = first & 31, value = info;

	if (first >> 5 != major || info > 27) { /* another type, or an indefinite length */
		cursor_fail(c, EDB_E_DOCUMENT);
		return 0; /* no argument of that size exists */
	}
	if (info >= 24) {
		value = cursor_be(c, (size_t)1 << (info - 24));
		if (info == 24 ? value < 24 : value >> (4u << (info - 24)) == 0)
			cursor_fail(c, EDB_E_DOCUMENT); /* a shorter form would have done */
	}
	if (value < min || value > max)
		cursor_fail(c, EDB_E_DOCUMENT);
	return c->err ? 0 : value;
}

struct cursor *cbor_int(struct cursor *c, int64_t value)
{
	uint64_t argument = value < 0 ? (uint64_t)(-1 - value) : (uint64_t)value;

	cbor_head(c, value < 0 ? CBOR_NEGATIVE : CBOR_UINT, argument, argument);
	return c;
}

bool cbor_next_is_int(struct cursor *c, int64_t value)
{
	struct cursor ahead = *c;

	cbor_int(&ahead, value);
	if (ahead.err)
		return false;
	*c = ahead;
	return true;
}

bool cbor_bool(struct cursor *c)
{
	return cbor_head(c, CBOR_SIMPLE, SIMPLE_FALSE, SIMPLE_TRUE) == SIMPLE_TRUE;
}

const uint8_t *cbor_bytes(struct cursor *c, size_t size)
{
	return cursor_take(c, (size_t)cbor_head(c, CBOR_BYTES, size, size));
}

enum edb_err cbor_end(struct cursor *c)
{
	return c->err || cursor_left(c) ? EDB_E_DOCUMENT : EDB_OK;
}
