/* SPDX-License-Identifier: MIT
 *
 * The JSON that a manifest may be: stricter than RFC 8259, and the same for libcpk and the CPM.
 * Source: docs/format.md, rules J1-J9; RFC 8259; RFC 3629.
 */
#ifndef CPK_JSON_CHECK_H
#define CPK_JSON_CHECK_H

#include <stddef.h>
#include <stdint.h>

#include <edb/error.h>

#define CPK_JSON_DEPTH_MAX 8

/**
 * Check everything but duplicate names, without allocating.
 *
 * @return EDB_E_LIMIT (over CPK_MANIFEST_MAX bytes), EDB_E_JSON, EDB_E_JSON_DEPTH,
 *         EDB_E_MEMBER_TYPE (fraction or exponent), EDB_E_MEMBER_VALUE (integer beyond 64 bits);
 *         the fault that comes first in the text. error->offset: its byte
 */
enum edb_err cpk_json_check(const uint8_t *text, size_t size, struct edb_error *error);

#endif
