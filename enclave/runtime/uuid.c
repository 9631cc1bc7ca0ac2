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
	char digits[33] = {0};
	unsigned n = 0;

	if (strlen(text) != 36)
		return EDB_E_MEMBER_VALUE;
	for (unsigned i = 0; i < 36; i++) {
		if (i != 8 && i != 13 && i != 18 && i != 23)
			digits[n++] = text[i];
		else if (text[i] != '-')
			return EDB_E_MEMBER_VALUE;
	}
	return hex_parse(digits, uuid, 16);
}
