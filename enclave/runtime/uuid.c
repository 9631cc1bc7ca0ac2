/* SPDX-License-Identifier: MIT */
#include "uuid.h"

/* In front of these bytes of a UUID is a hyphen, one bit for each. */
#define UUID_HYPHENS 0x550u

int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* All of text; hyphens: as UUID_HYPHENS. */
static enum edb_err parse(const char *text, uint8_t *bytes, unsigned size, uint32_t hyphens)
{
	unsigned at = 0;

	for (unsigned i = 0; i < size; i++) {
		int high, low;

		if ((hyphens >> i & 1) && text[at++] != '-')
			return EDB_E_MEMBER_VALUE;
		high = hex_digit(text[at]);
		low = high < 0 ? -1 : hex_digit(text[at + 1]);
		if (low < 0)
			return EDB_E_MEMBER_VALUE;
		bytes[i] = (uint8_t)(high << 4 | low);
		at += 2;
	}
	return text[at] ? EDB_E_MEMBER_VALUE : EDB_OK;
}

enum edb_err hex_parse(const char *text, uint8_t *bytes, unsigned size)
{
	return parse(text, bytes, size, 0);
}

enum edb_err uuid_parse(const char *text, uint8_t uuid[static 16])
{
	return parse(text, uuid, 16, UUID_HYPHENS);
}
