/* SPDX-License-Identifier: MIT
 *
 * Building strong packages, streaming, in constant memory. Source: docs/format.md.
 */
#ifndef CPK_WRITER_H
#define CPK_WRITER_H

#include <cpk/reader.h>
#include <edb/signer.h>

/* All pointers are borrowed for the call. Start from `struct cpk_build_options o = {0}`. */
struct cpk_build_options {
	const char *id;        /* cp-id; required */
	const char *name;      /* NULL: "Unknown" */
	const char *vendor;    /* NULL: "Unknown" */
	const char *arch, *os; /* target; required */
	uint32_t maj, min, rev;
	const char *date; /* for people; required: the library asks no clock */

	enum cpk_type type; /* APPLICATION or DATA; ABSENT leaves the member out */
	const struct cpk_reader_id *readers;
	size_t readers_count;

	const char *key_name;     /* NULL: id */
	uint32_t key_version;     /* 0: leave the member out */
	const uint8_t *class_key; /* CPK_CLASS_KEY_BYTES; required */

	/* Where the signer's key is found. Embedded: `certificate` holds the bytes, whose key must
	 * be the signer's; TARGET and URL: `certificate_location`. Required. */
	enum cpk_cert_scheme certificate_scheme;
	const uint8_t *certificate;
	size_t certificate_size;
	const char *certificate_location;

	/* Either `signer`, or, to sign elsewhere, `signer_public`: then both signature streams are
	 * zeros until cpk_attach_signatures. */
	struct edb_signer *signer;
	const struct edb_public_key *signer_public;
	enum edb_scheme scheme; /* EDB_SCHEME_NONE: the key's default */
};

struct cpk_build_result {
	uint64_t payload_bytes;
	uint64_t package_bytes;
	/* The two digests that are signed, payload's first. */
	uint8_t payload_digest[EDB_DIGEST_BYTES];
	uint8_t package_digest[EDB_DIGEST_BYTES];
};

/**
 * Build a package.
 *
 * @param in_fd     the payload. A regular file is read from its start, whatever its position;
 *                  anything else is read to its end.
 * @param out_fd    a regular file, readable and writable, overwritten from its start and cut to the
 *                  package's size; or, if in_fd is a regular file, anything that takes a write
 *                  (a file not open for reading, too: it is written from where it stands)
 * @param result    may be NULL; written on success only
 * @return EDB_E_ARG (option missing or out of its bounds; both pipes; input and output are one
 *         file), EDB_E_LIMIT (payload over CPK_PLAINTEXT_MAX), EDB_E_CERTIFICATE (unfit, or not the
 *         signer's), EDB_E_IO (also: the input changed meanwhile), EDB_E_TOKEN, EDB_E_NOMEM.
 *         What is then in out_fd is not a package.
 * Memory: under 4 MiB, whatever the payload. One more thread, gone on return.
 * Threads: any, on different files and signers.
 */
enum edb_err cpk_build(int in_fd, int out_fd, const struct cpk_build_options *options,
	const struct cpk_progress *progress, struct cpk_build_result *result,
	struct edb_error *error);

/**
 * Fill in the two signatures of a package that was built without a signer. Both are verified
 * before the file is touched. The digests to sign: cpk_build_result or cpk_raw_claimed_digests.
 *
 * @param fd      regular file, readable and writable
 * @param signer  the key, where the package does not embed one; NULL otherwise
 * @return EDB_E_SIGNATURE (does not verify, or has the wrong size), EDB_E_UNSIGNED (no place for
 *         it), EDB_E_CERTIFICATE, EDB_E_IO, and all of cpk_open
 * Threads: any, on different files.
 */
enum edb_err cpk_attach_signatures(int fd, const struct edb_public_key *signer,
	const uint8_t *payload_signature, size_t payload_signature_size,
	const uint8_t *package_signature, size_t package_signature_size, struct edb_error *error);

#endif
