/* SPDX-License-Identifier: MIT
 *
 * Keys, files and options that building and verifying are tested with.
 */
#ifndef FIXTURE_H
#define FIXTURE_H

#include <cpk/payload.h>
#include <cpk/writer.h>

#include "signer.h"

struct fixture {
	char folder[64];
	struct edb_signer *rsa, *p256, *stranger;
	struct cpk_anchors *anchors; /* rsa and p256 */
	uint8_t class_key[CPK_CLASS_KEY_BYTES];
	struct cpk_build_options options; /* signed by rsa, its key embedded as DER */
};

/* cmocka's group set-up and tear-down. */
int fixture_up(void **state);
int fixture_down(void **state);

/** A file in memory that holds `size` bytes of a pattern. */
int fixture_file(size_t size);
uint8_t fixture_byte(uint64_t at); /* of the pattern */

/** Build or fail; the package's file. */
int fixture_build(const struct cpk_build_options *options, int in, struct cpk_build_result *result);

/** Open, verify, decrypt, compare with the pattern; what goes wrong. */
enum edb_err fixture_check(const struct fixture *f, int package, uint64_t size,
	const struct edb_public_key *signer, struct edb_error *error);

#endif
