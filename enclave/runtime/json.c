/* SPDX-License-Identifier: MIT */
#include "json.h"

#include <string.h>

#include "cursor.h"
#include "uuid.h"

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

static bool eat(struct cursor *c, char byte)
{
	return peek(c) == (uint8_t)byte && cursor_take(c, 1);
}

static void expect(struct cursor *c, char byte)
{
	if (!eat(c, byte))
		fail(c);
}

static void skip_space(struct cursor *c)
{
	while (eat(c, ' ') || eat(c, '\t') || eat(c, '\n') || eat(c, '\r'))
		;
}

static bool is_surrogate(uint32_t code)
{
	return code >= 0xd800 && code < 0xe000;
}

/* RFC 3629, 3: shortest forms, no surrogates, nothing above U+10FFFF. */
static uint32_t utf8_rest(struct cursor *c, uint8_t first)
{
	static const uint32_t smallest[] = {0, 0x80, 0x800, 0x10000};
	unsigned more = first >= 0xf0 ? 3 : first >= 0xe0 ? 2 : 1;
	uint32_t code = first & (0x3fu >> more);

	for (unsigned i = 0; i < more; i++) {
		uint8_t byte = (uint8_t)cursor_be(c, 1);

		if ((byte & 0xc0) != 0x80)
			fail(c);
		code = code << 6 | (byte & 0x3f);
	}
	if (first < 0xc2 || first > 0xf4 || code < smallest[more] || code > CODE_POINT_MAX ||
		is_surrogate(code))
		fail(c);
	return code;
}

static uint32_t hex4(struct cursor *c)
{
	uint32_t value = 0;

	for (int i = 0; i < 4; i++) {
		uint8_t byte = (uint8_t)cursor_be(c, 1);
		int digit = hex_digit((char)(byte < 'A' ? byte : byte | 0x20)); /* lower case */

		if (digit < 0)
			fail(c);
		value = value << 4 | (uint32_t)(digit & 15);
	}
	return value;
}

/* A code point, or two surrogates that are one. */
static uint32_t unicode_escape(struct cursor *c)
{
	uint32_t code = hex4(c), low;

	if (code && !is_surrogate(code))
		return code;
	low = eat(c, '\\') && eat(c, 'u') ? hex4(c) : 0;
	if (code >= 0xdc00 || low < 0xdc00 || !is_surrogate(low))
		fail(c);
	return 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
}

static uint32_t escape(struct cursor *c)
{
	static const char written[] = "\"\\/bfnrt", meant[] = "\"\\/\b\f\n\r\t";

	if (eat(c, 'u'))
		return unicode_escape(c);
	for (size_t i = 0; written[i]; i++)
		if (eat(c, written[i]))
			return (uint8_t)meant[i];
	fail(c);
	return 0;
}

/* One character of a string, decoded; the closing quote is END_OF_STRING. So is any failure, so
 * that a loop over characters ends. */
static uint32_t character(struct cursor *c)
{
	uint8_t byte = (uint8_t)cursor_be(c, 1);
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

static bool is_digit(uint8_t byte)
{
	return byte >= '0' && byte <= '9';
}

/* One digit at least; their value, UINT64_MAX where it does not fit. */
static uint64_t digits(struct cursor *c)
{
	uint64_t value = 0;

	do {
		uint8_t byte = (uint8_t)cursor_be(c, 1);

		if (!is_digit(byte))
			fail(c);
		value = value > UINT64_MAX / 10 - 1 ? UINT64_MAX
						    : value * 10 + (uint64_t)(byte - '0');
	} while (is_digit(peek(c)));
	return value;
}

/* An integer's magnitude. Fraction and exponent are JSON, but no integer. */
static uint64_t integer(struct cursor *c)
{
	bool negative = eat(c, '-');
	uint64_t value = eat(c, '0') ? 0 : digits(c); /* nothing follows a leading zero */
	size_t end = c->pos;

	if (eat(c, '.'))
		digits(c);
	if (eat(c, 'e') || eat(c, 'E')) {
		if (!eat(c, '-'))
			eat(c, '+');
		digits(c);
	}
	if (c->pos != end)
		cursor_fail(c, EDB_E_MEMBER_TYPE);
	if (value > (uint64_t)INT64_MAX + negative)
		cursor_fail(c, EDB_E_MEMBER_VALUE);
	return value;
}

static void skip_word(struct cursor *c, const char *word)
{
	for (size_t i = 0; word[i]; i++)
		expect(c, word[i]);
}

bool json_has_type(struct json value, enum json_type type)
{
	bool number = value.size && (value.text[0] == '-' || is_digit(value.text[0]));

	return type == JSON_INTEGER ? number : value.size && value.text[0] == (uint8_t)type;
}

static bool next(struct json within, size_t *at, struct json *name, struct json *item);

/* An object or an array, which goes as far as its last item says. */
static void skip_items(struct cursor *c, unsigned depth)
{
	struct json within = {&c->base[c->pos], cursor_left(c), depth, &c->err}, name, item;
	size_t at = 0;

	while (next(within, &at, &name, &item))
		;
	cursor_take(c, at);
}

static void skip_value(struct cursor *c, unsigned depth)
{
	switch (peek(c)) {
	case '{':
	case '[': skip_items(c, depth); return;
	case '"': skip_string(c); return;
	case 't': skip_word(c, "true"); return;
	case 'f': skip_word(c, "false"); return;
	case 'n': skip_word(c, "null"); return;
	default: integer(c); return;
	}
}

static struct json take_value(struct cursor *c, struct json within)
{
	struct json value = {.depth = within.depth + 1, .err = within.err};

	skip_space(c);
	value.text = &c->base[c->pos];
	value.size = c->pos;
	skip_value(c, value.depth);
	value.size = c->pos - value.size;
	return value;
}

void json_fail(struct json value, enum edb_err err)
{
	if (!*value.err)
		*value.err = err == EDB_E_TRUNCATED ? EDB_E_JSON : err;
}

/* json_next without its check of types. */
static bool next(struct json within, size_t *at, struct json *name, struct json *item)
{
	struct cursor c = cursor_over(within.text, within.size);
	bool more, object = json_has_type(within, JSON_OBJECT);

	if (within.depth > JSON_DEPTH_MAX)
		cursor_fail(&c, EDB_E_JSON_DEPTH);
	cursor_take(&c, *at ? *at : 1);
	skip_space(&c);
	more = !eat(&c, object ? '}' : ']');
	if (more && *at)
		expect(&c, ',');
	skip_space(&c);
	if (more && object) {
		if (peek(&c) != '"')
			fail(&c);
		*name = take_value(&c, within);
		skip_space(&c);
		expect(&c, ':');
	}
	if (more)
		*item = take_value(&c, within);
	*at = c.pos;
	json_fail(within, c.err);
	return more && !*within.err;
}

/* All below read what was checked: a failure of a cursor cannot happen there. */

static bool require(struct json value, enum json_type type)
{
	if (!json_has_type(value, type))
		json_fail(value, value.size ? EDB_E_MEMBER_TYPE : EDB_E_MEMBER_MISSING);
	return !*value.err;
}

bool json_next(struct json within, size_t *at, struct json *name, struct json *item)
{
	return require(within, name ? JSON_OBJECT : JSON_ARRAY) && next(within, at, name, item);
}

static struct cursor contents(struct json string)
{
	struct cursor c = cursor_over(string.text, string.size);

	cursor_take(&c, 1);
	return c;
}

/* Up to the closing quote, or to the end of what has none. */
static bool same(struct cursor a, struct cursor b)
{
	uint32_t x, y;

	do {
		x = character(&a);
		y = character(&b);
	} while (x == y && x != END_OF_STRING);
	return x == y;
}

bool json_same(struct json a, struct json b)
{
	return same(contents(a), contents(b));
}

bool json_is(struct json value, const char *text)
{
	return json_has_type(value, JSON_STRING) &&
	       same(contents(value), cursor_over(text, strlen(text)));
}

static struct json find(struct json object, struct cursor name)
{
	struct json key, value;
	size_t at = 0;

	while (json_next(object, &at, &key, &value))
		if (same(contents(key), name))
			return value;
	return (struct json){.err = object.err};
}

struct json json_find(struct json object, const char *name)
{
	return find(object, cursor_over(name, strlen(name)));
}

/* Of two members of one name, a look-up finds the first. */
static void refuse_duplicates(struct json within)
{
	struct json name = {0}, item;
	size_t at = 0;

	while (next(within, &at, &name, &item)) {
		if (name.size && find(within, contents(name)).text != item.text)
			json_fail(within, EDB_E_JSON_DUPLICATE);
		if (json_has_type(item, JSON_OBJECT) || json_has_type(item, JSON_ARRAY))
			refuse_duplicates(item);
	}
}

struct json json_parse(const uint8_t *text, size_t size, enum edb_err *err)
{
	struct cursor c = cursor_over(text, size);
	struct json root;

	skip_space(&c);
	if (peek(&c) != '{')
		fail(&c);
	root = take_value(&c, (struct json){.err = err});
	skip_space(&c);
	if (cursor_left(&c))
		fail(&c);
	*err = c.err;
	if (!c.err)
		refuse_duplicates(root);
	return root;
}

uint64_t json_uint(struct json value, uint64_t min, uint64_t max)
{
	struct cursor c = cursor_over(value.text, value.size);
	uint64_t number = require(value, JSON_INTEGER) ? integer(&c) : 0;

	if (number < min || number > max || (number && value.text[0] == '-'))
		json_fail(value, EDB_E_MEMBER_VALUE);
	return *value.err ? 0 : number;
}

void json_text(struct json value, size_t min, size_t max, char *text)
{
	struct cursor c = contents(value);
	bool bad = !require(value, JSON_STRING);
	size_t size = 0; /* in UTF-8 */
	uint32_t code;

	while (!bad && (code = character(&c)) != END_OF_STRING) {
		size += 1u + (code >= 0x80) + (code >= 0x800) + (code >= 0x10000);
		bad = code < 0x20 || code == 0x7f || size > max || (text && code >= 0x80);
		if (text && !bad)
			text[size - 1] = (char)code;
	}
	if (bad || size < min) {
		json_fail(value, EDB_E_MEMBER_VALUE);
		size = 0;
	}
	if (text)
		text[size] = 0;
}
