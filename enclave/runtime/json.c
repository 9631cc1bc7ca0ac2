/* SPDX-License-Identifier: MIT */
#include "json.h"

#include <string.h>

#include "cursor.h"

#define CODE_POINT_MAX 0x10ffffu
#define END_OF_STRING  UINT32_MAX

/* The next byte without reading it; 0, which no JSON text has outside an error, at the end. */
static uint8_t peek(const struct cursor *c)
{
	return cursor_left(c) ? c->base[c->pos] : 0;
}

static void fail(struct cursor *c)
{
	cursor_fail(c, EDB_E_JSON);
}

static bool eat(struct cursor *c, uint8_t byte)
{
	if (!cursor_left(c) || peek(c) != byte)
		return false;
	cursor_take(c, 1);
	return true;
}

static void expect(struct cursor *c, uint8_t byte)
{
	if (!eat(c, byte))
		fail(c);
}

static void skip_space(struct cursor *c)
{
	while (eat(c, ' ') || eat(c, '\t') || eat(c, '\n') || eat(c, '\r'))
		;
}

/* RFC 3629, 3: shortest forms, no surrogates, nothing above U+10FFFF. */
static uint32_t utf8_rest(struct cursor *c, uint8_t first)
{
	static const uint32_t smallest[] = {0, 0x80, 0x800, 0x10000};
	unsigned more = first >= 0xf0 ? 3 : first >= 0xe0 ? 2 : 1;
	uint32_t code = first & (0x3fu >> more);

	if (first < 0xc2 || first > 0xf4)
		fail(c);
	for (unsigned i = 0; i < more; i++) {
		uint8_t byte = cursor_u8(c);

		if ((byte & 0xc0) != 0x80)
			fail(c);
		code = code << 6 | (byte & 0x3f);
	}
	if (code < smallest[more] || code > CODE_POINT_MAX || (code >= 0xd800 && code < 0xe000))
		fail(c);
	return code;
}

static uint32_t hex4(struct cursor *c)
{
	uint32_t value = 0;

	for (int i = 0; i < 4; i++) {
		uint8_t d = cursor_u8(c);

		if (d >= '0' && d <= '9')
			value = value << 4 | (uint32_t)(d - '0');
		else if ((d | 0x20) >= 'a' && (d | 0x20) <= 'f')
			value = value << 4 | (uint32_t)((d | 0x20) - 'a' + 10);
		else
			fail(c);
	}
	return value;
}

static uint32_t unicode_escape(struct cursor *c)
{
	uint32_t code = hex4(c), low;

	if (code >= 0xd800 && code < 0xdc00) {
		expect(c, '\\');
		expect(c, 'u');
		low = hex4(c);
		if (low < 0xdc00 || low > 0xdfff)
			fail(c);
		return 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
	}
	if (code == 0 || (code >= 0xdc00 && code < 0xe000))
		fail(c);
	return code;
}

static uint32_t escape(struct cursor *c)
{
	uint8_t byte = cursor_u8(c);

	switch (byte) {
	case '"':
	case '\\':
	case '/': return byte;
	case 'b': return '\b';
	case 'f': return '\f';
	case 'n': return '\n';
	case 'r': return '\r';
	case 't': return '\t';
	case 'u': return unicode_escape(c);
	default: fail(c); return 0;
	}
}

/* One character of a string, decoded; the closing quote is END_OF_STRING. So is any failure, so
 * that a loop over characters ends. */
static uint32_t character(struct cursor *c)
{
	uint8_t byte = cursor_u8(c);
	uint32_t code = byte;

	if (byte == '"')
		return END_OF_STRING;
	if (byte < 0x20)
		fail(c);
	else if (byte == '\\')
		code = escape(c);
	else if (byte >= 0x80)
		code = utf8_rest(c, byte);
	return c->err ? END_OF_STRING : code;
}

static void skip_string(struct cursor *c)
{
	expect(c, '"');
	while (character(c) != END_OF_STRING)
		;
}

static bool is_digit(const struct cursor *c)
{
	return peek(c) >= '0' && peek(c) <= '9';
}

static void skip_digits(struct cursor *c)
{
	if (!is_digit(c))
		fail(c);
	while (is_digit(c))
		cursor_take(c, 1);
}

/* Fraction and exponent are JSON, but no integer. */
static void refuse_fraction(struct cursor *c)
{
	bool fraction = eat(c, '.');

	if (fraction)
		skip_digits(c);
	if (eat(c, 'e') || eat(c, 'E')) {
		fraction = true;
		if (!eat(c, '-'))
			eat(c, '+');
		skip_digits(c);
	}
	if (fraction)
		cursor_fail(c, EDB_E_MEMBER_TYPE);
}

/* An integer; its digits are added up below zero, where there is room for one more. */
static int64_t integer(struct cursor *c)
{
	bool negative = eat(c, '-'), fits = true, zero = peek(c) == '0';
	int64_t value = 0;
	size_t start = c->pos;

	while (is_digit(c)) {
		int64_t digit = cursor_u8(c) - '0';

		if (value < (INT64_MIN + digit) / 10)
			fits = false;
		else
			value = value * 10 - digit;
	}
	if (c->pos == start || (zero && c->pos > start + 1))
		fail(c);
	refuse_fraction(c);
	if (!fits || (!negative && value == INT64_MIN))
		cursor_fail(c, EDB_E_MEMBER_VALUE);
	if (c->err)
		return 0;
	return negative ? value : -value;
}

static void skip_word(struct cursor *c, const char *word)
{
	for (size_t i = 0; word[i]; i++)
		expect(c, (uint8_t)word[i]);
}

static bool same_name(struct cursor a, struct cursor b)
{
	uint32_t x, y;

	cursor_u8(&a);
	cursor_u8(&b);
	do {
		x = character(&a);
		y = character(&b);
	} while (x == y && x != END_OF_STRING);
	return x == y;
}

static void skip_value(struct cursor *c, unsigned depth, bool check);

/* Has the object that starts at `members` the name at `name` already, before it? */
static bool is_duplicate(struct cursor members, struct cursor name, unsigned depth)
{
	while (members.pos < name.pos) {
		struct cursor earlier;

		skip_space(&members);
		if (members.pos >= name.pos)
			break;
		earlier = members;
		if (same_name(earlier, name))
			return true;
		skip_string(&members);
		skip_space(&members);
		expect(&members, ':');
		skip_value(&members, depth, false);
		skip_space(&members);
		expect(&members, ',');
	}
	return false;
}

static void skip_object(struct cursor *c, unsigned depth, bool check)
{
	struct cursor members, name;

	expect(c, '{');
	members = *c;
	skip_space(c);
	if (eat(c, '}'))
		return;
	do {
		skip_space(c);
		name = *c;
		skip_string(c);
		if (check && !c->err && is_duplicate(members, name, depth))
			cursor_fail(c, EDB_E_JSON_DUPLICATE);
		skip_space(c);
		expect(c, ':');
		skip_value(c, depth, check);
		skip_space(c);
	} while (eat(c, ','));
	expect(c, '}');
}

static void skip_array(struct cursor *c, unsigned depth, bool check)
{
	expect(c, '[');
	skip_space(c);
	if (eat(c, ']'))
		return;
	do {
		skip_value(c, depth, check);
		skip_space(c);
	} while (eat(c, ','));
	expect(c, ']');
}

/* depth: levels that are open around this value. `check` looks for duplicates, once a document. */
static void skip_value(struct cursor *c, unsigned depth, bool check)
{
	skip_space(c);
	switch (peek(c)) {
	case '{':
	case '[':
		if (depth == JSON_DEPTH_MAX) {
			cursor_fail(c, EDB_E_JSON_DEPTH);
			return;
		}
		if (peek(c) == '{')
			skip_object(c, depth + 1, check);
		else
			skip_array(c, depth + 1, check);
		return;
	case '"': skip_string(c); return;
	case 't': skip_word(c, "true"); return;
	case 'f': skip_word(c, "false"); return;
	case 'n': skip_word(c, "null"); return;
	default: integer(c); return;
	}
}

struct json json_parse(const uint8_t *text, size_t size, enum edb_err *err)
{
	struct cursor c = cursor_over(text, size);
	struct json root = {.err = err};

	skip_space(&c);
	root.text = &text[c.pos];
	root.size = c.pos;
	if (peek(&c) != '{')
		fail(&c);
	skip_value(&c, 0, true);
	root.size = c.pos - root.size;
	skip_space(&c);
	if (cursor_left(&c))
		fail(&c);
	*err = c.err == EDB_E_TRUNCATED ? EDB_E_JSON : c.err;
	return root;
}

void json_fail(const struct json *value, enum edb_err err)
{
	if (!*value->err)
		*value->err = err;
}

/* All below read what json_parse has checked: a failure of a cursor cannot happen there. */

static struct json take_value(struct cursor *c, enum edb_err *err)
{
	size_t start;

	skip_space(c);
	start = c->pos;
	skip_value(c, 0, false);
	return (struct json){.text = &c->base[start], .size = c->pos - start, .err = err};
}

/* Open an object or array and go on at *at. False at its end. */
static bool resume(const struct json *within, char open, size_t at, struct cursor *c)
{
	*c = cursor_over(within->text, within->size);
	if (*within->err || !within->size || within->text[0] != (uint8_t)open)
		return false;
	cursor_take(c, at ? at : 1);
	skip_space(c);
	eat(c, ',');
	skip_space(c);
	return peek(c) != ']' && peek(c) != '}';
}

bool json_next(const struct json *array, size_t *at, struct json *item)
{
	struct cursor c;

	if (!resume(array, '[', *at, &c))
		return false;
	*item = take_value(&c, array->err);
	*at = c.pos;
	return true;
}

static bool next_member(
	const struct json *object, size_t *at, struct json *name, struct json *value)
{
	struct cursor c;

	if (!resume(object, '{', *at, &c))
		return false;
	*name = take_value(&c, object->err);
	skip_space(&c);
	expect(&c, ':');
	*value = take_value(&c, object->err);
	*at = c.pos;
	return true;
}

static bool string_is(const struct json *value, const char *text)
{
	struct cursor c = cursor_over(value->text, value->size);
	uint32_t code;
	size_t i = 0;

	if (!eat(&c, '"'))
		return false;
	for (; (code = character(&c)) != END_OF_STRING; i++)
		if (code != (uint8_t)text[i])
			return false;
	return text[i] == 0;
}

static bool find(const struct json *object, const char *name, struct json *value)
{
	struct json key;
	size_t at = 0;

	while (next_member(object, &at, &key, value))
		if (string_is(&key, name))
			return true;
	return false;
}

bool json_has(const struct json *object, const char *name)
{
	struct json value;

	return find(object, name, &value);
}

/* A member that starts as its type does; an integer starts with '-' or a digit: first is '0'. */
static struct json member(const struct json *object, const char *name, char first)
{
	struct json value = {.err = object->err};
	uint8_t starts;

	if (!find(object, name, &value)) {
		json_fail(object, EDB_E_MEMBER_MISSING);
		return (struct json){.err = object->err};
	}
	starts = value.text[0];
	if (starts == '-' || (starts > '0' && starts <= '9'))
		starts = '0';
	if (starts != (uint8_t)first) {
		json_fail(object, EDB_E_MEMBER_TYPE);
		return (struct json){.err = object->err};
	}
	return value;
}

struct json json_object(const struct json *object, const char *name)
{
	return member(object, name, '{');
}

struct json json_array(const struct json *object, const char *name)
{
	return member(object, name, '[');
}

uint64_t json_item_uint(const struct json *item, uint64_t max)
{
	struct cursor c = cursor_over(item->text, item->size);
	int64_t number = 0;

	if (*item->err)
		return 0;
	if (peek(&c) != '-' && !is_digit(&c))
		json_fail(item, EDB_E_MEMBER_TYPE);
	else
		number = integer(&c);
	if (number < 0 || (uint64_t)number > max)
		json_fail(item, EDB_E_MEMBER_VALUE);
	return *item->err ? 0 : (uint64_t)number;
}

uint64_t json_uint(const struct json *object, const char *name, uint64_t max)
{
	struct json value = member(object, name, '0');

	return json_item_uint(&value, max);
}

bool json_item_is_object(const struct json *item)
{
	return item->size && item->text[0] == '{';
}

static void put_utf8(struct writer *w, uint32_t code)
{
	static const uint8_t lead[] = {0, 0xc0, 0xe0, 0xf0};
	unsigned more = code < 0x80 ? 0 : code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;

	writer_u8(w, (uint8_t)(lead[more] | code >> 6 * more));
	while (more-- > 0)
		writer_u8(w, (uint8_t)(0x80 | (code >> 6 * more & 0x3f)));
}

void json_text(const struct json *object, const char *name, size_t min, size_t max, char *text)
{
	struct json value = member(object, name, '"');
	struct cursor c = cursor_over(value.text, value.size);
	struct writer w = writer_over(text, max + 1);
	bool control = false;
	uint32_t code;

	text[0] = 0;
	if (!eat(&c, '"'))
		return;
	while ((code = character(&c)) != END_OF_STRING) {
		put_utf8(&w, code);
		control |= code < 0x20 || code == 0x7f;
	}
	writer_u8(&w, 0);
	if (w.err || w.pos <= min || control) {
		text[0] = 0;
		json_fail(object, EDB_E_MEMBER_VALUE);
	}
}

bool json_is_string(const struct json *object, const char *name)
{
	struct json value;

	return find(object, name, &value) && value.text[0] == '"';
}

bool json_is(const struct json *object, const char *name, const char *text)
{
	struct json value;

	return find(object, name, &value) && string_is(&value, text);
}

struct json json_only_member(const struct json *object, const char *const names[], int *which)
{
	struct json key, value, more;
	size_t at = 0;

	*which = 0;
	if (next_member(object, &at, &key, &value) && !next_member(object, &at, &more, &more)) {
		for (; names[*which]; (*which)++)
			if (string_is(&key, names[*which]))
				break;
		if (names[*which] && !json_item_is_object(&value))
			json_fail(object, EDB_E_MEMBER_TYPE);
		if (names[*which] && !*object->err)
			return value;
	}
	json_fail(object, EDB_E_SCHEME);
	return (struct json){.err = object->err};
}
