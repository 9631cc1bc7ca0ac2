/* SPDX-License-Identifier: MIT
 *
 * Installing through the CPM: what comes in, what is refused and why.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "edb_err.h"
#include "image_store_fake.h"
#include "local.h"
#include "world.h"

static void test_application_installs_and_lists(void **state)
{
	struct listed l;

	(void)state;
	world_provision(false);
	world_give_key(&world.vendor, 1);
	assert_int_equal(install_app(1, 'a'), EDB_OK);
	assert_true(holds_image('a'));
	assert_int_equal(call_list(world.cpm, 0, &l), EDB_OK);
	assert_memory_equal(l.id, world.id, 16);
	assert_memory_equal(l.vendor, world.vendor.id, 32);
	assert_int_equal(l.version[0], 1);
	assert_int_equal(l.state, EDB_APP_INSTALLED);
	assert_int_equal(call_list(world.cpm, 1, &l), EDB_E_NOT_FOUND);
	assert_int_equal(image_store_fake_sessions(), 0);
	assert_int_equal(simtee_local_handles(), 0);
}

static void test_survives_a_restart(void **state)
{
	struct listed l;

	(void)state;
	world_provision(false);
	world_give_key(&world.vendor, 1);
	assert_int_equal(install_app(3, 'a'), EDB_OK);
	world_power_cut();
	assert_int_equal(call_list(world.cpm, 0, &l), EDB_OK);
	assert_int_equal(l.version[0], 3);
	assert_int_equal(install_app(2, 'b'), EDB_E_ROLLBACK);
	assert_int_equal(install_app(4, 'b'), EDB_OK); /* the class key is still there */
	assert_true(holds_image('b'));
}

static void test_rollback_is_refused_across_removal(void **state)
{
	int ret = -1;

	(void)state;
	world_provision(false);
	world_give_key(&world.vendor, 1);
	assert_int_equal(install_app(5, 'a'), EDB_OK);
	assert_int_equal(install_app(4, 'b'), EDB_E_ROLLBACK);
	assert_true(holds_image('a'));
	assert_int_equal(install_app(5, 'b'), EDB_E_ROLLBACK); /* same version, other bytes */
	assert_int_equal(ecall_remove(world.cpm, &ret, APP_ID), TEEC_SUCCESS);
	assert_int_equal(ret, EDB_OK);
	assert_null(image_store_fake_find(world.id, &(uint32_t){0}));
	assert_int_equal(install_app(4, 'b'), EDB_E_ROLLBACK);
	assert_int_equal(install_app(6, 'c'), EDB_OK);
	assert_true(holds_image('c'));
}

static void test_same_package_again(void **state)
{
	struct package_options o = app(1, image_store_fake_image('a'), IMAGE_BYTES);
	struct package p;

	(void)state;
	world_provision(false);
	world_give_key(&world.vendor, 1);
	p = package_make(&o);
	assert_int_equal(install(&p, &o), EDB_OK);
	assert_int_equal(install(&p, &o), EDB_OK);
	assert_true(holds_image('a'));
	package_free(&p);
}

static void test_without_key(void **state)
{
	(void)state;
	world_provision(false);
	assert_int_equal(install_app(1, 'a'), EDB_E_KEY_MISSING);
	world_give_key(&world.other_vendor, 1); /* opens only what that vendor signed */
	assert_int_equal(install_app(1, 'a'), EDB_E_KEY_MISSING);
}

static void test_without_provisioning(void **state)
{
	(void)state;
	assert_int_equal(install_app(1, 'a'), EDB_E_NOT_PROVISIONED);
}

static void test_wrong_key(void **state)
{
	struct package_options o = app(1, image_store_fake_image('a'), IMAGE_BYTES);
	uint8_t other[32] = {1};
	struct package p;

	(void)state;
	world_provision(false);
	world_give_key(&world.vendor, 1);
	o.key = other;
	p = package_make(&o);
	assert_int_equal(install(&p, &o), EDB_E_TAG);
	assert_null(image_store_fake_find(world.id, &(uint32_t){0}));
	package_free(&p);
}

/* One bit of each part of a good package, and what the CPM has to say about it. */
static void test_one_bit_changed(void **state)
{
	struct package_options o = app(1, image_store_fake_image('a'), IMAGE_BYTES);
	static const struct {
		size_t part; /* offset of a struct bytes in struct package */
		int expected;
		const char *why;
	} cases[] = {
		{offsetof(struct package, digest), EDB_E_SIGNATURE, "the signature is over it"},
		{offsetof(struct package, package_signature), EDB_E_SIGNATURE, ""},
		{offsetof(struct package, payload_signature), EDB_E_SIGNATURE, ""},
		{offsetof(struct package, ciphertext), EDB_E_DIGEST,
			"the package digest covers it"},
	};

	(void)state;
	world_provision(false);
	world_give_key(&world.vendor, 1);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct package p = package_make(&o);
		struct bytes *part = (void *)((uint8_t *)&p + cases[i].part);

		part->data[part->size / 2] ^= 1;
		assert_int_equal(install(&p, &o), cases[i].expected);
		assert_null(image_store_fake_find(world.id, &(uint32_t){0}));
		package_free(&p);
	}
	assert_int_equal(image_store_fake_sessions(), 0);
}

static void test_every_byte_of_the_manifest(void **state)
{
	struct package_options o = app(1, image_store_fake_image('a'), 40);
	struct package p;

	(void)state;
	world_provision(false);
	world_give_key(&world.vendor, 1);
	p = package_make(&o);
	for (size_t i = 0; i < p.manifest.size; i++) {
		p.manifest.data[i] ^= 1;
		assert_int_not_equal(install(&p, &o), EDB_OK);
		p.manifest.data[i] ^= 1;
	}
	assert_int_equal(simtee_local_handles(), 0);
	package_free(&p);
}

static void test_signer_and_target(void **state)
{
	struct package_options o = app(1, image_store_fake_image('a'), IMAGE_BYTES);
	struct package p;

	(void)state;
	world_provision(false);
	world_give_key(&world.vendor, 1);

	o.vendor = &world.stranger;
	p = package_make(&o);
	assert_int_equal(install(&p, &o), EDB_E_SIGNER);
	package_free(&p);

	o = app(1, image_store_fake_image('a'), IMAGE_BYTES);
	p = package_make(&o);
	assert_int_equal(call_begin(world.cpm, &p, &world.stranger), EDB_E_SIGNER);
	package_free(&p);

	o.os = "OP-TEE";
	p = package_make(&o);
	assert_int_equal(install(&p, &o), EDB_E_TARGET);
	package_free(&p);

	o.os = "any";
	o.arch = "any";
	p = package_make(&o);
	assert_int_equal(install(&p, &o), EDB_E_TARGET); /* for data only */
	package_free(&p);
}

static void test_owner(void **state)
{
	struct operator_policy_options policy = {
		.version = 2,
		.vendors =
			{{.party = &world.vendor, .any = true, .quota_ids = 4, .quota_kib = 8192},
				{.party = &world.other_vendor,
					.any = true,
					.quota_ids = 4,
					.quota_kib = 8192}},
		.service = &world.service,
	};
	struct package_options o;
	struct package p;

	(void)state;
	world_provision(false);
	world_give_key(&world.vendor, 1);
	world_give_key(&world.other_vendor, 1);
	assert_int_equal(install_app(1, 'a'), EDB_OK);
	assert_int_equal(call_update(operator_policy_document(&policy, &world.operator_)), EDB_OK);

	o = app(2, image_store_fake_image('b'), IMAGE_BYTES);
	o.vendor = &world.other_vendor;
	p = package_make(&o);
	assert_int_equal(install(&p, &o), EDB_E_OWNER);

	/* A successor takes over what the predecessor owned; the predecessor signs no more. */
	policy.version = 3;
	policy.vendors[1].succeeds = &world.vendor;
	assert_int_equal(call_update(operator_policy_document(&policy, &world.operator_)), EDB_OK);
	assert_int_equal(install_app(3, 'c'), EDB_E_SIGNER);
	assert_int_equal(install(&p, &o), EDB_OK);
	assert_true(holds_image('b'));
	package_free(&p);
}

/* "Any id" does not reach an id that the operator gave to another vendor by name, but what was
 * installed before stays its owner's. */
static void test_id_of_another(void **state)
{
	struct operator_policy_options policy = {
		.version = 2,
		.vendors =
			{{.party = &world.vendor, .any = true, .quota_ids = 4, .quota_kib = 8192},
				{.party = &world.other_vendor,
					.id = world.id,
					.quota_ids = 4,
					.quota_kib = 8192}},
		.service = &world.service,
	};

	(void)state;
	world_provision(false);
	world_give_key(&world.vendor, 1);
	assert_int_equal(call_update(operator_policy_document(&policy, &world.operator_)), EDB_OK);
	assert_int_equal(install_app(1, 'a'), EDB_E_OWNER);

	policy.version = 3;
	policy.vendors[1].id = NULL;
	assert_int_equal(call_update(operator_policy_document(&policy, &world.operator_)), EDB_OK);
	assert_int_equal(install_app(1, 'a'), EDB_OK);
	policy.version = 4;
	policy.vendors[1].id = world.id;
	assert_int_equal(call_update(operator_policy_document(&policy, &world.operator_)), EDB_OK);
	assert_int_equal(install_app(2, 'b'), EDB_OK);
	assert_true(holds_image('b'));
}

static void test_quota_and_floor(void **state)
{
	struct operator_policy_options policy = {
		.version = 2,
		.vendors =
			{{.party = &world.vendor, .any = true, .quota_ids = 0, .quota_kib = 8192}},
		.service = &world.service,
	};

	(void)state;
	world_provision(false);
	world_give_key(&world.vendor, 1);
	assert_int_equal(call_update(operator_policy_document(&policy, &world.operator_)), EDB_OK);
	assert_int_equal(install_app(1, 'a'), EDB_E_QUOTA);
	policy.version++;
	policy.vendors[0].quota_ids = 1;
	policy.vendors[0].quota_kib = 63; /* the image declares 64 */
	assert_int_equal(call_update(operator_policy_document(&policy, &world.operator_)), EDB_OK);
	assert_int_equal(install_app(1, 'a'), EDB_E_QUOTA);
	policy.version++;
	policy.vendors[0].quota_kib = 64;
	policy.floor_id = world.id;
	policy.floor[0] = 2;
	assert_int_equal(call_update(operator_policy_document(&policy, &world.operator_)), EDB_OK);
	assert_int_equal(install_app(1, 'a'), EDB_E_ROLLBACK);
	assert_int_equal(install_app(2, 'a'), EDB_OK);
}

static void test_data_payload(void **state)
{
	static const size_t sizes[] = {0, 1, 15, 65536, 65537, 524288, 524289, 1200000};

	(void)state;
	world_provision(false);
	world_give_key(&world.vendor, 1);
	for (uint32_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		uint8_t *payload = calloc(1, sizes[i] + 1);
		struct package_options o = app(i + 1, payload, sizes[i]);
		struct package p;
		uint32_t before;

		memset(payload, 'x', sizes[i]);
		o.data = true;
		p = package_make(&o);
		assert_int_equal(install(&p, &o), EDB_OK);
		before = simtee_local_objects();
		/* chunks of 512 KiB of this version only; a replaced version's are gone */
		world_power_cut();
		assert_int_equal(simtee_local_objects(), before);
		package_free(&p);
		free(payload);
	}
}

static void test_image_rules(void **state)
{
	struct package_options o = app(1, "no image at all", 15);
	struct package p;

	(void)state;
	world_provision(false);
	world_give_key(&world.vendor, 1);
	p = package_make(&o);
	assert_int_equal(install(&p, &o), EDB_E_IMAGE);
	package_free(&p);
	assert_int_equal(image_store_fake_sessions(), 0);
}

static void test_busy(void **state)
{
	int ret = -1;

	(void)state;
	world_provision(false);
	world_give_key(&world.vendor, 1);
	assert_int_equal(install_app(1, 'a'), EDB_OK);
	image_store_fake_load(world.id, true);
	assert_int_equal(install_app(2, 'b'), EDB_E_BUSY);
	assert_true(holds_image('a'));
	assert_int_equal(ecall_remove(world.cpm, &ret, APP_ID), TEEC_SUCCESS);
	assert_int_equal(ret, EDB_E_BUSY);
	image_store_fake_load(world.id, false);
	assert_int_equal(install_app(2, 'b'), EDB_OK);
}

static void test_order_of_calls(void **state)
{
	struct package_options o = app(1, image_store_fake_image('a'), IMAGE_BYTES);
	struct package p;
	int ret = -1;

	(void)state;
	world_provision(false);
	world_give_key(&world.vendor, 1);
	p = package_make(&o);
	assert_int_equal(call_add(world.cpm, APP_ID, "x", 1), EDB_E_STATE);
	assert_int_equal(call_end(world.cpm, APP_ID), EDB_E_STATE);
	assert_int_equal(call_begin(world.cpm, &p, &world.vendor), EDB_OK);
	assert_int_equal(call_begin(world.cpm, &p, &world.vendor), EDB_E_BUSY);
	assert_int_equal(call_add(world.cpm, OTHER_ID, "x", 1), EDB_E_STATE);
	assert_int_equal(ecall_remove(world.cpm, &ret, APP_ID), TEEC_SUCCESS);
	assert_int_equal(ret, EDB_E_BUSY);
	assert_int_equal(call_end(world.cpm, APP_ID), EDB_E_SIZES); /* too early, and it is over */
	assert_int_equal(call_add(world.cpm, APP_ID, "x", 1), EDB_E_STATE);
	assert_int_equal(call_begin(world.cpm, &p, &world.vendor), EDB_OK);
	assert_int_equal(call_add(world.cpm, APP_ID, p.ciphertext.data, p.ciphertext.size), EDB_OK);
	assert_int_equal(call_add(world.cpm, APP_ID, "x", 1), EDB_E_SIZES); /* too much */
	assert_int_equal(call_end(world.cpm, APP_ID), EDB_E_STATE);
	assert_int_equal(call_begin(world.cpm, &p, &world.vendor), EDB_OK);
	world_reconnect(); /* a session that closes drops its deployment */
	assert_int_equal(simtee_local_handles(), 0);
	assert_int_equal(install(&p, &o), EDB_OK);
	package_free(&p);
}

static void test_rsa_signers(void **state)
{
	struct package_options o;
	struct package p;

	(void)state;
	world.rsa_vendor = party_rsa(2048);
	world_provision(false);
	world_give_key(&world.rsa_vendor, 1);
	o = app(1, image_store_fake_image('a'), IMAGE_BYTES);
	o.vendor = &world.rsa_vendor;
	p = package_make(&o);
	assert_int_equal(install(&p, &o), EDB_OK);
	package_free(&p);
	o.pss = true;
	o.version[0] = 2;
	p = package_make(&o);
	assert_int_equal(install(&p, &o), EDB_OK);
	p.package_signature.data[3] ^= 1;
	assert_int_equal(install(&p, &o), EDB_E_SIGNATURE);
	package_free(&p);
}

/* The cipher works in place on blocks of 16 bytes; where a host cuts is the host's affair. */
static void test_blocks_of_any_size(void **state)
{
	static const size_t cuts[] = {1, 15, 16, 17, 31, 33, 0, 4096, 4095, 7};
	struct package_options o = app(1, image_store_fake_image('a'), IMAGE_BYTES);
	struct package p;

	(void)state;
	world_provision(false);
	world_give_key(&world.vendor, 1);
	p = package_make(&o);
	assert_int_equal(call_begin(world.cpm, &p, &world.vendor), EDB_OK);
	for (size_t at = 0, i = 0, now; at < p.ciphertext.size; at += now, i++) {
		now = cuts[i % (sizeof cuts / sizeof *cuts)];
		if (now > p.ciphertext.size - at)
			now = p.ciphertext.size - at;
		assert_int_equal(call_add(world.cpm, APP_ID, p.ciphertext.data + at, now), EDB_OK);
	}
	assert_int_equal(call_end(world.cpm, APP_ID), EDB_OK);
	package_free(&p);
}

#define WITH_WORLD(test) cmocka_unit_test_setup_teardown(test, world_set_up, world_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_WORLD(test_application_installs_and_lists),
		WITH_WORLD(test_blocks_of_any_size),
		WITH_WORLD(test_survives_a_restart),
		WITH_WORLD(test_rollback_is_refused_across_removal),
		WITH_WORLD(test_same_package_again),
		WITH_WORLD(test_without_key),
		WITH_WORLD(test_without_provisioning),
		WITH_WORLD(test_wrong_key),
		WITH_WORLD(test_one_bit_changed),
		WITH_WORLD(test_every_byte_of_the_manifest),
		WITH_WORLD(test_signer_and_target),
		WITH_WORLD(test_owner),
		WITH_WORLD(test_id_of_another),
		WITH_WORLD(test_quota_and_floor),
		WITH_WORLD(test_data_payload),
		WITH_WORLD(test_image_rules),
		WITH_WORLD(test_busy),
		WITH_WORLD(test_order_of_calls),
		WITH_WORLD(test_rsa_signers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
