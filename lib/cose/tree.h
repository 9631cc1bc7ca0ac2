/* SPDX-License-Identifier: MIT
 *
 * Inside of lib/cose: libcbor items, built and taken apart with a sticky error.
 */
#ifndef EDB_COSE_TREE_H
#define EDB_COSE_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cbor.h>
#include <edb/error.h>

/* Building: items are owned by the caller until they are put into another. NULL passes through: one
 * check at the end, in tree_encode, sees every failed allocation. */
cbor_item_t *tree_int(int64_t value);
cbor_item_t *tree_uint(uint64_t value);
cbor_item_t *tree_bytes(const void *bytes, size_t size);
cbor_item_t *tree_text(const char *text);
cbor_item_t *tree_bool(bool value);
cbor_item_t *tree_array(size_t count);
cbor_item_t *tree_map(size_t count);

struct tree {
	bool failed; /* sticky: out of memory */
};
void tree_push(struct tree *t, cbor_item_t *array, cbor_item_t *item);
void tree_put(struct tree *t, cbor_item_t *map, int64_t key, cbor_item_t *value);

/** Encode and free the item. bytes: malloc'ed. */
enum edb_err tree_encode(
	struct tree *t, cbor_item_t *item, uint8_t **bytes, size_t *size, struct edb_error *error);

/**
 * Decode bytes that are exactly one item in deterministic encoding, without floats, simple values
 * but false and true, or tags, depth at most 6. NULL: they are not.
 */
cbor_item_t *tree_decode(const uint8_t *bytes, size_t size);

/* Taking apart: *bad is sticky; getters give 0, NULL or an empty value after a failure. */
uint64_t take_uint(const cbor_item_t *item, uint64_t min, uint64_t max, bool *bad);
bool take_bool(const cbor_item_t *item, bool *bad);
void take_bytes(const cbor_item_t *item, void *to, size_t size, bool *bad);
size_t take_count(const cbor_item_t *array, size_t min, size_t max, bool *bad);
const cbor_item_t *take_at(const cbor_item_t *array, size_t index, bool *bad);

/* Maps are read in order: the next member must have this key; an optional one may be missing. */
struct map_reader {
	const cbor_item_t *map;
	size_t next;
	bool *bad;
};
struct map_reader map_open(const cbor_item_t *map, bool *bad);
const cbor_item_t *map_take(struct map_reader *m, int64_t key);
const cbor_item_t *map_take_optional(struct map_reader *m, int64_t key); /* NULL: not there */
void map_close(struct map_reader *m);                                    /* nothing may be left */

#endif
