/* SPDX-License-Identifier: MIT
 *
 * Building a strong package. Streams lie in the order of the 2021 tool: payload first, manifest
 * after the small ones, then package digest and package signature.
 */
#include <cpk/writer.h>

#include "build_plan.h"
#include "bytes.h"
#include "seal.h"
#include "sha256.h"
#include "signer.h"

#include <fcntl.h>
#include <openssl/rand.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Everything after the payload: at most two certificates' worth of bytes. */
#define TAIL_MAX (CPK_CERTIFICATE_MAX + CPK_MANIFEST_MAX + 2 * EDB_SIGNATURE_MAX + 256)

struct build {
	const struct cpk_build_options *options;
	struct build_plan plan;
	struct seal seal;
	uint8_t package_digest[EDB_DIGEST_BYTES];
	uint8_t payload_signature[EDB_SIGNATURE_MAX], package_signature[EDB_SIGNATURE_MAX];
	uint8_t tail[TAIL_MAX];
	size_t tail_bytes;
};

/* A shell's ">" opens for writing alone, ">>" for the end alone: such a file is written as a pipe.
 */
static bool can_seek(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	return flags >= 0 && (flags & O_ACCMODE) == O_RDWR && !(flags & O_APPEND);
}

static enum edb_err check_files(struct build *b, int in_fd, int out_fd, struct edb_error *error)
{
	struct stat in, out;

	if (fstat(in_fd, &in) < 0 || fstat(out_fd, &out) < 0)
		return edb_fail(error, EDB_E_ARG, EDB_NO_OFFSET, "not an open file");
	b->seal.in_fd = in_fd;
	b->seal.out_fd = out_fd;
	b->seal.in_regular = S_ISREG(in.st_mode);
	b->seal.out_regular = S_ISREG(out.st_mode) && can_seek(out_fd);
	if (!b->seal.in_regular && !b->seal.out_regular)
		return edb_fail(error, EDB_E_ARG, EDB_NO_OFFSET,
			"one of input and output must be a regular file");
	if (in.st_dev == out.st_dev && in.st_ino == out.st_ino)
		return edb_fail(
			error, EDB_E_ARG, EDB_NO_OFFSET, "input and output are the same file");
	if (!b->seal.in_regular)
		return EDB_OK;
	b->seal.expected_bytes = (uint64_t)in.st_size;
	if (b->seal.expected_bytes > CPK_PLAINTEXT_MAX)
		return edb_fail(error, EDB_E_LIMIT, EDB_NO_OFFSET,
			"the payload is over 2^36 - 32 bytes, the most AES-GCM takes");
	return EDB_OK;
}

static enum edb_err put(struct build *b, uint64_t offset, const uint8_t *bytes, size_t size,
	struct edb_error *error)
{
	if (b->seal.out_regular)
		return file_write_at(b->seal.out_fd, offset, bytes, size, error);
	return file_write(b->seal.out_fd, bytes, size, error);
}

static enum edb_err put_header(struct build *b, struct edb_error *error)
{
	uint8_t header[BUILD_HEADER_MAX];
	size_t size = cpk_plan_header(&b->plan, header);

	return put(b, 0, header, size, error);
}

/* Everything that the package signature covers, in the order of package.map. */
static enum edb_err hash_package(struct build *b, struct edb_error *error)
{
	const struct cpk_build_options *o = b->options;
	struct sha256 h;
	enum edb_err err;

	sha256_start(&h);
	sha256_add(&h, b->plan.manifest, b->plan.manifest_size);
	sha256_add(&h, b->seal.nonce, CPK_NONCE_BYTES);
	sha256_add(&h, b->seal.tag, CPK_TAG_BYTES);
	sha256_add(&h, b->seal.digest, EDB_DIGEST_BYTES);
	if (cpk_cert_is_embedded(o->certificate_scheme))
		sha256_add(&h, o->certificate, o->certificate_size);
	err = cpk_seal_hash_again(&b->seal, &h, error);
	if (err)
		sha256_end(&h, NULL, NULL);
	else
		err = sha256_end(&h, b->package_digest, error);
	return err;
}

static enum edb_err sign(struct build *b, const uint8_t digest[EDB_DIGEST_BYTES],
	uint8_t signature[EDB_SIGNATURE_MAX], struct edb_error *error)
{
	size_t size = 0;
	enum edb_err err;

	if (!b->options->signer)
		return EDB_OK; /* zeros, until cpk_attach_signatures */
	err = edb_sign_digest(b->options->signer, b->plan.scheme, digest, signature, &size, error);
	if (!err && size != b->plan.signature_size)
		err = edb_fail(error, EDB_E_INTERNAL, EDB_NO_OFFSET,
			"the signer made a signature of an unexpected size");
	return err;
}

static enum edb_err fill_tail(struct build *b, struct edb_error *error)
{
	const struct cpk_build_options *o = b->options;
	struct filler f = {.base = b->tail, .size = sizeof b->tail};

	filler_bytes(&f, b->seal.nonce, CPK_NONCE_BYTES);
	filler_bytes(&f, b->seal.tag, CPK_TAG_BYTES);
	filler_bytes(&f, b->seal.digest, EDB_DIGEST_BYTES);
	filler_bytes(&f, b->payload_signature, b->plan.signature_size);
	if (cpk_cert_is_embedded(o->certificate_scheme))
		filler_bytes(&f, o->certificate, o->certificate_size);
	filler_bytes(&f, b->plan.manifest, b->plan.manifest_size);
	filler_bytes(&f, b->package_digest, EDB_DIGEST_BYTES);
	filler_bytes(&f, b->package_signature, b->plan.signature_size);
	b->tail_bytes = f.pos;
	if (f.err)
		return edb_fail(error, EDB_E_INTERNAL, EDB_NO_OFFSET, "the tail does not fit");
	return EDB_OK;
}

/* The header comes last where it can: an interrupted file is then not even called a package. */
static enum edb_err write_package(struct build *b, struct edb_error *error)
{
	struct seal *s = &b->seal;
	enum edb_err err = EDB_OK;

	if (s->out_regular) {
		if (ftruncate(s->out_fd, 0) < 0)
			return edb_fail(
				error, EDB_E_IO, EDB_NO_OFFSET, "cannot cut the output file");
	} else {
		err = put_header(b, error);
	}
	if (!err)
		err = cpk_seal_payload(s, error);
	if (!err && s->bytes != b->plan.payload_size)
		err = cpk_plan_payload_size(&b->plan, s->bytes, error);
	if (!err)
		err = hash_package(b, error);
	if (!err)
		err = sign(b, s->digest, b->payload_signature, error);
	if (!err)
		err = sign(b, b->package_digest, b->package_signature, error);
	if (!err)
		err = fill_tail(b, error);
	if (!err)
		err = put(b, s->out_offset + s->bytes, b->tail, b->tail_bytes, error);
	if (!err && s->out_regular)
		err = put_header(b, error);
	return err;
}

enum edb_err cpk_build(int in_fd, int out_fd, const struct cpk_build_options *options,
	const struct cpk_progress *progress, struct cpk_build_result *result,
	struct edb_error *error)
{
	struct build *b = calloc(1, sizeof *b);
	enum edb_err err;

	if (!b)
		return edb_fail(error, EDB_E_NOMEM, EDB_NO_OFFSET, "no memory");
	b->options = options;
	err = check_files(b, in_fd, out_fd, error);
	if (!err)
		err = cpk_plan(&b->plan, options, b->seal.expected_bytes, error);
	if (err)
		goto out;
	b->seal.key = options->class_key;
	b->seal.progress = progress;
	b->seal.out_offset = cpk_plan_origin(&b->plan);
	if (RAND_bytes(b->seal.nonce, sizeof b->seal.nonce) != 1) {
		err = edb_fail(error, EDB_E_INTERNAL, EDB_NO_OFFSET, "no random bytes");
		goto out;
	}
	err = write_package(b, error);
	if (!err && result) {
		result->payload_bytes = b->seal.bytes;
		result->package_bytes = b->seal.out_offset + b->seal.bytes + b->tail_bytes;
		bytes_copy(result->payload_digest, b->seal.digest, EDB_DIGEST_BYTES);
		bytes_copy(result->package_digest, b->package_digest, EDB_DIGEST_BYTES);
	}
out:
	cpk_plan_clear(&b->plan);
	free(b);
	return err;
}
