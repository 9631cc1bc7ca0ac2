/* SPDX-License-Identifier: MIT
 *
 * The CPM's limits (docs/contract.md, "Limits"): each is reached, and the next one gets its error
 * and changes nothing. Through the calls alone. Documents, vendors and services in a policy: the
 * corpus in tests/corpus/documents.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "edb_err.h"
#include "image_store.h"
#include "local.h"
#include "world.h"

#define MANIFEST_MAX      (16u << 10)
#define SMALL_STREAMS_MAX (64u << 10)
#define BLOCK_MAX         (256u << 10)
#define DEPLOYMENTS_MAX   4u
#define LEDGER_MAX        128u
#define CLASS_KEYS_MAX    256u
#define KEY_VERSIONS_MAX  16u
#define KEY_SERVICES_MAX  8u

/* The n-th application id, as bytes and as text. */
struct nth {
	uint8_t id[16];
	char text[37];
};

static struct nth nth(uint32_t n)
{
	struct nth made = {.id = {0x11, 0x22, 0x33, 0x44, [14] = (uint8_t)(n >> 8), (uint8_t)n}};

	snprintf(made.text, sizeof made.text, "11223344-0000-0000-0000-00000000%04x", n);
	return made;
}

/* A device whose operator sets no other limit than the CPM's. */
static int set_up(void **state)
{
	const struct operator_policy_options policy = {
		.version = 2,
		.vendors = {{.party = &world.vendor,
			.any = true,
			.quota_ids = 1000,
			.quota_kib = 1u << 30}},
		.service = &world.service,
	};

	world_set_up(state);
	world_provision(false);
	assert_int_equal(call_update(operator_policy_document(&policy, &world.operator_)), EDB_OK);
	return 0;
}

static int give_key(const struct nth *to, uint32_t version, uint32_t lowest)
{
	struct bundle_options bundle = world_bundle(++world.bundle_counter);

	bundle.id = to->id;
	bundle.version = version;
	bundle.lowest = lowest;
	return call_bundle(bundle_document(&bundle, &world.service));
}

static struct package_options data_for(const struct nth *to, const void *payload, size_t size)
{
	struct package_options o = app(1, payload, size);

	o.id = to->text;
	o.data = true;
	return o;
}

static int install_data(const struct nth *to, uint32_t maj)
{
	struct package_options o = data_for(to, "x", 1);
	struct package p;
	int ret;

	o.version[0] = maj;
	p = package_make(&o);
	ret = install(&p, &o);
	package_free(&p);
	return ret;
}

struct counts {
	uint32_t applications, entries, keys;
};

static struct counts counts(void)
{
	struct counts c = {0};
	uint8_t device[16];
	char kind[32];
	uint64_t u64;
	uint32_t u32;
	enum edb_lifecycle life;
	bool flag;
	int ret = -1;

	assert_int_equal(ecall_get_state(world.cpm, &ret, &u32, &u32, kind, &life, &flag, &u64,
				 &u64, device, &c.applications, &c.entries, &c.keys, &u64),
		TEEC_SUCCESS);
	assert_int_equal(ret, EDB_OK);
	return c;
}

static void test_ledger_entries(void **state)
{
	struct nth last = nth(LEDGER_MAX), first = nth(0);
	uint32_t objects;
	int ret = -1;

	(void)state;
	for (uint32_t i = 0; i < LEDGER_MAX; i++) {
		struct nth one = nth(i);

		assert_int_equal(give_key(&one, 1, 0), EDB_OK);
		assert_int_equal(install_data(&one, 1), EDB_OK);
	}
	assert_int_equal(give_key(&last, 1, 0), EDB_OK);
	objects = simtee_local_objects();
	assert_int_equal(install_data(&last, 1), EDB_E_QUOTA);
	assert_int_equal(simtee_local_objects(), objects);
	assert_int_equal(counts().entries, LEDGER_MAX);
	/* What is there can still be replaced; removing makes no room, the entry stays. */
	assert_int_equal(install_data(&first, 2), EDB_OK);
	assert_int_equal(ecall_remove(world.cpm, &ret, first.text), TEEC_SUCCESS);
	assert_int_equal(ret, EDB_OK);
	assert_int_equal(install_data(&last, 1), EDB_E_QUOTA);
	/* And a full ledger is read again. */
	world_power_cut();
	assert_int_equal(counts().entries, LEDGER_MAX);
	assert_int_equal(counts().applications, LEDGER_MAX - 1);
	assert_int_equal(install_data(&first, 3), EDB_OK);
}

static void test_versions_of_a_key(void **state)
{
	struct nth one = nth(0);

	(void)state;
	for (uint32_t version = 1; version <= KEY_VERSIONS_MAX; version++)
		assert_int_equal(give_key(&one, version, 0), EDB_OK);
	assert_int_equal(give_key(&one, KEY_VERSIONS_MAX + 1, 0), EDB_E_QUOTA);
	assert_int_equal(counts().keys, KEY_VERSIONS_MAX);
	assert_int_equal(give_key(&one, KEY_VERSIONS_MAX, 0), EDB_OK); /* again: replaced */
	/* Version 1 is no longer wanted: there is room for one. */
	assert_int_equal(give_key(&one, KEY_VERSIONS_MAX + 1, 2), EDB_OK);
	assert_int_equal(counts().keys, KEY_VERSIONS_MAX);
}

static void test_class_keys(void **state)
{
	struct nth other = nth(CLASS_KEYS_MAX), first = nth(0);

	(void)state;
	for (uint32_t i = 0; i < CLASS_KEYS_MAX; i++) {
		struct nth one = nth(i / KEY_VERSIONS_MAX);

		assert_int_equal(give_key(&one, i % KEY_VERSIONS_MAX + 1, 0), EDB_OK);
	}
	assert_int_equal(counts().keys, CLASS_KEYS_MAX);
	assert_int_equal(give_key(&other, 1, 0), EDB_E_QUOTA);
	assert_int_equal(counts().keys, CLASS_KEYS_MAX);
	assert_int_equal(give_key(&first, KEY_VERSIONS_MAX + 1, 3), EDB_OK); /* two go, one comes */
	assert_int_equal(give_key(&other, 1, 0), EDB_OK);
	world_power_cut();
	assert_int_equal(counts().keys, CLASS_KEYS_MAX);
	assert_int_equal(install_data(&other, 1), EDB_OK);
}

/* A ring of keys remembers the last number of each service that ever sent one. */
static void test_services_of_a_key(void **state)
{
	struct operator_policy_options policy = {
		.version = 2,
		.vendors = {{.party = &world.vendor, .any = true, .quota_ids = 4}},
	};

	(void)state;
	for (uint32_t i = 0; i <= KEY_SERVICES_MAX; i++) {
		struct party service = party_p256();
		struct bundle_options bundle = world_bundle(1);

		policy.version++;
		policy.service = &service;
		assert_int_equal(
			call_update(operator_policy_document(&policy, &world.operator_)), EDB_OK);
		assert_int_equal(call_bundle(bundle_document(&bundle, &service)),
			i < KEY_SERVICES_MAX ? EDB_OK : EDB_E_QUOTA);
		party_free(&service);
	}
	assert_int_equal(counts().keys, 1);
}

static void test_deployments_at_once(void **state)
{
	const TEEC_UUID uuid = EDB_CPM_UUID;
	struct edb_enclave *sessions[DEPLOYMENTS_MAX + 1] = {world.cpm};
	struct package packages[DEPLOYMENTS_MAX + 1];
	struct package_options o;
	int ret = -1;

	(void)state;
	for (uint32_t i = 0; i <= DEPLOYMENTS_MAX; i++) {
		struct nth one = nth(i);

		assert_int_equal(give_key(&one, 1, 0), EDB_OK);
		o = data_for(&one, "x", 1);
		packages[i] = package_make(&o);
		if (i)
			assert_int_equal(edb_enclave_open(NULL, &uuid, &sessions[i]), TEEC_SUCCESS);
		assert_int_equal(call_begin(sessions[i], &packages[i], &world.vendor),
			i < DEPLOYMENTS_MAX ? EDB_OK : EDB_E_BUSY);
	}
	assert_int_equal(
		ecall_abort_application_deployment(sessions[1], &ret, nth(1).text), TEEC_SUCCESS);
	assert_int_equal(ret, EDB_OK);
	assert_int_equal(
		call_begin(sessions[DEPLOYMENTS_MAX], &packages[DEPLOYMENTS_MAX], &world.vendor),
		EDB_OK);
	for (uint32_t i = 0; i <= DEPLOYMENTS_MAX; i++) {
		struct nth one = nth(i);

		if (i != 1) {
			const struct bytes *c = &packages[i].ciphertext;

			assert_int_equal(call_add(sessions[i], one.text, c->data, c->size), EDB_OK);
			assert_int_equal(call_end(sessions[i], one.text), EDB_OK);
		}
		package_free(&packages[i]);
		if (i)
			edb_enclave_close(sessions[i]);
	}
	assert_int_equal(counts().applications, DEPLOYMENTS_MAX);
	assert_int_equal(simtee_local_handles(), 0);
	/* The one that was dropped in the midst of them took no other with it. */
	world_power_cut();
	assert_int_equal(counts().applications, DEPLOYMENTS_MAX);
	assert_int_equal(counts().entries, DEPLOYMENTS_MAX);
}

static void test_block_of_data(void **state)
{
	uint8_t *payload = calloc(1, BLOCK_MAX + 1);
	struct nth one = nth(0);
	struct package_options o = data_for(&one, payload, BLOCK_MAX + 1);
	struct package p;

	(void)state;
	assert_non_null(payload);
	assert_int_equal(give_key(&one, 1, 0), EDB_OK);
	p = package_make(&o);
	assert_int_equal(call_begin(world.cpm, &p, &world.vendor), EDB_OK);
	assert_int_equal(
		call_add(world.cpm, one.text, p.ciphertext.data, BLOCK_MAX + 1), EDB_E_LIMIT);
	assert_int_equal(call_end(world.cpm, one.text), EDB_E_STATE); /* it is over */
	assert_int_equal(call_begin(world.cpm, &p, &world.vendor), EDB_OK);
	assert_int_equal(call_add(world.cpm, one.text, p.ciphertext.data, BLOCK_MAX), EDB_OK);
	assert_int_equal(call_add(world.cpm, one.text, p.ciphertext.data + BLOCK_MAX, 1), EDB_OK);
	assert_int_equal(call_end(world.cpm, one.text), EDB_OK);
	package_free(&p);
	free(payload);
}

/* The manifest may be as long as blanks make it. */
static void test_manifest(void **state)
{
	struct nth one = nth(0);
	struct package_options o = data_for(&one, "x", 1);
	struct package p;

	(void)state;
	assert_int_equal(give_key(&one, 1, 0), EDB_OK);
	p = package_make(&o);
	while (p.manifest.size < MANIFEST_MAX)
		bytes_put(&p.manifest, " ", 1);
	package_resign(&p, &o);
	assert_int_equal(install(&p, &o), EDB_OK);
	bytes_put(&p.manifest, " ", 1);
	package_resign(&p, &o);
	assert_int_equal(install(&p, &o), EDB_E_LIMIT);
	package_free(&p);
}

/* The manifest with one number in place of another, signed again. */
static void change(
	struct package *p, const struct package_options *o, const char *was, const char *is)
{
	struct bytes manifest = {0};
	char *at;

	bytes_put(&p->manifest, "", 1); /* a NUL, for strstr */
	at = strstr((char *)p->manifest.data, was);
	assert_non_null(at);
	bytes_put(&manifest, p->manifest.data, (size_t)(at - (char *)p->manifest.data));
	bytes_put(&manifest, is, strlen(is));
	bytes_put(&manifest, at + strlen(was), strlen(at + strlen(was)));
	bytes_free(&p->manifest);
	p->manifest = manifest;
	package_resign(p, o);
}

/* What AES-GCM takes at most. Only begun: nothing is kept for it before it comes. */
static void test_payload(void **state)
{
	static const struct {
		const char *sizes;
		int want;
	} cases[] = {
		{",68719476704]", EDB_OK}, /* 2^36 - 32 */
		{",68719476705]", EDB_E_LIMIT},
		{",9223372036854775807]", EDB_E_LIMIT},
		{",9223372036854775808]", EDB_E_MEMBER_VALUE},
	};
	struct nth one = nth(0);
	struct package_options o = data_for(&one, "x", 1);

	(void)state;
	assert_int_equal(give_key(&one, 1, 0), EDB_OK);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct package p = package_make(&o);
		int ret = -1;

		change(&p, &o, ",1]", cases[i].sizes);
		assert_int_equal(call_begin(world.cpm, &p, &world.vendor), cases[i].want);
		if (!cases[i].want) {
			assert_int_equal(
				ecall_abort_application_deployment(world.cpm, &ret, one.text),
				TEEC_SUCCESS);
			assert_int_equal(ret, EDB_OK);
		}
		package_free(&p);
	}
	assert_int_equal(simtee_local_handles(), 0);
}

/* The certificate is the only small stream of no fixed size; its bytes are the host's affair. */
static int install_with_small_streams(uint32_t size)
{
	struct nth one = nth(0);
	struct package_options o = data_for(&one, "x", 1);
	struct package p = package_make(&o);
	char before[32], after[32];
	int ret;

	snprintf(before, sizeof before, "[12,16,32,%zu,", world.vendor.spki.size);
	snprintf(after, sizeof after, "[12,16,32,%u,", size - 12 - 16 - 32);
	p.streams.data = realloc(p.streams.data, size);
	assert_non_null(p.streams.data);
	memset(p.streams.data + p.streams.size, 0, size - p.streams.size);
	p.streams.size = size;
	change(&p, &o, before, after);
	ret = install(&p, &o);
	package_free(&p);
	return ret;
}

static void test_small_streams(void **state)
{
	struct nth one = nth(0);

	(void)state;
	assert_int_equal(give_key(&one, 1, 0), EDB_OK);
	assert_int_equal(install_with_small_streams(SMALL_STREAMS_MAX + 1), EDB_E_LIMIT);
	assert_int_equal(install_with_small_streams(SMALL_STREAMS_MAX), EDB_OK);
}

#define WITH_WORLD(test) cmocka_unit_test_setup_teardown(test, set_up, world_tear_down)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		WITH_WORLD(test_ledger_entries),
		WITH_WORLD(test_versions_of_a_key),
		WITH_WORLD(test_class_keys),
		WITH_WORLD(test_services_of_a_key),
		WITH_WORLD(test_deployments_at_once),
		WITH_WORLD(test_block_of_data),
		WITH_WORLD(test_manifest),
		WITH_WORLD(test_payload),
		WITH_WORLD(test_small_streams),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
