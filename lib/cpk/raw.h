/* SPDX-License-Identifier: MIT
 *
 * What is inside the opaque handles, for libcpk's own files.
 */
#ifndef CPK_RAW_H
#define CPK_RAW_H

#include <cpk/reader.h>
#include <cpk/verify.h>

#include "public_key.h"

#define CPK_MAGIC          0x0eccf00du /* little-endian, as every integer */
#define FRAME_BYTES        16          /* before the stream table */
#define STREAM_ENTRY_BYTES 16

struct stream {
	uint64_t offset, size; /* offset counts from the file's start */
};

struct cpk_raw {
	int fd; /* borrowed */
	uint64_t file_bytes;
	uint16_t count, manifest_index;
	struct stream *table; /* count entries; each lies within the file, none overlap */
	uint8_t *manifest_bytes;
	size_t manifest_size;
	struct cpk_manifest manifest;
};

/* The small streams that decrypting needs: copies, so that the file may change. */
struct sealed {
	uint8_t nonce[CPK_NONCE_BYTES];
	uint8_t tag[CPK_TAG_BYTES];
	uint8_t digest[EDB_DIGEST_BYTES]; /* of the plaintext */
	bool digest_present;
};

struct cpk_pkg {
	const struct cpk_raw *raw; /* borrowed */
	enum cpk_verdict verdict;
	struct edb_public_key *signer;
	uint8_t digest[EDB_DIGEST_BYTES];
	struct sealed sealed;
};

/** Streams against roles: indexes, one role each, sizes. EDB_E_STREAM_INDEX, _ROLE, _SIZE,
 * EDB_E_SIZES, EDB_E_LIMIT. */
enum edb_err cpk_check_roles(const struct cpk_raw *raw, struct edb_error *error);

#endif
