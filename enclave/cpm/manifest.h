/* SPDX-License-Identifier: MIT
 *
 * The manifest of a signed package as the CPM needs it: docs/format.md, "Manifest" and "Strong
 * packages". The host has a reader of its own (lib/cpk); one corpus holds both to one verdict.
 */
#ifndef CPM_MANIFEST_H
#define CPM_MANIFEST_H

#include <stddef.h>
#include <stdint.h>

#include "ledger.h"
#include "spki.h"

#define MANIFEST_MAP_MAX     32u
#define MANIFEST_READERS_MAX 16u

struct manifest_signature {
	enum spki_scheme scheme;
	uint32_t size; /* bytes */
};

struct manifest {
	uint8_t id[UUID_BYTES];
	bool for_this;                 /* TEE: its target, or any of data */
	struct ledger_payload payload; /* version, key_version, size, type */
	struct manifest_signature payload_signature, package_signature;
	const uint8_t *nonce, *tag, *digest; /* NONCE_BYTES, TAG_BYTES, DIGEST_BYTES */
};

/**
 * Read and check.
 *
 * @param text     MANIFEST_MAX bytes at most: EDB_E_LIMIT
 * @param streams  the mapped ones between manifest and payload, one after the other: only their
 *                 sizes as signed say where each ends. EDB_E_SIZES
 * @param m        counts only with EDB_OK; nonce, tag and digest are borrowed from streams
 */
enum edb_err manifest_read(const uint8_t *text, size_t size, const uint8_t *streams,
	size_t streams_size, struct manifest *m);

#endif
