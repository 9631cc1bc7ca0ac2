/* SPDX-License-Identifier: MIT */
#include "keys.h"

#include "policy.h"
#include "sign1.h"
#include "uuid.h"

struct ring_service {
	uint8_t id[KEY_ID_BYTES];
	uint64_t number;                   /* of its last bundle */
	uint8_t last_bundle[DIGEST_BYTES]; /* SHA-256 of its bytes */
};

struct ring_key {
	uint32_t version;
	uint8_t key[CLASS_KEY_BYTES];
};

struct ring {
	uint32_t service_count, key_count, lowest_version, none;
	struct ring_service services[KEY_SERVICES_MAX];
	struct ring_key keys[KEY_VERSIONS_MAX];
};

struct ring_ref {
	struct key_owner owner;
	uint32_t key_count;
};

_Static_assert(sizeof(struct ring) == 16 + KEY_SERVICES_MAX * 72 + KEY_VERSIONS_MAX * 36,
	"padding in a stored record");

/* Every ring there is: one for each key at most, and those whose keys are all wiped. */
static struct ring_ref refs[CLASS_KEYS_MAX];
static uint32_t ref_count;

enum edb_err keyring_load(void)
{
	size_t size = 0;
	enum edb_err err = store_read("K", 1, refs, sizeof refs, &size);

	ref_count = (uint32_t)(err ? 0 : size / sizeof refs[0]);
	return size % sizeof refs[0] ? EDB_E_STORAGE : err;
}

uint32_t keyring_key_count(void)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < ref_count; i++)
		count += refs[i].key_count;
	return count;
}

/* Its place, or the first free one. */
static uint32_t place_of(const struct key_owner *owner)
{
	uint32_t i = 0;

	while (i < ref_count && !equal_ct(&refs[i].owner, owner, sizeof *owner))
		i++;
	return i;
}

/* A ring that the index does not know reads as an empty one. The caller wipes. */
static enum edb_err ring_read(const struct key_owner *owner, struct ring *ring)
{
	enum edb_err err = EDB_OK;

	*ring = (struct ring){0};
	if (place_of(owner) < ref_count)
		err = store_read_exactly(owner, sizeof *owner, ring, sizeof *ring);
	if (ring->service_count > KEY_SERVICES_MAX || ring->key_count > KEY_VERSIONS_MAX)
		err = EDB_E_STORAGE;
	return err;
}

/*
 * The index is written first: a power cut in between leaves a count that is off until the ring is
 * written again, or a ref to an empty ring; never a key that the index does not know.
 */
static enum edb_err ring_write(const struct key_owner *owner, const struct ring *ring)
{
	uint32_t place = place_of(owner), count = place < ref_count ? ref_count : place + 1;
	uint32_t had;
	enum edb_err err;

	if (place == CLASS_KEYS_MAX)
		return EDB_E_QUOTA;
	had = place < ref_count ? refs[place].key_count : 0;
	if (keyring_key_count() - had + ring->key_count > CLASS_KEYS_MAX)
		return EDB_E_QUOTA;
	refs[place] = (struct ring_ref){.owner = *owner, .key_count = ring->key_count};
	err = store_write("K", 1, refs, count * sizeof refs[0]);
	if (err) {
		refs[place].key_count = had;
		return err;
	}
	ref_count = count;
	return store_write(owner, sizeof *owner, ring, sizeof *ring);
}

/* Versions below the lowest valid one go; the new key comes. */
static enum edb_err ring_put_key(
	struct ring *ring, const struct ring_key *key, uint32_t lowest_version)
{
	uint32_t kept = 0;

	if (lowest_version > ring->lowest_version)
		ring->lowest_version = lowest_version;
	if (key->version < ring->lowest_version)
		return EDB_E_DOCUMENT_VERSION;
	for (uint32_t i = 0; i < ring->key_count; i++)
		if (ring->keys[i].version >= ring->lowest_version &&
			ring->keys[i].version != key->version)
			ring->keys[kept++] = ring->keys[i];
	if (kept == KEY_VERSIONS_MAX)
		return EDB_E_QUOTA;
	ring->keys[kept++] = *key;
	ring->key_count = kept;
	wipe(&ring->keys[kept], (KEY_VERSIONS_MAX - kept) * sizeof *key);
	return EDB_OK;
}

/* The service's place, a new one if it has none yet. NULL: there is no room for it. */
static struct ring_service *ring_service(struct ring *ring, const uint8_t id[static KEY_ID_BYTES])
{
	uint32_t i = 0;

	while (i < ring->service_count && !equal_ct(ring->services[i].id, id, KEY_ID_BYTES))
		i++;
	if (i == KEY_SERVICES_MAX)
		return NULL;
	if (i == ring->service_count)
		TEE_MemMove(ring->services[ring->service_count++].id, id, KEY_ID_BYTES);
	return &ring->services[i];
}

/* Is the document a bundle, for this device, from a service that may send this id's keys? */
static enum edb_err bundle_check(
	const uint8_t *document, size_t size, struct sign1 *signed_part, struct key_bundle *bundle)
{
	struct operator_view view = {0};
	uint8_t device[DEVICE_ID_BYTES] = {0};
	enum edb_err err = sign1_parse(document, size, signed_part);

	err = err ? err : require(sign1_type_is(signed_part, KEY_BUNDLE_TYPE), EDB_E_DOCUMENT);
	view.service = signed_part->kid;
	err = err ? err : policy_ask(&view);
	err = err ? err : require(view.service_listed, EDB_E_DOCUMENT_SIGNER);
	err = err ? err : sign1_verify(signed_part, KEY_BUNDLE_TYPE, &view.service_key);
	err = err ? err : key_bundle_read(signed_part->payload, signed_part->payload_size, bundle);
	err = err ? err : device_id(device);
	err = err ? err : require(equal_ct(device, bundle->device, sizeof device), EDB_E_DOCUMENT);
	view.application_id = bundle->owner.application_id;
	err = err ? err : policy_ask(&view);
	return err ? err : require(view.service_granted, EDB_E_DOCUMENT_SIGNER);
}

int ecall_install_key_bundle(uint8_t *document, uint32_t document_size)
{
	struct sign1 signed_part = {0};
	struct key_bundle bundle = {0};
	struct ring ring = {0}; /* secret: wiped at out */
	struct ring_service *service = NULL;
	struct ring_key key = {0}; /* secret: wiped at out */
	uint8_t digest[DIGEST_BYTES] = {0};
	enum edb_err err = life_serving();

	/* The signature comes before the private key is touched: no stranger's ciphertext is
	 * opened. */
	err = err ? err : bundle_check(document, document_size, &signed_part, &bundle);
	err = err ? err : sha256(document, document_size, digest);
	err = err ? err : ring_read(&bundle.owner, &ring);
	if (err)
		goto out;
	service = ring_service(&ring, signed_part.kid);
	if (!service)
		err = EDB_E_QUOTA;
	else if (equal_ct(digest, service->last_bundle, sizeof digest))
		goto out; /* the same bytes again */
	else
		err = require(bundle.number > service->number, EDB_E_DOCUMENT_VERSION);
	key.version = bundle.key_version;
	err = err ? err
		  : device_unwrap(EDB_KEY_WRAPPING, bundle.wrapped, WRAPPED_KEY_BYTES, key.key);
	err = err ? err : ring_put_key(&ring, &key, bundle.lowest_version);
	if (err)
		goto out;
	service->number = bundle.number;
	TEE_MemMove(service->last_bundle, digest, sizeof digest);
	err = ring_write(&bundle.owner, &ring);
out:
	wipe(&key, sizeof key);
	wipe(&ring, sizeof ring);
	return err;
}

int ecall_install_application_key(char *application_id, unsigned char *data, unsigned int data_size)
{
	struct key_owner owner = {0}; /* no vendor */
	struct ring ring = {0};       /* secret: wiped below */
	struct ring_key key = {0};    /* secret: wiped below; version 0 */
	enum edb_err err = life_serving();

	err = err ? err : require(policy_device_borrow()->policy.allow_2021_keys, EDB_E_LEGACY);
	err = err ? err : uuid_parse(application_id, owner.application_id);
	err = err ? err : device_unwrap(EDB_KEY_LEGACY_WRAPPING, data, data_size, key.key);
	err = err ? err : ring_read(&owner, &ring);
	err = err ? err : ring_put_key(&ring, &key, 0);
	err = err ? err : ring_write(&owner, &ring);
	wipe(&key, sizeof key);
	wipe(&ring, sizeof ring);
	return err;
}

enum edb_err keyring_get(const uint8_t id[static UUID_BYTES], const struct ledger_payload *payload,
	uint8_t key[static CLASS_KEY_BYTES])
{
	struct key_owner owner = {0};
	struct ring ring = {0}; /* secret: wiped below */
	enum edb_err err;

	TEE_MemMove(owner.application_id, id, UUID_BYTES);
	if (payload->signed_package)
		TEE_MemMove(owner.vendor, payload->vendor, KEY_ID_BYTES);
	err = ring_read(&owner, &ring);
	err = err ? err : EDB_E_KEY_MISSING;
	for (uint32_t i = 0; i < ring.key_count && err == EDB_E_KEY_MISSING; i++) {
		if (ring.keys[i].version == payload->key_version) {
			TEE_MemMove(key, ring.keys[i].key, CLASS_KEY_BYTES);
			err = EDB_OK;
		}
	}
	wipe(&ring, sizeof ring);
	return err;
}

enum edb_err keyring_erase_all(void)
{
	struct ring ring = {0}; /* secret: wiped below */
	enum edb_err err = EDB_OK;

	for (uint32_t i = 0; i < ref_count && !err; i++) {
		struct key_owner owner = refs[i].owner;

		err = ring_read(&owner, &ring);
		wipe(ring.keys, sizeof ring.keys);
		ring.key_count = 0;
		err = err ? err : ring_write(&owner, &ring);
	}
	wipe(&ring, sizeof ring);
	return err;
}
