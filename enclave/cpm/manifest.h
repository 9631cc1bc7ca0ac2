/* SPDX-License-Identifier: MIT
 *
 * The manifest of a signed package as the CPM needs it: docs/format.md, "Manifest" and "Strong
 * packages". The host has a reader of its own (lib/cpk); one corpus holds both to one verdict.
 */
#ifndef CPM_MANIFEST_H
#define CPM_MANIFEST_H

#include <stddef.h>
#include <stdint.h>

#include "edb_err.h"
#include "limits.h"
#include "spki.h"

#define MANIFEST_MAP_MAX     32u
#define MANIFEST_READERS_MAX 16u
#define MANIFEST_TARGET_MAX  32u

struct manifest_reader {
	uint8_t id[UUID_BYTES], vendor[KEY_ID_BYTES];
};

struct manifest {
	uint8_t id[UUID_BYTES];
	char arch[MANIFEST_TARGET_MAX + 1], os[MANIFEST_TARGET_MAX + 1];
	uint32_t version[3]; /* maj, min, rev */
	uint32_t type;       /* enum edb_payload_type */
	uint32_t key_version;
	enum spki_scheme payload_scheme, package_scheme;
	uint32_t payload_signature_size, package_signature_size; /* bytes */
	uint16_t payload, nonce, tag, digest;                    /* stream indexes */
	uint16_t map[MANIFEST_MAP_MAX];
	uint64_t sizes[MANIFEST_MAP_MAX]; /* of map[1], map[2], … */
	uint32_t map_count;
	uint64_t payload_size; /* the last of sizes */
	struct manifest_reader readers[MANIFEST_READERS_MAX];
	uint32_t reader_count;
};

/** Read and check. *m counts only with EDB_OK. */
enum edb_err manifest_read(const uint8_t *text, size_t size, struct manifest *m);

/* The small streams that installing needs; borrowed. */
struct manifest_parts {
	const uint8_t *nonce, *tag, *digest; /* NONCE_BYTES, TAG_BYTES, DIGEST_BYTES */
};

/** Find them in the mapped streams, which lie one after the other. EDB_E_SIZES.
 */
enum edb_err manifest_locate(const struct manifest *m, const uint8_t *streams, size_t size,
	struct manifest_parts *parts);

#endif
