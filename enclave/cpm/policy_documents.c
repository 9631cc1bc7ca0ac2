/* SPDX-License-Identifier: MIT
 *
 * The three functions read as contract/documents.cddl is written: member by member, in order.
 * The reader's error is sticky, so it is looked at before a value is used, and at the end.
 */
#include "policy.h"

#include "cbor.h"

#define ALG_RSAES_OAEP_SHA256 (-41) /* RFC 8230 */
#define WRAPPED_BYTES         384u  /* RSA-3072 */

#define POLICY_DEVICES_MAX  64u
#define POLICY_VENDORS_MAX  32u
#define POLICY_IDS_MAX      128u
#define POLICY_SUCCEEDS_MAX 8u
#define POLICY_FLOORS_MAX   128u
#define VERSION_MAX         INT64_MAX

static uint32_t read_u32(struct cursor *c, uint32_t min)
{
	return (uint32_t)cbor_head(c, CBOR_UINT, min, UINT32_MAX);
}

/* Read a byte string of exactly `size` bytes; *to is untouched on failure. */
static const uint8_t *read_bytes(struct cursor *c, uint8_t *to, size_t size)
{
	const uint8_t *at = cbor_bytes(c, size);

	if (at)
		TEE_MemMove(to, at, size);
	return at;
}

/* COSE_Key: { 1: 2 (EC2), -1: 1 (P-256), -2: x, -3: y }; x as it lies in the document. */
static const uint8_t *read_p256(struct cursor *c, struct p256_point *key)
{
	const uint8_t *x;

	cbor_head(c, CBOR_MAP, 4, 4);
	cbor_int(cbor_int(c, 1), 2);
	cbor_int(cbor_int(c, -1), 1);
	x = read_bytes(cbor_int(c, -2), key->x, sizeof key->x);
	read_bytes(cbor_int(c, -3), key->y, sizeof key->y);
	return x;
}

/* An array of byte strings of one size, strictly ascending. Is this one in it? NULL: not asked. */
static bool read_list(struct cursor *c, uint64_t at_least, uint64_t at_most, size_t item_bytes,
	const uint8_t *wanted)
{
	uint64_t count = cbor_head(c, CBOR_ARRAY, at_least, at_most);
	const uint8_t *before = NULL;
	bool found = false;

	for (uint64_t i = 0; i < count; i++) {
		const uint8_t *item = cbor_bytes(c, item_bytes);

		if (!item)
			return false;
		if (before && TEE_MemCompare(before, item, item_bytes) >= 0)
			cursor_fail(c, EDB_E_DOCUMENT);
		if (wanted && equal_ct(item, wanted, item_bytes))
			found = true;
		before = item;
	}
	return found;
}

enum edb_err device_policy_read(const uint8_t *payload, size_t size,
	const uint8_t this_device[static DEVICE_ID_BYTES], struct device_policy *policy)
{
	struct device_policy p = {0};
	struct cursor c = cursor_over(payload, size);
	uint64_t members = cbor_head(&c, CBOR_MAP, 3, 6);

	p.version = cbor_head(cbor_int(&c, 1), CBOR_UINT, 1, VERSION_MAX);
	p.names_devices = cbor_next_is_int(&c, 2);
	if (p.names_devices)
		p.names_this = read_list(&c, 1, POLICY_DEVICES_MAX, DEVICE_ID_BYTES, this_device);
	p.has_next_root = cbor_next_is_int(&c, 3);
	if (p.has_next_root)
		read_p256(&c, &p.next_root);
	p.has_operator = cbor_next_is_int(&c, 4);
	if (p.has_operator)
		read_p256(&c, &p.operator_key);
	p.allow_2021_packages = cbor_bool(cbor_int(&c, 5));
	p.allow_2021_keys = cbor_bool(cbor_int(&c, 6));
	if (members != 3u + p.names_devices + p.has_next_root + p.has_operator || cbor_end(&c))
		return EDB_E_DOCUMENT;
	*policy = p;
	return EDB_OK;
}

/* Each of these reads one item of an array, and gives what the array is sorted by. */

static const uint8_t *read_vendor(struct cursor *c, struct operator_view *v)
{
	struct vendor_grant grant = {.listed = true};
	struct cursor again;
	const uint8_t *id;

	cbor_head(c, CBOR_MAP, 6, 6);
	id = cbor_bytes(cbor_int(c, 1), KEY_ID_BYTES);
	grant.id = read_list(cbor_int(c, 2), 0, POLICY_IDS_MAX, UUID_BYTES, v->application_id);
	grant.any = cbor_bool(cbor_int(c, 3));
	grant.quota_ids = read_u32(cbor_int(c, 4), 0);
	grant.quota_kib = read_u32(cbor_int(c, 5), 0);
	again = *cbor_int(c, 6);
	grant.succeeds_owner = read_list(&again, 0, POLICY_SUCCEEDS_MAX, KEY_ID_BYTES, v->owner);
	v->succeeded |= read_list(c, 0, POLICY_SUCCEEDS_MAX, KEY_ID_BYTES, v->vendor);
	if (id && v->vendor && equal_ct(id, v->vendor, KEY_ID_BYTES))
		v->grant = grant;
	else
		v->id_of_another |= grant.id;
	return id;
}

static const uint8_t *read_service(struct cursor *c, struct operator_view *v)
{
	struct p256_point key = {0};
	struct spki spki;
	const uint8_t *x;
	bool granted;

	cbor_head(c, CBOR_MAP, 3, 3);
	x = read_p256(cbor_int(c, 1), &key);
	granted = read_list(cbor_int(c, 2), 0, POLICY_IDS_MAX, UUID_BYTES, v->application_id);
	granted |= cbor_bool(cbor_int(c, 3)); /* any id */
	if (v->service && !p256_spki(&key, &spki) && equal_ct(spki.id, v->service, KEY_ID_BYTES)) {
		v->service_listed = true;
		v->service_granted = granted;
		v->service_key = key;
	}
	return x;
}

static const uint8_t *read_floor(struct cursor *c, struct operator_view *v)
{
	const uint8_t *id;
	uint32_t version[3];

	cbor_head(c, CBOR_ARRAY, 4, 4);
	id = cbor_bytes(c, UUID_BYTES);
	for (int i = 0; i < 3; i++)
		version[i] = read_u32(c, 0);
	if (id && v->application_id && equal_ct(id, v->application_id, UUID_BYTES))
		TEE_MemMove(v->floor, version, sizeof version);
	return id;
}

static void read_each(struct cursor *c, uint64_t at_most, size_t id_bytes,
	const uint8_t *(*read)(struct cursor *c, struct operator_view *v), struct operator_view *v)
{
	uint64_t count = cbor_head(c, CBOR_ARRAY, 0, at_most);
	const uint8_t *before = NULL;

	for (uint64_t i = 0; i < count && !c->err; i++) {
		const uint8_t *id = read(c, v);

		if (id && before && TEE_MemCompare(before, id, id_bytes) >= 0)
			cursor_fail(c, EDB_E_DOCUMENT);
		before = id;
	}
}

enum edb_err operator_policy_read(const uint8_t *payload, size_t size, struct operator_view *view)
{
	/* The answers of an earlier question go; the question stays. */
	struct operator_view v = {
		.vendor = view->vendor,
		.owner = view->owner,
		.application_id = view->application_id,
		.service = view->service,
	};
	struct p256_point fleet;
	struct cursor c = cursor_over(payload, size);
	uint64_t members = cbor_head(&c, CBOR_MAP, 4, 5);

	v.version = cbor_head(cbor_int(&c, 1), CBOR_UINT, 1, VERSION_MAX);
	read_each(cbor_int(&c, 2), POLICY_VENDORS_MAX, KEY_ID_BYTES, read_vendor, &v);
	read_each(cbor_int(&c, 3), KEY_SERVICES_MAX, sizeof fleet.x, read_service, &v);
	read_each(cbor_int(&c, 4), POLICY_FLOORS_MAX, UUID_BYTES, read_floor, &v);
	if (members == 5)
		read_p256(cbor_int(&c, 5), &fleet);
	if (cbor_end(&c))
		return EDB_E_DOCUMENT;
	*view = v;
	return EDB_OK;
}

enum edb_err key_bundle_read(const uint8_t *payload, size_t size, struct key_bundle *bundle)
{
	struct key_bundle b = {0};
	struct cursor c = cursor_over(payload, size);

	cbor_head(&c, CBOR_MAP, 8, 8);
	read_bytes(cbor_int(&c, 1), b.device, sizeof b.device);
	read_bytes(cbor_int(&c, 2), b.owner.application_id, sizeof b.owner.application_id);
	read_bytes(cbor_int(&c, 3), b.owner.vendor, sizeof b.owner.vendor);
	b.key_version = read_u32(cbor_int(&c, 4), 1);
	b.lowest_version = read_u32(cbor_int(&c, 5), 0);
	cbor_int(cbor_int(&c, 6), ALG_RSAES_OAEP_SHA256);
	b.wrapped = cbor_bytes(cbor_int(&c, 7), WRAPPED_BYTES);
	cbor_head(cbor_int(&c, 8), CBOR_ARRAY, 2, 2);
	b.number = (uint64_t)read_u32(&c, 0) << 32;
	b.number |= read_u32(&c, 0);
	if (cbor_end(&c) || b.lowest_version > b.key_version)
		return EDB_E_DOCUMENT;
	*bundle = b;
	return EDB_OK;
}
