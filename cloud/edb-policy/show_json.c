/* SPDX-License-Identifier: MIT
 *
 * Documents for programs. The members are those of a description (docs/policies.md) where it has
 * them; keys are ids here, since a document has no file names.
 */
#include <stdio.h>

#include <jansson.h>

#include "show.h"

static json_t *hex(const uint8_t *bytes, size_t size)
{
	char text[2 * EDB_KEY_ID_BYTES + 1];

	edb_hex_encode(bytes, size, text);
	return json_string(text);
}

static json_t *uuid(const uint8_t id[EDB_UUID_BYTES])
{
	char text[EDB_UUID_TEXT_SIZE];

	edb_uuid_encode(id, text);
	return json_string(text);
}

/* The key's id; null: no point of the curve. */
static json_t *p256(const struct edb_p256 *key)
{
	struct edb_public_key *public = NULL;
	uint8_t id[EDB_KEY_ID_BYTES];

	if (edb_public_key_from_p256_point(key->x, key->y, &public, NULL))
		return json_null();
	edb_public_key_id(public, id);
	edb_public_key_free(public);
	return hex(id, sizeof id);
}

static json_t *ids(const uint8_t list[][EDB_UUID_BYTES], size_t count)
{
	json_t *array = json_array();

	for (size_t i = 0; i < count; i++)
		json_array_append_new(array, uuid(list[i]));
	return array;
}

static json_t *device(const struct edb_device_policy *p)
{
	json_t *o = json_object();

	json_object_set_new(o, "version", json_integer((json_int_t)p->version));
	if (p->device_count) {
		json_t *devices = json_array();

		for (size_t i = 0; i < p->device_count; i++)
			json_array_append_new(devices, hex(p->devices[i], EDB_DEVICE_ID_BYTES));
		json_object_set_new(o, "devices", devices);
	}
	if (p->has_next_root)
		json_object_set_new(o, "next_root", p256(&p->next_root));
	if (p->has_operator)
		json_object_set_new(o, "operator", p256(&p->operator_key));
	json_object_set_new(o, "allow_2021_packages", json_boolean(p->allow_2021_packages));
	json_object_set_new(o, "allow_2021_keys", json_boolean(p->allow_2021_keys));
	return o;
}

static json_t *vendor(const struct edb_vendor *v)
{
	json_t *o = json_object(), *succeeds = json_array();

	for (size_t i = 0; i < v->succeeds_count; i++)
		json_array_append_new(succeeds, hex(v->succeeds[i], EDB_KEY_ID_BYTES));
	json_object_set_new(o, "key", hex(v->id, sizeof v->id));
	json_object_set_new(o, "ids", ids(v->ids, v->id_count));
	json_object_set_new(o, "any_id", json_boolean(v->any));
	json_object_set_new(o, "quota_ids", json_integer(v->quota_ids));
	json_object_set_new(o, "quota_memory_kib", json_integer(v->quota_kib));
	json_object_set_new(o, "succeeds", succeeds);
	return o;
}

static json_t *service(const struct edb_key_service *s)
{
	json_t *o = json_object();

	json_object_set_new(o, "key", p256(&s->key));
	json_object_set_new(o, "ids", ids(s->ids, s->id_count));
	json_object_set_new(o, "any_id", json_boolean(s->any));
	return o;
}

static json_t *operator_(const struct edb_operator_policy *p)
{
	json_t *o = json_object(), *vendors = json_array(), *services = json_array(),
	       *floors = json_object();

	for (size_t i = 0; i < p->vendor_count; i++)
		json_array_append_new(vendors, vendor(&p->vendors[i]));
	for (size_t i = 0; i < p->service_count; i++)
		json_array_append_new(services, service(&p->services[i]));
	for (size_t i = 0; i < p->floor_count; i++) {
		const struct edb_floor *f = &p->floors[i];
		char id[EDB_UUID_TEXT_SIZE];

		edb_uuid_encode(f->id, id);
		json_object_set_new(floors, id,
			json_sprintf("%u.%u.%u", f->version[0], f->version[1], f->version[2]));
	}
	json_object_set_new(o, "version", json_integer((json_int_t)p->version));
	json_object_set_new(o, "vendors", vendors);
	json_object_set_new(o, "key_services", services);
	json_object_set_new(o, "floors", floors);
	if (p->has_fleet_key)
		json_object_set_new(o, "fleet_key", p256(&p->fleet_key));
	return o;
}

static json_t *bundle(const struct edb_key_bundle *b)
{
	return json_pack("{s:o, s:o, s:o, s:I, s:I, s:I, s:I}", "device",
		hex(b->device, sizeof b->device), "application", uuid(b->id), "vendor",
		hex(b->vendor, sizeof b->vendor), "key_version", (json_int_t)b->key_version,
		"lowest_version", (json_int_t)b->lowest_version, "epoch", (json_int_t)b->epoch,
		"counter", (json_int_t)b->counter);
}

enum edb_err show_json(const struct document_file *f, struct edb_error *error)
{
	json_t *body = f->document.type == EDB_DOCUMENT_DEVICE_POLICY     ? device(&f->device)
		       : f->document.type == EDB_DOCUMENT_OPERATOR_POLICY ? operator_(&f->operator_)
									  : bundle(&f->bundle);
	json_t *root = json_pack("{s:s, s:o, s:b, s:o}", "type",
		edb_document_type_name(f->document.type), "signed_by",
		hex(f->document.kid, sizeof f->document.kid), "verified", 0, "says", body);
	int result = root ? json_dumpf(root, stdout, JSON_INDENT(2)) : -1;

	json_decref(root);
	if (result)
		return edb_fail(error, EDB_E_NOMEM, EDB_NO_OFFSET, "cannot write JSON");
	putchar('\n');
	return EDB_OK;
}
