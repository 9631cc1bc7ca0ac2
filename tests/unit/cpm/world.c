/* SPDX-License-Identifier: MIT */
#include "world.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "image_store.h"
#include "image_store_fake.h"
#include "local.h"
#include "teec_local.h"

#define BLOCK_BYTES 100001u /* no multiple of anything inside */

struct world world;

static const uint8_t app_id[16] = {0x5f, 0x3c, 0x1d, 0x6e, 0x2b, 0x74, 0x4c, 0x8f, 0x9a, 0x51, 0x7d,
	0x0e, 0x6b, 0x3f, 0x8c, 0x24};

static void connect(void)
{
	const TEEC_UUID cpm = EDB_CPM_UUID;

	if (edb_enclave_open(NULL, &cpm, &world.cpm))
		abort();
}

int world_set_up(void **state)
{
	(void)state;
	memset(&world, 0, sizeof world);
	simtee_local_reset();
	teec_local_power_cut();
	image_store_fake_reset();
	world.root = party_p256();
	world.operator_ = party_p256();
	world.vendor = party_p256();
	world.other_vendor = party_p256();
	world.service = party_p256();
	world.stranger = party_p256();
	memcpy(world.id, app_id, sizeof app_id);
	RAND_bytes(world.key, sizeof world.key);
	connect();
	return 0;
}

int world_tear_down(void **state)
{
	(void)state;
	edb_enclave_close(world.cpm);
	party_free(&world.root);
	party_free(&world.operator_);
	party_free(&world.vendor);
	party_free(&world.other_vendor);
	party_free(&world.rsa_vendor);
	party_free(&world.service);
	party_free(&world.stranger);
	bytes_free(&world.wrapping);
	image_store_fake_reset();
	simtee_local_reset();
	teec_local_power_cut();
	return 0;
}

void world_reconnect(void)
{
	edb_enclave_close(world.cpm);
	connect();
}

void world_power_cut(void)
{
	/* From here on nothing reaches storage; closing the session only gives memory back. */
	simtee_local_stop();
	edb_enclave_close(world.cpm);
	teec_local_power_cut();
	image_store_fake_power_cut();
	simtee_local_restart();
	connect();
}

int call_provision(const struct party *root, struct bytes policy)
{
	int ret = -1;

	if (ecall_provision(world.cpm, &ret, root->spki.data, (uint32_t)root->spki.size,
		    policy.data, (uint32_t)policy.size))
		abort();
	bytes_free(&policy);
	return ret;
}

int call_update(struct bytes document)
{
	int ret = -1;

	if (ecall_update_policy(world.cpm, &ret, document.data, (uint32_t)document.size))
		abort();
	bytes_free(&document);
	return ret;
}

int call_bundle(struct bytes document)
{
	int ret = -1;

	if (ecall_install_key_bundle(world.cpm, &ret, document.data, (uint32_t)document.size))
		abort();
	bytes_free(&document);
	return ret;
}

int call_begin(struct edb_enclave *e, const struct package *p, const struct party *signer)
{
	int ret = -1;

	if (ecall_begin_package(e, &ret, p->manifest.data, (uint32_t)p->manifest.size,
		    p->streams.data, (uint32_t)p->streams.size, p->digest.data,
		    p->package_signature.data, (uint32_t)p->package_signature.size,
		    p->payload_signature.data, (uint32_t)p->payload_signature.size,
		    signer->spki.data, (uint32_t)signer->spki.size))
		abort();
	return ret;
}

int call_add(struct edb_enclave *e, const char *id, const void *data, size_t size)
{
	int ret = -1;

	if (ecall_add_application_data(e, &ret, id, data, (uint32_t)size))
		abort();
	return ret;
}

int call_end(struct edb_enclave *e, const char *id)
{
	int ret = -1;

	if (ecall_end_application_deployment(e, &ret, id))
		abort();
	return ret;
}

int install(const struct package *p, const struct package_options *o)
{
	int ret = call_begin(world.cpm, p, o->vendor);

	for (size_t at = 0; !ret && at < p->ciphertext.size; at += BLOCK_BYTES) {
		size_t left = p->ciphertext.size - at;

		ret = call_add(world.cpm, o->id, p->ciphertext.data + at,
			left < BLOCK_BYTES ? left : BLOCK_BYTES);
	}
	return ret ? ret : call_end(world.cpm, o->id);
}

static void export_keys(void)
{
	uint8_t spki[600];
	uint32_t size = 0, ignored32;
	uint64_t ignored64;
	char kind[32];
	enum edb_lifecycle lifecycle;
	bool ignored;
	int ret = -1;

	if (ecall_export_key(world.cpm, &ret, EDB_KEY_WRAPPING, spki, sizeof spki, &size) || ret)
		abort();
	bytes_free(&world.wrapping);
	bytes_put(&world.wrapping, spki, size);
	if (ecall_get_state(world.cpm, &ret, &ignored32, &ignored32, kind, &lifecycle, &ignored,
		    &ignored64, &ignored64, world.device, &ignored32, &ignored32, &ignored32,
		    &ignored64) ||
		ret)
		abort();
}

void world_provision(bool allow_2021)
{
	struct device_policy_options device = {
		.version = 1,
		.operator_ = &world.operator_,
		.packages_2021 = allow_2021,
		.keys_2021 = allow_2021,
	};
	struct operator_policy_options policy = {
		.version = 1,
		.vendors =
			{{.party = &world.vendor, .any = true, .quota_ids = 4, .quota_kib = 8192}},
		.service = &world.service,
	};

	if (world.rsa_vendor.key)
		policy.vendors[1] = (struct vendor_options){
			.party = &world.rsa_vendor, .any = true, .quota_ids = 4, .quota_kib = 8192};
	export_keys();
	if (call_provision(&world.root, device_policy_document(&device, &world.root)) ||
		call_update(operator_policy_document(&policy, &world.operator_)))
		abort();
	world.policy_version = 1;
}

struct bundle_options world_bundle(uint32_t counter)
{
	return (struct bundle_options){.device = world.device,
		.id = world.id,
		.vendor = world.vendor.id,
		.version = 1,
		.epoch = 1,
		.counter = counter,
		.key = world.key,
		.wrapping_spki = &world.wrapping};
}

void world_give_key(const struct party *vendor, uint32_t version)
{
	struct bundle_options bundle = world_bundle(++world.bundle_counter);

	bundle.vendor = vendor->id;
	bundle.version = version;
	if (call_bundle(bundle_document(&bundle, &world.service)))
		abort();
}

/* RSAES-PKCS1-v1_5 to the device's RSAPublicKey. */
size_t world_wrap_legacy(uint8_t wrapped[static 512])
{
	uint8_t der[600];
	const unsigned char *at = der;
	EVP_PKEY *key;
	EVP_PKEY_CTX *ctx;
	unsigned size = 0;
	size_t out = 512;
	int ret = -1;

	if (ecall_get_device_public_key_data_size(world.cpm, &ret, &size) || ret ||
		ecall_export_device_public_key(world.cpm, &ret, der, size) || ret)
		abort();
	key = d2i_PublicKey(EVP_PKEY_RSA, NULL, &at, (long)size);
	ctx = EVP_PKEY_CTX_new(key, NULL);
	if (!key || !ctx || EVP_PKEY_encrypt_init(ctx) <= 0 ||
		EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING) <= 0 ||
		EVP_PKEY_encrypt(ctx, wrapped, &out, world.key, sizeof world.key) <= 0)
		abort();
	EVP_PKEY_CTX_free(ctx);
	EVP_PKEY_free(key);
	return out;
}

struct package_options app(uint32_t maj, const void *payload, size_t size)
{
	return (struct package_options){
		.id = APP_ID,
		.version = {maj, 0, 0},
		.key_version = 1,
		.key = world.key,
		.payload = payload,
		.payload_size = size,
		.vendor = &world.vendor,
	};
}

int install_app(uint32_t maj, uint8_t seed)
{
	struct package_options o = app(maj, image_store_fake_image(seed), IMAGE_BYTES);
	struct package p = package_make(&o);
	int ret = install(&p, &o);

	package_free(&p);
	return ret;
}

bool holds_image(uint8_t seed)
{
	uint32_t size = 0;
	const uint8_t *found = image_store_fake_find(world.id, &size);

	return found && size == IMAGE_BYTES &&
	       !memcmp(found, image_store_fake_image(seed), IMAGE_BYTES);
}

int call_list(struct edb_enclave *e, uint32_t index, struct listed *l)
{
	int ret = -1;

	if (ecall_list(e, &ret, index, l->id, l->version, l->digest, l->vendor, &l->type, &l->state,
		    &l->key_version))
		return -1;
	return ret;
}
