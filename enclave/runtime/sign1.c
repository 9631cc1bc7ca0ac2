/* SPDX-License-Identifier: MIT */
#include "sign1.h"

#include <string.h>

#include "cbor.h"
#include "sha256.h"
#include "wipe.h"

#define TAG_SIGN1       18u
#define HEADER_ALG      1
#define HEADER_TYPE     3
#define HEADER_KID      4
#define ALG_ES256       (-7)
#define PROTECTED_MAX   64u
#define SIGNATURE_BYTES 64u
#define KID_BYTES       32u

static enum edb_err read_protected(const uint8_t *header, size_t size, struct sign1 *s)
{
	struct cursor c = cursor_over(header, size);

	cbor_head(&c, CBOR_MAP, 2, 2);
	cbor_expect_int(cbor_key(&c, HEADER_ALG), ALG_ES256);
	s->type = cbor_string(cbor_key(&c, HEADER_TYPE), CBOR_TEXT, PROTECTED_MAX, &s->type_size);
	return cbor_end(&c);
}

enum edb_err sign1_parse(const uint8_t *document, size_t size, struct sign1 *sign1)
{
	struct sign1 s = {0};
	struct cursor c = cursor_over(document, size);
	const uint8_t *header;
	size_t header_size, start;

	if (size > SIGN1_MAX)
		return EDB_E_LIMIT;
	cbor_head(&c, CBOR_TAG, TAG_SIGN1, TAG_SIGN1);
	cbor_head(&c, CBOR_ARRAY, 4, 4);
	start = c.pos;
	header = cbor_string(&c, CBOR_BYTES, PROTECTED_MAX, &header_size);
	s.protected_item = &document[start];
	s.protected_item_size = c.pos - start;
	cbor_head(&c, CBOR_MAP, 1, 1);
	s.kid = cbor_bytes(cbor_key(&c, HEADER_KID), KID_BYTES);
	start = c.pos;
	s.payload = cbor_string(&c, CBOR_BYTES, SIGN1_MAX, &s.payload_size);
	s.payload_item = &document[start];
	s.payload_item_size = c.pos - start;
	s.signature = cbor_bytes(&c, SIGNATURE_BYTES);
	if (cbor_end(&c) || read_protected(header, header_size, &s))
		return EDB_E_DOCUMENT;
	*sign1 = s;
	return EDB_OK;
}

bool sign1_type_is(const struct sign1 *sign1, const char *type)
{
	return sign1->type_size == strlen(type) && equal_ct(sign1->type, type, sign1->type_size);
}

enum edb_err sign1_verify(const struct sign1 *s, const struct spki *key)
{
	/* Sig_structure = ["Signature1", protected, external_aad = h'', payload]: the two byte
	 * strings are encoded there as in the document. */
	static const uint8_t start[] = {
		0x84, 0x6a, 'S', 'i', 'g', 'n', 'a', 't', 'u', 'r', 'e', '1'};
	static const uint8_t external_aad[] = {0x40};
	TEE_OperationHandle operation = TEE_HANDLE_NULL;
	uint8_t digest[32] = {0};
	enum edb_err err = sha256_start(&operation);

	if (!err) {
		TEE_DigestUpdate(operation, start, sizeof start);
		TEE_DigestUpdate(operation, s->protected_item, s->protected_item_size);
		TEE_DigestUpdate(operation, external_aad, sizeof external_aad);
		TEE_DigestUpdate(operation, s->payload_item, s->payload_item_size);
		err = sha256_finish(operation, digest);
	}
	TEE_FreeOperation(operation);
	if (!err)
		err = spki_verify(key, SPKI_ECDSA_P256, digest, s->signature, SIGNATURE_BYTES);
	return err == EDB_E_SIGNATURE ? EDB_E_DOCUMENT_SIGNER : err;
}
