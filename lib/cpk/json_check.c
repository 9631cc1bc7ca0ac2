/* SPDX-License-Identifier: MIT
 *
 * The JSON that a manifest may be. jansson, which builds the tree afterwards, is laxer: it takes
 * fractions and a depth of 2048.
 */
#include "json_check.h"

#include <cpk/manifest.h>

struct scan {
	const uint8_t *text;
	size_t size, pos;
	unsigned depth;
	struct edb_error *error;
};

static enum edb_err fail(struct scan *s, enum edb_err code, const char *what)
{
	return edb_fail(s->error, code, s->pos, "manifest: %s at byte %zu", what, s->pos);
}

/* The byte here, -1 at the end. */
static int peek(const struct scan *s)
{
	return s->pos < s->size ? s->text[s->pos] : -1;
}

static void skip_space(struct scan *s)
{
	for (int c = peek(s); c == ' ' || c == '\t' || c == '\n' || c == '\r'; c = peek(s))
		s->pos++;
}

/* Bytes of the UTF-8 sequence at `pos`; 0: there is none. RFC 3629, the table of section 4. */
static size_t utf8_sequence(const uint8_t *text, size_t size, size_t pos)
{
	uint8_t first = text[pos], low = 0x80, high = 0xbf;
	size_t length = 0;

	if (first < 0x80)
		return 1;
	if (first >= 0xc2 && first <= 0xdf)
		length = 2;
	else if (first >= 0xe0 && first <= 0xef)
		length = 3;
	else if (first >= 0xf0 && first <= 0xf4)
		length = 4;
	if (length == 0 || length > size - pos)
		return 0;
	if (first == 0xe0)
		low = 0xa0; /* below: overlong */
	else if (first == 0xed)
		high = 0x9f; /* above: surrogates */
	else if (first == 0xf0)
		low = 0x90; /* below: overlong */
	else if (first == 0xf4)
		high = 0x8f; /* above: beyond U+10FFFF */
	if (text[pos + 1] < low || text[pos + 1] > high)
		return 0;
	for (size_t i = 2; i < length; i++)
		if ((text[pos + i] & 0xc0) != 0x80)
			return 0;
	return length;
}

/* Four hexadecimal digits; -1: they are not there. */
static int hex4(struct scan *s)
{
	int value = 0;

	for (int i = 0; i < 4; i++, s->pos++) {
		int c = peek(s), digit;

		if (c >= '0' && c <= '9')
			digit = c - '0';
		else if (c >= 'a' && c <= 'f')
			digit = c - 'a' + 10;
		else if (c >= 'A' && c <= 'F')
			digit = c - 'A' + 10;
		else
			return -1;
		value = value * 16 + digit;
	}
	return value;
}

/* After "\u". */
static enum edb_err unicode_escape(struct scan *s)
{
	int unit = hex4(s);

	if (unit < 0)
		return fail(s, EDB_E_JSON, "four hexadecimal digits are missing");
	if (unit == 0)
		return fail(s, EDB_E_JSON, "U+0000 in a string");
	if (unit >= 0xdc00 && unit <= 0xdfff)
		return fail(s, EDB_E_JSON, "a low surrogate without a high one");
	if (unit < 0xd800 || unit > 0xdbff)
		return EDB_OK;
	if (peek(s) != '\\')
		return fail(s, EDB_E_JSON, "a high surrogate without a low one");
	s->pos++;
	if (peek(s) != 'u')
		return fail(s, EDB_E_JSON, "a high surrogate without a low one");
	s->pos++;
	unit = hex4(s);
	if (unit < 0xdc00 || unit > 0xdfff)
		return fail(s, EDB_E_JSON, "a high surrogate without a low one");
	return EDB_OK;
}

/* After a backslash. */
static enum edb_err escape(struct scan *s)
{
	switch (peek(s)) {
	case '"':
	case '\\':
	case '/':
	case 'b':
	case 'f':
	case 'n':
	case 'r':
	case 't': s->pos++; return EDB_OK;
	case 'u': s->pos++; return unicode_escape(s);
	default: return fail(s, EDB_E_JSON, "an unknown escape");
	}
}

static enum edb_err string(struct scan *s)
{
	enum edb_err err;

	s->pos++; /* the quote */
	for (;;) {
		int c = peek(s);

		if (c < 0)
			return fail(s, EDB_E_JSON, "a string without end");
		if (c < 0x20)
			return fail(s, EDB_E_JSON, "a control character in a string");
		if (c == '"') {
			s->pos++;
			return EDB_OK;
		}
		if (c == '\\') {
			s->pos++;
			err = escape(s);
			if (err)
				return err;
			continue;
		}
		size_t length = utf8_sequence(s->text, s->size, s->pos);
		if (!length)
			return fail(s, EDB_E_JSON, "no UTF-8");
		s->pos += length;
	}
}

static enum edb_err number(struct scan *s)
{
	bool negative = peek(s) == '-', too_large = false;
	uint64_t value = 0, most = negative ? (uint64_t)INT64_MAX + 1 : (uint64_t)INT64_MAX;

	if (negative)
		s->pos++;
	int first = peek(s);
	if (first < '0' || first > '9')
		return fail(s, EDB_E_JSON, "a digit is missing");
	size_t start = s->pos;
	for (int c = first; c >= '0' && c <= '9'; c = peek(s)) {
		uint64_t digit = (uint64_t)(c - '0');

		if (first == '0' && s->pos > start)
			return fail(s, EDB_E_JSON, "a leading zero");
		if (value > (most - digit) / 10)
			too_large = true;
		else
			value = value * 10 + digit;
		s->pos++;
	}
	if (peek(s) == '.' || peek(s) == 'e' || peek(s) == 'E')
		return fail(s, EDB_E_MEMBER_TYPE, "a number that is no integer");
	if (too_large)
		return fail(s, EDB_E_MEMBER_VALUE, "an integer beyond 64 bits");
	return EDB_OK;
}

static enum edb_err literal(struct scan *s, const char *word)
{
	for (size_t i = 0; word[i]; i++, s->pos++)
		if (peek(s) != word[i])
			return fail(s, EDB_E_JSON, "neither true, false nor null");
	return EDB_OK;
}

static enum edb_err value(struct scan *s);

/* A member's name and the colon, up to its value. */
static enum edb_err name(struct scan *s)
{
	enum edb_err err;

	if (peek(s) != '"')
		return fail(s, EDB_E_JSON, "a member's name is missing");
	err = string(s);
	if (err)
		return err;
	skip_space(s);
	if (peek(s) != ':')
		return fail(s, EDB_E_JSON, "a colon is missing");
	s->pos++;
	skip_space(s);
	return EDB_OK;
}

/* An object or an array, from its opening character. */
static enum edb_err container(struct scan *s)
{
	bool object = peek(s) == '{';
	int close = object ? '}' : ']';
	enum edb_err err;

	if (s->depth == CPK_JSON_DEPTH_MAX)
		return fail(s, EDB_E_JSON_DEPTH, "nested deeper than 8");
	s->depth++;
	s->pos++;
	skip_space(s);
	for (bool first = true; peek(s) != close || !first; first = false) {
		err = object ? name(s) : EDB_OK;
		if (!err)
			err = value(s);
		if (err)
			return err;
		skip_space(s);
		if (peek(s) == close)
			break;
		if (peek(s) != ',')
			return fail(s, EDB_E_JSON, "a comma or the closing bracket is missing");
		s->pos++;
		skip_space(s);
	}
	s->pos++;
	s->depth--;
	return EDB_OK;
}

static enum edb_err value(struct scan *s)
{
	switch (peek(s)) {
	case '{':
	case '[': return container(s);
	case '"': return string(s);
	case 't': return literal(s, "true");
	case 'f': return literal(s, "false");
	case 'n': return literal(s, "null");
	case '-':
	case '0':
	case '1':
	case '2':
	case '3':
	case '4':
	case '5':
	case '6':
	case '7':
	case '8':
	case '9': return number(s);
	default: return fail(s, EDB_E_JSON, "a value is missing");
	}
}

enum edb_err cpk_json_check(const uint8_t *text, size_t size, struct edb_error *error)
{
	struct scan s = {.text = text, .size = size, .error = error};
	enum edb_err err;

	if (size > CPK_MANIFEST_MAX) {
		s.pos = CPK_MANIFEST_MAX;
		return fail(&s, EDB_E_LIMIT, "more than 16 KiB");
	}
	skip_space(&s);
	if (peek(&s) != '{')
		return fail(&s, EDB_E_JSON, "no object");
	err = container(&s);
	if (err)
		return err;
	skip_space(&s);
	if (peek(&s) >= 0)
		return fail(&s, EDB_E_JSON, "something after the object");
	return EDB_OK;
}
