/* SPDX-License-Identifier: MIT
 *
 * Packages that we build open again; what cannot be built well is not built.
 */
#include "fixture.h"

#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define MIB ((size_t)1024 * 1024)

static void check(const struct fixture *f, int package, uint64_t size)
{
	struct edb_error error = {0};

	if (fixture_check(f, package, size, NULL, &error))
		fail_msg("%s", error.message);
}

/* Around the edges of AES blocks and of the buffers that the payload goes through. */
static void test_every_size(void **state)
{
	static const size_t size[] = {
		0, 1, 15, 16, 17, 262143, 262144, 262145, 4 * 262144, 5 * 262144 + 3, 3 * MIB + 1};
	const struct fixture *f = *state;

	for (size_t i = 0; i < sizeof size / sizeof size[0]; i++) {
		struct cpk_build_result result = {0};
		int in = fixture_file(size[i]), out = fixture_build(&f->options, in, &result);
		struct stat st;

		check(f, out, size[i]);
		assert_int_equal(fstat(out, &st), 0);
		assert_int_equal(result.payload_bytes, size[i]);
		assert_int_equal(result.package_bytes, st.st_size);
		close(in);
		close(out);
	}
}

/* As docs/format.md has it, "What our builder writes". */
static void test_layout_is_that_of_2021(void **state)
{
	const struct fixture *f = *state;
	static const uint16_t map[] = {6, 1, 2, 3, 5, 0};
	int in = fixture_file(100), out = fixture_build(&f->options, in, NULL);
	struct cpk_raw *raw = NULL;
	uint64_t end = 160;

	assert_int_equal(cpk_open(out, &raw, NULL), EDB_OK);
	assert_int_equal(cpk_raw_stream_count(raw), 9);
	assert_int_equal(cpk_raw_manifest_index(raw), 6);
	for (uint16_t i = 0; i < 9; i++) {
		assert_int_equal(cpk_raw_stream_offset(raw, i), end);
		end += cpk_raw_stream_size(raw, i);
	}
	const struct cpk_manifest *m = cpk_raw_manifest_borrow(raw);
	assert_int_equal(m->package.map_count, 6);
	assert_memory_equal(m->package.map, map, sizeof map);
	assert_string_equal(m->name, "Unknown");
	assert_string_equal(m->payload.enc.aes_gcm.key_name, m->id);
	assert_int_equal(m->payload.enc.aes_gcm.key_version, 0);
	assert_int_equal(m->payload.sig.scheme, EDB_SCHEME_RSA_PKCS1V15);
	cpk_raw_free(raw);
	close(in);
	close(out);
}

static void test_nonces_differ(void **state)
{
	const struct fixture *f = *state;
	uint8_t nonce[2][CPK_NONCE_BYTES];

	for (unsigned i = 0; i < 2; i++) {
		int in = fixture_file(1), out = fixture_build(&f->options, in, NULL);
		struct cpk_raw *raw = NULL;

		assert_int_equal(cpk_open(out, &raw, NULL), EDB_OK);
		assert_int_equal(
			cpk_raw_read_at(raw, 1, 0, nonce[i], CPK_NONCE_BYTES, NULL), EDB_OK);
		cpk_raw_free(raw);
		close(in);
		close(out);
	}
	assert_memory_not_equal(nonce[0], nonce[1], CPK_NONCE_BYTES);
}

static void test_schemes_and_members(void **state)
{
	const struct fixture *f = *state;
	const struct cpk_reader_id reader = {.id = "reader",
		.vendor = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"};
	struct cpk_build_options pss = f->options, ec = f->options, url = f->options;
	int in = fixture_file(1000), out;
	struct cpk_raw *raw = NULL;

	pss.scheme = EDB_SCHEME_RSA_PSS;
	pss.readers = &reader;
	pss.readers_count = 1;
	pss.key_version = 9;
	pss.key_name = "another";
	out = fixture_build(&pss, in, NULL);
	check(f, out, 1000);
	assert_int_equal(cpk_open(out, &raw, NULL), EDB_OK);
	assert_int_equal(cpk_raw_manifest_borrow(raw)->payload.readers_count, 1);
	assert_int_equal(cpk_raw_manifest_borrow(raw)->payload.enc.aes_gcm.key_version, 9);
	assert_string_equal(cpk_raw_manifest_borrow(raw)->payload.enc.aes_gcm.key_name, "another");
	cpk_raw_free(raw);
	close(out);

	ec.signer = f->p256;
	ec.certificate =
		edb_public_key_spki_borrow(edb_signer_public_borrow(f->p256), &ec.certificate_size);
	out = fixture_build(&ec, in, NULL);
	check(f, out, 1000);
	close(out);

	/* not embedded: eight streams, and the key comes from elsewhere */
	url.certificate_scheme = CPK_CERT_URL;
	url.certificate_location = "https://localhost/vendor.pem";
	out = fixture_build(&url, in, NULL);
	assert_int_equal(fixture_check(f, out, 1000, NULL, NULL), EDB_E_CERTIFICATE);
	assert_int_equal(
		fixture_check(f, out, 1000, edb_signer_public_borrow(f->rsa), NULL), EDB_OK);
	assert_int_equal(fixture_check(f, out, 1000, edb_signer_public_borrow(f->stranger), NULL),
		EDB_E_SIGNER);
	assert_int_equal(fixture_check(f, out, 1000, edb_signer_public_borrow(f->p256), NULL),
		EDB_E_SIGNATURE);
	close(out);
	close(in);
}

struct pump {
	int from, to;
};

static void *pump(void *context)
{
	struct pump *p = context;
	uint8_t block[5000];
	ssize_t got;

	while ((got = read(p->from, block, sizeof block)) > 0)
		if (write(p->to, block, (size_t)got) != got)
			break;
	close(p->to);
	return NULL;
}

static void test_from_a_pipe(void **state)
{
	const struct fixture *f = *state;
	int in = fixture_file(MIB + 7), ends[2];
	pthread_t thread;

	assert_int_equal(lseek(in, 0, SEEK_SET), 0);
	assert_int_equal(pipe(ends), 0);
	struct pump p = {.from = in, .to = ends[1]};
	assert_int_equal(pthread_create(&thread, NULL, pump, &p), 0);
	int out = fixture_build(&f->options, ends[0], NULL);
	pthread_join(thread, NULL);
	check(f, out, MIB + 7);
	close(ends[0]);
	close(in);
	close(out);
}

static void test_to_a_pipe(void **state)
{
	const struct fixture *f = *state;
	int in = fixture_file(MIB + 7), out = memfd_create("package", MFD_CLOEXEC), ends[2];
	struct edb_error error = {0};
	pthread_t thread;

	assert_int_equal(pipe(ends), 0);
	struct pump p = {.from = ends[0], .to = out};
	assert_int_equal(pthread_create(&thread, NULL, pump, &p), 0);
	/* pump closes its end of a file that is still needed */
	int kept = dup(out);
	enum edb_err err = cpk_build(in, ends[1], &f->options, NULL, NULL, &error);
	close(ends[1]);
	pthread_join(thread, NULL);
	if (err)
		fail_msg("%s", error.message);
	check(f, kept, MIB + 7);
	close(ends[0]);
	close(in);
	close(kept);
}

static void test_signed_elsewhere(void **state)
{
	const struct fixture *f = *state;
	struct cpk_build_options o = f->options;
	struct cpk_build_result result;
	uint8_t payload[EDB_SIGNATURE_MAX], package[EDB_SIGNATURE_MAX];
	uint8_t claimed[2][EDB_DIGEST_BYTES];
	size_t payload_size, package_size;
	struct cpk_raw *raw = NULL;
	int in = fixture_file(1000), out;

	o.signer = NULL;
	o.signer_public = edb_signer_public_borrow(f->rsa);
	out = fixture_build(&o, in, &result);
	assert_int_equal(fixture_check(f, out, 1000, NULL, NULL), EDB_E_SIGNATURE);
	assert_int_equal(cpk_open(out, &raw, NULL), EDB_OK);
	assert_int_equal(cpk_raw_claimed_digests(raw, claimed[0], claimed[1], NULL), EDB_OK);
	assert_memory_equal(claimed[0], result.payload_digest, EDB_DIGEST_BYTES);
	assert_memory_equal(claimed[1], result.package_digest, EDB_DIGEST_BYTES);
	cpk_raw_free(raw);

	assert_int_equal(edb_sign_digest(f->rsa, EDB_SCHEME_RSA_PKCS1V15, claimed[0], payload,
				 &payload_size, NULL),
		EDB_OK);
	assert_int_equal(edb_sign_digest(f->rsa, EDB_SCHEME_RSA_PKCS1V15, claimed[1], package,
				 &package_size, NULL),
		EDB_OK);
	/* the two in the wrong places, and one cut: refused, and the file stays as it was */
	assert_int_equal(cpk_attach_signatures(
				 out, NULL, package, package_size, payload, payload_size, NULL),
		EDB_E_SIGNATURE);
	assert_int_equal(cpk_attach_signatures(
				 out, NULL, payload, payload_size - 1, package, package_size, NULL),
		EDB_E_SIGNATURE);
	assert_int_equal(cpk_attach_signatures(
				 out, NULL, payload, payload_size, payload, payload_size, NULL),
		EDB_E_SIGNATURE);
	assert_int_equal(fixture_check(f, out, 1000, NULL, NULL), EDB_E_SIGNATURE);
	assert_int_equal(cpk_attach_signatures(
				 out, NULL, payload, payload_size, package, package_size, NULL),
		EDB_OK);
	check(f, out, 1000);
	close(in);
	close(out);
}

/* Each option made wrong, one at a time. */
static void test_bad_options(void **state)
{
	const struct fixture *f = *state;
	static char long_text[2000];
	struct cpk_reader_id readers[CPK_READERS_MAX + 1] = {0};
	struct cpk_build_options o[18];
	enum edb_err want[18];
	size_t n = 0;
	int in = fixture_file(10), out = memfd_create("package", MFD_CLOEXEC);

	memset(long_text, 'x', sizeof long_text - 1);
#define BAD(code, change)                                                                          \
	do {                                                                                       \
		o[n] = f->options;                                                                 \
		o[n].change;                                                                       \
		want[n++] = code;                                                                  \
	} while (0)
	BAD(EDB_E_ARG, id = NULL);
	BAD(EDB_E_ARG, id = "");
	BAD(EDB_E_ARG, id = long_text);
	BAD(EDB_E_ARG, id = "abc"); /* too short for a key's name */
	BAD(EDB_E_ARG, name = "\xff");
	BAD(EDB_E_ARG, name = "a\nb");
	BAD(EDB_E_ARG, vendor = long_text);
	BAD(EDB_E_ARG, arch = NULL);
	BAD(EDB_E_ARG, os = "");
	BAD(EDB_E_ARG, date = NULL);
	BAD(EDB_E_ARG, class_key = NULL);
	BAD(EDB_E_ARG, signer = NULL);
	BAD(EDB_E_ARG, scheme = EDB_SCHEME_ECDSA_P256);
	BAD(EDB_E_ARG, certificate_scheme = CPK_CERT_NONE);
	BAD(EDB_E_ARG, certificate_scheme = CPK_CERT_TARGET);
	BAD(EDB_E_CERTIFICATE, certificate_scheme = CPK_CERT_X509_PEM);
	BAD(EDB_E_CERTIFICATE, signer = f->p256);
	BAD(EDB_E_ARG, readers_count = CPK_READERS_MAX + 1);
	o[n - 1].readers = readers;
	for (size_t i = 0; i < n; i++) {
		struct edb_error error = {0};
		enum edb_err got = cpk_build(in, out, &o[i], NULL, NULL, &error);

		if (got != want[i] || error.code != got)
			fail_msg("option set %zu: %d %s", i, got, error.message);
	}
	close(in);
	close(out);
}

static void test_bad_files(void **state)
{
	const struct fixture *f = *state;
	int in = fixture_file(10), ends[2], huge = memfd_create("huge", MFD_CLOEXEC);
	struct cpk_raw *raw = NULL;

	assert_int_equal(pipe(ends), 0);
	assert_int_equal(cpk_build(in, in, &f->options, NULL, NULL, NULL), EDB_E_ARG);
	assert_int_equal(cpk_build(ends[0], ends[1], &f->options, NULL, NULL, NULL), EDB_E_ARG);
	assert_int_equal(cpk_build(-1, in, &f->options, NULL, NULL, NULL), EDB_E_ARG);
	assert_int_equal(ftruncate(huge, (1ll << 36) - 31), 0);
	assert_int_equal(cpk_build(huge, ends[1], &f->options, NULL, NULL, NULL), EDB_E_LIMIT);
	/* an output that fails half-way is no package */
	int read_only = open("/dev/null", O_RDONLY);
	assert_int_equal(cpk_build(in, read_only, &f->options, NULL, NULL, NULL), EDB_E_IO);
	close(read_only);
	read_only = open("/proc/self/exe", O_RDONLY);
	assert_int_equal(cpk_build(in, read_only, &f->options, NULL, NULL, NULL), EDB_E_IO);
	close(read_only);
	int out = memfd_create("sealed", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	assert_int_equal(fcntl(out, F_ADD_SEALS, F_SEAL_GROW), 0);
	assert_int_equal(cpk_build(in, out, &f->options, NULL, NULL, NULL), EDB_E_IO);
	assert_int_not_equal(cpk_open(out, &raw, NULL), EDB_OK);
	close(out);
	close(huge);
	close(in);
	close(ends[0]);
	close(ends[1]);
}

/* Between the passes of a build into a pipe, the payload changes: the package would not open. */
struct changing {
	int in, reader;
	bool done;
};

static void change_after_first_pass(void *context, uint64_t done, uint64_t total)
{
	struct changing *c = context;
	uint8_t drain[65536];

	while (read(c->reader, drain, sizeof drain) > 0)
		continue;
	if (done == total / 2 && !c->done) {
		c->done = true;
		assert_int_equal(pwrite(c->in, "!", 1, 5), 1);
	}
}

static void test_payload_that_changes(void **state)
{
	const struct fixture *f = *state;
	struct changing c = {.in = fixture_file(30000)};
	struct cpk_progress progress = {.tell = change_after_first_pass, .context = &c};
	struct edb_error error = {0};
	int ends[2];

	assert_int_equal(pipe2(ends, O_NONBLOCK), 0);
	c.reader = ends[0];
	assert_int_equal(cpk_build(c.in, ends[1], &f->options, &progress, NULL, &error), EDB_E_IO);
	assert_non_null(strstr(error.message, "changed"));
	assert_true(c.done);
	close(c.in);
	close(ends[0]);
	close(ends[1]);
}

struct seen {
	uint64_t last, total;
};

static void watch(void *context, uint64_t done, uint64_t total)
{
	struct seen *s = context;

	assert_true(done >= s->last && done <= total);
	s->last = done;
	s->total = total;
}

static void test_progress(void **state)
{
	const struct fixture *f = *state;
	struct seen seen = {0};
	struct cpk_progress progress = {.tell = watch, .context = &seen};
	int in = fixture_file(MIB), out = memfd_create("package", MFD_CLOEXEC);

	assert_int_equal(cpk_build(in, out, &f->options, &progress, NULL, NULL), EDB_OK);
	assert_int_equal(seen.last, 2 * MIB);
	assert_int_equal(seen.total, 2 * MIB);
	close(in);
	close(out);
}

/* 64 MiB go through; memory does not grow with them. */
static void test_memory_is_constant(void **state)
{
	const struct fixture *f = *state;
	struct rusage before, after;
	int in = fixture_file(64 * MIB), out;

	getrusage(RUSAGE_SELF, &before);
	out = fixture_build(&f->options, in, NULL);
	check(f, out, 64 * MIB);
	getrusage(RUSAGE_SELF, &after);
	assert_true(after.ru_maxrss - before.ru_maxrss < 16 * 1024); /* KiB */
	close(in);
	close(out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_size),
		cmocka_unit_test(test_layout_is_that_of_2021),
		cmocka_unit_test(test_nonces_differ),
		cmocka_unit_test(test_schemes_and_members),
		cmocka_unit_test(test_from_a_pipe),
		cmocka_unit_test(test_to_a_pipe),
		cmocka_unit_test(test_signed_elsewhere),
		cmocka_unit_test(test_bad_options),
		cmocka_unit_test(test_bad_files),
		cmocka_unit_test(test_payload_that_changes),
		cmocka_unit_test(test_progress),
		cmocka_unit_test(test_memory_is_constant),
	};

	return cmocka_run_group_tests(tests, fixture_up, fixture_down);
}
