/* SPDX-License-Identifier: MIT */
#include "tree.h"

#include <stdlib.h>
#include <string.h>

#define DEPTH_MAX 6

cbor_item_t *tree_uint(uint64_t value)
{
	if (value <= UINT8_MAX)
		return cbor_build_uint8((uint8_t)value);
	if (value <= UINT16_MAX)
		return cbor_build_uint16((uint16_t)value);
	if (value <= UINT32_MAX)
		return cbor_build_uint32((uint32_t)value);
	return cbor_build_uint64(value);
}

cbor_item_t *tree_int(int64_t value)
{
	cbor_item_t *item = tree_uint(value < 0 ? (uint64_t)(-1 - value) : (uint64_t)value);

	if (item && value < 0)
		cbor_mark_negint(item);
	return item;
}

cbor_item_t *tree_bytes(const void *bytes, size_t size)
{
	static const uint8_t empty;

	return cbor_build_bytestring(size ? bytes : &empty, size);
}

cbor_item_t *tree_text(const char *text)
{
	return cbor_build_string(text);
}

cbor_item_t *tree_bool(bool value)
{
	return cbor_build_bool(value);
}

cbor_item_t *tree_array(size_t count)
{
	return cbor_new_definite_array(count);
}

cbor_item_t *tree_map(size_t count)
{
	return cbor_new_definite_map(count);
}

void tree_push(struct tree *t, cbor_item_t *array, cbor_item_t *item)
{
	if (!array || !item || !cbor_array_push(array, item))
		t->failed = true;
	if (item)
		cbor_decref(&item);
}

void tree_put(struct tree *t, cbor_item_t *map, int64_t key, cbor_item_t *value)
{
	cbor_item_t *name = tree_int(key);
	struct cbor_pair pair = {.key = name, .value = value};

	if (!map || !name || !value || !cbor_map_add(map, pair))
		t->failed = true;
	if (name)
		cbor_decref(&name);
	if (value)
		cbor_decref(&value);
}

enum edb_err tree_encode(
	struct tree *t, cbor_item_t *item, uint8_t **bytes, size_t *size, struct edb_error *error)
{
	unsigned char *out = NULL;
	size_t capacity = 0, used = 0;

	if (item && !t->failed)
		used = cbor_serialize_alloc(item, &out, &capacity);
	if (item)
		cbor_decref(&item);
	if (!used) {
		free(out);
		return edb_fail(error, EDB_E_NOMEM, EDB_NO_OFFSET, "out of memory");
	}
	*bytes = out;
	*size = used;
	return EDB_OK;
}

static bool shape_is_allowed(const cbor_item_t *item, unsigned depth);

static bool array_is_allowed(const cbor_item_t *item, unsigned depth)
{
	if (!cbor_array_is_definite(item) || depth == DEPTH_MAX)
		return false;
	for (size_t i = 0; i < cbor_array_size(item); i++)
		if (!shape_is_allowed(cbor_array_handle(item)[i], depth + 1))
			return false;
	return true;
}

static bool map_is_allowed(const cbor_item_t *item, unsigned depth)
{
	const struct cbor_pair *pairs = cbor_map_handle(item);

	if (!cbor_map_is_definite(item) || depth == DEPTH_MAX)
		return false;
	for (size_t i = 0; i < cbor_map_size(item); i++)
		if (!shape_is_allowed(pairs[i].key, depth + 1) ||
			!shape_is_allowed(pairs[i].value, depth + 1))
			return false;
	return true;
}

static bool shape_is_allowed(const cbor_item_t *item, unsigned depth)
{
	switch (cbor_typeof(item)) {
	case CBOR_TYPE_UINT:
	case CBOR_TYPE_NEGINT: return true;
	case CBOR_TYPE_BYTESTRING: return cbor_bytestring_is_definite(item);
	case CBOR_TYPE_STRING: return cbor_string_is_definite(item);
	case CBOR_TYPE_ARRAY: return array_is_allowed(item, depth);
	case CBOR_TYPE_MAP: return map_is_allowed(item, depth);
	case CBOR_TYPE_TAG: return false;
	case CBOR_TYPE_FLOAT_CTRL: return cbor_float_ctrl_is_ctrl(item) && cbor_is_bool(item);
	}
	return false;
}

/* Nesting before libcbor builds a tree of it: each level is at least one byte of a container. */
cbor_item_t *tree_decode(const uint8_t *bytes, size_t size)
{
	struct cbor_load_result result;
	cbor_item_t *item = size ? cbor_load(bytes, size, &result) : NULL;
	unsigned char *again = NULL;
	size_t capacity = 0, used = 0;
	bool same;

	if (!item)
		return NULL;
	if (result.read != size || !shape_is_allowed(item, 0)) {
		cbor_decref(&item);
		return NULL;
	}
	used = cbor_serialize_alloc(item, &again, &capacity);
	/* libcbor keeps the width of an integer: shortest forms are checked by the caller's reader.
	 */
	same = used == size && !memcmp(again, bytes, size);
	free(again);
	if (!same)
		cbor_decref(&item);
	return same ? item : NULL;
}

/* Was this integer written in its shortest form? */
static bool is_shortest(const cbor_item_t *item, uint64_t value)
{
	switch (cbor_int_get_width(item)) {
	case CBOR_INT_8:
		return true; /* below 24: the width is 0 in the initial byte; see tree_decode */
	case CBOR_INT_16: return value > UINT8_MAX;
	case CBOR_INT_32: return value > UINT16_MAX;
	case CBOR_INT_64: return value > UINT32_MAX;
	}
	return false;
}

uint64_t take_uint(const cbor_item_t *item, uint64_t min, uint64_t max, bool *bad)
{
	uint64_t value;

	if (*bad || !item || !cbor_isa_uint(item)) {
		*bad = true;
		return 0;
	}
	value = cbor_get_int(item);
	if (value < min || value > max || !is_shortest(item, value))
		*bad = true;
	return *bad ? 0 : value;
}

bool take_bool(const cbor_item_t *item, bool *bad)
{
	if (*bad || !item || !cbor_isa_float_ctrl(item) || !cbor_is_bool(item)) {
		*bad = true;
		return false;
	}
	return cbor_get_bool(item);
}

void take_bytes(const cbor_item_t *item, void *to, size_t size, bool *bad)
{
	if (*bad || !item || !cbor_isa_bytestring(item) || cbor_bytestring_length(item) != size) {
		*bad = true;
		return;
	}
	memcpy(to, cbor_bytestring_handle(item), size);
}

size_t take_count(const cbor_item_t *array, size_t min, size_t max, bool *bad)
{
	if (*bad || !array || !cbor_isa_array(array) || cbor_array_size(array) < min ||
		cbor_array_size(array) > max) {
		*bad = true;
		return 0;
	}
	return cbor_array_size(array);
}

const cbor_item_t *take_at(const cbor_item_t *array, size_t index, bool *bad)
{
	if (*bad || !array || !cbor_isa_array(array) || index >= cbor_array_size(array)) {
		*bad = true;
		return NULL;
	}
	return cbor_array_handle(array)[index];
}

struct map_reader map_open(const cbor_item_t *map, bool *bad)
{
	if (!map || !cbor_isa_map(map))
		*bad = true;
	return (struct map_reader){.map = map, .bad = bad};
}

static bool key_is(const cbor_item_t *item, int64_t key)
{
	uint64_t argument = key < 0 ? (uint64_t)(-1 - key) : (uint64_t)key;

	if (key < 0 ? !cbor_isa_negint(item) : !cbor_isa_uint(item))
		return false;
	return cbor_get_int(item) == argument && is_shortest(item, argument);
}

const cbor_item_t *map_take_optional(struct map_reader *m, int64_t key)
{
	const struct cbor_pair *pairs;

	if (*m->bad || m->next >= cbor_map_size(m->map))
		return NULL;
	pairs = cbor_map_handle(m->map);
	return key_is(pairs[m->next].key, key) ? pairs[m->next++].value : NULL;
}

const cbor_item_t *map_take(struct map_reader *m, int64_t key)
{
	const cbor_item_t *value = map_take_optional(m, key);

	if (!value)
		*m->bad = true;
	return value;
}

void map_close(struct map_reader *m)
{
	if (!*m->bad && m->next != cbor_map_size(m->map))
		*m->bad = true;
}
