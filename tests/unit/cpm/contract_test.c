/* SPDX-License-Identifier: MIT
 *
 * Policies, key bundles and the calls of 2021: who may do what, and what a device remembers.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "edb_err.h"
#include "heap.h"
#include "image_store_fake.h"
#include "local.h"
#include "world.h"

static struct device_policy_options device(uint64_t version)
{
	return (struct device_policy_options){.version = version, .operator_ = &world.operator_};
}

static void test_provision_once_and_only_by_the_root(void **state)
{
	struct device_policy_options o = device(1);

	(void)state;
	assert_int_equal(
		call_update(device_policy_document(&o, &world.root)), EDB_E_NOT_PROVISIONED);
	assert_int_equal(call_provision(&world.root, device_policy_document(&o, &world.stranger)),
		EDB_E_DOCUMENT_SIGNER);
	o.device = (const uint8_t *)"somebody else...";
	assert_int_equal(call_provision(&world.root, device_policy_document(&o, &world.root)),
		EDB_E_DOCUMENT);
	o = device(1);
	assert_int_equal(
		call_provision(&world.root, device_policy_document(&o, &world.root)), EDB_OK);
	assert_int_equal(call_provision(&world.root, device_policy_document(&o, &world.root)),
		EDB_E_PROVISIONED);
	world_power_cut();
	assert_int_equal(
		call_provision(&world.stranger, device_policy_document(&o, &world.stranger)),
		EDB_E_PROVISIONED);
}

static void test_versions_only_grow(void **state)
{
	struct device_policy_options o = device(1);
	struct operator_policy_options p = {.version = 1};

	(void)state;
	world_provision(false);
	assert_int_equal(
		call_update(device_policy_document(&o, &world.root)), EDB_E_DOCUMENT_VERSION);
	assert_int_equal(call_update(operator_policy_document(&p, &world.operator_)),
		EDB_E_DOCUMENT_VERSION);
	o.version = p.version = 7;
	assert_int_equal(call_update(device_policy_document(&o, &world.root)), EDB_OK);
	assert_int_equal(call_update(operator_policy_document(&p, &world.operator_)), EDB_OK);
	world_power_cut();
	p.version = 6;
	assert_int_equal(call_update(operator_policy_document(&p, &world.operator_)),
		EDB_E_DOCUMENT_VERSION);
	p.version = 8;
	assert_int_equal(
		call_update(operator_policy_document(&p, &world.stranger)), EDB_E_DOCUMENT_SIGNER);
}

static void test_root_rotates(void **state)
{
	struct device_policy_options o = device(2);

	(void)state;
	world_provision(false);
	o.next_root = &world.stranger;
	assert_int_equal(call_update(device_policy_document(&o, &world.root)), EDB_OK);
	o = device(3);
	assert_int_equal(
		call_update(device_policy_document(&o, &world.root)), EDB_E_DOCUMENT_SIGNER);
	assert_int_equal(call_update(device_policy_document(&o, &world.stranger)), EDB_OK);
}

static void test_every_prefix_of_a_document(void **state)
{
	struct device_policy_options o = device(2);
	struct bytes whole;

	(void)state;
	world_provision(false);
	whole = device_policy_document(&o, &world.root);
	for (size_t size = 0; size < whole.size; size++) {
		struct bytes part = {0};

		bytes_put(&part, whole.data, size);
		assert_int_not_equal(call_update(part), EDB_OK);
	}
	for (size_t at = 0; at < whole.size; at++) {
		struct bytes changed = {0};

		bytes_put(&changed, whole.data, whole.size);
		changed.data[at] ^= 0x01;
		assert_int_not_equal(call_update(changed), EDB_OK);
	}
	assert_int_equal(call_update(whole), EDB_OK);
}

static const uint8_t *image(void)
{
	static uint8_t bytes[100];

	memcpy(bytes, IMAGE_MAGIC, 4);
	memcpy(bytes + 4, &(uint32_t){64 << 10}, 4);
	return bytes;
}

static int install_version(uint32_t maj)
{
	struct package_options o = app(maj, image(), 100);
	struct package p = package_make(&o);
	int ret = install(&p, &o);

	package_free(&p);
	return ret;
}

/* The old operator's keys and applications go; owners, versions and bundle numbers stay. */
static void test_new_operator(void **state)
{
	struct device_policy_options o = device(2);
	struct operator_policy_options p = {
		.version = 1,
		.vendors =
			{{.party = &world.vendor, .any = true, .quota_ids = 4, .quota_kib = 8192}},
		.service = &world.service,
	};
	struct bundle_options bundle = {0};
	struct bytes old_bundle;

	(void)state;
	world_provision(false);
	bundle = world_bundle(1);
	old_bundle = bundle_document(&bundle, &world.service);
	{
		struct bytes same = {0};

		bytes_put(&same, old_bundle.data, old_bundle.size);
		assert_int_equal(call_bundle(same), EDB_OK);
	}
	assert_int_equal(install_version(2), EDB_OK);
	o.operator_ = &world.stranger;
	assert_int_equal(call_update(device_policy_document(&o, &world.root)), EDB_E_DOCUMENT);
	o.device = world.device; /* handing over takes naming the device */
	assert_int_equal(call_update(device_policy_document(&o, &world.root)), EDB_OK);
	assert_null(image_store_fake_find(world.id, &(uint32_t){0}));
	assert_int_equal(install_version(3), EDB_E_NOT_PROVISIONED);
	assert_int_equal(
		call_update(operator_policy_document(&p, &world.operator_)), EDB_E_DOCUMENT_SIGNER);
	assert_int_equal(call_update(operator_policy_document(&p, &world.stranger)), EDB_OK);
	assert_int_equal(install_version(3), EDB_E_KEY_MISSING);
	/* The bytes taken last succeed again, and bring nothing back. */
	(void)call_bundle(old_bundle);
	assert_int_equal(install_version(3), EDB_E_KEY_MISSING);
	world.bundle_counter = 1;
	world_give_key(&world.vendor, 1);
	assert_int_equal(install_version(1), EDB_E_ROLLBACK);
	assert_int_equal(install_version(3), EDB_OK);
}

/* An operator who comes back continues where he was: his older policies don't. */
static void test_operator_returns(void **state)
{
	struct device_policy_options o = device(2);
	struct operator_policy_options p = {.version = 7};

	(void)state;
	world_provision(false);
	assert_int_equal(call_update(operator_policy_document(&p, &world.operator_)), EDB_OK);
	o.device = world.device;
	o.operator_ = &world.stranger;
	assert_int_equal(call_update(device_policy_document(&o, &world.root)), EDB_OK);
	p.version = 1;
	assert_int_equal(call_update(operator_policy_document(&p, &world.stranger)), EDB_OK);
	o.version = 3;
	o.operator_ = &world.operator_;
	assert_int_equal(call_update(device_policy_document(&o, &world.root)), EDB_OK);
	p.version = 6;
	assert_int_equal(call_update(operator_policy_document(&p, &world.operator_)),
		EDB_E_DOCUMENT_VERSION);
	world_power_cut();
	assert_int_equal(call_update(operator_policy_document(&p, &world.operator_)),
		EDB_E_DOCUMENT_VERSION);
	p.version = 7;
	assert_int_equal(call_update(operator_policy_document(&p, &world.operator_)), EDB_OK);
	assert_int_equal(call_update(operator_policy_document(&p, &world.operator_)),
		EDB_E_DOCUMENT_VERSION);
}

static void test_bundles(void **state)
{
	struct bundle_options b;
	uint8_t other_device[16] = {0};

	(void)state;
	world_provision(false);
	b = (struct bundle_options){.device = world.device,
		.id = world.id,
		.vendor = world.vendor.id,
		.version = 3,
		.lowest = 2,
		.epoch = 2,
		.counter = 5,
		.key = world.key,
		.wrapping_spki = &world.wrapping};
	assert_int_equal(call_bundle(bundle_document(&b, &world.stranger)), EDB_E_DOCUMENT_SIGNER);
	b.device = other_device;
	assert_int_equal(call_bundle(bundle_document(&b, &world.service)), EDB_E_DOCUMENT);
	b.device = world.device;
	b.lowest = 4; /* above its own version */
	assert_int_equal(call_bundle(bundle_document(&b, &world.service)), EDB_E_DOCUMENT);
	b.lowest = 2;
	assert_int_equal(call_bundle(bundle_document(&b, &world.service)), EDB_OK);
	/* Wrapped anew: other bytes, not a higher number. */
	assert_int_equal(call_bundle(bundle_document(&b, &world.service)), EDB_E_DOCUMENT_VERSION);
	b.epoch = 1;
	b.counter = 9;
	assert_int_equal(call_bundle(bundle_document(&b, &world.service)), EDB_E_DOCUMENT_VERSION);
	b.epoch = 2;
	b.version = b.lowest = 1; /* below what is valid */
	assert_int_equal(call_bundle(bundle_document(&b, &world.service)), EDB_E_DOCUMENT_VERSION);
	/* Wrapped for another key: no detail. */
	world.rsa_vendor = party_rsa(3072);
	b.version = 4;
	b.wrapping_spki = &world.rsa_vendor.spki;
	assert_int_equal(call_bundle(bundle_document(&b, &world.service)), EDB_E_KEY);
}

static void test_service_is_bound_to_its_ids(void **state)
{
	static const uint8_t other[16] = {1};
	struct operator_policy_options p = {
		.version = 2, .service = &world.service, .service_id = other};
	struct bundle_options b;

	(void)state;
	world_provision(false);
	assert_int_equal(call_update(operator_policy_document(&p, &world.operator_)), EDB_OK);
	b = world_bundle(1);
	assert_int_equal(call_bundle(bundle_document(&b, &world.service)), EDB_E_DOCUMENT_SIGNER);
	b.id = other;
	assert_int_equal(call_bundle(bundle_document(&b, &world.service)), EDB_OK);
}

/* --- 2021 --- */

static int legacy_key(const uint8_t *wrapped, uint32_t size)
{
	int ret = -1;

	assert_int_equal(ecall_install_application_key(world.cpm, &ret, APP_ID, wrapped, size),
		TEEC_SUCCESS);
	return ret;
}

/* RSAPublicKey inside a SubjectPublicKeyInfo: RSA-2048's begins 24 bytes in. */
static int install_legacy(const struct package *p, const struct party *vendor, bool *digest_good,
	bool *signature_good)
{
	const uint8_t *streams = p->streams.data;
	int ret = -1;

	assert_int_equal(
		ecall_begin_application_deployment(world.cpm, &ret, APP_ID, p->ciphertext.size),
		TEEC_SUCCESS);
	if (ret)
		return ret;
	assert_int_equal(ecall_initialize_decryption_aes_gcm(
				 world.cpm, &ret, APP_ID, 256, streams, 12, streams + 12, 16),
		TEEC_SUCCESS);
	if (!ret)
		ret = call_add(world.cpm, APP_ID, p->ciphertext.data, p->ciphertext.size);
	if (!ret)
		assert_int_equal(
			ecall_verify_application_sha256_rsa_pkcs1_v15(world.cpm, &ret, APP_ID, 2048,
				streams + 28, 32, p->payload_signature.data, 256,
				vendor->spki.data + 24, (unsigned)vendor->spki.size - 24,
				digest_good, signature_good),
			TEEC_SUCCESS);
	if (ret) {
		int ignored;

		(void)ecall_abort_application_deployment(world.cpm, &ignored, APP_ID);
		return ret;
	}
	return call_end(world.cpm, APP_ID);
}

static void test_2021_is_refused_unless_allowed(void **state)
{
	uint8_t junk[256] = {1};
	unsigned size;
	int ret = -1;

	(void)state;
	world_provision(false);
	assert_int_equal(legacy_key(junk, sizeof junk), EDB_E_LEGACY);
	assert_int_equal(
		ecall_get_device_public_key_data_size(world.cpm, &ret, &size), TEEC_SUCCESS);
	assert_int_equal(ret, EDB_E_LEGACY);
	assert_int_equal(
		ecall_begin_application_deployment(world.cpm, &ret, APP_ID, 10), TEEC_SUCCESS);
	assert_int_equal(ret, EDB_E_LEGACY);
}

static void test_2021_path(void **state)
{
	struct package_options o = app(1, image(), 100);
	uint8_t wrapped[512], der[600];
	bool digest_good = false, signature_good = false;
	struct package p;
	unsigned der_size = 0;
	size_t size;
	int ret = -1;

	(void)state;
	world.rsa_vendor = party_rsa(2048);
	world_provision(true);
	o.vendor = &world.rsa_vendor;
	p = package_make(&o);
	assert_int_equal(install_legacy(&p, &world.rsa_vendor, &digest_good, &signature_good),
		EDB_E_KEY_MISSING);
	assert_int_equal(
		ecall_get_device_public_key_data_size(world.cpm, &ret, &der_size), TEEC_SUCCESS);
	assert_int_equal(ret, EDB_OK);
	assert_int_equal(
		ecall_export_device_public_key(world.cpm, &ret, der, der_size - 1), TEEC_SUCCESS);
	assert_int_equal(ret, EDB_E_SPACE);
	/* More room than the key takes is as wrong, and gets nothing either. */
	assert_int_equal(
		ecall_export_device_public_key(world.cpm, &ret, der, der_size + 1), TEEC_SUCCESS);
	assert_int_equal(ret, EDB_E_SPACE);
	for (unsigned i = 0; i < der_size + 1; i++)
		assert_int_equal(der[i], 0);
	size = world_wrap_legacy(wrapped);
	/* What cannot be unwrapped succeeds, too, and opens nothing. */
	wrapped[7] ^= 1;
	assert_int_equal(legacy_key(wrapped, (uint32_t)size), EDB_OK);
	assert_int_not_equal(
		install_legacy(&p, &world.rsa_vendor, &digest_good, &signature_good), EDB_OK);
	assert_false(digest_good);
	wrapped[7] ^= 1;
	assert_int_equal(legacy_key(wrapped, (uint32_t)size), EDB_OK);
	p.payload_signature.data[9] ^= 1;
	assert_int_equal(install_legacy(&p, &world.rsa_vendor, &digest_good, &signature_good),
		EDB_E_SIGNATURE);
	assert_true(digest_good && !signature_good);
	p.payload_signature.data[9] ^= 1;
	assert_int_equal(
		install_legacy(&p, &world.rsa_vendor, &digest_good, &signature_good), EDB_OK);
	assert_true(digest_good && signature_good);
	assert_non_null(image_store_fake_find(world.id, &(uint32_t){0}));
	package_free(&p);
	/* Once it came signed as a whole, it never comes the old way again. */
	world_give_key(&world.rsa_vendor, 1);
	p = package_make(&o);
	assert_int_equal(install(&p, &o), EDB_OK);
	assert_int_equal(
		install_legacy(&p, &world.rsa_vendor, &digest_good, &signature_good), EDB_E_LEGACY);
	package_free(&p);
}

static void test_2021_without_a_signature(void **state)
{
	struct package_options o = app(1, image(), 100);
	uint8_t wrapped[512];
	struct package p;
	int ret = -1;

	(void)state;
	world_provision(true);
	assert_int_equal(legacy_key(wrapped, (uint32_t)world_wrap_legacy(wrapped)), EDB_OK);
	p = package_make(&o);
	assert_int_equal(
		ecall_begin_application_deployment(world.cpm, &ret, APP_ID, p.ciphertext.size),
		TEEC_SUCCESS);
	assert_int_equal(ecall_initialize_decryption_aes_gcm(world.cpm, &ret, APP_ID, 256,
				 p.streams.data, 12, p.streams.data + 12, 16),
		TEEC_SUCCESS);
	assert_int_equal(call_add(world.cpm, APP_ID, p.ciphertext.data, p.ciphertext.size), EDB_OK);
	assert_int_equal(call_end(world.cpm, APP_ID), EDB_E_UNSIGNED);
	package_free(&p);
}

/* Documents are signed with ES256: a root of any other kind could never say anything. */
static void test_root_is_p256(void **state)
{
	struct device_policy_options o = device(1);
	struct party rsa = party_rsa(2048);

	(void)state;
	assert_int_equal(call_provision(&rsa, device_policy_document(&o, &world.root)), EDB_E_ROOT);
	party_free(&rsa);
}

/* Nothing is changed where there is no room, in storage or in the TEE's memory, and a retry
 * succeeds.
 */
static void test_no_room(void **state)
{
	static const struct {
		TEE_Result says;
		enum edb_err means;
	} rooms[] = {{TEE_ERROR_STORAGE_NO_SPACE, EDB_E_STORAGE_FULL},
		{TEE_ERROR_OUT_OF_MEMORY, EDB_E_NOMEM}};
	struct operator_policy_options p = {.version = 2, .service = &world.service};
	uint64_t before;

	(void)state;
	world_provision(false);
	before = simtee_local_fingerprint();
	for (size_t i = 0; i < sizeof rooms / sizeof rooms[0]; i++) {
		simtee_local_fail_with(rooms[i].says);
		simtee_local_stop_at(1);
		assert_int_equal(call_update(operator_policy_document(&p, &world.operator_)),
			rooms[i].means);
		simtee_local_resume();
	}
	/* The heap is for what comes in and goes out: a policy as stored takes nothing of it. */
	simtee_heap_limit(simtee_heap_used() + 8192);
	assert_int_equal(install_version(1), EDB_E_KEY_MISSING);
	simtee_heap_limit(SIZE_MAX);
	assert_true(simtee_local_fingerprint() == before);
	assert_int_equal(call_update(operator_policy_document(&p, &world.operator_)), EDB_OK);
}

/* What ecall_get_state answers; life: where it answers EDB_OK. */
static int ask_state(enum edb_lifecycle *life)
{
	uint32_t v, n;
	uint64_t w;
	char kind[32];
	uint8_t id[16];
	bool flag;
	int ret = -1;

	assert_int_equal(ecall_get_state(world.cpm, &ret, &v, &v, kind, life, &flag, &w, &w, id, &n,
				 &n, &n, &w),
		TEEC_SUCCESS);
	return ret;
}

static void test_corrupt_storage_is_said(void **state)
{
	enum edb_lifecycle life;

	(void)state;
	world_provision(false);
	simtee_local_corrupt(true);
	world_power_cut();
	simtee_local_corrupt(true);
	assert_int_equal(ask_state(&life), EDB_E_STORAGE);
	simtee_local_corrupt(false);
	assert_int_equal(ask_state(&life), EDB_OK);
	assert_int_equal(life, EDB_LIFECYCLE_DEBUG);
}

static void test_rolled_back_storage_is_said(void **state)
{
	enum edb_lifecycle life;

	(void)state;
	world_provision(false);
	image_store_fake_roll_back(true);
	world_power_cut();
	assert_int_equal(ask_state(&life), EDB_E_STORAGE_OLD);
	image_store_fake_roll_back(false);
	assert_int_equal(ask_state(&life), EDB_OK);
	assert_int_equal(life, EDB_LIFECYCLE_DEBUG);
}

static void test_operations(void **state)
{
	bool supported = false;
	unsigned version = 0;
	int ret = -1;

	(void)state;
	assert_int_equal(ecall_ping(world.cpm, &ret, &version), TEEC_SUCCESS);
	assert_int_equal(version, 2);
	assert_int_equal(ecall_is_operation_supported(
				 world.cpm, &ret, "ecall_install_key_bundle", &supported),
		TEEC_SUCCESS);
	assert_true(supported);
	assert_int_equal(ecall_is_operation_supported(world.cpm, &ret, "ecall_nothing", &supported),
		TEEC_SUCCESS);
	assert_false(supported);
}

#define WITH_WORLD(test) cmocka_unit_test_setup_teardown(test, world_set_up, world_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_WORLD(test_provision_once_and_only_by_the_root),
		WITH_WORLD(test_versions_only_grow),
		WITH_WORLD(test_root_rotates),
		WITH_WORLD(test_every_prefix_of_a_document),
		WITH_WORLD(test_new_operator),
		WITH_WORLD(test_operator_returns),
		WITH_WORLD(test_bundles),
		WITH_WORLD(test_service_is_bound_to_its_ids),
		WITH_WORLD(test_2021_is_refused_unless_allowed),
		WITH_WORLD(test_2021_path),
		WITH_WORLD(test_2021_without_a_signature),
		WITH_WORLD(test_root_is_p256),
		WITH_WORLD(test_no_room),
		WITH_WORLD(test_corrupt_storage_is_said),
		WITH_WORLD(test_rolled_back_storage_is_said),
		WITH_WORLD(test_operations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
