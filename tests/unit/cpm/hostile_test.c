/* SPDX-License-Identifier: MIT
 *
 * The set of malformed packages (tests/hostile) against the CPM, through a courier that checks
 * nothing: it takes out of the file what it can find and hands it over. Where a rule is the
 * frame's, or about bytes that never reach the CPM, the host's verdict stands alone; everywhere
 * else the CPM must give the very error that libcpk gives, but for the few that docs/format.md
 * lists ("What a CPM sees of it"). Within a second each, and under 64 MiB.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include <cmocka.h>
#include <jansson.h>
#include <openssl/ec.h>

#include "edb_err.h"
#include "hostile.h"
#include "local.h"
#include "text.h"
#include "world.h"

#define BLOCK_BYTES (256u << 10)

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

struct piece {
	const uint8_t *bytes;
	size_t size;
};

static uint64_t le(const uint8_t *at, unsigned bytes)
{
	uint64_t value = 0;

	while (bytes--)
		value = value << 8 | at[bytes];
	return value;
}

/* A stream, if the table has it and it lies in the file. */
static struct piece stream(const struct hostile_case *c, uint64_t index)
{
	uint64_t count = le(c->bytes + 8, 2), origin = 16 + 16 * count, offset, size;

	if (index >= count || origin > c->size)
		return (struct piece){0};
	offset = le(c->bytes + 16 + 16 * index, 8);
	size = le(c->bytes + 24 + 16 * index, 8);
	if (offset > c->size - origin || size > c->size - origin - offset)
		return (struct piece){0};
	return (struct piece){c->bytes + origin + offset, (size_t)size};
}

/* The stream that the first member of an object names: { "scheme": { "data": N } } */
static struct piece named(const struct hostile_case *c, json_t *holder, const char *member)
{
	json_t *scheme = json_object_get(holder, member);
	json_t *parameters = json_object_iter_value(json_object_iter(scheme));
	json_t *data = json_object_get(parameters, "data");

	if (!json_is_integer(data) || json_integer_value(data) < 0)
		return (struct piece){0};
	return stream(c, (uint64_t)json_integer_value(data));
}

static struct edb_public_key *signer_in(struct piece certificate)
{
	struct edb_public_key *key = NULL;

	if (edb_public_key_from_pem(certificate.bytes, certificate.size, &key, NULL) &&
		edb_public_key_from_x509(certificate.bytes, certificate.size, &key, NULL))
		(void)edb_public_key_from_spki(certificate.bytes, certificate.size, &key, NULL);
	return key;
}

struct courier {
	struct piece manifest, digest, package_signature, payload_signature, payload;
	struct bytes small;
	const uint8_t *spki;
	size_t spki_size;
};

static void take_map(struct courier *k, const struct hostile_case *c, json_t *map)
{
	size_t count = json_array_size(map);

	for (size_t i = 1; i + 1 < count; i++) {
		json_t *index = json_array_get(map, i);
		struct piece p = json_is_integer(index) && json_integer_value(index) >= 0
					 ? stream(c, (uint64_t)json_integer_value(index))
					 : (struct piece){0};

		if (p.size && k->small.size + p.size < 60000)
			bytes_put(&k->small, p.bytes, p.size);
	}
}

static int hand_over(const struct courier *k, const char *id)
{
	static const uint8_t none[32];
	int ret = -1;
	TEEC_Result res = ecall_begin_package(world.cpm, &ret, k->manifest.bytes,
		(uint32_t)k->manifest.size, k->small.data, (uint32_t)k->small.size,
		k->digest.size == 32 ? k->digest.bytes : none, k->package_signature.bytes,
		(uint32_t)k->package_signature.size, k->payload_signature.bytes,
		(uint32_t)k->payload_signature.size, k->spki, (uint32_t)k->spki_size);

	assert_int_equal(res, TEEC_SUCCESS);
	for (size_t at = 0; !ret && at < k->payload.size; at += BLOCK_BYTES) {
		size_t left = k->payload.size - at;

		ret = call_add(world.cpm, id, k->payload.bytes + at,
			left < BLOCK_BYTES ? left : BLOCK_BYTES);
	}
	return ret ? ret : call_end(world.cpm, id);
}

static int judge(const struct hostile_case *c, const uint8_t *vendor, size_t vendor_size)
{
	struct courier k = {.manifest = stream(c, le(c->bytes + 10, 2)),
		.spki = vendor,
		.spki_size = vendor_size};
	json_t *root = json_loadb((const char *)k.manifest.bytes, k.manifest.size, 0, NULL);
	json_t *payload = json_object_get(root, "payload"),
	       *package = json_object_get(root, "package");
	json_t *data = json_object_get(payload, "data");
	struct edb_public_key *signer = signer_in(named(c, payload, "cert"));
	int ret;

	if (signer)
		k.spki = edb_public_key_spki_borrow(signer, &k.spki_size);
	k.digest = named(c, package, "dig");
	k.package_signature = named(c, package, "sig");
	k.payload_signature = named(c, payload, "sig");
	if (json_is_integer(data) && json_integer_value(data) >= 0)
		k.payload = stream(c, (uint64_t)json_integer_value(data));
	take_map(&k, c, json_object_get(package, "map"));
	ret = hand_over(&k, HOSTILE_ID);
	bytes_free(&k.small);
	edb_public_key_free(signer);
	json_decref(root);
	return ret;
}

/* Rules that only the host can see: the frame, streams that are not there, a digest's stream (the
 * call takes 32 bytes), bytes of certificates; and where one small stream ends in the file: the CPM
 * cuts them by their signed sizes. */
static bool is_the_hosts(const struct hostile_case *c)
{
	return c->rule[0] == 'F' || c->size < 16 || !strcmp(c->rule, "R1") ||
	       !strcmp(c->rule, "S6") || !strncmp(c->name, "package-digest-0", 16) ||
	       !strncmp(c->name, "package-digest-20", 17) ||
	       !strcmp(c->name, "byte-moved-from-tag-to-nonce");
}

/* Small streams come in one piece, so one of a wrong size is a sum that does not fit; and what is
 * not encrypted is nothing for a CPM. */
static enum edb_err wanted(const struct hostile_case *c)
{
	static const char *const small[] = {"nonce-", "tag-", "digest-", "certificate-"};

	for (size_t i = 0; !strcmp(c->rule, "R3") && i < 4; i++)
		if (!strncmp(c->name, small[i], strlen(small[i])))
			return EDB_E_SIZES;
	if (strstr(c->name, "-is-manifest")) /* it knows the manifest's stream by the map only */
		return EDB_E_MAP;
	if (!strcmp(c->name, "unencrypted-and-of-other-digest"))
		return EDB_E_SCHEME;
	return c->want;
}

/* A device whose operator lists this one vendor. */
static void provision(const uint8_t *spki, size_t size)
{
	bytes_put(&world.rsa_vendor.spki, spki, size);
	EVP_Digest(spki, size, world.rsa_vendor.id, NULL, EVP_sha256(), NULL);
	world.rsa_vendor.key = EVP_EC_gen("P-256"); /* only its id is used */
	memcpy(world.key, HOSTILE_KEY, sizeof world.key);
	assert_true(edb_uuid_decode(HOSTILE_ID, world.id));
	world_provision(false);
	for (uint32_t version = 1; version < 4; version++)
		world_give_key(&world.rsa_vendor, version);
}

/* Nothing of a refused package may stay, so that all of them meet the same device. */
static void test_refused_alike(void **state)
{
	struct hostile_kit *kit = hostile_kit_new(NULL, NULL, NULL);
	size_t size = 0, asked = 0, otherwise = 0, wrong = 0;
	struct rusage usage;
	const uint8_t *vendor = hostile_vendor_spki_borrow(kit, &size);
	uint32_t before;

	(void)state;
	provision(vendor, size);
	before = simtee_local_objects();
	for (size_t i = 0; i < hostile_count(); i++) {
		struct hostile_case c = {0};

		hostile_make(kit, i, &c);
		if (c.want && !is_the_hosts(&c)) {
			double start = seconds();
			enum edb_err got = (enum edb_err)judge(&c, vendor, size);
			double took = seconds() - start;

			asked++;
			otherwise += wanted(&c) != c.want;
			if (got != wanted(&c) || took >= (SANITIZED ? 10 : 1)) {
				print_error("%s (%s): wanted %s, got %s after %.2f s\n", c.name,
					c.rule, edb_err_name(wanted(&c)), edb_err_name(got), took);
				wrong++;
			}
		}
		hostile_case_clear(&c);
	}
	getrusage(RUSAGE_SELF, &usage);
	print_message("%zu of %zu cases reach the CPM, %zu of them under another rule there\n",
		asked, hostile_count(), otherwise);
	if (!SANITIZED)
		assert_true(usage.ru_maxrss < 64 * 1024); /* KiB; courier and test included */
	assert_int_equal(wrong, 0);
	assert_true(asked >= 300);
	assert_true(simtee_local_objects() <= before + 1); /* the ledger, empty */
	assert_int_equal(simtee_local_handles(), 0);
	hostile_kit_free(kit);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_refused_alike, world_set_up, world_tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
