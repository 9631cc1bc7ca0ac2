/* SPDX-License-Identifier: MIT
 *
 * Proving who made a package, and that no byte of it changed. Source: docs/format.md, "Strong
 * packages".
 */
#ifndef CPK_VERIFY_H
#define CPK_VERIFY_H

#include <cpk/reader.h>

/* A set of signing keys that one trusts, by edb_public_key_id. Once filled it may be shared between
 * threads. */
struct cpk_anchors;

/** An empty set, which trusts nobody; cpk_anchors_free it. EDB_E_NOMEM. */
enum edb_err cpk_anchors_new(struct cpk_anchors **anchors, struct edb_error *error);
void cpk_anchors_free(struct cpk_anchors *anchors); /* NULL is fine */

/** Adding twice is fine. EDB_E_NOMEM. */
enum edb_err cpk_anchors_add(
	struct cpk_anchors *anchors, const uint8_t id[EDB_KEY_ID_BYTES], struct edb_error *error);
enum edb_err cpk_anchors_add_key(
	struct cpk_anchors *anchors, const struct edb_public_key *key, struct edb_error *error);
bool cpk_anchors_has(const struct cpk_anchors *anchors, const uint8_t id[EDB_KEY_ID_BYTES]);

/* A package whose signature was verified. Only the functions below make one. */
struct cpk_pkg;

/* What the signature was seen to cover. */
enum cpk_verdict {
	CPK_VERDICT_ALL = 1,        /* manifest and every stream that an installer uses */
	CPK_VERDICT_2021_PLAINTEXT, /* only the digest of the plaintext: name, version, target and
				     * roles of streams may be anybody's, and nothing was compared
				     * with that digest yet: cpk_decrypt does */
};

/**
 * Verify a strong package: package digest over every mapped byte, exact sizes, package signature,
 * payload signature, both by one and the same anchor.
 *
 * @param raw       borrowed: must outlive *pkg
 * @param anchors   whom to trust; at least one
 * @param signer    the key, where the package does not embed one (url, target); NULL otherwise
 * @param progress  may be NULL
 * @param pkg       result; cpk_pkg_free it
 * @return EDB_E_UNSIGNED (also: a 2021 package), EDB_E_MAP, EDB_E_SIZES (also: none),
 *         EDB_E_CERTIFICATE, EDB_E_SIGNER (not in anchors), EDB_E_SIGNATURE,
 *         EDB_E_DIGEST, EDB_E_TRUNCATED, EDB_E_IO, EDB_E_NOMEM
 * Memory: constant. The small streams are kept as they were verified; what reads the payload
 * later compares it with them, so a file that changes afterwards gains nothing.
 * Threads: any, on different raw handles.
 */
enum edb_err cpk_verify(const struct cpk_raw *raw, const struct cpk_anchors *anchors,
	const struct edb_public_key *signer, const struct cpk_progress *progress,
	struct cpk_pkg **pkg, struct edb_error *error);

/**
 * Verify the payload signature of a package without package signature (2021): see
 * CPK_VERDICT_2021_PLAINTEXT for how little that says. A package that has a package signature is
 * refused (EDB_E_ARG): it is to be verified as a whole.
 *
 * @return EDB_E_ARG, EDB_E_UNSIGNED (no payload signature either), EDB_E_CERTIFICATE, EDB_E_SIGNER,
 *         EDB_E_SIGNATURE, EDB_E_TRUNCATED, EDB_E_IO, EDB_E_NOMEM
 * Threads: any, on different raw handles.
 */
enum edb_err cpk_verify_2021_plaintext_only(const struct cpk_raw *raw,
	const struct cpk_anchors *anchors, const struct edb_public_key *signer,
	struct cpk_pkg **pkg, struct edb_error *error);

/** NULL is fine. */
void cpk_pkg_free(struct cpk_pkg *pkg);

enum cpk_verdict cpk_pkg_verdict(const struct cpk_pkg *pkg);
const struct cpk_raw *cpk_pkg_raw_borrow(const struct cpk_pkg *pkg);
const struct edb_public_key *cpk_pkg_signer_borrow(const struct cpk_pkg *pkg);

/** The package digest, what names exactly this package; zeros for CPK_VERDICT_2021_PLAINTEXT. */
void cpk_pkg_digest(const struct cpk_pkg *pkg, uint8_t digest[EDB_DIGEST_BYTES]);

#endif
