/* SPDX-License-Identifier: MIT
 *
 * Packages whose text is good: streams of a wrong size, maps that leave something out, signatures
 * by the wrong key or over other bytes, and everything changed after it was signed.
 */
#include "cases.h"

#include <stdio.h>
#include <string.h>

/* Before signing. */

static void resize(struct model *m, unsigned stream, size_t size)
{
	static const uint8_t zeros[70000];

	model_set(m, stream, zeros, size);
}

static void nonce_0(struct model *m)
{
	resize(m, S_NONCE, 0);
}
static void nonce_11(struct model *m)
{
	resize(m, S_NONCE, 11);
}
static void nonce_13(struct model *m)
{
	resize(m, S_NONCE, 13);
}
static void nonce_16(struct model *m)
{
	resize(m, S_NONCE, 16);
}
static void tag_0(struct model *m)
{
	resize(m, S_TAG, 0);
}
static void tag_12(struct model *m)
{
	resize(m, S_TAG, 12);
}
static void tag_15(struct model *m)
{
	resize(m, S_TAG, 15);
}
static void tag_17(struct model *m)
{
	resize(m, S_TAG, 17);
}
static void digest_0(struct model *m)
{
	resize(m, S_DIGEST, 0);
}
static void digest_31(struct model *m)
{
	resize(m, S_DIGEST, 31);
}
static void digest_33(struct model *m)
{
	resize(m, S_DIGEST, 33);
}
static void digest_64(struct model *m)
{
	resize(m, S_DIGEST, 64);
}
static void signature_0(struct model *m)
{
	resize(m, S_PSIG, 0);
}
static void signature_255(struct model *m)
{
	resize(m, S_PSIG, 255);
}
static void signature_257(struct model *m)
{
	resize(m, S_PSIG, 257);
}
static void package_digest_20(struct model *m)
{
	resize(m, S_DIG, 20);
}
static void package_digest_0(struct model *m)
{
	resize(m, S_DIG, 0);
}
static void package_signature_0(struct model *m)
{
	resize(m, S_SIG, 0);
}
static void package_signature_512(struct model *m)
{
	resize(m, S_SIG, 512);
}
static void certificate_0(struct model *m)
{
	resize(m, S_CERT, 0);
}
static void certificate_16385(struct model *m)
{
	resize(m, S_CERT, 16385);
}

/* The manifest agrees with what the certificate is now, so that only its bytes are at fault. */
static void certificate_bytes(struct model *m, const void *bytes, size_t size)
{
	char was[32], is[32];

	snprintf(was, sizeof was, "32,%zu,", m->stream[S_CERT].size);
	snprintf(is, sizeof is, "32,%zu,", size);
	model_replace(m, was, is);
	model_set(m, S_CERT, bytes, size);
}

static void certificate_zeros(struct model *m)
{
	static const uint8_t zeros[300];

	certificate_bytes(m, zeros, sizeof zeros);
}

static void certificate_one_byte(struct model *m)
{
	certificate_bytes(m, "-", 1);
}

static void certificate_cut(struct model *m)
{
	uint8_t half[4096];
	size_t size = m->stream[S_CERT].size / 2;

	memcpy(half, m->stream[S_CERT].bytes, size);
	certificate_bytes(m, half, size);
}

static void certificate_empty_pem(struct model *m)
{
	static const char pem[] = "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n";

	certificate_bytes(m, pem, sizeof pem - 1);
}

/* The form that the manifest names is not the form of the bytes. */
static void rename_form(struct model *m, const char *form)
{
	char is[64];

	snprintf(is, sizeof is, "\"%s\"", form);
	model_replace(m, "\"embedded-x509-pem\"", is);
	model_replace(m, "\"embedded-x509-pem\"", is);
}

static void pem_named_der(struct model *m)
{
	rename_form(m, "embedded-x509-der");
}
static void pem_named_spki(struct model *m)
{
	rename_form(m, "embedded-public-key-der");
}
static void x509_named_key(struct model *m)
{
	rename_form(m, "embedded-public-key-pem");
}

static void key_named_x509(struct model *m)
{
	model_certificate(m, "embedded-public-key-pem", m->kit->vendor);
	model_replace(m, "\"embedded-public-key-pem\"", "\"embedded-x509-pem\"");
	model_replace(m, "\"embedded-public-key-pem\"", "\"embedded-x509-pem\"");
}

static void der_with_more_behind(struct model *m)
{
	uint8_t more[1024];

	model_certificate(m, "embedded-public-key-der", m->kit->vendor);
	size_t size = m->stream[S_CERT].size;
	memcpy(more, m->stream[S_CERT].bytes, size);
	more[size] = 0;
	certificate_bytes(m, more, size + 1);
}

static void manifest_empty(struct model *m)
{
	m->text[0] = 0;
	m->text_size = 0;
}

static void manifest_pad(struct model *m, size_t size)
{
	memset(m->text + m->text_size, ' ', size - m->text_size);
	m->text_size = size;
	m->text[size] = 0;
}

static void manifest_16384(struct model *m)
{
	manifest_pad(m, 16384);
}
static void manifest_16385(struct model *m)
{
	manifest_pad(m, 16385);
}

/* One byte more than AES-GCM takes; nearly all of it is a hole in the file. */
static void payload_too_long(struct model *m)
{
	const uint64_t size = (1ull << 36) - 31;
	char was[16], is[32];

	m->tail = size - m->stream[S_PAYLOAD].size;
	m->reversed = true;
	snprintf(was, sizeof was, ",%zu]", m->stream[S_PAYLOAD].size);
	snprintf(is, sizeof is, ",%llu]", (unsigned long long)size);
	model_replace(m, was, is);
}

/* Leave one stream out of map and sizes, and so out of what is signed. */
static void unmap(struct model *m, const char *map, const char *sizes, unsigned stream)
{
	unsigned kept = 0;

	model_replace(m, "[6,1,2,3,5,0]", map);
	model_replace(m, "[12,16,32,", sizes);
	for (unsigned i = 0; i < m->map_count; i++)
		if (m->map[i] != stream)
			m->map[kept++] = m->map[i];
	m->map_count = kept;
}

static void unmap_nonce(struct model *m)
{
	unmap(m, "[6,2,3,5,0]", "[16,32,", S_NONCE);
}
static void unmap_tag(struct model *m)
{
	unmap(m, "[6,1,3,5,0]", "[12,32,", S_TAG);
}
static void unmap_digest(struct model *m)
{
	unmap(m, "[6,1,2,5,0]", "[12,16,", S_DIGEST);
}

static void unmap_certificate(struct model *m)
{
	char was[32];

	snprintf(was, sizeof was, ",%zu,", m->stream[S_CERT].size);
	model_replace(m, was, ",");
	unmap(m, "[6,1,2,3,0]", "[12,16,32,", S_CERT);
}

static void map_payload_signature(struct model *m)
{
	model_replace(m, "[6,1,2,3,5,0]", "[6,1,2,3,4,5,0]");
	model_replace(m, "[12,16,32,", "[12,16,32,256,");
}

static void map_empty(struct model *m)
{
	model_replace(m, "\"map\":[6,1,2,3,5,0]", "\"map\":[]");
	model_replace(m, "\"sizes\"", "\"no-sizes\"");
}

/* Sizes left out, so that it is the map that is at fault. */
static void map_payload_first(struct model *m)
{
	model_replace(m, "[6,1,2,3,5,0]", "[0,1,2,3,5,6]");
	model_replace(m, "\"sizes\"", "\"no-sizes\"");
}

static void map_payload_not_last(struct model *m)
{
	model_replace(m, "[6,1,2,3,5,0]", "[6,1,2,3,0,5]");
	model_replace(m, "\"sizes\"", "\"no-sizes\"");
}

static void map_manifest_alone(struct model *m)
{
	model_replace(m, "\"map\":[6,1,2,3,5,0]", "\"map\":[6]");
	model_replace(m, "\"sizes\":[", "\"sizes\":[],\"no-sizes\":[");
}

/* A stream of no role, mapped and signed. */
static void add_small_stream(struct model *m, size_t size)
{
	char is[64];

	resize(m, S_COUNT, size);
	model_replace(m, "[6,1,2,3,5,0]", "[6,9,1,2,3,5,0]");
	snprintf(is, sizeof is, "[%zu,12,16,32,", size);
	model_replace(m, "[12,16,32,", is);
	for (unsigned i = m->map_count; i > 1; i--)
		m->map[i] = m->map[i - 1];
	m->map[1] = S_COUNT;
	m->map_count++;
}

static void small_stream_70000(struct model *m)
{
	add_small_stream(m, 70000);
}
static void small_stream_empty(struct model *m)
{
	add_small_stream(m, 0);
}

static void stranger(struct model *m)
{
	model_signer(m, m->kit->other, EDB_SCHEME_RSA_PKCS1V15);
}

static void stranger_under_our_certificate(struct model *m)
{
	m->payload_key = m->package_key = m->kit->other;
}

static void stranger_signs_payload(struct model *m)
{
	m->payload_key = m->kit->other;
}
static void stranger_signs_package(struct model *m)
{
	m->package_key = m->kit->other;
}

static void stranger_certificate(struct model *m)
{
	model_certificate(m, "embedded-x509-pem", m->kit->other);
}

static void pss_named_pkcs1(struct model *m)
{
	m->scheme = EDB_SCHEME_RSA_PSS;
}

static void pkcs1_named_pss(struct model *m)
{
	model_replace(m, "\"rsa-pkcs1v15\"", "\"rsa-pss\"");
	model_replace(m, "\"rsa-pkcs1v15\"", "\"rsa-pss\"");
}

/* Signed, but over a digest of other bytes. */
static void digest_of_nothing(struct model *m)
{
	m->digest_forged = true;
	EVP_Digest("", 0, m->stream[S_DIG].bytes, NULL, EVP_sha256(), NULL);
}

static void digest_of_payload_alone(struct model *m)
{
	m->map[0] = S_PAYLOAD;
	m->map_count = 1;
}

static void digest_in_index_order(struct model *m)
{
	static const unsigned order[] = {S_PAYLOAD, S_NONCE, S_TAG, S_DIGEST, S_CERT, S_MANIFEST};

	memcpy(m->map, order, sizeof order);
}

static void digest_without_manifest(struct model *m)
{
	m->map[0] = S_CERT;
}

static void forged_tag(struct model *m)
{
	m->stream[S_TAG].bytes[15] ^= 1;
}
static void forged_nonce(struct model *m)
{
	m->stream[S_NONCE].bytes[0] ^= 1;
}
static void forged_ciphertext(struct model *m)
{
	m->stream[S_PAYLOAD].bytes[7] ^= 0x40;
}
static void forged_plaintext_digest(struct model *m)
{
	m->stream[S_DIGEST].bytes[31] ^= 1;
}

static void short_ciphertext(struct model *m)
{
	char was[32], is[32];

	snprintf(was, sizeof was, ",%zu]}}", m->stream[S_PAYLOAD].size);
	m->stream[S_PAYLOAD].size--;
	snprintf(is, sizeof is, ",%zu]}}", m->stream[S_PAYLOAD].size);
	model_replace(m, was, is);
}

/* Not encrypted: nonce and tag have no role then. */
static void unencrypted(struct model *m)
{
	static const unsigned map[] = {S_MANIFEST, S_DIGEST, S_CERT, S_PAYLOAD};

	model_replace(m, "\"enc\":{\"aes-gcm\"", "\"enc\":\"none\",\"x\":{\"aes-gcm\"");
	model_replace(m, "[6,1,2,3,5,0]", "[6,3,5,0]");
	model_replace(m, "[12,16,32,", "[32,");
	memcpy(m->map, map, sizeof map);
	m->map_count = sizeof map / sizeof map[0];
}

static void as_of_2021(struct model *m)
{
	model_replace(m,
		"\"map\":[6,1,2,3,5,0],\"dig\":{\"sha256\":{\"data\":7}},\"sig\":{\"rsa-"
		"pkcs1v15\":{\"key_strength\":2048,\"data\":8}},\"cert\":{\"embedded-x509-"
		"pem\":{\"data\":5}},\"sizes\"",
		"\"map\":[0,1,2,3,4,5,6],\"dig\":\"none\",\"sig\":\"none\",\"cert\":\"none\",\"x\"");
	model_replace(m, ",\"type\":\"data\",\"readers\":[]", "");
	model_replace(m, ",\"key_version\":1", "");
}

static void url(struct model *m)
{
	model_replace(m, "\"embedded-x509-pem\":{\"data\":5}",
		"\"url\":{\"url\":\"https://localhost/\"}");
	model_replace(m, "\"embedded-x509-pem\":{\"data\":5}",
		"\"url\":{\"url\":\"https://localhost/\"}");
	unmap_certificate(m);
}

static void x509_der(struct model *m)
{
	model_certificate(m, "embedded-x509-der", m->payload_key);
}
static void key_pem(struct model *m)
{
	model_certificate(m, "embedded-public-key-pem", m->payload_key);
}
static void key_der(struct model *m)
{
	model_certificate(m, "embedded-public-key-der", m->payload_key);
}
static void pss(struct model *m)
{
	model_signer(m, m->kit->vendor, EDB_SCHEME_RSA_PSS);
}
static void p256(struct model *m)
{
	model_signer(m, m->kit->vendor_p256, EDB_SCHEME_ECDSA_P256);
}
static void rsa_3072(struct model *m)
{
	model_signer(m, m->kit->vendor_3072, EDB_SCHEME_RSA_PKCS1V15);
}
static void gaps(struct model *m)
{
	m->gap = 5;
}
static void backwards(struct model *m)
{
	m->reversed = true;
}

/* After signing; the frame follows. */

static void flip(struct model *m, unsigned stream, size_t at)
{
	m->stream[stream].bytes[at] ^= 1;
}

static void flip_manifest_version(struct model *m)
{
	char *at = strstr(m->text, "\"maj\":1");

	flip(m, S_MANIFEST, (size_t)(at - m->text) + 6);
}

static void flip_manifest_name(struct model *m)
{
	char *at = strstr(m->text, "Name");

	flip(m, S_MANIFEST, (size_t)(at - m->text));
}

static void space_after_manifest(struct model *m)
{
	model_replace(m, "", " ");
	model_set(m, S_MANIFEST, m->text, m->text_size);
}

static void flip_nonce(struct model *m)
{
	flip(m, S_NONCE, 3);
}
static void flip_tag(struct model *m)
{
	flip(m, S_TAG, 3);
}
static void flip_payload_first(struct model *m)
{
	flip(m, S_PAYLOAD, 0);
}
static void flip_payload_last(struct model *m)
{
	flip(m, S_PAYLOAD, m->stream[S_PAYLOAD].size - 1);
}
static void flip_digest(struct model *m)
{
	flip(m, S_DIGEST, 0);
}
static void flip_payload_signature(struct model *m)
{
	flip(m, S_PSIG, 200);
}
static void flip_package_signature(struct model *m)
{
	flip(m, S_SIG, 0);
}
static void flip_package_digest(struct model *m)
{
	flip(m, S_DIG, 0);
}

static void zero_payload_signature(struct model *m)
{
	memset(m->stream[S_PSIG].bytes, 0, 256);
}
static void zero_package_signature(struct model *m)
{
	memset(m->stream[S_SIG].bytes, 0, 256);
}
static void ones_package_signature(struct model *m)
{
	memset(m->stream[S_SIG].bytes, 0xff, 256);
}

static void swap_signatures(struct model *m)
{
	uint8_t *payload = m->stream[S_PSIG].bytes;

	m->stream[S_PSIG].bytes = m->stream[S_SIG].bytes;
	m->stream[S_SIG].bytes = payload;
}

static void payload_signature_twice(struct model *m)
{
	memcpy(m->stream[S_SIG].bytes, m->stream[S_PSIG].bytes, 256);
}

/* One byte goes from the tag to the nonce: the mapped bytes, one after the other, stay the same. */
static void move_byte_to_neighbour(struct model *m)
{
	uint8_t nonce[13], tag[15];

	memcpy(nonce, m->stream[S_NONCE].bytes, 12);
	nonce[12] = m->stream[S_TAG].bytes[0];
	memcpy(tag, m->stream[S_TAG].bytes + 1, 15);
	model_set(m, S_NONCE, nonce, sizeof nonce);
	model_set(m, S_TAG, tag, sizeof tag);
}

/* The same between certificate and payload, whose sizes no role fixes. */
static void move_byte_to_payload(struct model *m)
{
	uint8_t payload[512];
	size_t size = m->stream[S_PAYLOAD].size;

	payload[0] = m->stream[S_CERT].bytes[m->stream[S_CERT].size - 1];
	memcpy(payload + 1, m->stream[S_PAYLOAD].bytes, size);
	m->stream[S_CERT].size--;
	model_set(m, S_PAYLOAD, payload, size + 1);
}

static void payload_longer(struct model *m)
{
	uint8_t payload[512];
	size_t size = m->stream[S_PAYLOAD].size;

	memcpy(payload, m->stream[S_PAYLOAD].bytes, size);
	payload[size] = 0;
	model_set(m, S_PAYLOAD, payload, size + 1);
}

static void payload_gone(struct model *m)
{
	model_set(m, S_PAYLOAD, "", 0);
}

static const struct {
	const char *name, *rule;
	enum edb_err want;
	void (*before)(struct model *m), (*after)(struct model *m);
} row[] = {
	{"manifest-empty", "J3", EDB_E_JSON, manifest_empty, NULL},
	{"manifest-16385-bytes", "J1", EDB_E_LIMIT, manifest_16385, NULL},
	{"nonce-0-bytes", "R3", EDB_E_STREAM_SIZE, nonce_0, NULL},
	{"nonce-11-bytes", "R3", EDB_E_STREAM_SIZE, nonce_11, NULL},
	{"nonce-13-bytes", "R3", EDB_E_STREAM_SIZE, nonce_13, NULL},
	{"nonce-16-bytes", "R3", EDB_E_STREAM_SIZE, nonce_16, NULL},
	{"tag-0-bytes", "R3", EDB_E_STREAM_SIZE, tag_0, NULL},
	{"tag-12-bytes", "R3", EDB_E_STREAM_SIZE, tag_12, NULL},
	{"tag-15-bytes", "R3", EDB_E_STREAM_SIZE, tag_15, NULL},
	{"tag-17-bytes", "R3", EDB_E_STREAM_SIZE, tag_17, NULL},
	{"digest-0-bytes", "R3", EDB_E_STREAM_SIZE, digest_0, NULL},
	{"digest-31-bytes", "R3", EDB_E_STREAM_SIZE, digest_31, NULL},
	{"digest-33-bytes", "R3", EDB_E_STREAM_SIZE, digest_33, NULL},
	{"digest-64-bytes", "R3", EDB_E_STREAM_SIZE, digest_64, NULL},
	{"signature-0-bytes", "R3", EDB_E_STREAM_SIZE, signature_0, NULL},
	{"signature-255-bytes", "R3", EDB_E_STREAM_SIZE, signature_255, NULL},
	{"signature-257-bytes", "R3", EDB_E_STREAM_SIZE, signature_257, NULL},
	{"package-digest-0-bytes", "R3", EDB_E_STREAM_SIZE, package_digest_0, NULL},
	{"package-digest-20-bytes", "R3", EDB_E_STREAM_SIZE, package_digest_20, NULL},
	{"package-signature-0-bytes", "R3", EDB_E_STREAM_SIZE, package_signature_0, NULL},
	{"package-signature-512-bytes", "R3", EDB_E_STREAM_SIZE, package_signature_512, NULL},
	{"certificate-0-bytes", "R3", EDB_E_STREAM_SIZE, certificate_0, NULL},
	{"certificate-16385-bytes", "R3", EDB_E_STREAM_SIZE, certificate_16385, NULL},
	{"payload-over-gcm-limit", "R4", EDB_E_LIMIT, payload_too_long, NULL},
	{"payload-longer-than-stated", "R5", EDB_E_SIZES, NULL, payload_longer},
	{"payload-gone", "R5", EDB_E_SIZES, NULL, payload_gone},
	{"byte-moved-from-certificate-to-payload", "R5", EDB_E_SIZES, NULL, move_byte_to_payload},
	{"byte-moved-from-tag-to-nonce", "R3", EDB_E_STREAM_SIZE, NULL, move_byte_to_neighbour},
	{"package-of-2021", "S1", EDB_E_UNSIGNED, as_of_2021, NULL},
	{"map-empty", "S2", EDB_E_MAP, map_empty, NULL},
	{"map-payload-first", "S2", EDB_E_MAP, map_payload_first, NULL},
	{"map-payload-not-last", "S2", EDB_E_MAP, map_payload_not_last, NULL},
	{"map-manifest-alone", "S2", EDB_E_MAP, map_manifest_alone, NULL},
	{"map-without-nonce", "S3", EDB_E_MAP, unmap_nonce, NULL},
	{"map-without-tag", "S3", EDB_E_MAP, unmap_tag, NULL},
	{"map-without-digest", "S3", EDB_E_MAP, unmap_digest, NULL},
	{"map-without-certificate", "S3", EDB_E_MAP, unmap_certificate, NULL},
	{"map-with-payload-signature", "S3", EDB_E_MAP, map_payload_signature, NULL},
	{"map-with-stream-of-no-role", "S3", EDB_E_MAP, small_stream_70000, NULL},
	{"certificate-zeros", "S6", EDB_E_CERTIFICATE, certificate_zeros, NULL},
	{"certificate-one-byte", "S6", EDB_E_CERTIFICATE, certificate_one_byte, NULL},
	{"certificate-cut", "S6", EDB_E_CERTIFICATE, certificate_cut, NULL},
	{"certificate-empty-pem", "S6", EDB_E_CERTIFICATE, certificate_empty_pem, NULL},
	{"certificate-pem-named-der", "S6", EDB_E_CERTIFICATE, pem_named_der, NULL},
	{"certificate-pem-named-spki", "S6", EDB_E_CERTIFICATE, pem_named_spki, NULL},
	{"certificate-x509-named-key", "S6", EDB_E_CERTIFICATE, x509_named_key, NULL},
	{"certificate-key-named-x509", "S6", EDB_E_CERTIFICATE, key_named_x509, NULL},
	{"certificate-der-with-more-behind", "S6", EDB_E_CERTIFICATE, der_with_more_behind, NULL},
	{"certificate-elsewhere-and-none-given", "S6", EDB_E_CERTIFICATE, url, NULL},
	{"signed-by-a-stranger", "S7", EDB_E_SIGNER, stranger, NULL},
	{"certificate-of-a-stranger", "S7", EDB_E_SIGNER, stranger_certificate, NULL},
	{"stranger-under-our-certificate", "S8", EDB_E_SIGNATURE, stranger_under_our_certificate,
		NULL},
	{"stranger-signs-package", "S8", EDB_E_SIGNATURE, stranger_signs_package, NULL},
	{"stranger-signs-payload", "S9", EDB_E_SIGNATURE, stranger_signs_payload, NULL},
	{"pss-signature-named-pkcs1", "S8", EDB_E_SIGNATURE, pss_named_pkcs1, NULL},
	{"pkcs1-signature-named-pss", "S8", EDB_E_SIGNATURE, pkcs1_named_pss, NULL},
	{"package-signature-bit", "S8", EDB_E_SIGNATURE, NULL, flip_package_signature},
	{"package-signature-zeros", "S8", EDB_E_SIGNATURE, NULL, zero_package_signature},
	{"package-signature-ones", "S8", EDB_E_SIGNATURE, NULL, ones_package_signature},
	{"package-digest-bit", "S8", EDB_E_SIGNATURE, NULL, flip_package_digest},
	{"signatures-swapped", "S8", EDB_E_SIGNATURE, NULL, swap_signatures},
	{"payload-signature-twice", "S8", EDB_E_SIGNATURE, NULL, payload_signature_twice},
	{"payload-signature-bit", "S9", EDB_E_SIGNATURE, NULL, flip_payload_signature},
	{"payload-signature-zeros", "S9", EDB_E_SIGNATURE, NULL, zero_payload_signature},
	{"plaintext-digest-bit", "S9", EDB_E_SIGNATURE, NULL, flip_digest},
	{"manifest-version-changed", "S10", EDB_E_DIGEST, NULL, flip_manifest_version},
	{"manifest-name-changed", "S10", EDB_E_DIGEST, NULL, flip_manifest_name},
	{"manifest-space-behind", "S10", EDB_E_DIGEST, NULL, space_after_manifest},
	{"nonce-bit", "S10", EDB_E_DIGEST, NULL, flip_nonce},
	{"tag-bit", "S10", EDB_E_DIGEST, NULL, flip_tag},
	{"payload-first-bit", "S10", EDB_E_DIGEST, NULL, flip_payload_first},
	{"payload-last-bit", "S10", EDB_E_DIGEST, NULL, flip_payload_last},
	{"package-digest-of-nothing", "S10", EDB_E_DIGEST, digest_of_nothing, NULL},
	{"package-digest-of-payload-alone", "S10", EDB_E_DIGEST, digest_of_payload_alone, NULL},
	{"package-digest-in-index-order", "S10", EDB_E_DIGEST, digest_in_index_order, NULL},
	{"package-digest-without-manifest", "S10", EDB_E_DIGEST, digest_without_manifest, NULL},
	{"unencrypted-and-of-other-digest", "S11", EDB_E_DIGEST, unencrypted, NULL},
	{"signed-with-a-wrong-tag", "P1", EDB_E_TAG, forged_tag, NULL},
	{"signed-with-a-wrong-nonce", "P1", EDB_E_TAG, forged_nonce, NULL},
	{"signed-with-other-ciphertext", "P1", EDB_E_TAG, forged_ciphertext, NULL},
	{"signed-with-ciphertext-cut", "P1", EDB_E_TAG, short_ciphertext, NULL},
	{"signed-with-a-wrong-plaintext-digest", "P2", EDB_E_DIGEST, forged_plaintext_digest, NULL},
	{"good-manifest-16384-bytes", "-", EDB_OK, manifest_16384, NULL},
	{"map-with-empty-stream-of-no-role", "S3", EDB_E_MAP, small_stream_empty, NULL},
	{"good-x509-der", "-", EDB_OK, x509_der, NULL},
	{"good-public-key-pem", "-", EDB_OK, key_pem, NULL},
	{"good-public-key-der", "-", EDB_OK, key_der, NULL},
	{"good-rsa-pss", "-", EDB_OK, pss, NULL},
	{"good-ecdsa-p256", "-", EDB_OK, p256, NULL},
	{"good-rsa-3072", "-", EDB_OK, rsa_3072, NULL},
	{"good-with-gaps", "-", EDB_OK, gaps, NULL},
	{"good-streams-backwards", "-", EDB_OK, backwards, NULL},
};

size_t step_count(void)
{
	return sizeof row / sizeof row[0];
}

void step_make(const struct hostile_kit *kit, size_t number, struct hostile_case *made)
{
	struct model m;

	model_init(&m, kit);
	if (row[number].before)
		row[number].before(&m);
	model_sign(&m);
	if (row[number].after)
		row[number].after(&m);
	made->bytes = model_write(&m, &made->size);
	made->tail = m.tail;
	model_clear(&m);
	snprintf(made->name, sizeof made->name, "%s", row[number].name);
	snprintf(made->rule, sizeof made->rule, "%s", row[number].rule);
	made->want = row[number].want;
}
