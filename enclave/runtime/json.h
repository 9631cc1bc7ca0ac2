/* SPDX-License-Identifier: MIT
 *
 * Strict JSON (RFC 8259) for the package manifest, without a tree: the whole text is checked once,
 * then members are looked up in it. Rules beyond the RFC's grammar: docs/format.md, "Manifest".
 */
#ifndef EDB_JSON_H
#define EDB_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "edb_err.h"

#define JSON_DEPTH_MAX 8u

/*
 * One value's text, inside a checked document; borrowed. The error is sticky and shared by all
 * values of one document: after the first failure every getter gives 0, nothing, or an empty value,
 * so a caller may read on, and asks that error before anything it read decides something.
 */
struct json {
	const uint8_t *text;
	size_t size; /* bytes; 0: an empty value */
	enum edb_err *err;
};

enum json_type {
	JSON_OBJECT = '{',
	JSON_ARRAY = '[',
	JSON_STRING = '"',
	JSON_INTEGER = '0',
};

/**
 * Check a whole document: UTF-8, one object, depth, no member twice in any object (escapes
 * decoded), integers from -2^63 to 2^63 - 1 and no other numbers, no U+0000, nothing behind it.
 *
 * @param err  where the document's first error is kept; outlives all values of it. EDB_E_JSON,
 *             EDB_E_JSON_DUPLICATE, EDB_E_JSON_DEPTH, EDB_E_MEMBER_TYPE (a fraction or exponent),
 *             EDB_E_MEMBER_VALUE (an integer out of range), and what the getters find
 * @return the object
 */
struct json json_parse(const uint8_t *text, size_t size, enum edb_err *err);

/** Keep the first failure. */
void json_fail(const struct json *value, enum edb_err err);

/** A member's value, or an empty one. name: ASCII without escapes. */
struct json json_find(const struct json *object, const char *name);

/** Is the value of this type? An empty one is of none. */
bool json_has_type(const struct json *value, enum json_type type);

/** Are both the same string, escapes decoded? Or is it this one (ASCII)? */
bool json_same(const struct json *a, const struct json *b);
bool json_is(const struct json *value, const char *text);

/* Getters of a member. EDB_E_MEMBER_MISSING, EDB_E_MEMBER_TYPE, EDB_E_MEMBER_VALUE. */

struct json json_get(const struct json *object, const char *name, enum json_type type);

/** An integer between 0 and max. */
uint64_t json_uint(const struct json *object, const char *name, uint64_t max);

/** A string of min … max bytes of UTF-8 without control characters, decoded, NUL-terminated; text:
 *  max + 1 bytes. */
void json_text(const struct json *object, const char *name, size_t min, size_t max, char *text);

/** Items of an array, or members of an object, one after the other: *at starts at 0. False: no
 *  more, or a failure. @param name a member's name; untouched in an array, NULL is fine there */
bool json_next(const struct json *within, size_t *at, struct json *name, struct json *item);

/** An item's own value. */
uint64_t json_item_uint(const struct json *item, uint64_t max);

#endif
