/* SPDX-License-Identifier: MIT
 *
 * Text of others on a terminal: what could steer it, or show it in another order, becomes '?'.
 */
#include "cli.h"

/* The next character; 0xfffd and one byte for what is not UTF-8. */
static uint32_t next(const unsigned char *at, size_t *size)
{
	size_t more = at[0] >= 0xf0 ? 3 : at[0] >= 0xe0 ? 2 : at[0] >= 0xc0 ? 1 : 0;
	uint32_t c = more ? at[0] & (0x3fu >> more) : at[0];

	*size = 1;
	if (!more)
		return at[0] < 0x80 ? c : 0xfffd;
	for (size_t i = 1; i <= more; i++) {
		if ((at[i] & 0xc0) != 0x80)
			return 0xfffd;
		c = c << 6 | (at[i] & 0x3f);
	}
	*size = more + 1;
	return c;
}

static bool is_harmless(uint32_t c)
{
	if (c == '\n')
		return true;
	return c >= 0x20 && !(c >= 0x7f && c < 0xa0) && c != 0x61c && c != 0x200e && c != 0x200f &&
	       !(c >= 0x2028 && c <= 0x202e) && !(c >= 0x2066 && c <= 0x2069) && c != 0xfffd;
}

void cli_print(FILE *to, const char *text)
{
	const unsigned char *at = (const unsigned char *)text;
	size_t size;

	for (; *at; at += size) {
		if (is_harmless(next(at, &size)))
			fwrite(at, 1, size, to);
		else
			fputc('?', to);
	}
}
