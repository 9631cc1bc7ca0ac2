/* SPDX-License-Identifier: MIT */
#include "document.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "tree.h"

#define TAG_SIGN1      18
#define TAG_SIGN1_BYTE 0xd2
#define HEADER_ALG     1
#define HEADER_TYPE    3
#define HEADER_KID     4
#define ALG_ES256      (-7)

static const char *const type_names[] = {
	[EDB_DOCUMENT_DEVICE_POLICY] = "application/edb-device-policy+cbor",
	[EDB_DOCUMENT_OPERATOR_POLICY] = "application/edb-operator-policy+cbor",
	[EDB_DOCUMENT_KEY_BUNDLE] = "application/edb-key-bundle+cbor",
};
#define TYPES (sizeof type_names / sizeof type_names[0])

const char *edb_document_type_name(enum edb_document_type type)
{
	return type_names[type];
}

static enum edb_err make_protected(
	enum edb_document_type type, uint8_t **bytes, size_t *size, struct edb_error *error)
{
	struct tree t = {0};
	cbor_item_t *map = tree_map(2);

	tree_put(&t, map, HEADER_ALG, tree_int(ALG_ES256));
	tree_put(&t, map, HEADER_TYPE, tree_text(type_names[type]));
	return tree_encode(&t, map, bytes, size, error);
}

/* SHA-256 of Sig_structure = ["Signature1", protected, h'', payload]: RFC 9052, 4.4 */
static enum edb_err digest_to_sign(const uint8_t *protected, size_t protected_size,
	const uint8_t *payload, size_t payload_size, uint8_t digest[EDB_DIGEST_BYTES],
	struct edb_error *error)
{
	struct tree t = {0};
	cbor_item_t *array = tree_array(4);
	uint8_t *bytes = NULL;
	size_t size = 0;
	enum edb_err err;

	tree_push(&t, array, tree_text("Signature1"));
	tree_push(&t, array, tree_bytes(protected, protected_size));
	tree_push(&t, array, tree_bytes(NULL, 0));
	tree_push(&t, array, tree_bytes(payload, payload_size));
	err = tree_encode(&t, array, &bytes, &size, error);
	if (!err && !EVP_Digest(bytes, size, digest, NULL, EVP_sha256(), NULL))
		err = edb_fail(error, EDB_E_NOMEM, EDB_NO_OFFSET, "cannot hash a document");
	free(bytes);
	return err;
}

static enum edb_err assemble(const uint8_t *protected, size_t protected_size,
	const uint8_t *payload, size_t payload_size, const struct edb_public_key *signer,
	const uint8_t *signature, uint8_t **document, size_t *size, struct edb_error *error)
{
	struct tree t = {0};
	cbor_item_t *array = tree_array(4), *headers = tree_map(1), *tagged;
	uint8_t kid[EDB_KEY_ID_BYTES];

	edb_public_key_id(signer, kid);
	tree_put(&t, headers, HEADER_KID, tree_bytes(kid, sizeof kid));
	tree_push(&t, array, tree_bytes(protected, protected_size));
	tree_push(&t, array, headers);
	tree_push(&t, array, tree_bytes(payload, payload_size));
	tree_push(&t, array, tree_bytes(signature, EDB_ECDSA_SIG_BYTES));
	tagged = array ? cbor_build_tag(TAG_SIGN1, array) : NULL;
	if (array)
		cbor_decref(&array);
	return tree_encode(&t, tagged, document, size, error);
}

enum edb_err edb_document_sign(enum edb_document_type type, const uint8_t *payload,
	size_t payload_size, struct edb_signer *signer, uint8_t **document, size_t *size,
	struct edb_error *error)
{
	const struct edb_public_key *public = edb_signer_public_borrow(signer);
	uint8_t digest[EDB_DIGEST_BYTES], signature[EDB_SIGNATURE_MAX], *protected = NULL;
	size_t protected_size = 0, signature_size = 0;
	enum edb_err err;

	if (edb_public_key_default_scheme(public) != EDB_SCHEME_ECDSA_P256)
		return edb_fail(error, EDB_E_ARG, EDB_NO_OFFSET,
			"documents are signed with a P-256 key, and this one is not");
	err = make_protected(type, &protected, &protected_size, error);
	if (!err)
		err = digest_to_sign(
			protected, protected_size, payload, payload_size, digest, error);
	if (!err)
		err = edb_sign_digest(
			signer, EDB_SCHEME_ECDSA_P256, digest, signature, &signature_size, error);
	if (!err)
		err = assemble(protected, protected_size, payload, payload_size, public, signature,
			document, size, error);
	free(protected);
	if (!err && *size > EDB_DOCUMENT_MAX) {
		free(*document);
		*document = NULL;
		err = edb_fail(error, EDB_E_LIMIT, EDB_NO_OFFSET,
			"the document would be larger than %u bytes", EDB_DOCUMENT_MAX);
	}
	return err;
}

/* The protected header has one encoding for each type: compare. */
static bool read_protected(const cbor_item_t *bytes, enum edb_document_type *type)
{
	bool found = false;

	if (!cbor_isa_bytestring(bytes))
		return false;
	for (size_t i = 0; i < TYPES && !found; i++) {
		uint8_t *expected = NULL;
		size_t size = 0;

		if (make_protected((enum edb_document_type)i, &expected, &size, NULL))
			return false;
		found = size == cbor_bytestring_length(bytes) &&
			!memcmp(cbor_bytestring_handle(bytes), expected, size);
		*type = (enum edb_document_type)i;
		free(expected);
	}
	return found;
}

/* Where the bytes of a string item lie in what was decoded: libcbor copies, callers borrow. */
static const uint8_t *locate(
	const uint8_t *bytes, size_t size, const cbor_item_t *item, size_t from)
{
	return &bytes[size - from - cbor_bytestring_length(item)];
}

static bool read_parts(const cbor_item_t *array, const uint8_t *bytes, size_t size,
	struct edb_document *d, struct edb_error *error)
{
	const cbor_item_t *protected, *payload, *signature;
	struct map_reader headers;
	bool bad = take_count(array, 4, 4, &(bool){false}) != 4;

	protected = take_at(array, 0, &bad);
	headers = map_open(take_at(array, 1, &bad), &bad);
	take_bytes(map_take(&headers, HEADER_KID), d->kid, sizeof d->kid, &bad);
	map_close(&headers);
	payload = take_at(array, 2, &bad);
	signature = take_at(array, 3, &bad);
	if (bad || !read_protected(protected, &d->type) || !cbor_isa_bytestring(payload) ||
		!cbor_isa_bytestring(signature) ||
		cbor_bytestring_length(signature) != EDB_ECDSA_SIG_BYTES)
		return false;
	/* The signature ends the document, after a head of two bytes; the payload lies before it.
	 */
	d->signature = locate(bytes, size, signature, 0);
	d->payload = locate(bytes, size, payload, EDB_ECDSA_SIG_BYTES + 2);
	d->payload_size = cbor_bytestring_length(payload);
	return !digest_to_sign(cbor_bytestring_handle(protected), cbor_bytestring_length(protected),
		d->payload, d->payload_size, d->digest, error);
}

enum edb_err edb_document_parse(
	const uint8_t *bytes, size_t size, struct edb_document *document, struct edb_error *error)
{
	struct edb_document d = {0};
	cbor_item_t *root;
	bool good;

	if (size > EDB_DOCUMENT_MAX)
		return edb_fail(error, EDB_E_LIMIT, EDB_DOCUMENT_MAX,
			"the document is larger than %u bytes", EDB_DOCUMENT_MAX);
	/* Tag 18 is one byte. libcbor before 0.9 takes it for malformed, so it is read here. */
	root = size && bytes[0] == TAG_SIGN1_BYTE ? tree_decode(&bytes[1], size - 1) : NULL;
	good = root && cbor_isa_array(root) && read_parts(root, bytes, size, &d, error);
	if (root)
		cbor_decref(&root);
	if (!good)
		return edb_fail(error, EDB_E_DOCUMENT, EDB_NO_OFFSET,
			"not a signed document of the blueprint (COSE_Sign1)");
	*document = d;
	return EDB_OK;
}

enum edb_err edb_document_verify(const struct edb_document *document,
	const struct edb_public_key *signer, struct edb_error *error)
{
	uint8_t id[EDB_KEY_ID_BYTES];

	edb_public_key_id(signer, id);
	if (memcmp(id, document->kid, sizeof id))
		return edb_fail(error, EDB_E_DOCUMENT_SIGNER, EDB_NO_OFFSET,
			"the document was signed by another key");
	if (edb_verify_digest(signer, EDB_SCHEME_ECDSA_P256, document->digest, document->signature,
		    EDB_ECDSA_SIG_BYTES, NULL))
		return edb_fail(error, EDB_E_DOCUMENT_SIGNER, EDB_NO_OFFSET,
			"the document's signature does not verify");
	return EDB_OK;
}
