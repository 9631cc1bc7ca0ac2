/* SPDX-License-Identifier: MIT
 *
 * Documents for people: one fact a line.
 */
#include <inttypes.h>
#include <stdio.h>

#include "show.h"

static void print_hex(const char *name, const uint8_t *bytes, size_t size)
{
	char text[129];

	edb_hex_encode(bytes, size, text);
	printf("%-22s %s\n", name, text);
}

static void print_p256(const char *name, const struct edb_p256 *key)
{
	struct edb_public_key *public = NULL;
	uint8_t id[EDB_KEY_ID_BYTES];

	if (edb_public_key_from_p256_point(key->x, key->y, &public, NULL)) {
		printf("%-22s not a point of P-256\n", name);
		return;
	}
	edb_public_key_id(public, id);
	edb_public_key_free(public);
	print_hex(name, id, sizeof id);
}

static void print_ids(const uint8_t ids[][EDB_UUID_BYTES], size_t count, bool any)
{
	char text[EDB_UUID_TEXT_SIZE];

	for (size_t i = 0; i < count; i++) {
		edb_uuid_encode(ids[i], text);
		printf("%-22s %s\n", "  id", text);
	}
	if (any)
		printf("%-22s any\n", "  id");
}

static void show_device(const struct edb_device_policy *p)
{
	printf("%-22s %" PRIu64 "\n", "version", p->version);
	for (size_t i = 0; i < p->device_count; i++)
		print_hex("device", p->devices[i], EDB_DEVICE_ID_BYTES);
	if (!p->device_count)
		printf("%-22s all of this root\n", "device");
	if (p->has_next_root)
		print_p256("next root", &p->next_root);
	if (p->has_operator)
		print_p256("operator", &p->operator_key);
	printf("%-22s %s\n", "2021 packages", p->allow_2021_packages ? "allowed" : "refused");
	printf("%-22s %s\n", "2021 keys", p->allow_2021_keys ? "allowed" : "refused");
}

static void show_operator(const struct edb_operator_policy *p)
{
	char text[EDB_UUID_TEXT_SIZE];

	printf("%-22s %" PRIu64 "\n", "version", p->version);
	for (size_t i = 0; i < p->vendor_count; i++) {
		const struct edb_vendor *v = &p->vendors[i];

		print_hex("vendor", v->id, sizeof v->id);
		print_ids(v->ids, v->id_count, v->any);
		printf("%-22s %u ids, %u KiB\n", "  quota", v->quota_ids, v->quota_kib);
		for (size_t s = 0; s < v->succeeds_count; s++)
			print_hex("  succeeds", v->succeeds[s], EDB_KEY_ID_BYTES);
	}
	for (size_t i = 0; i < p->service_count; i++) {
		print_p256("key service", &p->services[i].key);
		print_ids(p->services[i].ids, p->services[i].id_count, p->services[i].any);
	}
	for (size_t i = 0; i < p->floor_count; i++) {
		const struct edb_floor *f = &p->floors[i];

		edb_uuid_encode(f->id, text);
		printf("%-22s %s at least %u.%u.%u\n", "floor", text, f->version[0], f->version[1],
			f->version[2]);
	}
	if (p->has_fleet_key)
		print_p256("fleet key", &p->fleet_key);
}

static void show_bundle(const struct edb_key_bundle *b)
{
	char text[EDB_UUID_TEXT_SIZE];

	edb_uuid_encode(b->id, text);
	print_hex("device", b->device, sizeof b->device);
	printf("%-22s %s\n", "application", text);
	print_hex("vendor", b->vendor, sizeof b->vendor);
	printf("%-22s %u, lowest valid %u\n", "key version", b->key_version, b->lowest_version);
	printf("%-22s %u.%u\n", "number", b->epoch, b->counter);
}

void show_text(const struct document_file *f)
{
	printf("%-22s %s\n", "type", edb_document_type_name(f->document.type));
	print_hex("signed by (unverified)", f->document.kid, sizeof f->document.kid);
	if (f->document.type == EDB_DOCUMENT_DEVICE_POLICY)
		show_device(&f->device);
	else if (f->document.type == EDB_DOCUMENT_OPERATOR_POLICY)
		show_operator(&f->operator_);
	else
		show_bundle(&f->bundle);
}
