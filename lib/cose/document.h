/* SPDX-License-Identifier: MIT
 *
 * Signed documents in the normal world: COSE_Sign1 (RFC 9052) with ES256 over deterministic CBOR
 * (RFC 8949, 4.2), exactly as contract/documents.cddl has them. Made and read with libcbor; what is
 * read is encoded again and must give the same bytes, so that one document has one encoding.
 *
 * Threads: any, on different objects.
 */
#ifndef EDB_COSE_DOCUMENT_H
#define EDB_COSE_DOCUMENT_H

#include "public_key.h"
#include "signer.h"

#define EDB_DOCUMENT_MAX (16u << 10) /* bytes */

enum edb_document_type {
	EDB_DOCUMENT_DEVICE_POLICY,
	EDB_DOCUMENT_OPERATOR_POLICY,
	EDB_DOCUMENT_KEY_BUNDLE,
};

/** The content type in the protected header. */
const char *edb_document_type_name(enum edb_document_type type);

/** Sign a payload. document: malloc'ed. EDB_E_LIMIT: too large; EDB_E_ARG: the key is not P-256. */
enum edb_err edb_document_sign(enum edb_document_type type, const uint8_t *payload,
	size_t payload_size, struct edb_signer *signer, uint8_t **document, size_t *size,
	struct edb_error *error);

/* What a document says of itself; nothing of it is proven. Borrowed from its bytes. */
struct edb_document {
	enum edb_document_type type;
	const uint8_t *payload;
	size_t payload_size;
	uint8_t kid[EDB_KEY_ID_BYTES];    /* SHA-256 of the signer's SPKI */
	uint8_t digest[EDB_DIGEST_BYTES]; /* what is signed: SHA-256 of the Sig_structure */
	const uint8_t *signature;         /* EDB_ECDSA_SIG_BYTES */
};

/** EDB_E_LIMIT, EDB_E_DOCUMENT. The payload's own shape is not looked at. */
enum edb_err edb_document_parse(
	const uint8_t *bytes, size_t size, struct edb_document *document, struct edb_error *error);

/** Was it signed by this key? EDB_E_DOCUMENT_SIGNER: no. */
enum edb_err edb_document_verify(const struct edb_document *document,
	const struct edb_public_key *signer, struct edb_error *error);

#endif
