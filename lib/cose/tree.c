/* SPDX-License-Identifier: MIT */
#include "tree.h"

#include <stdlib.h>
#include <string.h>

#include "deterministic.h"

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

/* What is read is encoded again as well: two opinions on what the one encoding is. */
cbor_item_t *tree_decode(const uint8_t *bytes, size_t size)
{
	struct cbor_load_result result;
	cbor_item_t *item = NULL;
	unsigned char *again = NULL;
	size_t capacity = 0, used = 0;
	bool same;

	if (cbor_is_deterministic(bytes, size))
		item = cbor_load(bytes, size, &result);
	if (!item)
		return NULL;
	used = cbor_serialize_alloc(item, &again, &capacity);
	same = result.read == size && used == size && !memcmp(again, bytes, size);
	free(again);
	if (!same)
		cbor_decref(&item);
	return same ? item : NULL;
}

uint64_t take_uint(const cbor_item_t *item, uint64_t min, uint64_t max, bool *bad)
{
	uint64_t value;

	if (*bad || !item || !cbor_isa_uint(item)) {
		*bad = true;
		return 0;
	}
	value = cbor_get_int(item);
	if (value < min || value > max)
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
	return cbor_get_int(item) == argument;
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
