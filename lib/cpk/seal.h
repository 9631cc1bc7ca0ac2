/* SPDX-License-Identifier: MIT
 *
 * The payload's two passes: encrypt and hash the plaintext; then hash the ciphertext.
 *
 * They cannot be one: the digest of the plaintext lies before the ciphertext in what the package
 * digest covers.
 */
#ifndef CPK_SEAL_H
#define CPK_SEAL_H

#include "raw.h"
#include "sha256.h"

struct seal {
	/* Set by the caller. */
	int in_fd, out_fd;
	bool in_regular, out_regular; /* regular files: pread, pwrite */
	uint64_t out_offset;          /* of the payload, where out_regular */
	const uint8_t *key;           /* borrowed */
	uint8_t nonce[CPK_NONCE_BYTES];
	const struct cpk_progress *progress;
	uint64_t expected_bytes; /* of a regular input; 0 otherwise */

	/* Results of the first pass. */
	uint64_t bytes;
	uint8_t tag[CPK_TAG_BYTES];
	uint8_t digest[EDB_DIGEST_BYTES];
};

/** Encrypt the input to the output. EDB_E_LIMIT, EDB_E_IO, EDB_E_NOMEM. */
enum edb_err cpk_seal_payload(struct seal *seal, struct edb_error *error);

/**
 * Add the ciphertext to `digest`: read back where the output is a regular file, encrypted once more
 * otherwise. EDB_E_IO: the input has changed since the first pass.
 */
enum edb_err cpk_seal_hash_again(struct seal *seal, struct sha256 *digest, struct edb_error *error);

#endif
