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
	const uint8_t *header, *payload, *signature; /* header: the protected one */
	size_t header_size, payload_size;
	const uint8_t *kid; /* 32 bytes: SHA-256 of the signer's SPKI */
	uint8_t digest[32]; /* of what is signed */
};

/** EDB_E_LIMIT: larger than SIGN1_MAX; EDB_E_DOCUMENT: not exactly this shape. What the protected
 *  header holds is not looked at before sign1_type_is. */
enum edb_err sign1_parse(const uint8_t *document, size_t size, struct sign1 *sign1);

/** Is this its protected header, { alg: ES256, content type }, in its one encoding, which has no
 *  zeros in it? */
bool sign1_type_is(const struct sign1 *sign1, const char *type);

/** Has it this protected header, and is it signed by this P-256 key? EDB_E_DOCUMENT;
 *  EDB_E_DOCUMENT_SIGNER. */
enum edb_err sign1_verify(
	const struct sign1 *sign1, const char *type, const struct p256_point *key);

#endif
