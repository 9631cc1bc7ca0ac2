/* SPDX-License-Identifier: MIT */
#include "keyring.h"

#include "device.h"
#include "policy.h"
#include "sha256.h"
#include "sign1.h"
#include "spki.h"
#include "store.h"
#include "wipe.h"

#define RING_FORMAT 1u

struct ring_service {
	uint8_t id[KEY_ID_BYTES];
	uint32_t epoch, counter;           /* of its last bundle */
	uint8_t last_bundle[DIGEST_BYTES]; /* SHA-256 of its bytes */
};

struct ring_key {
	uint32_t version;
	uint8_t key[CLASS_KEY_BYTES];
};

struct ring {
	uint32_t format, service_count, key_count, lowest_version;
	struct ring_service services[KEY_SERVICES_MAX];
	struct ring_key keys[KEY_VERSIONS_MAX];
};

struct ring_ref {
	uint8_t id[UUID_BYTES], vendor[KEY_ID_BYTES];
	uint32_t key_count;
};

const uint8_t keyring_legacy_vendor[KEY_ID_BYTES];

_Static_assert(sizeof(struct ring) == 16 + KEY_SERVICES_MAX * 72 + KEY_VERSIONS_MAX * 36,
	"padding in a stored record");

/* Every ring there is: one for each key at most, and those whose keys are all wiped. */
static struct ring_ref refs[CLASS_KEYS_MAX];
static uint32_t ref_count;

static struct record_name index_name(void)
{
	return record_name('K', NULL, 0, NULL, 0);
}

static struct record_name ring_name(
	const uint8_t id[static UUID_BYTES], const uint8_t vendor[static KEY_ID_BYTES])
{
	return record_name('k', id, UUID_BYTES, vendor, KEY_ID_BYTES);
}

enum edb_err keyring_load(void)
{
	struct record_name name = index_name();
	size_t size = 0;
	enum edb_err err = store_read(&name, refs, sizeof refs, &size);

	ref_count = 0;
	if (err == EDB_E_NOT_FOUND)
		return EDB_OK;
	if (err || size % sizeof refs[0])
		return EDB_E_STORAGE;
	ref_count = (uint32_t)(size / sizeof refs[0]);
	return EDB_OK;
}

uint32_t keyring_key_count(void)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < ref_count; i++)
		count += refs[i].key_count;
	return count;
}

static struct ring_ref *ref_find(
	const uint8_t id[static UUID_BYTES], const uint8_t vendor[static KEY_ID_BYTES])
{
	for (uint32_t i = 0; i < ref_count; i++)
		if (equal_ct(refs[i].id, id, UUID_BYTES) &&
			equal_ct(refs[i].vendor, vendor, KEY_ID_BYTES))
			return &refs[i];
	return NULL;
}

/* A ring that is absent, or that the index does not know, reads as an empty one. The caller wipes.
 */
static enum edb_err ring_read(const uint8_t id[static UUID_BYTES],
	const uint8_t vendor[static KEY_ID_BYTES], struct ring *ring)
{
	struct record_name name = ring_name(id, vendor);
	size_t size = 0;
	enum edb_err err = EDB_E_NOT_FOUND;

	if (ref_find(id, vendor))
		err = store_read(&name, ring, sizeof *ring, &size);
	if (err == EDB_E_NOT_FOUND) {
		TEE_MemFill(ring, 0, sizeof *ring);
		ring->format = RING_FORMAT;
		return EDB_OK;
	}
	if (err)
		return err;
	if (size != sizeof *ring || ring->format != RING_FORMAT ||
		ring->service_count > KEY_SERVICES_MAX || ring->key_count > KEY_VERSIONS_MAX)
		return EDB_E_STORAGE;
	return EDB_OK;
}

/*
 * The index is written first: a power cut in between leaves a count that is off until the ring is
 * written again, or a ref to an empty ring; never a key that the index does not know.
 */
static enum edb_err ring_write(const uint8_t id[static UUID_BYTES],
	const uint8_t vendor[static KEY_ID_BYTES], const struct ring *ring)
{
	struct record_name index = index_name(), name = ring_name(id, vendor);
	struct ring_ref *ref = ref_find(id, vendor);
	bool is_new = !ref;
	uint32_t had = ref ? ref->key_count : 0, count = ref_count + is_new;
	enum edb_err err;

	if (keyring_key_count() - had + ring->key_count > CLASS_KEYS_MAX || count > CLASS_KEYS_MAX)
		return EDB_E_QUOTA;
	if (is_new) {
		ref = &refs[ref_count];
		TEE_MemMove(ref->id, id, UUID_BYTES);
		TEE_MemMove(ref->vendor, vendor, KEY_ID_BYTES);
	}
	if (is_new || had != ring->key_count) {
		ref->key_count = ring->key_count;
		err = store_write(&index, refs, count * sizeof refs[0]);
		if (err) {
			ref->key_count = had;
			return err;
		}
		ref_count = count;
	}
	return store_write(&name, ring, sizeof *ring);
}

/* Versions below the lowest valid one go; the new key comes. */
static enum edb_err ring_put_key(struct ring *ring, uint32_t version, uint32_t lowest_version,
	const uint8_t key[static CLASS_KEY_BYTES])
{
	uint32_t kept = 0;

	if (lowest_version > ring->lowest_version)
		ring->lowest_version = lowest_version;
	if (version < ring->lowest_version)
		return EDB_E_DOCUMENT_VERSION;
	for (uint32_t i = 0; i < ring->key_count; i++)
		if (ring->keys[i].version >= ring->lowest_version &&
			ring->keys[i].version != version)
			ring->keys[kept++] = ring->keys[i];
	if (kept == KEY_VERSIONS_MAX)
		return EDB_E_QUOTA;
	ring->keys[kept].version = version;
	TEE_MemMove(ring->keys[kept].key, key, CLASS_KEY_BYTES);
	ring->key_count = kept + 1;
	wipe(&ring->keys[ring->key_count],
		(KEY_VERSIONS_MAX - ring->key_count) * sizeof ring->keys[0]);
	return EDB_OK;
}

static enum edb_err ring_service(
	struct ring *ring, const uint8_t id[static KEY_ID_BYTES], struct ring_service **service)
{
	for (uint32_t i = 0; i < ring->service_count; i++) {
		*service = &ring->services[i];
		if (equal_ct((*service)->id, id, KEY_ID_BYTES))
			return EDB_OK;
	}
	if (ring->service_count == KEY_SERVICES_MAX)
		return EDB_E_QUOTA;
	*service = &ring->services[ring->service_count++];
	TEE_MemMove((*service)->id, id, KEY_ID_BYTES);
	return EDB_OK;
}

/* Is the document a bundle, for this device, from a service that may send this id's keys? */
static enum edb_err bundle_check(
	const uint8_t *document, size_t size, struct sign1 *signed_part, struct key_bundle *bundle)
{
	struct operator_view view = {0};
	uint8_t device[DEVICE_ID_BYTES] = {0};
	enum edb_err err;

	err = sign1_parse(document, size, signed_part);
	if (err)
		return err;
	if (!sign1_type_is(signed_part, KEY_BUNDLE_TYPE))
		return EDB_E_DOCUMENT;
	view.service = signed_part->kid;
	err = policy_ask(&view);
	if (err)
		return err;
	if (!view.service_listed)
		return EDB_E_DOCUMENT_SIGNER;
	err = sign1_verify(signed_part, view.service_key.x, view.service_key.y);
	if (err)
		return err;
	err = key_bundle_read(signed_part->payload, signed_part->payload_size, bundle);
	if (err)
		return err;
	err = device_id(device);
	if (err)
		return err;
	if (!equal_ct(device, bundle->device, sizeof device))
		return EDB_E_DOCUMENT;
	view.application_id = bundle->application_id;
	err = policy_ask(&view);
	if (err)
		return err;
	return view.service_granted ? EDB_OK : EDB_E_DOCUMENT_SIGNER;
}

static bool number_grows(const struct key_bundle *bundle, const struct ring_service *service)
{
	if (bundle->epoch != service->epoch)
		return bundle->epoch > service->epoch;
	return bundle->counter > service->counter;
}

enum edb_err keyring_install_bundle(const uint8_t *document, size_t size)
{
	struct sign1 signed_part = {0};
	struct key_bundle bundle = {0};
	struct ring ring = {0}; /* secret: wiped at out */
	struct ring_service *service = NULL;
	uint8_t key[CLASS_KEY_BYTES] = {0}; /* secret: wiped at out */
	uint8_t digest[DIGEST_BYTES] = {0};
	enum edb_err err;

	/* The signature comes before the private key is touched: no stranger's ciphertext is
	 * opened. */
	err = bundle_check(document, size, &signed_part, &bundle);
	if (err)
		return err;
	err = sha256(document, size, digest);
	if (err)
		return err;
	err = ring_read(bundle.application_id, bundle.vendor, &ring);
	if (err)
		goto out;
	err = ring_service(&ring, signed_part.kid, &service);
	if (err)
		goto out;
	if (equal_ct(digest, service->last_bundle, sizeof digest))
		goto out; /* the same bytes again */
	err = EDB_E_DOCUMENT_VERSION;
	if (!number_grows(&bundle, service))
		goto out;
	err = device_unwrap(bundle.wrapped, key);
	if (err)
		goto out;
	err = ring_put_key(&ring, bundle.key_version, bundle.lowest_version, key);
	if (err)
		goto out;
	service->epoch = bundle.epoch;
	service->counter = bundle.counter;
	TEE_MemMove(service->last_bundle, digest, sizeof digest);
	err = ring_write(bundle.application_id, bundle.vendor, &ring);
out:
	wipe(key, sizeof key);
	wipe(&ring, sizeof ring);
	return err;
}

enum edb_err keyring_install_legacy(
	const uint8_t id[static UUID_BYTES], const uint8_t *wrapped, size_t size)
{
	struct ring ring = {0};             /* secret: wiped at out */
	uint8_t key[CLASS_KEY_BYTES] = {0}; /* secret: wiped at out */
	enum edb_err err;

	err = device_unwrap_legacy(wrapped, size, key);
	if (err)
		goto out;
	err = ring_read(id, keyring_legacy_vendor, &ring);
	if (err)
		goto out;
	err = ring_put_key(&ring, 0, 0, key);
	if (err)
		goto out;
	err = ring_write(id, keyring_legacy_vendor, &ring);
out:
	wipe(key, sizeof key);
	wipe(&ring, sizeof ring);
	return err;
}

enum edb_err keyring_get(const uint8_t id[static UUID_BYTES],
	const uint8_t vendor[static KEY_ID_BYTES], uint32_t key_version,
	uint8_t key[static CLASS_KEY_BYTES])
{
	struct ring ring = {0}; /* secret: wiped below */
	enum edb_err err = ring_read(id, vendor, &ring);

	if (!err) {
		err = EDB_E_KEY_MISSING;
		for (uint32_t i = 0; i < ring.key_count; i++) {
			if (ring.keys[i].version != key_version)
				continue;
			TEE_MemMove(key, ring.keys[i].key, CLASS_KEY_BYTES);
			err = EDB_OK;
		}
	}
	wipe(&ring, sizeof ring);
	return err;
}

enum edb_err keyring_erase_all(void)
{
	struct ring ring = {0}; /* secret: wiped at out */
	enum edb_err err = EDB_OK;

	for (uint32_t i = 0; i < ref_count && !err; i++) {
		err = ring_read(refs[i].id, refs[i].vendor, &ring);
		if (err)
			break;
		wipe(ring.keys, sizeof ring.keys);
		ring.key_count = 0;
		err = ring_write(refs[i].id, refs[i].vendor, &ring);
	}
	wipe(&ring, sizeof ring);
	return err;
}
