/* SPDX-License-Identifier: MIT
 *
 * UUIDs as text (RFC 9562, 4): 36 characters, lower case, hyphens; as bytes: network byte order.
 */
#ifndef EDB_UUID_H
#define EDB_UUID_H

#include <stdint.h>

#include "edb_err.h"

/** A lower-case digit's value; -1: it is none. */
int hex_digit(char c);

/** EDB_E_MEMBER_VALUE: anything but exactly such a text. */
enum edb_err uuid_parse(const char *text, uint8_t uuid[static 16]);

/** Lower-case hex of exactly size bytes, NUL-terminated. EDB_E_MEMBER_VALUE. */
enum edb_err hex_parse(const char *text, uint8_t *bytes, unsigned size);

#endif
