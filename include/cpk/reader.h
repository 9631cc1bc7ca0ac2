/* SPDX-License-Identifier: MIT
 *
 * Opening a Confidential Package: frame, stream table and manifest, every rule checked; nothing
 * proven about who made it. Source: docs/format.md.
 */
#ifndef CPK_READER_H
#define CPK_READER_H

#include <cpk/manifest.h>

#define CPK_BLOCK 262144 /* bytes; the most that a sink is given at once */

/* A well-formed package of unknown origin. What trusts content takes a struct cpk_pkg (verify.h).
 */
struct cpk_raw;

/** Takes the next 1…CPK_BLOCK bytes; anything but EDB_OK stops and is passed on. */
typedef enum edb_err (*cpk_sink_fn)(
	void *context, const uint8_t *data, size_t size, struct edb_error *error);

/** Told from time to time how far a long work is. Either member may be NULL. */
struct cpk_progress {
	void (*tell)(
		void *context, uint64_t done_bytes, uint64_t total_bytes); /* total 0: unknown */
	void *context;
};

/**
 * Open a package.
 *
 * @param fd   a regular file, readable; borrowed, must stay open; its file position is not used
 * @param raw  result; cpk_raw_free it. At most 4 MiB, whatever the file claims.
 * @return any of 10–31, EDB_E_LIMIT; EDB_E_ARG (no regular file), EDB_E_IO, EDB_E_NOMEM.
 *         error->offset: the byte in the file
 * Threads: any, on different handles; one thread at a time per handle.
 */
enum edb_err cpk_open(int fd, struct cpk_raw **raw, struct edb_error *error);

/** NULL is fine. Does not close the file. */
void cpk_raw_free(struct cpk_raw *raw);

/** Borrowed: live as long as `raw`. The bytes are those that were parsed. */
const struct cpk_manifest *cpk_raw_manifest_borrow(const struct cpk_raw *raw);
const uint8_t *cpk_raw_manifest_bytes_borrow(const struct cpk_raw *raw, size_t *size);
uint16_t cpk_raw_manifest_index(const struct cpk_raw *raw);

/** Streams, 1…65,535. */
uint16_t cpk_raw_stream_count(const struct cpk_raw *raw);

/** Bytes, and first byte counted from the file's start; 0 beyond the last stream. */
uint64_t cpk_raw_stream_size(const struct cpk_raw *raw, uint16_t index);
uint64_t cpk_raw_stream_offset(const struct cpk_raw *raw, uint16_t index);

/**
 * Read part of a stream, all of it or nothing.
 *
 * @return EDB_E_STREAM_INDEX; EDB_E_ARG (offset + size beyond the stream); EDB_E_TRUNCATED (the
 *         file has shrunk since); EDB_E_IO
 */
enum edb_err cpk_raw_read_at(const struct cpk_raw *raw, uint16_t index, uint64_t offset,
	uint8_t *buffer, size_t size, struct edb_error *error);

/** Hand a whole stream, as it is, to a sink. progress may be NULL. Errors: as above, the sink's. */
enum edb_err cpk_raw_copy_stream(const struct cpk_raw *raw, uint16_t index, cpk_sink_fn sink,
	void *context, const struct cpk_progress *progress, struct edb_error *error);

/**
 * The digests that signatures sign, as the package's digest streams claim them. Either may be NULL.
 * EDB_E_UNSIGNED: the manifest has no such digest.
 */
enum edb_err cpk_raw_claimed_digests(const struct cpk_raw *raw,
	uint8_t payload_digest[EDB_DIGEST_BYTES], uint8_t package_digest[EDB_DIGEST_BYTES],
	struct edb_error *error);

/**
 * The signer's key as the package embeds it: a claim, not a proof. edb_public_key_free it.
 * EDB_E_UNSIGNED: no certificate; EDB_E_CERTIFICATE: not embedded (url, target), or unfit.
 */
enum edb_err cpk_raw_claimed_signer(
	const struct cpk_raw *raw, struct edb_public_key **key, struct edb_error *error);

#endif
