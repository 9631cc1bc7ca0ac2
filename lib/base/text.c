/* SPDX-License-Identifier: MIT */
#include "text.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "file.h"

#define BASE64_MAX (1u << 24) /* bytes, and characters */

void edb_hex_encode(const uint8_t *bytes, size_t size, char *text)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < size; i++) {
		*text++ = digits[bytes[i] >> 4];
		*text++ = digits[bytes[i] & 15];
	}
	*text = 0;
}

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool edb_hex_decode(const char *text, uint8_t *bytes, size_t size)
{
	if (strlen(text) != 2 * size)
		return false;
	for (size_t i = 0; i < size; i++) {
		int high = digit(text[2 * i]), low = digit(text[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		bytes[i] = (uint8_t)(high << 4 | low);
	}
	return true;
}

char *edb_base64_encode(const uint8_t *bytes, size_t size)
{
	char *text = size <= BASE64_MAX ? malloc(4 * ((size + 2) / 3) + 1) : NULL;

	if (text)
		EVP_EncodeBlock((unsigned char *)text, bytes, (int)size);
	return text;
}

static bool is_base64(const char *text, size_t length)
{
	static const char alphabet[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	size_t digits = strspn(text, alphabet);

	return length % 4 == 0 && length <= BASE64_MAX && length - digits <= 2 &&
	       strspn(text + digits, "=") == length - digits;
}

/* RFC 4648, 3.5: the last digit may hold bits that no byte takes; they have to be zero. */
static bool is_canonical(const char *text, const uint8_t *bytes, size_t size)
{
	char *again = edb_base64_encode(bytes, size);
	bool same = again && !strcmp(again, text);

	edb_free_secret(again, again ? strlen(again) : 0);
	return same;
}

bool edb_base64_decode(const char *text, uint8_t **bytes, size_t *size)
{
	size_t length = strlen(text);
	uint8_t *out;
	int got;

	if (!is_base64(text, length))
		return false;
	out = malloc(length / 4 * 3 + 1);
	if (!out)
		return false;
	got = EVP_DecodeBlock(out, (const unsigned char *)text, (int)length);
	if (got < 0) {
		free(out);
		return false;
	}
	for (size_t i = length; i > 0 && text[i - 1] == '='; i--)
		got--;
	if (!is_canonical(text, out, (size_t)got)) {
		edb_free_secret(out, (size_t)got);
		return false;
	}
	*bytes = out;
	*size = (size_t)got;
	return true;
}

static const uint8_t groups[] = {4, 2, 2, 2, 6}; /* bytes between hyphens */

void edb_uuid_encode(const uint8_t uuid[EDB_UUID_BYTES], char text[EDB_UUID_TEXT_SIZE])
{
	for (size_t i = 0; i < sizeof groups; i++) {
		if (i)
			*text++ = '-';
		edb_hex_encode(uuid, groups[i], text);
		uuid += groups[i];
		text += 2 * groups[i];
	}
}

bool edb_uuid_decode(const char *text, uint8_t uuid[EDB_UUID_BYTES])
{
	uint8_t out[EDB_UUID_BYTES], *at = out;
	char again[EDB_UUID_TEXT_SIZE], group[13];

	if (strlen(text) != EDB_UUID_TEXT_SIZE - 1)
		return false;
	for (size_t i = 0; i < sizeof groups; i++) {
		memcpy(group, text, 2 * (size_t)groups[i]);
		group[2 * groups[i]] = 0;
		if (!edb_hex_decode(group, at, groups[i]))
			return false;
		at += groups[i];
		text += 2 * groups[i] + 1;
	}
	edb_uuid_encode(out, again); /* hyphens in their places, lower case */
	if (strcmp(again, text - sizeof again))
		return false;
	memcpy(uuid, out, sizeof out);
	return true;
}
