/* SPDX-License-Identifier: MIT
 *
 * Encoding and decoding stand side by side, member by member as contract/documents.cddl has them.
 */
#include "policy.h"

#include <stdlib.h>
#include <string.h>

#include "tree.h"

#define ALG_RSAES_OAEP_SHA256 (-41) /* RFC 8230 */
#define VERSION_MAX           INT64_MAX

typedef int (*order)(const void *, const void *);

static int by_device(const void *a, const void *b)
{
	return memcmp(a, b, EDB_DEVICE_ID_BYTES);
}

static int by_id(const void *a, const void *b)
{
	return memcmp(a, b, EDB_UUID_BYTES);
}

static int by_key_id(const void *a, const void *b)
{
	return memcmp(a, b, EDB_KEY_ID_BYTES); /* the first member of a vendor, too */
}

static int by_x(const void *a, const void *b)
{
	return memcmp(a, b, 32); /* the key, whose x comes first, is a service's first member */
}

/* Sorted copy; false: a duplicate, or no memory. */
static bool sorted(const void *items, size_t count, size_t size, order compare, void **copy)
{
	uint8_t *out = malloc(count * size + 1);

	*copy = out;
	if (!out)
		return false;
	if (count)
		memcpy(out, items, count * size);
	qsort(out, count, size, compare);
	for (size_t i = 1; i < count; i++)
		if (!compare(out + (i - 1) * size, out + i * size))
			return false;
	return true;
}

static bool ascends(const void *items, size_t count, size_t size, order compare)
{
	for (size_t i = 1; i < count; i++)
		if (compare((const uint8_t *)items + (i - 1) * size,
			    (const uint8_t *)items + i * size) >= 0)
			return false;
	return true;
}

/* Array of byte strings, sorted. */
static cbor_item_t *put_list(
	struct tree *t, const void *items, size_t count, size_t size, order compare)
{
	cbor_item_t *array = tree_array(count);
	void *copy = NULL;

	if (!sorted(items, count, size, compare, &copy))
		t->failed = true;
	for (size_t i = 0; i < count && copy; i++)
		tree_push(t, array, tree_bytes((uint8_t *)copy + i * size, size));
	free(copy);
	return array;
}

static size_t take_list(const cbor_item_t *array, void *items, size_t min, size_t max, size_t size,
	order compare, bool *bad)
{
	size_t count = take_count(array, min, max, bad);

	for (size_t i = 0; i < count; i++)
		take_bytes(take_at(array, i, bad), (uint8_t *)items + i * size, size, bad);
	if (!*bad && !ascends(items, count, size, compare))
		*bad = true;
	return *bad ? 0 : count;
}

static cbor_item_t *put_p256(struct tree *t, const struct edb_p256 *key)
{
	cbor_item_t *map = tree_map(4);

	tree_put(t, map, 1, tree_uint(2));
	tree_put(t, map, -1, tree_uint(1));
	tree_put(t, map, -2, tree_bytes(key->x, sizeof key->x));
	tree_put(t, map, -3, tree_bytes(key->y, sizeof key->y));
	return map;
}

static void take_p256(const cbor_item_t *item, struct edb_p256 *key, bool *bad)
{
	struct map_reader m = map_open(item, bad);

	take_uint(map_take(&m, 1), 2, 2, bad);
	take_uint(map_take(&m, -1), 1, 1, bad);
	take_bytes(map_take(&m, -2), key->x, sizeof key->x, bad);
	take_bytes(map_take(&m, -3), key->y, sizeof key->y, bad);
	map_close(&m);
}

static enum edb_err finish(struct tree *t, cbor_item_t *map, bool in_range, uint8_t **payload,
	size_t *size, struct edb_error *error)
{
	if (in_range && !t->failed)
		return tree_encode(t, map, payload, size, error);
	if (map)
		cbor_decref(&map);
	return edb_fail(error, EDB_E_ARG, EDB_NO_OFFSET,
		"a list has a duplicate, or a number is out of its range");
}

static enum edb_err too_many(struct edb_error *error)
{
	return edb_fail(
		error, EDB_E_LIMIT, EDB_NO_OFFSET, "a list has more entries than a device takes");
}

static enum edb_err decoded(bool bad, cbor_item_t *root, struct edb_error *error)
{
	if (root)
		cbor_decref(&root);
	return bad ? edb_fail(error, EDB_E_DOCUMENT, EDB_NO_OFFSET,
			     "the document's payload is not what its type says")
		   : EDB_OK;
}

enum edb_err edb_device_policy_encode(
	const struct edb_device_policy *p, uint8_t **payload, size_t *size, struct edb_error *error)
{
	struct tree t = {0};
	cbor_item_t *map;

	if (p->device_count > EDB_POLICY_DEVICES_MAX)
		return too_many(error);
	map = tree_map(
		3u + (p->device_count > 0) + (size_t)p->has_next_root + (size_t)p->has_operator);

	tree_put(&t, map, 1, tree_uint(p->version));
	if (p->device_count)
		tree_put(&t, map, 2,
			put_list(&t, p->devices, p->device_count, EDB_DEVICE_ID_BYTES, by_device));
	if (p->has_next_root)
		tree_put(&t, map, 3, put_p256(&t, &p->next_root));
	if (p->has_operator)
		tree_put(&t, map, 4, put_p256(&t, &p->operator_key));
	tree_put(&t, map, 5, tree_bool(p->allow_2021_packages));
	tree_put(&t, map, 6, tree_bool(p->allow_2021_keys));
	return finish(&t, map, p->version >= 1 && p->version <= VERSION_MAX, payload, size, error);
}

enum edb_err edb_device_policy_decode(const uint8_t *payload, size_t size,
	struct edb_device_policy *policy, struct edb_error *error)
{
	struct edb_device_policy p = {0};
	cbor_item_t *root = tree_decode(payload, size);
	const cbor_item_t *item;
	bool bad = false;
	struct map_reader m = map_open(root, &bad);

	p.version = take_uint(map_take(&m, 1), 1, VERSION_MAX, &bad);
	item = map_take_optional(&m, 2);
	if (item)
		p.device_count = take_list(item, p.devices, 1, EDB_POLICY_DEVICES_MAX,
			EDB_DEVICE_ID_BYTES, by_device, &bad);
	item = map_take_optional(&m, 3);
	p.has_next_root = item != NULL;
	if (item)
		take_p256(item, &p.next_root, &bad);
	item = map_take_optional(&m, 4);
	p.has_operator = item != NULL;
	if (item)
		take_p256(item, &p.operator_key, &bad);
	p.allow_2021_packages = take_bool(map_take(&m, 5), &bad);
	p.allow_2021_keys = take_bool(map_take(&m, 6), &bad);
	map_close(&m);
	if (!bad)
		*policy = p;
	return decoded(bad, root, error);
}

static cbor_item_t *put_vendor(struct tree *t, const struct edb_vendor *v)
{
	cbor_item_t *map = tree_map(6);

	tree_put(t, map, 1, tree_bytes(v->id, sizeof v->id));
	tree_put(t, map, 2, put_list(t, v->ids, v->id_count, EDB_UUID_BYTES, by_id));
	tree_put(t, map, 3, tree_bool(v->any));
	tree_put(t, map, 4, tree_uint(v->quota_ids));
	tree_put(t, map, 5, tree_uint(v->quota_kib));
	tree_put(t, map, 6,
		put_list(t, v->succeeds, v->succeeds_count, EDB_KEY_ID_BYTES, by_key_id));
	return map;
}

static void take_vendor(const cbor_item_t *item, struct edb_vendor *v, bool *bad)
{
	struct map_reader m = map_open(item, bad);

	take_bytes(map_take(&m, 1), v->id, sizeof v->id, bad);
	v->id_count = take_list(
		map_take(&m, 2), v->ids, 0, EDB_POLICY_IDS_MAX, EDB_UUID_BYTES, by_id, bad);
	v->any = take_bool(map_take(&m, 3), bad);
	v->quota_ids = (uint32_t)take_uint(map_take(&m, 4), 0, UINT32_MAX, bad);
	v->quota_kib = (uint32_t)take_uint(map_take(&m, 5), 0, UINT32_MAX, bad);
	v->succeeds_count = take_list(map_take(&m, 6), v->succeeds, 0, EDB_POLICY_SUCCEEDS_MAX,
		EDB_KEY_ID_BYTES, by_key_id, bad);
	map_close(&m);
}

static cbor_item_t *put_service(struct tree *t, const struct edb_key_service *s)
{
	cbor_item_t *map = tree_map(3);

	tree_put(t, map, 1, put_p256(t, &s->key));
	tree_put(t, map, 2, put_list(t, s->ids, s->id_count, EDB_UUID_BYTES, by_id));
	tree_put(t, map, 3, tree_bool(s->any));
	return map;
}

static void take_service(const cbor_item_t *item, struct edb_key_service *s, bool *bad)
{
	struct map_reader m = map_open(item, bad);

	take_p256(map_take(&m, 1), &s->key, bad);
	s->id_count = take_list(
		map_take(&m, 2), s->ids, 0, EDB_POLICY_IDS_MAX, EDB_UUID_BYTES, by_id, bad);
	s->any = take_bool(map_take(&m, 3), bad);
	map_close(&m);
}

static cbor_item_t *put_floor(struct tree *t, const struct edb_floor *f)
{
	cbor_item_t *array = tree_array(4);

	tree_push(t, array, tree_bytes(f->id, sizeof f->id));
	for (int i = 0; i < 3; i++)
		tree_push(t, array, tree_uint(f->version[i]));
	return array;
}

static void take_floor(const cbor_item_t *item, struct edb_floor *f, bool *bad)
{
	take_count(item, 4, 4, bad);
	take_bytes(take_at(item, 0, bad), f->id, sizeof f->id, bad);
	for (size_t i = 0; i < 3; i++)
		f->version[i] = (uint32_t)take_uint(take_at(item, i + 1, bad), 0, UINT32_MAX, bad);
}

static bool counts_fit(const struct edb_operator_policy *p)
{
	bool fit = p->vendor_count <= EDB_POLICY_VENDORS_MAX &&
		   p->service_count <= EDB_POLICY_SERVICES_MAX &&
		   p->floor_count <= EDB_POLICY_FLOORS_MAX;

	for (size_t i = 0; fit && i < p->vendor_count; i++)
		fit = p->vendors[i].id_count <= EDB_POLICY_IDS_MAX &&
		      p->vendors[i].succeeds_count <= EDB_POLICY_SUCCEEDS_MAX;
	for (size_t i = 0; fit && i < p->service_count; i++)
		fit = p->services[i].id_count <= EDB_POLICY_IDS_MAX;
	return fit;
}

enum edb_err edb_operator_policy_encode(const struct edb_operator_policy *p, uint8_t **payload,
	size_t *size, struct edb_error *error)
{
	struct tree t = {0};
	cbor_item_t *map, *vendors, *floors, *services;
	void *v = NULL, *s = NULL, *f = NULL;

	if (!counts_fit(p))
		return too_many(error);
	map = tree_map(4u + (size_t)p->has_fleet_key);
	vendors = tree_array(p->vendor_count);
	services = tree_array(p->service_count);
	floors = tree_array(p->floor_count);

	if (!sorted(p->vendors, p->vendor_count, sizeof p->vendors[0], by_key_id, &v) ||
		!sorted(p->services, p->service_count, sizeof p->services[0], by_x, &s) ||
		!sorted(p->floors, p->floor_count, sizeof p->floors[0], by_id, &f))
		t.failed = true;
	for (size_t i = 0; v && i < p->vendor_count; i++)
		tree_push(&t, vendors, put_vendor(&t, (struct edb_vendor *)v + i));
	for (size_t i = 0; s && i < p->service_count; i++)
		tree_push(&t, services, put_service(&t, (struct edb_key_service *)s + i));
	for (size_t i = 0; f && i < p->floor_count; i++)
		tree_push(&t, floors, put_floor(&t, (struct edb_floor *)f + i));
	free(v);
	free(s);
	free(f);
	tree_put(&t, map, 1, tree_uint(p->version));
	tree_put(&t, map, 2, vendors);
	tree_put(&t, map, 3, services);
	tree_put(&t, map, 4, floors);
	if (p->has_fleet_key)
		tree_put(&t, map, 5, put_p256(&t, &p->fleet_key));
	return finish(&t, map, p->version >= 1 && p->version <= VERSION_MAX, payload, size, error);
}

static void take_operator_lists(struct map_reader *m, struct edb_operator_policy *p, bool *bad)
{
	const cbor_item_t *list = map_take(m, 2);

	p->vendor_count = take_count(list, 0, EDB_POLICY_VENDORS_MAX, bad);
	for (size_t i = 0; i < p->vendor_count; i++)
		take_vendor(take_at(list, i, bad), &p->vendors[i], bad);
	list = map_take(m, 3);
	p->service_count = take_count(list, 0, EDB_POLICY_SERVICES_MAX, bad);
	for (size_t i = 0; i < p->service_count; i++)
		take_service(take_at(list, i, bad), &p->services[i], bad);
	list = map_take(m, 4);
	p->floor_count = take_count(list, 0, EDB_POLICY_FLOORS_MAX, bad);
	for (size_t i = 0; i < p->floor_count; i++)
		take_floor(take_at(list, i, bad), &p->floors[i], bad);
	if (!ascends(p->vendors, p->vendor_count, sizeof p->vendors[0], by_key_id) ||
		!ascends(p->services, p->service_count, sizeof p->services[0], by_x) ||
		!ascends(p->floors, p->floor_count, sizeof p->floors[0], by_id))
		*bad = true;
}

enum edb_err edb_operator_policy_decode(const uint8_t *payload, size_t size,
	struct edb_operator_policy *policy, struct edb_error *error)
{
	struct edb_operator_policy *p = calloc(1, sizeof *p);
	cbor_item_t *root = tree_decode(payload, size);
	const cbor_item_t *item;
	bool bad = !p;
	struct map_reader m = map_open(root, &bad);

	if (p && !bad) {
		p->version = take_uint(map_take(&m, 1), 1, VERSION_MAX, &bad);
		take_operator_lists(&m, p, &bad);
		item = map_take_optional(&m, 5);
		p->has_fleet_key = item != NULL;
		if (item)
			take_p256(item, &p->fleet_key, &bad);
		map_close(&m);
	}
	if (p && !bad)
		*policy = *p;
	free(p);
	return decoded(bad, root, error);
}

enum edb_err edb_key_bundle_encode(
	const struct edb_key_bundle *b, uint8_t **payload, size_t *size, struct edb_error *error)
{
	struct tree t = {0};
	cbor_item_t *map = tree_map(8), *number = tree_array(2);

	tree_push(&t, number, tree_uint(b->epoch));
	tree_push(&t, number, tree_uint(b->counter));
	tree_put(&t, map, 1, tree_bytes(b->device, sizeof b->device));
	tree_put(&t, map, 2, tree_bytes(b->id, sizeof b->id));
	tree_put(&t, map, 3, tree_bytes(b->vendor, sizeof b->vendor));
	tree_put(&t, map, 4, tree_uint(b->key_version));
	tree_put(&t, map, 5, tree_uint(b->lowest_version));
	tree_put(&t, map, 6, tree_int(ALG_RSAES_OAEP_SHA256));
	tree_put(&t, map, 7, tree_bytes(b->wrapped, sizeof b->wrapped));
	tree_put(&t, map, 8, number);
	return finish(&t, map, b->key_version >= 1 && b->lowest_version <= b->key_version, payload,
		size, error);
}

enum edb_err edb_key_bundle_decode(
	const uint8_t *payload, size_t size, struct edb_key_bundle *bundle, struct edb_error *error)
{
	struct edb_key_bundle b = {0};
	cbor_item_t *root = tree_decode(payload, size);
	const cbor_item_t *item;
	bool bad = false;
	struct map_reader m = map_open(root, &bad);

	take_bytes(map_take(&m, 1), b.device, sizeof b.device, &bad);
	take_bytes(map_take(&m, 2), b.id, sizeof b.id, &bad);
	take_bytes(map_take(&m, 3), b.vendor, sizeof b.vendor, &bad);
	b.key_version = (uint32_t)take_uint(map_take(&m, 4), 1, UINT32_MAX, &bad);
	b.lowest_version = (uint32_t)take_uint(map_take(&m, 5), 0, b.key_version, &bad);
	item = map_take(&m, 6);
	if (bad || !cbor_isa_negint(item) || cbor_get_int(item) != -1 - ALG_RSAES_OAEP_SHA256)
		bad = true;
	take_bytes(map_take(&m, 7), b.wrapped, sizeof b.wrapped, &bad);
	item = map_take(&m, 8);
	take_count(item, 2, 2, &bad);
	b.epoch = (uint32_t)take_uint(take_at(item, 0, &bad), 0, UINT32_MAX, &bad);
	b.counter = (uint32_t)take_uint(take_at(item, 1, &bad), 0, UINT32_MAX, &bad);
	map_close(&m);
	if (!bad)
		*bundle = b;
	return decoded(bad, root, error);
}
