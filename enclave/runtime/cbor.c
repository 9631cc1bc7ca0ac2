/* SPDX-License-Identifier: MIT */
#include "cbor.h"

enum major {
	UINT = 0,
	NEGATIVE = 1,
	BYTES = 2,
	TEXT = 3,
	ARRAY = 4,
	MAP = 5,
	TAG = 6,
	SIMPLE = 7
};

#define SIMPLE_FALSE 20
#define SIMPLE_TRUE  21

void cbor_fail(struct cursor *c)
{
	cursor_fail(c, EDB_E_DOCUMENT);
}

/* An item's head: major type and argument, in its shortest form (RFC 8949, 3 and 4.2.1). */
static uint64_t head(struct cursor *c, enum major major)
{
	uint8_t first = cursor_u8(c);
	uint8_t info = first & 31u;
	uint64_t value;

	if (first >> 5 != major || info > 27) { /* another type, or an indefinite length */
		cbor_fail(c);
		return 0; /* no argument of that size exists */
	}
	if (info < 24)
		return info;
	value = cursor_be(c, (size_t)1 << (info - 24));
	if (info == 24 ? value < 24 : value >> (4u << (info - 24)) == 0)
		cbor_fail(c); /* a shorter form would have done */
	return c->err ? 0 : value;
}

static uint64_t bounded(struct cursor *c, enum major major, uint64_t min, uint64_t max)
{
	uint64_t value = head(c, major);

	if (value < min || value > max)
		cbor_fail(c);
	return c->err ? 0 : value;
}

uint64_t cbor_array(struct cursor *c, uint64_t at_least, uint64_t at_most)
{
	return bounded(c, ARRAY, at_least, at_most);
}

uint64_t cbor_map(struct cursor *c, uint64_t at_least, uint64_t at_most)
{
	return bounded(c, MAP, at_least, at_most);
}

uint64_t cbor_uint(struct cursor *c, uint64_t min, uint64_t max)
{
	return bounded(c, UINT, min, max);
}

void cbor_expect_tag(struct cursor *c, uint64_t tag)
{
	bounded(c, TAG, tag, tag);
}

void cbor_expect_int(struct cursor *c, int64_t value)
{
	uint64_t argument = value < 0 ? (uint64_t)(-1 - value) : (uint64_t)value;

	bounded(c, value < 0 ? NEGATIVE : UINT, argument, argument);
}

struct cursor *cbor_key(struct cursor *c, int64_t key)
{
	cbor_expect_int(c, key);
	return c;
}

bool cbor_next_is_int(struct cursor *c, int64_t value)
{
	struct cursor ahead = *c;

	cbor_expect_int(&ahead, value);
	if (ahead.err)
		return false;
	*c = ahead;
	return true;
}

bool cbor_bool(struct cursor *c)
{
	return bounded(c, SIMPLE, SIMPLE_FALSE, SIMPLE_TRUE) == SIMPLE_TRUE;
}

const uint8_t *cbor_bytes(struct cursor *c, size_t size)
{
	return cursor_take(c, (size_t)bounded(c, BYTES, size, size));
}

static const uint8_t *string(struct cursor *c, enum major major, size_t max, size_t *size)
{
	*size = (size_t)bounded(c, major, 0, max);
	return cursor_take(c, *size);
}

const uint8_t *cbor_bytes_upto(struct cursor *c, size_t max, size_t *size)
{
	return string(c, BYTES, max, size);
}

const uint8_t *cbor_text_upto(struct cursor *c, size_t max, size_t *size)
{
	return string(c, TEXT, max, size);
}

enum edb_err cbor_end(struct cursor *c)
{
	return c->err || cursor_left(c) ? EDB_E_DOCUMENT : EDB_OK;
}
