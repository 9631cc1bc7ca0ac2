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
	const uint8_t *text; /* NULL: an empty value */
	size_t size;         /* bytes */
	enum edb_err *err;
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

/** Is there such a member? name: ASCII without escapes. */
bool json_has(const struct json *object, const char *name);

/* Getters of a member. EDB_E_MEMBER_MISSING, EDB_E_MEMBER_TYPE, EDB_E_MEMBER_VALUE. */

struct json json_object(const struct json *object, const char *name);
struct json json_array(const struct json *object, const char *name);

/** An integer between 0 and max. */
uint64_t json_uint(const struct json *object, const char *name, uint64_t max);

/** A string of min … max bytes of UTF-8 without control characters, decoded, NUL-terminated; text:
 *  max + 1 bytes. */
void json_text(const struct json *object, const char *name, size_t min, size_t max, char *text);

/** Is the member a string? And is it this one (ASCII)? No failure where it is not. */
bool json_is_string(const struct json *object, const char *name);
bool json_is(const struct json *object, const char *name, const char *text);

/** Items of an array one after the other: *at starts at 0. False: no more, or a failure. */
bool json_next(const struct json *array, size_t *at, struct json *item);

/** An item's own value. */
uint64_t json_item_uint(const struct json *item, uint64_t max);
bool json_item_is_object(const struct json *item);

/** The only member of an object: its value, if that is an object, and its name's place among names
 *  (NULL ends them). EDB_E_SCHEME: none or several members, or another name. */
struct json json_only_member(const struct json *object, const char *const names[], int *which);

#endif
