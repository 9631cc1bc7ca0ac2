/* SPDX-License-Identifier: MIT
 *
 * A host that lies, interleaves, cuts the power at the worst moment and lets writes fail: for each
 * attack the CPM's answer, and what has to be true afterwards. Storage that fails for a moment is
 * simtee_local_stop_at, then simtee_local_resume.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/evp.h>
#include <tee_internal_api.h>

#include "edb_err.h"
#include "image_store_fake.h"
#include "local.h"
#include "world.h"

static struct package app_package(uint32_t maj, uint8_t seed)
{
	struct package_options o = app(maj, image_store_fake_image(seed), IMAGE_BYTES);

	return package_make(&o);
}

static struct package data_package(uint32_t maj, size_t size)
{
	static uint8_t payload[4096];
	struct package_options o = app(maj, payload, size);

	o.data = true;
	return package_make(&o);
}

/* All of a package of world.vendor; freed. */
static int install_package(struct package p)
{
	struct package_options o = app(1, NULL, 0);
	int ret = install(&p, &o);

	package_free(&p);
	return ret;
}

static int remove_app(void)
{
	int ret = -1;

	assert_int_equal(ecall_remove(world.cpm, &ret, APP_ID), TEEC_SUCCESS);
	return ret;
}

static void abort_deployment(void)
{
	int ret = -1;

	assert_int_equal(ecall_abort_application_deployment(world.cpm, &ret, APP_ID), TEEC_SUCCESS);
	assert_int_equal(ret, EDB_OK);
}

static enum edb_app_state listed_state(uint32_t version[static 3])
{
	uint8_t id[16], digest[32], vendor[32];
	enum edb_payload_type type;
	enum edb_app_state app_state = EDB_APP_REMOVED;
	uint32_t key_version;
	int ret = -1;

	assert_int_equal(ecall_list(world.cpm, &ret, 0, id, version, digest, vendor, &type,
				 &app_state, &key_version),
		TEEC_SUCCESS);
	assert_int_equal(ret, EDB_OK);
	return app_state;
}

static uint32_t class_keys(void)
{
	uint32_t v, keys = 0;
	uint64_t w;
	char kind[32];
	uint8_t id[16];
	enum edb_lifecycle life;
	bool flag;
	int ret = -1;

	assert_int_equal(ecall_get_state(world.cpm, &ret, &v, &v, kind, &life, &flag, &w, &w, id,
				 &v, &v, &keys, &w),
		TEEC_SUCCESS);
	assert_int_equal(ret, EDB_OK);
	return keys;
}

/*
 * Until the end nothing ties the manifest to the signed digest. A host that writes another version
 * into the manifest of what is installed, begins with it and cuts the power, must not have the
 * ledger believe it: the image store does hold an image of that digest.
 */
static void test_forged_manifest_and_a_power_cut(void **state)
{
	struct package p;
	uint32_t version[3];
	char *at;

	(void)state;
	world_provision(false);
	world_give_key(&world.vendor, 1);
	p = app_package(1, 'a');
	assert_int_equal(
		install(&p, &(struct package_options){.id = APP_ID, .vendor = &world.vendor}),
		EDB_OK);
	at = memmem(p.manifest.data, p.manifest.size, "\"maj\":1", 7);
	assert_non_null(at);
	at[6] = '9';
	assert_int_equal(call_begin(world.cpm, &p, &world.vendor), EDB_OK);
	world_power_cut();
	assert_int_equal(listed_state(version), EDB_APP_INSTALLED);
	assert_int_equal(version[0], 1);
	package_free(&p);
	assert_int_equal(install_package(app_package(2, 'b')), EDB_OK);
}

/* A write of the index that fails, and a second attempt: a key that the index does not know would
 * outlive a change of operator. */
static void test_no_key_without_its_place_in_the_index(void **state)
{
	struct bundle_options bundle;
	struct bytes document, again = {0};

	(void)state;
	world_provision(false);
	bundle = world_bundle(1);
	document = bundle_document(&bundle, &world.service);
	bytes_put(&again, document.data, document.size);
	simtee_local_stop_at(1);
	assert_int_equal(call_bundle(document), EDB_E_STORAGE);
	simtee_local_resume();
	assert_int_equal(class_keys(), 0);
	assert_int_equal(call_bundle(again), EDB_OK);
	assert_int_equal(class_keys(), 1);
	world_power_cut();
	assert_int_equal(class_keys(), 1);
}

/* Secure storage of the simulator does not notice a record that was taken away. */
static void lose_record(char name)
{
	TEE_ObjectHandle object = TEE_HANDLE_NULL;

	assert_int_equal(TEE_OpenPersistentObject(TEE_STORAGE_PRIVATE, &name, 1,
				 TEE_DATA_FLAG_ACCESS_WRITE_META, &object),
		TEE_SUCCESS);
	assert_int_equal(TEE_CloseAndDeletePersistentObject1(object), TEE_SUCCESS);
}

/* The note that the device was provisioned is gone, and with another root come other masters: keys
 * and applications of the earlier ones are not theirs, with the index of the keys or without. */
static void test_a_new_root_finds_nothing(void **state)
{
	struct device_policy_options device = {.version = 1, .operator_ = &world.stranger};
	struct operator_policy_options policy = {
		.version = 1,
		.vendors =
			{{.party = &world.vendor, .any = true, .quota_ids = 4, .quota_kib = 8192}},
	};

	(void)state;
	for (int i = 0; i < 2; i++) {
		world_provision(false);
		world_give_key(&world.vendor, 1);
		assert_int_equal(install_package(app_package(1, 'a')), EDB_OK);
		lose_record('D');
		if (i == 1)
			lose_record('K');
		world_power_cut();
		assert_int_equal(call_provision(&world.stranger,
					 device_policy_document(&device, &world.stranger)),
			EDB_OK);
		assert_int_equal(class_keys(), 0);
		assert_null(image_store_fake_find(world.id, &(uint32_t){0}));
		assert_int_equal(
			call_update(operator_policy_document(&policy, &world.stranger)), EDB_OK);
		assert_int_equal(install_package(app_package(2, 'b')), EDB_E_KEY_MISSING);
		world_tear_down(NULL);
		world_set_up(NULL);
	}
}

/* Removed, but the image could not be deleted, and then somebody started it. */
static void leave_stale_image(void)
{
	assert_int_equal(install_package(app_package(1, 'a')), EDB_OK);
	simtee_local_stop_at(2); /* the ledger lets go, the image stays */
	assert_int_equal(remove_app(), EDB_E_STORAGE);
	simtee_local_resume();
	image_store_fake_load(world.id, true);
	assert_int_equal(remove_app(), EDB_E_BUSY);
}

/* Data under the id of a removed application replaces no image: the leftover is still deleted. */
static void test_data_does_not_hide_a_stale_image(void **state)
{
	(void)state;
	world_provision(false);
	world_give_key(&world.vendor, 1);
	leave_stale_image();
	assert_int_equal(install_package(data_package(2, 100)), EDB_OK);
	image_store_fake_load(world.id, false);
	world_power_cut();
	assert_null(image_store_fake_find(world.id, &(uint32_t){0}));
}

/* Every abandoned deployment of data gives its storage back, also where an image cannot go yet. */
static void test_abandoned_data_leaves_nothing(void **state)
{
	struct package p;
	uint32_t objects;

	(void)state;
	world_provision(false);
	world_give_key(&world.vendor, 1);
	leave_stale_image();
	p = data_package(2, 100);
	objects = simtee_local_objects();
	for (int i = 0; i < 3; i++) {
		assert_int_equal(call_begin(world.cpm, &p, &world.vendor), EDB_OK);
		assert_int_equal(
			call_add(world.cpm, APP_ID, p.ciphertext.data, p.ciphertext.size), EDB_OK);
		abort_deployment();
		assert_int_equal(simtee_local_objects(), objects);
	}
	package_free(&p);
}

/*
 * The image store has committed, the ledger's write fails. Whatever the host does next, what was
 * visible once is the lowest version from now on.
 */
static void test_version_counts_when_the_ledger_cannot_be_written(void **state)
{
	bool visible = false;

	(void)state;
	world_provision(false);
	world_give_key(&world.vendor, 1);
	for (uint32_t n = 1, failed = 1; failed; n++) {
		const uint8_t *found;
		struct package old = app_package(2 * n, 'a');
		struct package_options o = app(2 * n, NULL, 0);
		uint32_t size = 0;
		int ret;

		assert_int_equal(install(&old, &o), EDB_OK);
		simtee_local_stop_at(n);
		ret = install_package(app_package(2 * n + 1, 'b'));
		failed = simtee_local_stopped();
		simtee_local_resume();
		found = image_store_fake_find(world.id, &size);
		assert_non_null(found);
		visible |= failed && found[20] == 'b';
		if (found[20] == 'b') {
			assert_int_equal(remove_app(), EDB_OK);
			assert_int_equal(install(&old, &o), EDB_E_ROLLBACK);
		} else {
			assert_int_not_equal(ret, EDB_OK);
			assert_int_equal(install(&old, &o), EDB_OK);
		}
		package_free(&old);
	}
	assert_true(visible); /* the moment in question was among them */
}

static void begin_legacy(size_t size)
{
	int ret = -1;

	assert_int_equal(
		ecall_begin_application_deployment(world.cpm, &ret, APP_ID, size), TEEC_SUCCESS);
	assert_int_equal(ret, EDB_OK);
}

static int init_legacy(const struct package *p)
{
	int ret = -1;

	assert_int_equal(ecall_initialize_decryption_aes_gcm(world.cpm, &ret, APP_ID, 256,
				 p->streams.data, 12, p->streams.data + 12, 16),
		TEEC_SUCCESS);
	return ret;
}

static void legacy_world(void)
{
	uint8_t wrapped[512];
	size_t size;
	int ret = -1;

	world.rsa_vendor = party_rsa(2048);
	world_provision(true);
	size = world_wrap_legacy(wrapped);
	assert_int_equal(
		ecall_install_application_key(world.cpm, &ret, APP_ID, wrapped, (unsigned)size),
		TEEC_SUCCESS);
	assert_int_equal(ret, EDB_OK);
}

/* Half a beginning is none: data behind it must not reach an image store that was never opened. */
static void test_2021_init_that_fails_ends_the_deployment(void **state)
{
	struct package p;

	(void)state;
	legacy_world();
	p = app_package(1, 'a');
	begin_legacy(p.ciphertext.size);
	simtee_local_stop_at(1);
	assert_int_equal(init_legacy(&p), EDB_E_STORAGE);
	simtee_local_resume();
	assert_int_equal(
		call_add(world.cpm, APP_ID, p.ciphertext.data, p.ciphertext.size), EDB_E_STATE);
	begin_legacy(p.ciphertext.size);
	assert_int_equal(init_legacy(&p), EDB_OK);
	package_free(&p);
}

/*
 * Contract 0.1 says whether a digest matches. Said of plaintext that no tag vouches for, this would
 * be a decryption oracle: announce one byte, send one byte, try 256 digests; then two bytes.
 */
static void test_2021_digest_is_no_decryption_oracle(void **state)
{
	static uint8_t any_signature[256];
	const uint8_t first = 0x7f; /* of the plaintext, guessed */
	struct package p;
	uint8_t digest[32];
	bool digest_good = true, signature_good = true;
	int ret = -1;

	(void)state;
	legacy_world();
	p = app_package(1, 'a');
	assert_true(EVP_Digest(&first, 1, digest, NULL, EVP_sha256(), NULL));
	begin_legacy(1);
	assert_int_equal(init_legacy(&p), EDB_OK);
	assert_int_equal(call_add(world.cpm, APP_ID, p.ciphertext.data, 1), EDB_OK);
	assert_int_equal(
		ecall_verify_application_sha256_rsa_pkcs1_v15(world.cpm, &ret, APP_ID, 2048, digest,
			32, any_signature, 256, world.rsa_vendor.spki.data + 24,
			(unsigned)world.rsa_vendor.spki.size - 24, &digest_good, &signature_good),
		TEEC_SUCCESS);
	assert_int_not_equal(ret, EDB_OK);
	assert_false(digest_good);
	package_free(&p);
}

#define WITH_WORLD(test) cmocka_unit_test_setup_teardown(test, world_set_up, world_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_WORLD(test_forged_manifest_and_a_power_cut),
		WITH_WORLD(test_no_key_without_its_place_in_the_index),
		WITH_WORLD(test_a_new_root_finds_nothing),
		WITH_WORLD(test_data_does_not_hide_a_stale_image),
		WITH_WORLD(test_abandoned_data_leaves_nothing),
		WITH_WORLD(test_version_counts_when_the_ledger_cannot_be_written),
		WITH_WORLD(test_2021_init_that_fails_ends_the_deployment),
		WITH_WORLD(test_2021_digest_is_no_decryption_oracle),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
