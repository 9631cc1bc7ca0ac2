/* SPDX-License-Identifier: MIT */
#include "sign1.h"

#include <string.h>

#include "cbor.h"
#include "crypto.h"

#define TAG_SIGN1       18u
#define HEADER_KID      4
#define PROTECTED_MAX   64u
#define SIGNATURE_BYTES 64u
#define KID_BYTES       32u

enum edb_err sign1_parse(const uint8_t *document, size_t size, struct sign1 *s)
{
	/* Sig_structure = ["Signature1", protected, external_aad = h'', payload]: the two byte
	 * strings are encoded there as in the document. */
	static const uint8_t start[] = {
		0x84, 0x6a, 'S', 'i', 'g', 'n', 'a', 't', 'u', 'r', 'e', '1'};
	static const uint8_t external_aad[] = {0x40};
	struct cursor c = cursor_over(document, size);
	size_t header_at, header_end, payload_at, payload_end;
	TEE_OperationHandle operation = TEE_HANDLE_NULL;
	enum edb_err err;

	if (size > SIGN1_MAX)
		return EDB_E_LIMIT;
	cbor_head(&c, CBOR_TAG, TAG_SIGN1, TAG_SIGN1);
	cbor_head(&c, CBOR_ARRAY, 4, 4);
	header_at = c.pos;
	s->header_size = (size_t)cbor_head(&c, CBOR_BYTES, 0, PROTECTED_MAX);
	s->header = cursor_take(&c, s->header_size);
	header_end = c.pos;
	cbor_head(&c, CBOR_MAP, 1, 1);
	s->kid = cbor_bytes(cbor_int(&c, HEADER_KID), KID_BYTES);
	payload_at = c.pos;
	s->payload_size = (size_t)cbor_head(&c, CBOR_BYTES, 0, SIGN1_MAX);
	s->payload = cursor_take(&c, s->payload_size);
	payload_end = c.pos;
	s->signature = cbor_bytes(&c, SIGNATURE_BYTES);
	err = cbor_end(&c);
	err = err ? err : sha256_start(&operation);
	if (!err) {
		TEE_DigestUpdate(operation, start, sizeof start);
		TEE_DigestUpdate(operation, &document[header_at], header_end - header_at);
		TEE_DigestUpdate(operation, external_aad, sizeof external_aad);
		TEE_DigestUpdate(operation, &document[payload_at], payload_end - payload_at);
		err = sha256_finish(operation, s->digest);
	}
	TEE_FreeOperation(operation);
	return err;
}

bool sign1_type_is(const struct sign1 *s, const char *type)
{
	return s->header_size == strlen(type) && equal_ct(s->header, type, s->header_size);
}

enum edb_err sign1_verify(const struct sign1 *s, const char *type, const struct p256_point *key)
{
	struct spki spki;
	enum edb_err err = sign1_type_is(s, type) ? p256_spki(key, &spki) : EDB_E_DOCUMENT;

	if (!err && !equal_ct(spki.id, s->kid, KID_BYTES))
		err = EDB_E_DOCUMENT_SIGNER;
	if (!err)
		err = spki_verify(&spki, SPKI_ECDSA_P256, s->digest, s->signature, SIGNATURE_BYTES);
	return err == EDB_E_SIGNATURE ? EDB_E_DOCUMENT_SIGNER : err;
}
