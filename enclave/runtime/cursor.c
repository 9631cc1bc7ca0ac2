/* SPDX-License-Identifier: MIT */
#include "cursor.h"

#include <string.h>

struct cursor cursor_over(const void *base, size_t size)
{
	return (struct cursor){.base = base, .size = size};
}

void cursor_fail(struct cursor *c, enum edb_err err)
{
	if (!c->err)
		c->err = err;
}

const uint8_t *cursor_take(struct cursor *c, size_t n)
{
	const uint8_t *at;

	if (c->err)
		return NULL;
	if (n > c->size - c->pos) { /* subtract: pos + n could wrap */
		c->err = EDB_E_TRUNCATED;
		return NULL;
	}
	at = c->base + c->pos;
	c->pos += n;
	return at;
}

uint64_t cursor_be(struct cursor *c, size_t bytes)
{
	const uint8_t *at = cursor_take(c, bytes);
	uint64_t value = 0;

	for (size_t i = 0; at && i < bytes; i++)
		value = value << 8 | at[i];
	return value;
}

size_t cursor_left(const struct cursor *c)
{
	return c->err ? 0 : c->size - c->pos;
}

void writer_put(struct writer *w, const void *bytes, size_t n)
{
	if (w->err)
		return;
	if (n > w->size - w->pos) {
		w->err = EDB_E_SPACE;
		return;
	}
	if (n)
		memcpy(w->base + w->pos, bytes, n);
	w->pos += n;
}
