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
#define HEAD_MAX        5u /* bytes of a CBOR head for a size below 2^32 */

static enum edb_err read_protected(struct sign1 *s)
{
	struct cursor c = cursor_over(s->protected_header, s->protected_size);

	cbor_map(&c, 2, 2);
	cbor_expect_int(cbor_key(&c, HEADER_ALG), ALG_ES256);
	s->type = cbor_text_upto(cbor_key(&c, HEADER_TYPE), PROTECTED_MAX, &s->type_size);
	return cbor_end(&c);
}

enum edb_err sign1_parse(const uint8_t *document, size_t size, struct sign1 *sign1)
{
	struct sign1 s = {0};
	struct cursor c = cursor_over(document, size);

	if (size > SIGN1_MAX)
		return EDB_E_LIMIT;
	cbor_expect_tag(&c, TAG_SIGN1);
	cbor_array(&c, 4, 4);
	s.protected_header = cbor_bytes_upto(&c, PROTECTED_MAX, &s.protected_size);
	cbor_map(&c, 1, 1);
	s.kid = cbor_bytes(cbor_key(&c, HEADER_KID), KID_BYTES);
	s.payload = cbor_bytes_upto(&c, SIGN1_MAX, &s.payload_size);
	s.signature = cbor_bytes(&c, SIGNATURE_BYTES);
	if (cbor_end(&c) || read_protected(&s))
		return EDB_E_DOCUMENT;
	*sign1 = s;
	return EDB_OK;
}

bool sign1_type_is(const struct sign1 *sign1, const char *type)
{
	return sign1->type_size == strlen(type) && equal_ct(sign1->type, type, sign1->type_size);
}

/* Head of a byte string of `size` bytes, shortest form. */
static size_t bytes_head(uint8_t out[static HEAD_MAX], size_t size)
{
	struct writer w = writer_over(out, HEAD_MAX);
	unsigned bytes = size < 24 ? 0 : size < 256 ? 1 : size < 65536 ? 2 : 4;

	writer_u8(&w, (uint8_t)(0x40u | (bytes ? 23 + (bytes == 4 ? 3 : bytes) : size)));
	for (unsigned i = bytes; i-- > 0;)
		writer_u8(&w, (uint8_t)(size >> 8 * i));
	return w.pos;
}

static void digest_bytes(TEE_OperationHandle operation, const uint8_t *bytes, size_t size)
{
	uint8_t head[HEAD_MAX];
	size_t head_size = bytes_head(head, size);

	TEE_DigestUpdate(operation, head, head_size);
	TEE_DigestUpdate(operation, bytes, size);
}

enum edb_err sign1_verify(const struct sign1 *s, const struct spki *key)
{
	/* Sig_structure = ["Signature1", protected, external_aad = h'', payload] */
	static const uint8_t start[] = {
		0x84, 0x6a, 'S', 'i', 'g', 'n', 'a', 't', 'u', 'r', 'e', '1'};
	TEE_OperationHandle operation = TEE_HANDLE_NULL;
	uint8_t digest[32] = {0};
	enum edb_err err = sha256_start(&operation);

	if (!err) {
		TEE_DigestUpdate(operation, start, sizeof start);
		digest_bytes(operation, s->protected_header, s->protected_size);
		digest_bytes(operation, NULL, 0);
		digest_bytes(operation, s->payload, s->payload_size);
		err = sha256_finish(operation, digest);
	}
	TEE_FreeOperation(operation);
	if (!err)
		err = spki_verify(key, SPKI_ECDSA_P256, digest, s->signature, SIGNATURE_BYTES);
	return err == EDB_E_SIGNATURE ? EDB_E_DOCUMENT_SIGNER : err;
}
