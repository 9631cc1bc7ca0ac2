/* SPDX-License-Identifier: MIT */
#include "uuid.h"

#include <string.h>

int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

enum edb_err hex_parse(const char *text, uint8_t *bytes, unsigned size)
{
	if (strlen(text) != 2 * (size_t)size)
		return EDB_E_MEMBER_VALUE;
	for (unsigned i = 0; i < size; i++) {
		int high = hex_digit(text[2 * i]), low = hex_digit(text[2 * i + 1]);

		if (high < 0 || low < 0)
			return EDB_E_MEMBER_VALUE;
		bytes[i] = (uint8_t)(high << 4 | low);
	}
	return EDB_OK;
}

enum edb_err uuid_parse(const char *text, uint8_t uuid[static 16])
{
	static const uint8_t hyphens[] = {8, 13, 18, 23};
	char digits[33];
	unsigned n = 0, h = 0;

	if (strlen(text) != 36)
		return EDB_E_MEMBER_VALUE;
	for (unsigned i = 0; i < 36; i++) {
		if (h < sizeof hyphens && i == hyphens[h]) {
			if (text[i] != '-')
				return EDB_E_MEMBER_VALUE;
			h++;
		} else {
			digits[n++] = text[i];
		}
	}
	digits[n] = 0;
	return hex_parse(digits, uuid, 16);
}
