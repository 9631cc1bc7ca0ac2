/* SPDX-License-Identifier: MIT
 *
 * COSE_Sign1 documents, exactly as contract/documents.cddl wants them (RFC 9052, 4.2 and 4.4).
 */
#ifndef EDB_SIGN1_H
#define EDB_SIGN1_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "spki.h"

#define SIGN1_MAX (16u << 10) /* bytes of a document */

/* Pieces of a document; borrowed from it. Nothing of it is proven before sign1_verify. */
struct sign1 {
	const uint8_t *type, *payload, *signature; /* signature: 64 bytes, r || s */
	size_t type_size, payload_size;
	/* as encoded, with their heads: what is signed */
	const uint8_t *protected_item, *payload_item;
	size_t protected_item_size, payload_item_size;
	const uint8_t *kid; /* 32 bytes: SHA-256 of the signer's SPKI */
};

/** EDB_E_LIMIT: larger than SIGN1_MAX; EDB_E_DOCUMENT: not exactly this shape. */
enum edb_err sign1_parse(const uint8_t *document, size_t size, struct sign1 *sign1);

/** Is this its content type? */
bool sign1_type_is(const struct sign1 *sign1, const char *type);

/** Verify under a P-256 key. EDB_E_DOCUMENT_SIGNER: it does not verify. */
enum edb_err sign1_verify(const struct sign1 *sign1, const struct spki *key);

#endif
