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
	size_t size;    /* bytes; 0: an empty value, of a member that is not there */
	unsigned depth; /* objects and arrays around it and it */
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
void json_fail(struct json value, enum edb_err err);

/** Is the value of this type? An empty one is of none. */
bool json_has_type(struct json value, enum json_type type);

/** Is it this string? text: ASCII. */
bool json_is(struct json value, const char *text);

/** Are two strings the same? Two empty values are. */
bool json_same(struct json a, struct json b);

/*
 * Getters. Of an empty value: EDB_E_MEMBER_MISSING; of another type: EDB_E_MEMBER_TYPE; out of
 * range: EDB_E_MEMBER_VALUE.
 */

/** A member's value; an empty one where there is none, which is no error. name: ASCII. */
struct json json_find(struct json object, const char *name);

/** An integer between min and max. */
uint64_t json_uint(struct json value, uint64_t min, uint64_t max);

/** A string of min … max bytes of UTF-8, decoded, without control characters. text: NULL; or max +
 * 1 bytes, NUL-terminated, where it has to be ASCII. */
void json_text(struct json value, size_t min, size_t max, char *text);

/** Members of an object, or, where name is NULL, items of an array, one after the other: *at starts
 *  at 0. False: no more, or a failure. */
bool json_next(struct json within, size_t *at, struct json *name, struct json *item);

#endif
