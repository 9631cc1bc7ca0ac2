/* SPDX-License-Identifier: MIT
 *
 * The three functions read as contract/documents.cddl is written: member by member, in order.
 * The reader's error is sticky, so it is looked at before a value is used, and at the end.
 */
#include "policy_documents.h"

#include <tee_internal_api.h>

#include "cbor.h"
#include "spki.h"
#include "wipe.h"

#define ALG_RSAES_OAEP_SHA256 (-41) /* RFC 8230 */
#define WRAPPED_BYTES         384u  /* RSA-3072 */

#define POLICY_DEVICES_MAX  64u
#define POLICY_VENDORS_MAX  32u
#define POLICY_IDS_MAX      128u
#define POLICY_SUCCEEDS_MAX 8u
#define POLICY_FLOORS_MAX   128u
#define VERSION_MAX         INT64_MAX

/* As sorted: these are public ids, not secrets. */
static bool ascends(const uint8_t *before, const uint8_t *after, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (before[i] != after[i])
			return before[i] < after[i];
	return false;
}

/* Read a byte string of exactly `size` bytes; *to is untouched on failure. */
static void read_bytes(struct cbor *c, uint8_t *to, size_t size)
{
	const uint8_t *at = cbor_bytes(c, size);

	if (at)
		TEE_MemMove(to, at, size);
}

/* COSE_Key: { 1: 2 (EC2), -1: 1 (P-256), -2: x, -3: y } */
static void read_p256(struct cbor *c, struct p256_point *key)
{
	cbor_map(c, 4, 4);
	cbor_expect_int(c, 1);
	cbor_expect_int(c, 2);
	cbor_expect_int(c, -1);
	cbor_expect_int(c, 1);
	cbor_expect_int(c, -2);
	read_bytes(c, key->x, sizeof key->x);
	cbor_expect_int(c, -3);
	read_bytes(c, key->y, sizeof key->y);
}

/* A question to a list: is this one in it? */
struct wanted {
	const uint8_t *item; /* NULL: not asked */
	bool found;
};

/* An array of byte strings of one size, strictly ascending; two questions may be asked of it. */
static void read_list(struct cbor *c, uint64_t at_least, uint64_t at_most, size_t item_bytes,
	struct wanted wanted[static 2])
{
	uint64_t count = cbor_array(c, at_least, at_most);
	const uint8_t *before = NULL;

	for (uint64_t i = 0; i < count; i++) {
		const uint8_t *item = cbor_bytes(c, item_bytes);

		if (!item)
			return;
		if (before && !ascends(before, item, item_bytes))
			cbor_fail(c);
		for (int w = 0; w < 2; w++)
			if (wanted[w].item && equal_ct(item, wanted[w].item, item_bytes))
				wanted[w].found = true;
		before = item;
	}
}

enum edb_err device_policy_read(const uint8_t *payload, size_t size,
	const uint8_t this_device[static DEVICE_ID_BYTES], struct device_policy *policy)
{
	struct device_policy p = {0};
	struct wanted device[2] = {{.item = this_device}};
	struct cbor c;
	uint64_t members, seen = 3;

	cbor_init(&c, payload, size);
	members = cbor_map(&c, 3, 6);
	cbor_expect_int(&c, 1);
	p.version = cbor_uint(&c, 1, VERSION_MAX);
	if (cbor_next_is_int(&c, 2)) {
		seen++;
		p.names_devices = true;
		read_list(&c, 1, POLICY_DEVICES_MAX, DEVICE_ID_BYTES, device);
		p.names_this = device[0].found;
	}
	if (cbor_next_is_int(&c, 3)) {
		seen++;
		p.has_next_root = true;
		read_p256(&c, &p.next_root);
	}
	if (cbor_next_is_int(&c, 4)) {
		seen++;
		p.has_operator = true;
		read_p256(&c, &p.operator_key);
	}
	cbor_expect_int(&c, 5);
	p.allow_2021_packages = cbor_bool(&c);
	cbor_expect_int(&c, 6);
	p.allow_2021_keys = cbor_bool(&c);
	if (seen != members)
		cbor_fail(&c);
	if (cbor_end(&c))
		return EDB_E_DOCUMENT;
	*policy = p;
	return EDB_OK;
}

static void read_vendor(struct cbor *c, struct operator_view *v, const uint8_t **before)
{
	struct wanted ids[2] = {{.item = v->application_id}};
	struct wanted succeeded[2] = {{.item = v->vendor}, {.item = v->owner}};
	const uint8_t *id;
	uint64_t quota_ids, quota_kib;
	bool any;

	cbor_map(c, 6, 6);
	cbor_expect_int(c, 1);
	id = cbor_bytes(c, KEY_ID_BYTES);
	cbor_expect_int(c, 2);
	read_list(c, 0, POLICY_IDS_MAX, UUID_BYTES, ids);
	cbor_expect_int(c, 3);
	any = cbor_bool(c);
	cbor_expect_int(c, 4);
	quota_ids = cbor_uint(c, 0, UINT32_MAX);
	cbor_expect_int(c, 5);
	quota_kib = cbor_uint(c, 0, UINT32_MAX);
	cbor_expect_int(c, 6);
	read_list(c, 0, POLICY_SUCCEEDS_MAX, KEY_ID_BYTES, succeeded);
	if (cbor_failed(c))
		return;
	if (*before && !ascends(*before, id, KEY_ID_BYTES))
		cbor_fail(c);
	*before = id;
	v->vendor_succeeded |= succeeded[0].found;
	if (!v->vendor || !equal_ct(id, v->vendor, KEY_ID_BYTES)) {
		v->id_of_another |= ids[0].found;
		return;
	}
	v->vendor_listed = true;
	v->vendor_succeeds_owner = succeeded[1].found;
	v->vendor_granted_id = ids[0].found;
	v->vendor_granted_any = any;
	v->quota_ids = (uint32_t)quota_ids;
	v->quota_kib = (uint32_t)quota_kib;
}

static void read_service(
	struct cbor *c, struct operator_view *v, bool first, struct p256_point *before)
{
	struct wanted ids[2] = {{.item = v->application_id}};
	struct p256_point key = {0};
	uint8_t id[KEY_ID_BYTES] = {0};
	bool any;

	cbor_map(c, 3, 3);
	cbor_expect_int(c, 1);
	read_p256(c, &key);
	cbor_expect_int(c, 2);
	read_list(c, 0, POLICY_IDS_MAX, UUID_BYTES, ids);
	cbor_expect_int(c, 3);
	any = cbor_bool(c);
	if (cbor_failed(c))
		return;
	if (!first && !ascends(before->x, key.x, sizeof key.x))
		cbor_fail(c);
	*before = key;
	if (!v->service || p256_key_id(key.x, key.y, id) || !equal_ct(id, v->service, sizeof id))
		return;
	v->service_listed = true;
	v->service_granted = any || ids[0].found;
	v->service_key = key;
}

static void read_floor(struct cbor *c, struct operator_view *v, const uint8_t **before)
{
	const uint8_t *id;
	uint32_t version[3] = {0};

	cbor_array(c, 4, 4);
	id = cbor_bytes(c, UUID_BYTES);
	for (int i = 0; i < 3; i++)
		version[i] = (uint32_t)cbor_uint(c, 0, UINT32_MAX);
	if (cbor_failed(c))
		return;
	if (*before && !ascends(*before, id, UUID_BYTES))
		cbor_fail(c);
	*before = id;
	if (v->application_id && equal_ct(id, v->application_id, UUID_BYTES))
		TEE_MemMove(v->floor, version, sizeof version);
}

/* The answers of an earlier question go; the question stays. */
static struct operator_view question(const struct operator_view *view)
{
	return (struct operator_view){
		.vendor = view->vendor,
		.owner = view->owner,
		.application_id = view->application_id,
		.service = view->service,
	};
}

enum edb_err operator_policy_read(const uint8_t *payload, size_t size, struct operator_view *view)
{
	struct operator_view v = question(view);
	const uint8_t *vendor = NULL, *floor = NULL;
	struct p256_point service = {0}, fleet = {0};
	struct cbor c;
	uint64_t members, count;

	cbor_init(&c, payload, size);
	members = cbor_map(&c, 4, 5);
	cbor_expect_int(&c, 1);
	v.version = cbor_uint(&c, 1, VERSION_MAX);
	cbor_expect_int(&c, 2);
	count = cbor_array(&c, 0, POLICY_VENDORS_MAX);
	for (uint64_t i = 0; i < count && !cbor_failed(&c); i++)
		read_vendor(&c, &v, &vendor);
	cbor_expect_int(&c, 3);
	count = cbor_array(&c, 0, KEY_SERVICES_MAX);
	for (uint64_t i = 0; i < count && !cbor_failed(&c); i++)
		read_service(&c, &v, i == 0, &service);
	cbor_expect_int(&c, 4);
	count = cbor_array(&c, 0, POLICY_FLOORS_MAX);
	for (uint64_t i = 0; i < count && !cbor_failed(&c); i++)
		read_floor(&c, &v, &floor);
	if (members == 5) {
		cbor_expect_int(&c, 5);
		read_p256(&c, &fleet);
	}
	if (cbor_end(&c))
		return EDB_E_DOCUMENT;
	*view = v;
	return EDB_OK;
}

enum edb_err key_bundle_read(const uint8_t *payload, size_t size, struct key_bundle *bundle)
{
	struct key_bundle b = {0};
	struct cbor c;

	cbor_init(&c, payload, size);
	cbor_map(&c, 8, 8);
	cbor_expect_int(&c, 1);
	read_bytes(&c, b.device, sizeof b.device);
	cbor_expect_int(&c, 2);
	read_bytes(&c, b.application_id, sizeof b.application_id);
	cbor_expect_int(&c, 3);
	read_bytes(&c, b.vendor, sizeof b.vendor);
	cbor_expect_int(&c, 4);
	b.key_version = (uint32_t)cbor_uint(&c, 1, UINT32_MAX);
	cbor_expect_int(&c, 5);
	b.lowest_version = (uint32_t)cbor_uint(&c, 0, UINT32_MAX);
	cbor_expect_int(&c, 6);
	cbor_expect_int(&c, ALG_RSAES_OAEP_SHA256);
	cbor_expect_int(&c, 7);
	b.wrapped = cbor_bytes(&c, WRAPPED_BYTES);
	cbor_expect_int(&c, 8);
	cbor_array(&c, 2, 2);
	b.epoch = (uint32_t)cbor_uint(&c, 0, UINT32_MAX);
	b.counter = (uint32_t)cbor_uint(&c, 0, UINT32_MAX);
	if (cbor_end(&c) || b.lowest_version > b.key_version)
		return EDB_E_DOCUMENT;
	*bundle = b;
	return EDB_OK;
}
