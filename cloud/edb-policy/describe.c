/* SPDX-License-Identifier: MIT */
#include "describe.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "file.h"

#define DESCRIPTION_MAX (256u << 10)

static enum edb_err unfit(struct edb_error *error, const char *member, const char *why)
{
	return edb_fail(error, EDB_E_ARG, EDB_NO_OFFSET, "%s: %s", member, why);
}

/* On its way up an error learns where in the description it is. */
static enum edb_err at(struct edb_error *error, enum edb_err err, const char *member)
{
	if (err)
		edb_error_prefix(error, "%s", member);
	return err;
}

static enum edb_err at_item(
	struct edb_error *error, enum edb_err err, const char *member, size_t index)
{
	if (err)
		edb_error_prefix(error, "%s[%zu]", member, index);
	return err;
}

static enum edb_err load(const char *path, json_t **root, struct edb_error *error)
{
	uint8_t *text = NULL;
	size_t size = 0;
	json_error_t where;
	enum edb_err err = edb_read_file(path, DESCRIPTION_MAX, &text, &size, error);

	if (err)
		return err;
	*root = json_loadb((char *)text, size, JSON_REJECT_DUPLICATES, &where);
	free(text);
	if (json_is_object(*root))
		return EDB_OK;
	if (*root)
		err = edb_fail(error, EDB_E_ARG, EDB_NO_OFFSET, "%s: not an object: {…}", path);
	else
		err = edb_fail(
			error, EDB_E_ARG, EDB_NO_OFFSET, "%s:%d: %s", path, where.line, where.text);
	json_decref(*root);
	return err;
}

/* A description says what is meant or nothing: a mistyped member must not be overlooked. */
static enum edb_err only(json_t *object, const char *const names[], struct edb_error *error)
{
	const char *key;
	json_t *value;

	if (!json_is_object(object))
		return edb_fail(error, EDB_E_ARG, EDB_NO_OFFSET, "not an object: {…}");
	json_object_foreach(object, key, value)
	{
		size_t i = 0;

		while (names[i] && strcmp(names[i], key))
			i++;
		if (!names[i])
			return unfit(error, key, "no such member");
	}
	return EDB_OK;
}

static enum edb_err get_number(json_t *object, const char *name, uint64_t min, uint64_t max,
	uint64_t *number, struct edb_error *error)
{
	json_t *value = json_object_get(object, name);
	json_int_t n = json_integer_value(value);

	if (!value)
		return unfit(error, name, "missing");
	if (!json_is_integer(value) || n < 0 || (uint64_t)n < min || (uint64_t)n > max)
		return edb_fail(error, EDB_E_ARG, EDB_NO_OFFSET,
			"%s: not a whole number from %llu to %llu", name, (unsigned long long)min,
			(unsigned long long)max);
	*number = (uint64_t)n;
	return EDB_OK;
}

static enum edb_err get_flag(json_t *object, const char *name, bool *flag, struct edb_error *error)
{
	json_t *value = json_object_get(object, name);

	*flag = json_is_true(value);
	return !value || json_is_boolean(value) ? EDB_OK : unfit(error, name, "not true or false");
}

/* A list, or nothing. What is neither must not be taken for an empty list. */
static enum edb_err get_list(
	json_t *object, const char *name, size_t max, json_t **list, struct edb_error *error)
{
	*list = json_object_get(object, name);
	if (*list && !json_is_array(*list))
		return unfit(error, name, "not a list");
	return json_array_size(*list) <= max ? EDB_OK : unfit(error, name, "too many");
}

/* A file with a public key or a certificate. */
static enum edb_err load_key(json_t *value, struct edb_public_key **key, struct edb_error *error)
{
	if (!json_is_string(value))
		return edb_fail(error, EDB_E_ARG, EDB_NO_OFFSET, "%s",
			value ? "not the name of a key file" : "missing");
	return edb_public_key_load(json_string_value(value), key, error);
}

/* The id of a key: the 64 digits themselves, or a file with the key. */
static enum edb_err get_key_id(json_t *value, uint8_t id[EDB_KEY_ID_BYTES], struct edb_error *error)
{
	const char *text = json_string_value(value);
	struct edb_public_key *key = NULL;
	enum edb_err err;

	if (text && edb_hex_decode(text, id, EDB_KEY_ID_BYTES))
		return EDB_OK;
	err = load_key(value, &key, error);
	if (!err)
		edb_public_key_id(key, id);
	edb_public_key_free(key);
	return err;
}

static enum edb_err get_p256(json_t *object, const char *name, bool *has, struct edb_p256 *point,
	struct edb_error *error)
{
	json_t *value = json_object_get(object, name);
	struct edb_public_key *key = NULL;
	enum edb_err err;

	*has = value != NULL;
	if (!value)
		return EDB_OK;
	err = load_key(value, &key, error);
	if (!err)
		err = at(error, edb_public_key_p256_point(key, point->x, point->y, error),
			json_string_value(value));
	edb_public_key_free(key);
	return at(error, err, name);
}

static enum edb_err get_ids(json_t *object, const char *name, bool uuid, size_t size, uint8_t *ids,
	size_t max, size_t *count, struct edb_error *error)
{
	json_t *list, *item;
	size_t i;
	enum edb_err err = get_list(object, name, max, &list, error);

	if (err)
		return err;
	*count = json_array_size(list);
	json_array_foreach(list, i, item)
	{
		const char *text = json_string_value(item);

		if (!text || (uuid ? !edb_uuid_decode(text, ids + i * size)
				   : !edb_hex_decode(text, ids + i * size, size)))
			return at_item(error,
				uuid ? edb_fail(error, EDB_E_ARG, EDB_NO_OFFSET,
					       "not a UUID in lower case")
				     : edb_fail(error, EDB_E_ARG, EDB_NO_OFFSET,
					       "not %zu hex digits", 2 * size),
				name, i);
	}
	return EDB_OK;
}

enum edb_err describe_device(const char *path, struct edb_device_policy *p, struct edb_error *error)
{
	static const char *const names[] = {"version", "devices", "next_root", "operator",
		"allow_2021_packages", "allow_2021_keys", NULL};
	json_t *root = NULL;
	enum edb_err err = load(path, &root, error);

	if (err)
		return err;
	err = only(root, names, error);
	if (!err)
		err = get_number(root, "version", 1, INT64_MAX, &p->version, error);
	if (!err)
		err = get_ids(root, "devices", false, EDB_DEVICE_ID_BYTES, p->devices[0],
			EDB_POLICY_DEVICES_MAX, &p->device_count, error);
	if (!err && json_object_get(root, "devices") && !p->device_count)
		err = unfit(error, "devices", "empty: leave it out to mean all devices");
	if (!err)
		err = get_p256(root, "next_root", &p->has_next_root, &p->next_root, error);
	if (!err)
		err = get_p256(root, "operator", &p->has_operator, &p->operator_key, error);
	if (!err)
		err = get_flag(root, "allow_2021_packages", &p->allow_2021_packages, error);
	if (!err)
		err = get_flag(root, "allow_2021_keys", &p->allow_2021_keys, error);
	json_decref(root);
	return at(error, err, path);
}

/* Keys that a vendor takes over from. */
static enum edb_err get_succeeds(json_t *object, struct edb_vendor *v, struct edb_error *error)
{
	json_t *list, *item;
	size_t i;
	enum edb_err err = get_list(object, "succeeds", EDB_POLICY_SUCCEEDS_MAX, &list, error);

	if (err)
		return err;
	json_array_foreach(list, i, item)
	{
		err = get_key_id(item, v->succeeds[v->succeeds_count++], error);
		if (err)
			return at_item(error, err, "succeeds", i);
	}
	return EDB_OK;
}

static enum edb_err get_vendor(json_t *object, struct edb_vendor *v, struct edb_error *error)
{
	static const char *const names[] = {
		"key", "ids", "any_id", "quota_ids", "quota_memory_kib", "succeeds", NULL};
	uint64_t ids = 0, kib = 0;
	enum edb_err err = only(object, names, error);

	if (!err)
		err = at(error, get_key_id(json_object_get(object, "key"), v->id, error), "key");
	if (!err)
		err = get_ids(object, "ids", true, EDB_UUID_BYTES, v->ids[0], EDB_POLICY_IDS_MAX,
			&v->id_count, error);
	if (!err)
		err = get_flag(object, "any_id", &v->any, error);
	if (!err)
		err = get_number(object, "quota_ids", 0, UINT32_MAX, &ids, error);
	if (!err)
		err = get_number(object, "quota_memory_kib", 0, UINT32_MAX, &kib, error);
	v->quota_ids = (uint32_t)ids;
	v->quota_kib = (uint32_t)kib;
	return err ? err : get_succeeds(object, v, error);
}

static enum edb_err get_service(json_t *object, struct edb_key_service *s, struct edb_error *error)
{
	static const char *const names[] = {"key", "ids", "any_id", NULL};
	bool has = false;
	enum edb_err err = only(object, names, error);

	if (!err)
		err = get_p256(object, "key", &has, &s->key, error);
	if (!err && !has)
		err = unfit(error, "key", "missing");
	if (!err)
		err = get_ids(object, "ids", true, EDB_UUID_BYTES, s->ids[0], EDB_POLICY_IDS_MAX,
			&s->id_count, error);
	return err ? err : get_flag(object, "any_id", &s->any, error);
}

/* Three numbers with a stop between: no sign, no blank, no leading zero, nothing behind. */
static bool read_version(const char *text, uint32_t version[3])
{
	for (int i = 0; i < 3; i++) {
		uint64_t number = 0;
		size_t digits = strspn(text, "0123456789");

		if (!digits || digits > 10 || (*text == '0' && digits > 1))
			return false;
		for (; digits; digits--)
			number = 10 * number + (uint64_t)(*text++ - '0');
		if (number > UINT32_MAX || *text != (i < 2 ? '.' : 0))
			return false;
		version[i] = (uint32_t)number;
		text++;
	}
	return true;
}

/* "floors": { "UUID": "MAJ.MIN.REV" } */
static enum edb_err get_floors(json_t *root, struct edb_operator_policy *p, struct edb_error *error)
{
	json_t *floors = json_object_get(root, "floors"), *value;
	const char *id;

	if (floors && !json_is_object(floors))
		return unfit(error, "floors", "not an object");
	json_object_foreach(floors, id, value)
	{
		const char *text = json_string_value(value);
		struct edb_floor *f;

		if (p->floor_count == EDB_POLICY_FLOORS_MAX)
			return unfit(error, "floors", "too many");
		f = &p->floors[p->floor_count++];
		if (!edb_uuid_decode(id, f->id) || !text || !read_version(text, f->version))
			return at(error, unfit(error, id, "not UUID: \"MAJ.MIN.REV\""), "floors");
	}
	return EDB_OK;
}

enum edb_err describe_operator(
	const char *path, struct edb_operator_policy *p, struct edb_error *error)
{
	static const char *const names[] = {
		"version", "vendors", "key_services", "floors", "fleet_key", NULL};
	json_t *root = NULL, *list = NULL, *item;
	size_t i;
	enum edb_err err = load(path, &root, error);

	if (err)
		return err;
	err = only(root, names, error);
	if (!err)
		err = get_number(root, "version", 1, INT64_MAX, &p->version, error);
	if (!err)
		err = get_list(root, "vendors", EDB_POLICY_VENDORS_MAX, &list, error);
	json_array_foreach(err ? NULL : list, i, item)
	{
		if (!err)
			err = at_item(error,
				get_vendor(item, &p->vendors[p->vendor_count++], error), "vendors",
				i);
	}
	if (!err)
		err = get_list(root, "key_services", EDB_POLICY_SERVICES_MAX, &list, error);
	json_array_foreach(err ? NULL : list, i, item)
	{
		if (!err)
			err = at_item(error,
				get_service(item, &p->services[p->service_count++], error),
				"key_services", i);
	}
	if (!err)
		err = get_floors(root, p, error);
	if (!err)
		err = get_p256(root, "fleet_key", &p->has_fleet_key, &p->fleet_key, error);
	json_decref(root);
	return at(error, err, path);
}
