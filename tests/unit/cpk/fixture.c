/* SPDX-License-Identifier: MIT
 *
 * Keys, files and options that building and verifying are tested with.
 */
#include "fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

static struct edb_signer *new_signer(const struct fixture *f, const char *name, unsigned bits)
{
	struct edb_signer *signer = NULL;
	struct edb_error error = {0};
	char path[128];

	snprintf(path, sizeof path, "%s/%s", f->folder, name);
	if (edb_generate_key(path, bits, &error) || edb_signer_open(path, &signer, &error))
		fail_msg("%s", error.message);
	unlink(path);
	return signer;
}

int fixture_up(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);

	assert_non_null(f);
	snprintf(f->folder, sizeof f->folder, "/tmp/cpk-test-XXXXXX");
	assert_non_null(mkdtemp(f->folder));
	f->rsa = new_signer(f, "rsa.pem", 2048);
	f->p256 = new_signer(f, "p256.pem", 256);
	f->stranger = new_signer(f, "stranger.pem", 256);
	assert_int_equal(cpk_anchors_new(&f->anchors, NULL), EDB_OK);
	cpk_anchors_add_key(f->anchors, edb_signer_public_borrow(f->rsa), NULL);
	cpk_anchors_add_key(f->anchors, edb_signer_public_borrow(f->p256), NULL);
	for (size_t i = 0; i < sizeof f->class_key; i++)
		f->class_key[i] = (uint8_t)(7 * i);
	f->options = (struct cpk_build_options){.id = "0c0ffee0-1dea-4bad-8ace-00000000c0de",
		.arch = "any",
		.os = "any",
		.maj = 1,
		.date = "today",
		.type = CPK_TYPE_DATA,
		.class_key = f->class_key,
		.certificate_scheme = CPK_CERT_PUBLIC_KEY_DER,
		.signer = f->rsa};
	f->options.certificate = edb_public_key_spki_borrow(
		edb_signer_public_borrow(f->rsa), &f->options.certificate_size);
	*state = f;
	return 0;
}

int fixture_down(void **state)
{
	struct fixture *f = *state;

	edb_signer_free(f->rsa);
	edb_signer_free(f->p256);
	edb_signer_free(f->stranger);
	cpk_anchors_free(f->anchors);
	rmdir(f->folder);
	free(f);
	return 0;
}

uint8_t fixture_byte(uint64_t at)
{
	return (uint8_t)(at * 131 + (at >> 8) * 17 + (at >> 16));
}

int fixture_file(size_t size)
{
	int fd = memfd_create("payload", MFD_CLOEXEC);
	uint8_t block[4096];

	assert_true(fd >= 0);
	for (size_t at = 0; at < size;) {
		size_t now = size - at < sizeof block ? size - at : sizeof block;

		for (size_t i = 0; i < now; i++)
			block[i] = fixture_byte(at + i);
		assert_int_equal(write(fd, block, now), now);
		at += now;
	}
	return fd;
}

int fixture_build(const struct cpk_build_options *options, int in, struct cpk_build_result *result)
{
	struct edb_error error = {0};
	int out = memfd_create("package", MFD_CLOEXEC);

	assert_true(out >= 0);
	if (cpk_build(in, out, options, NULL, result, &error))
		fail_msg("%s", error.message);
	return out;
}

static enum edb_err compare(
	void *context, const uint8_t *data, size_t size, struct edb_error *error)
{
	uint64_t *at = context;

	for (size_t i = 0; i < size; i++)
		if (data[i] != fixture_byte(*at + i))
			return edb_fail(error, EDB_E_INTERNAL, *at + i, "another plaintext");
	*at += size;
	return EDB_OK;
}

enum edb_err fixture_check(const struct fixture *f, int package, uint64_t size,
	const struct edb_public_key *signer, struct edb_error *error)
{
	struct cpk_raw *raw = NULL;
	struct cpk_pkg *pkg = NULL;
	uint64_t at = 0;
	enum edb_err err = cpk_open(package, &raw, error);

	if (!err)
		err = cpk_verify(raw, f->anchors, signer, NULL, &pkg, error);
	if (!err)
		err = cpk_decrypt(pkg, f->class_key, compare, &at, NULL, error);
	if (!err && at != size)
		err = edb_fail(error, EDB_E_INTERNAL, at, "another size");
	cpk_pkg_free(pkg);
	cpk_raw_free(raw);
	return err;
}
