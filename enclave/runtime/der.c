/* SPDX-License-Identifier: MIT */
#include "der.h"

#define LENGTH_SHORT_MAX 127u
#define LENGTH_MAX       65535u

struct cursor der_enter(struct cursor *c, uint8_t tag)
{
	size_t length = 0;
	const uint8_t *contents;
	struct cursor inside;

	if (cursor_u8(c) != tag)
		cursor_fail(c, EDB_E_CERTIFICATE);
	length = cursor_u8(c);
	if (length == 0x81 || length == 0x82) {
		size_t smallest = length == 0x81 ? LENGTH_SHORT_MAX + 1 : 256;

		length = (size_t)cursor_be(c, length - 0x80);
		if (length < smallest)
			cursor_fail(c, EDB_E_CERTIFICATE);
	} else if (length > LENGTH_SHORT_MAX) {
		cursor_fail(c, EDB_E_CERTIFICATE);
	}
	contents = cursor_take(c, length);
	inside = cursor_over(contents, contents ? length : 0);
	inside.err = c->err;
	return inside;
}

const uint8_t *der_positive(struct cursor *c, size_t *size)
{
	struct cursor number = der_enter(c, DER_INTEGER);
	size_t sign_byte = cursor_left(&number) && number.base[0] == 0;
	const uint8_t *at;

	cursor_take(&number, sign_byte);
	*size = cursor_left(&number);
	at = cursor_take(&number, *size);
	/* A zero in front only where the number's own first bit is set; zero itself is not
	 * positive. */
	if (*size && at[0] >> 7 == sign_byte)
		return at;
	cursor_fail(c, EDB_E_CERTIFICATE);
	return NULL;
}

static void put_head(struct writer *w, uint8_t tag, size_t size)
{
	writer_u8(w, tag);
	if (size > LENGTH_MAX) {
		w->err = EDB_E_SPACE;
	} else if (size > 255) {
		writer_u8(w, 0x82);
		writer_u8(w, (uint8_t)(size >> 8));
	} else if (size > LENGTH_SHORT_MAX) {
		writer_u8(w, 0x81);
	}
	writer_u8(w, (uint8_t)size);
}

void der_put(struct writer *w, uint8_t tag, const uint8_t *contents, size_t size)
{
	put_head(w, tag, size);
	writer_put(w, contents, size);
}

void der_put_positive(struct writer *w, const uint8_t *number, size_t size)
{
	size_t sign_byte = size && number[0] & 0x80 ? 1 : 0;

	put_head(w, DER_INTEGER, sign_byte + size);
	if (sign_byte)
		writer_u8(w, 0);
	writer_put(w, number, size);
}
