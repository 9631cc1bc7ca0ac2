/* SPDX-License-Identifier: MIT */
#include "deterministic.h"

#include <string.h>

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

struct cursor {
	const uint8_t *base; /* borrowed */
	size_t size, pos;    /* bytes; pos <= size always */
	bool bad;            /* sticky */
};

static const uint8_t *take(struct cursor *c, uint64_t count)
{
	const uint8_t *at;

	if (c->bad || count > c->size - c->pos) { /* subtract: pos + count could wrap */
		c->bad = true;
		return NULL;
	}
	at = &c->base[c->pos];
	c->pos += (size_t)count;
	return at;
}

/* An item's head: its major type, and its argument in the shortest form that there is. */
static uint64_t head(struct cursor *c, enum major *major)
{
	const uint8_t *first = take(c, 1), *at;
	uint64_t value = 0;
	unsigned info;

	*major = UINT;
	if (!first)
		return 0;
	*major = (enum major)(*first >> 5);
	info = *first & 31u;
	if (info < 24)
		return info;
	if (info > 27) { /* reserved, or an indefinite length */
		c->bad = true;
		return 0;
	}
	at = take(c, 1u << (info - 24));
	for (size_t i = 0; at && i < 1u << (info - 24); i++)
		value = value << 8 | at[i];
	if (info == 24 ? value < 24 : value >> (4u << (info - 24)) == 0)
		c->bad = true;
	return c->bad ? 0 : value;
}

/* RFC 3629: shortest forms, no surrogates, nothing above U+10FFFF. */
static bool is_utf8(const uint8_t *text, size_t size)
{
	for (size_t i = 0, more; i < size; i += more + 1) {
		uint32_t point, least;

		if (text[i] < 0x80)
			more = 0, least = 0, point = text[i];
		else if (text[i] >> 5 == 6)
			more = 1, least = 0x80, point = text[i] & 31u;
		else if (text[i] >> 4 == 14)
			more = 2, least = 0x800, point = text[i] & 15u;
		else if (text[i] >> 3 == 30)
			more = 3, least = 0x10000, point = text[i] & 7u;
		else
			return false;
		if (more > size - i - 1)
			return false;
		for (size_t k = 1; k <= more; k++) {
			if (text[i + k] >> 6 != 2)
				return false;
			point = point << 6 | (text[i + k] & 63u);
		}
		if (point < least || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff))
			return false;
	}
	return true;
}

static void item(struct cursor *c, unsigned depth);

/*
 * Bytewise, as RFC 8949, 4.2.1 orders keys. What is compared may reach from the key before into its
 * value; no matter: no item is the beginning of another, so the two differ within their keys, or
 * are the same key.
 */
static bool ascends(const struct cursor *c, size_t before, size_t key)
{
	size_t before_size = key - before, size = c->pos - key;

	return memcmp(&c->base[before], &c->base[key], before_size < size ? before_size : size) < 0;
}

static void map(struct cursor *c, uint64_t pairs, unsigned depth)
{
	size_t before = 0;

	for (uint64_t i = 0; i < pairs && !c->bad; i++) {
		size_t key = c->pos;

		item(c, depth);
		if (!c->bad && i && !ascends(c, before, key))
			c->bad = true;
		before = key;
		item(c, depth);
	}
}

/* Recursion ends at CBOR_DEPTH_MAX; loops end with the bytes: every item takes at least one. */
static void item(struct cursor *c, unsigned depth)
{
	enum major major;
	uint64_t value = head(c, &major);
	const uint8_t *at;

	if (c->bad)
		return;
	switch (major) {
	case UINT:
	case NEGATIVE: return;
	case BYTES: take(c, value); return;
	case TEXT:
		at = take(c, value);
		if (at && !is_utf8(at, (size_t)value))
			c->bad = true;
		return;
	case ARRAY:
	case MAP:
		if (depth == CBOR_DEPTH_MAX)
			c->bad = true;
		else if (major == MAP)
			map(c, value, depth + 1);
		else
			for (uint64_t i = 0; i < value && !c->bad; i++)
				item(c, depth + 1);
		return;
	case SIMPLE:
		if (value != SIMPLE_FALSE && value != SIMPLE_TRUE)
			c->bad = true;
		return;
	case TAG: break;
	}
	c->bad = true;
}

bool cbor_is_deterministic(const uint8_t *bytes, size_t size)
{
	struct cursor c = {.base = bytes, .size = size};

	item(&c, 0);
	return !c.bad && c.pos == size;
}
