/* SPDX-License-Identifier: MIT
 *
 * Inside of lib/cose: is this CBOR that we may give to libcbor at all?
 */
#ifndef EDB_COSE_DETERMINISTIC_H
#define EDB_COSE_DETERMINISTIC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CBOR_DEPTH_MAX 6 /* containers inside each other */

/**
 * Exactly one item in core deterministic encoding (RFC 8949, 4.2.1): definite lengths, shortest
 * heads, map keys strictly ascending by their bytes; text in UTF-8; no tags, floats or simple
 * values but false and true; depth at most CBOR_DEPTH_MAX; nothing behind it.
 *
 * It allocates nothing and believes no length that the bytes do not bear out. libcbor allocates
 * what a head of nine bytes claims, and keeps the width of an integer: so it only ever sees what
 * has passed here.
 *
 * Threads: any.
 */
bool cbor_is_deterministic(const uint8_t *bytes, size_t size);

#endif
