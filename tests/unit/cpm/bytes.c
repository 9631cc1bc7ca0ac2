/* SPDX-License-Identifier: MIT */
#include "bytes.h"

#include <stdlib.h>
#include <string.h>

void bytes_put(struct bytes *b, const void *data, size_t size)
{
	if (!size)
		return;
	b->data = realloc(b->data, b->size + size);
	if (!b->data)
		abort();
	memcpy(b->data + b->size, data, size);
	b->size += size;
}

void bytes_free(struct bytes *b)
{
	free(b->data);
	*b = (struct bytes){0};
}

static void head(struct bytes *b, unsigned major, uint64_t value)
{
	unsigned bytes = value < 24 ? 0 : value < 256 ? 1 : value < 65536 ? 2 : value >> 32 ? 8 : 4;
	unsigned info = bytes == 0   ? (unsigned)value
			: bytes == 1 ? 24
			: bytes == 2 ? 25
			: bytes == 4 ? 26
				     : 27;
	uint8_t first = (uint8_t)(major << 5 | info);

	bytes_put(b, &first, 1);
	while (bytes-- > 0) {
		uint8_t byte = (uint8_t)(value >> 8 * bytes);

		bytes_put(b, &byte, 1);
	}
}

void put_uint(struct bytes *b, uint64_t value)
{
	head(b, 0, value);
}

void put_int(struct bytes *b, int64_t value)
{
	if (value < 0)
		head(b, 1, (uint64_t)(-1 - value));
	else
		head(b, 0, (uint64_t)value);
}

void put_string(struct bytes *b, const void *data, size_t size)
{
	head(b, 2, size);
	bytes_put(b, data, size);
}

void put_text(struct bytes *b, const char *text)
{
	head(b, 3, strlen(text));
	bytes_put(b, text, strlen(text));
}

void put_array(struct bytes *b, uint64_t count)
{
	head(b, 4, count);
}

void put_map(struct bytes *b, uint64_t count)
{
	head(b, 5, count);
}

void put_tag(struct bytes *b, uint64_t tag)
{
	head(b, 6, tag);
}

void put_bool(struct bytes *b, int value)
{
	head(b, 7, value ? 21 : 20);
}
