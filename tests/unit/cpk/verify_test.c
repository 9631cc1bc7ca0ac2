/* SPDX-License-Identifier: MIT
 *
 * Verifying and decrypting, beyond what tests/hostile asks: 2021 packages, wrong keys, files that
 * change under the reader, every single byte.
 */
#include "fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "model.h"

static enum edb_err drop(void *context, const uint8_t *data, size_t size, struct edb_error *error)
{
	(void)data;
	(void)error;
	*(uint64_t *)context += size;
	return EDB_OK;
}

/* Whatever byte of a strong package is changed, something refuses it. Bytes of the payload's
 * signature are in no digest, but are a signature; padding there is none. */
static void test_every_byte_counts(void **state)
{
	const struct fixture *f = *state;
	int in = fixture_file(40), out = fixture_build(&f->options, in, NULL);
	struct stat st;

	assert_int_equal(fstat(out, &st), 0);
	for (off_t at = 0; at < st.st_size; at++) {
		uint8_t byte;

		assert_int_equal(pread(out, &byte, 1, at), 1);
		byte ^= 1;
		assert_int_equal(pwrite(out, &byte, 1, at), 1);
		if (fixture_check(f, out, 40, NULL, NULL) == EDB_OK)
			fail_msg("byte %lld may be anything", (long long)at);
		byte ^= 1;
		assert_int_equal(pwrite(out, &byte, 1, at), 1);
	}
	assert_int_equal(fixture_check(f, out, 40, NULL, NULL), EDB_OK);
	close(in);
	close(out);
}

static void test_every_prefix_is_refused(void **state)
{
	const struct fixture *f = *state;
	int in = fixture_file(40), out = fixture_build(&f->options, in, NULL);
	struct stat st;

	assert_int_equal(fstat(out, &st), 0);
	for (off_t size = st.st_size - 1; size >= 0; size--) {
		assert_int_equal(ftruncate(out, size), 0);
		assert_int_not_equal(fixture_check(f, out, 40, NULL, NULL), EDB_OK);
	}
	close(in);
	close(out);
}

static void test_wrong_class_key(void **state)
{
	const struct fixture *f = *state;
	int in = fixture_file(100), out = fixture_build(&f->options, in, NULL);
	uint8_t wrong[CPK_CLASS_KEY_BYTES] = {1};
	struct cpk_raw *raw = NULL;
	struct cpk_pkg *pkg = NULL;
	uint64_t seen = 0;

	assert_int_equal(cpk_open(out, &raw, NULL), EDB_OK);
	assert_int_equal(cpk_verify(raw, f->anchors, NULL, NULL, &pkg, NULL), EDB_OK);
	assert_int_equal(cpk_decrypt(pkg, wrong, drop, &seen, NULL, NULL), EDB_E_TAG);
	assert_int_equal(
		cpk_decrypt_whoever_signed(raw, wrong, drop, &seen, NULL, NULL), EDB_E_TAG);
	seen = 0;
	assert_int_equal(
		cpk_decrypt_whoever_signed(raw, f->class_key, drop, &seen, NULL, NULL), EDB_OK);
	assert_int_equal(seen, 100);
	cpk_pkg_free(pkg);
	cpk_raw_free(raw);
	close(in);
	close(out);
}

static void test_what_a_verified_package_tells(void **state)
{
	const struct fixture *f = *state;
	struct cpk_build_result result;
	int in = fixture_file(100), out = fixture_build(&f->options, in, &result);
	uint8_t digest[EDB_DIGEST_BYTES], want[EDB_KEY_ID_BYTES], id[EDB_KEY_ID_BYTES];
	struct cpk_raw *raw = NULL;
	struct cpk_pkg *pkg = NULL;

	assert_int_equal(cpk_open(out, &raw, NULL), EDB_OK);
	assert_int_equal(cpk_verify(raw, f->anchors, NULL, NULL, &pkg, NULL), EDB_OK);
	cpk_pkg_digest(pkg, digest);
	assert_memory_equal(digest, result.package_digest, sizeof digest);
	assert_int_equal(cpk_pkg_verdict(pkg), CPK_VERDICT_ALL);
	assert_ptr_equal(cpk_pkg_raw_borrow(pkg), raw);
	edb_public_key_id(edb_signer_public_borrow(f->rsa), want);
	edb_public_key_id(cpk_pkg_signer_borrow(pkg), id);
	assert_memory_equal(id, want, sizeof id);
	cpk_pkg_free(pkg);
	pkg = NULL;
	/* the weaker path is no way around the stronger one */
	assert_int_equal(
		cpk_verify_2021_plaintext_only(raw, f->anchors, NULL, &pkg, NULL), EDB_E_ARG);
	assert_null(pkg);
	cpk_raw_free(raw);
	close(in);
	close(out);
}

/* After verifying, tag and digest in the file are replaced by those of another payload of the same
 * key: what is compared are the verified ones. */
static void test_a_file_that_changes_after_verifying(void **state)
{
	const struct fixture *f = *state;
	int in = fixture_file(100), out = fixture_build(&f->options, in, NULL), other;
	struct cpk_raw *raw = NULL;
	struct cpk_pkg *pkg = NULL;
	uint8_t all[160 + 100 + 12 + 16 + 32];
	uint64_t seen = 0;

	assert_int_equal(cpk_open(out, &raw, NULL), EDB_OK);
	assert_int_equal(cpk_verify(raw, f->anchors, NULL, NULL, &pkg, NULL), EDB_OK);
	assert_int_equal(pwrite(in, "something else", 14, 0), 14);
	other = fixture_build(&f->options, in, NULL);
	assert_int_equal(pread(other, all, sizeof all, 0), sizeof all);
	assert_int_equal(pwrite(out, all, sizeof all, 0), sizeof all);
	assert_int_equal(cpk_decrypt(pkg, f->class_key, drop, &seen, NULL, NULL), EDB_E_TAG);
	cpk_pkg_free(pkg);
	cpk_raw_free(raw);
	close(in);
	close(out);
	close(other);
}

static int hostile_file(const struct hostile_kit *kit, const char *name)
{
	for (size_t i = 0; i < hostile_count(); i++) {
		struct hostile_case c;
		int fd = -1;

		hostile_make(kit, i, &c);
		if (strcmp(c.name, name) == 0) {
			fd = memfd_create(name, MFD_CLOEXEC);
			assert_int_equal(write(fd, c.bytes, c.size), c.size);
		}
		hostile_case_clear(&c);
		if (fd >= 0)
			return fd;
	}
	fail_msg("no case %s", name);
	return -1;
}

static void test_package_of_2021(void **state)
{
	struct hostile_kit *kit = hostile_kit_new(NULL, NULL, NULL);
	int fd = hostile_file(kit, "package-of-2021");
	struct cpk_anchors *anchors = NULL;
	struct edb_public_key *vendor = NULL;
	struct cpk_raw *raw = NULL;
	struct cpk_pkg *pkg = NULL;
	uint8_t digest[EDB_DIGEST_BYTES];
	static const uint8_t zeros[EDB_DIGEST_BYTES];
	uint64_t seen = 0;
	size_t size;
	const uint8_t *spki = hostile_vendor_spki_borrow(kit, &size);

	(void)state;
	assert_int_equal(edb_public_key_from_spki(spki, size, &vendor, NULL), EDB_OK);
	assert_int_equal(cpk_anchors_new(&anchors, NULL), EDB_OK);
	assert_int_equal(cpk_open(fd, &raw, NULL), EDB_OK);
	assert_int_equal(
		cpk_verify_2021_plaintext_only(raw, anchors, NULL, &pkg, NULL), EDB_E_SIGNER);
	assert_int_equal(cpk_anchors_add_key(anchors, vendor, NULL), EDB_OK);
	assert_int_equal(cpk_anchors_add_key(anchors, vendor, NULL), EDB_OK);
	assert_int_equal(cpk_verify_2021_plaintext_only(raw, anchors, NULL, &pkg, NULL), EDB_OK);
	assert_int_equal(cpk_pkg_verdict(pkg), CPK_VERDICT_2021_PLAINTEXT);
	cpk_pkg_digest(pkg, digest);
	assert_memory_equal(digest, zeros, sizeof zeros);
	assert_int_equal(
		cpk_decrypt(pkg, (const uint8_t *)HOSTILE_KEY, drop, &seen, NULL, NULL), EDB_OK);
	assert_int_equal(seen, 58);
	cpk_pkg_free(pkg);
	cpk_raw_free(raw);
	cpk_anchors_free(anchors);
	cpk_anchors_free(NULL);
	edb_public_key_free(vendor);
	hostile_kit_free(kit);
	close(fd);
}

static enum edb_err full(void *context, const uint8_t *data, size_t size, struct edb_error *error)
{
	(void)context;
	(void)data;
	(void)size;
	return edb_fail(error, EDB_E_STORAGE_FULL, EDB_NO_OFFSET, "full");
}

static void test_the_sink_can_stop(void **state)
{
	const struct fixture *f = *state;
	int in = fixture_file(100), out = fixture_build(&f->options, in, NULL);
	struct cpk_raw *raw = NULL;

	assert_int_equal(cpk_open(out, &raw, NULL), EDB_OK);
	assert_int_equal(cpk_decrypt_whoever_signed(raw, f->class_key, full, NULL, NULL, NULL),
		EDB_E_STORAGE_FULL);
	cpk_raw_free(raw);
	close(in);
	close(out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_byte_counts),
		cmocka_unit_test(test_every_prefix_is_refused),
		cmocka_unit_test(test_wrong_class_key),
		cmocka_unit_test(test_what_a_verified_package_tells),
		cmocka_unit_test(test_a_file_that_changes_after_verifying),
		cmocka_unit_test(test_package_of_2021),
		cmocka_unit_test(test_the_sink_can_stop),
	};

	return cmocka_run_group_tests(tests, fixture_up, fixture_down);
}
