/* SPDX-License-Identifier: MIT
 *
 * A package in pieces. The code trusts its own tables: a mistake in them stops the program.
 */
#include "model.h"

#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MUST(x)                                                                                    \
	do {                                                                                       \
		if (!(x)) {                                                                        \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #x);                    \
			abort();                                                                   \
		}                                                                                  \
	} while (0)

static const char plaintext[] = "The payload of a hostile package: data that nobody needs.";

struct hostile_kit *hostile_kit_new(const char *id, const char *arch, const char *os)
{
	struct hostile_kit *kit = calloc(1, sizeof *kit);

	if (!kit)
		return NULL;
	snprintf(kit->id, sizeof kit->id, "%s", id ? id : HOSTILE_ID);
	snprintf(kit->arch, sizeof kit->arch, "%s", arch ? arch : "any");
	snprintf(kit->os, sizeof kit->os, "%s", os ? os : "any");
	kit->vendor = EVP_RSA_gen(2048);
	kit->other = EVP_RSA_gen(2048);
	kit->vendor_p256 = EVP_EC_gen("P-256");
	kit->vendor_3072 = EVP_RSA_gen(3072);
	EVP_PKEY *keys[4] = {kit->vendor, kit->other, kit->vendor_p256, kit->vendor_3072};
	for (int i = 0; i < 4; i++) {
		int size = keys[i] ? i2d_PUBKEY(keys[i], &kit->spki[i]) : -1;

		MUST(size > 0);
		kit->spki_size[i] = (size_t)size;
	}
	return kit;
}

void hostile_kit_free(struct hostile_kit *kit)
{
	if (!kit)
		return;
	for (int i = 0; i < 4; i++)
		OPENSSL_free(kit->spki[i]);
	EVP_PKEY_free(kit->vendor);
	EVP_PKEY_free(kit->other);
	EVP_PKEY_free(kit->vendor_p256);
	EVP_PKEY_free(kit->vendor_3072);
	free(kit);
}

const uint8_t *hostile_vendor_spki_borrow(const struct hostile_kit *kit, size_t *size)
{
	*size = kit->spki_size[0];
	return kit->spki[0];
}

void model_set(struct model *m, unsigned stream, const void *bytes, size_t size)
{
	uint8_t *copy = malloc(size ? size : 1);

	MUST(copy && stream < MODEL_STREAMS);
	if (size)
		memcpy(copy, bytes, size);
	free(m->stream[stream].bytes);
	m->stream[stream].bytes = copy;
	m->stream[stream].size = size;
	if (stream >= m->count)
		m->count = stream + 1;
}

void model_replace(struct model *m, const char *find, const char *replace)
{
	char *at = *find ? strstr(m->text, find) : m->text + m->text_size;
	size_t find_size = strlen(find), size = strlen(replace);

	MUST(at && m->text_size + size < sizeof m->text);
	memmove(at + size, at + find_size, strlen(at + find_size) + 1);
	memcpy(at, replace, size); /* NOLINT(bugprone-not-null-terminated-result): amid a text */
	m->text_size = strlen(m->text);
}

static void encrypt(struct model *m)
{
	static const uint8_t nonce[12] = "unrepeated!";
	uint8_t sealed[sizeof plaintext], tag[16], digest[32];
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	int got = 0;

	MUST(ctx && EVP_EncryptInit_ex(ctx, EVP_aes_256_gcm(), NULL, (const uint8_t *)HOSTILE_KEY,
			    nonce) == 1);
	MUST(EVP_EncryptUpdate(ctx, sealed, &got, (const uint8_t *)plaintext, sizeof plaintext));
	MUST(EVP_EncryptFinal_ex(ctx, sealed, &got) == 1);
	MUST(EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_GET_TAG, sizeof tag, tag) == 1);
	EVP_CIPHER_CTX_free(ctx);
	MUST(EVP_Digest(plaintext, sizeof plaintext, digest, NULL, EVP_sha256(), NULL) == 1);
	model_set(m, S_PAYLOAD, sealed, sizeof sealed);
	model_set(m, S_NONCE, nonce, sizeof nonce);
	model_set(m, S_TAG, tag, sizeof tag);
	model_set(m, S_DIGEST, digest, sizeof digest);
}

static X509 *certificate(EVP_PKEY *key)
{
	X509 *x = X509_new();

	MUST(x && X509_set_version(x, X509_VERSION_3) && X509_set_pubkey(x, key));
	ASN1_INTEGER_set(X509_get_serialNumber(x), 1);
	X509_gmtime_adj(X509_getm_notBefore(x), 0);
	X509_gmtime_adj(X509_getm_notAfter(x), 86400);
	X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_ASC,
		(const uint8_t *)"hostile", -1, -1, 0);
	X509_set_issuer_name(x, X509_get_subject_name(x));
	MUST(X509_sign(x, key, EVP_sha256()));
	return x;
}

void model_certificate(struct model *m, const char *scheme, EVP_PKEY *key)
{
	char was[32], is[128];
	X509 *x = certificate(key);
	BIO *bio = BIO_new(BIO_s_mem());
	char *bytes;

	if (strcmp(scheme, "embedded-x509-pem") == 0)
		MUST(PEM_write_bio_X509(bio, x));
	else if (strcmp(scheme, "embedded-x509-der") == 0)
		MUST(i2d_X509_bio(bio, x));
	else if (strcmp(scheme, "embedded-public-key-pem") == 0)
		MUST(PEM_write_bio_PUBKEY(bio, key));
	else
		MUST(i2d_PUBKEY_bio(bio, key));
	long size = BIO_get_mem_data(bio, &bytes);
	snprintf(was, sizeof was, "32,%zu,", m->stream[S_CERT].size);
	snprintf(is, sizeof is, "32,%ld,", size);
	if (m->text_size && strstr(m->text, was))
		model_replace(m, was, is);
	model_set(m, S_CERT, bytes, (size_t)size);
	BIO_free(bio);
	X509_free(x);
	snprintf(is, sizeof is, "\"%s\":{\"data\":5}", scheme);
	for (int i = 0; i < 2 && m->text_size;
		i++) { /* the first one changes its name, so the next */
		char *from = strstr(m->text, "\"embedded-x509-pem\":{\"data\":5}");

		if (from && strcmp(scheme, "embedded-x509-pem") != 0)
			model_replace(m, "\"embedded-x509-pem\":{\"data\":5}", is);
	}
}

void model_signer(struct model *m, EVP_PKEY *key, enum edb_scheme scheme)
{
	static const char *const names[] = {"", "rsa-pkcs1v15", "rsa-pss", "ecdsa-p256"};
	size_t size = scheme == EDB_SCHEME_ECDSA_P256 ? 64 : (size_t)EVP_PKEY_get_size(key);
	uint8_t zeros[EDB_SIGNATURE_MAX] = {0};
	char is[64];

	m->payload_key = m->package_key = key;
	m->scheme = scheme;
	for (unsigned stream = S_PSIG; stream <= S_SIG; stream += S_SIG - S_PSIG) {
		char was[64];

		snprintf(was, sizeof was, "\"rsa-pkcs1v15\":{\"key_strength\":2048,\"data\":%u}",
			stream);
		snprintf(is, sizeof is, "\"%s\":{\"key_strength\":%d,\"data\":%u}", names[scheme],
			EVP_PKEY_get_bits(key), stream);
		model_replace(m, was, is);
		model_set(m, stream, zeros, size);
	}
	model_certificate(m, "embedded-x509-pem", key);
}

void model_init(struct model *m, const struct hostile_kit *kit)
{
	static const unsigned map[] = {S_MANIFEST, S_NONCE, S_TAG, S_DIGEST, S_CERT, S_PAYLOAD};
	uint8_t zeros[256] = {0};

	*m = (struct model){.kit = kit, .payload_key = kit->vendor, .package_key = kit->vendor};
	m->scheme = EDB_SCHEME_RSA_PKCS1V15;
	m->manifest_index = S_MANIFEST;
	encrypt(m);
	model_set(m, S_PSIG, zeros, sizeof zeros);
	model_certificate(m, "embedded-x509-pem", kit->vendor);
	model_set(m, S_DIG, zeros, 32);
	model_set(m, S_SIG, zeros, sizeof zeros);
	memcpy(m->map, map, sizeof map);
	m->map_count = sizeof map / sizeof map[0];
	snprintf(m->text, sizeof m->text,
		"{\"cp-id\":\"%s\",\"cp-name\":\"Name\",\"cp-vendor\":\"Vendor\","
		"\"payload\":{\"data\":0,\"target\":{\"arch\":\"%s\",\"os\":\"%s\"},"
		"\"ver\":{\"maj\":1,\"min\":2,\"rev\":3,\"date\":\"today\"},"
		"\"enc\":{\"aes-gcm\":{\"key_name\":\"%s\",\"key_strength\":256,\"nonce\":1,"
		"\"tag\":2,\"key_version\":1}},"
		"\"dig\":{\"sha256\":{\"data\":3}},"
		"\"sig\":{\"rsa-pkcs1v15\":{\"key_strength\":2048,\"data\":4}},"
		"\"cert\":{\"embedded-x509-pem\":{\"data\":5}},"
		"\"type\":\"data\",\"readers\":[]},"
		"\"package\":{\"map\":[6,1,2,3,5,0],\"dig\":{\"sha256\":{\"data\":7}},"
		"\"sig\":{\"rsa-pkcs1v15\":{\"key_strength\":2048,\"data\":8}},"
		"\"cert\":{\"embedded-x509-pem\":{\"data\":5}},"
		"\"sizes\":[12,16,32,%zu,%zu]}}",
		kit->id, kit->arch, kit->os, kit->id, m->stream[S_CERT].size,
		m->stream[S_PAYLOAD].size);
	m->text_size = strlen(m->text);
}

void model_clear(struct model *m)
{
	for (unsigned i = 0; i < MODEL_STREAMS; i++)
		free(m->stream[i].bytes);
	*m = (struct model){0};
}

/* r || s from what OpenSSL makes. */
static void flatten(uint8_t *signature, size_t size)
{
	const uint8_t *der = signature;
	ECDSA_SIG *sig = d2i_ECDSA_SIG(NULL, &der, (long)size);
	uint8_t flat[64];

	MUST(sig && BN_bn2binpad(ECDSA_SIG_get0_r(sig), flat, 32) == 32 &&
		BN_bn2binpad(ECDSA_SIG_get0_s(sig), flat + 32, 32) == 32);
	memcpy(signature, flat, sizeof flat);
	ECDSA_SIG_free(sig);
}

static void sign(
	struct model *m, EVP_PKEY *key, const uint8_t *digest, size_t digest_size, unsigned to)
{
	uint8_t signature[EDB_SIGNATURE_MAX];
	size_t size = sizeof signature;
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key, NULL);

	MUST(ctx && EVP_PKEY_sign_init(ctx) == 1);
	if (m->scheme == EDB_SCHEME_RSA_PSS) {
		MUST(EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PSS_PADDING) == 1);
		MUST(EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, 32) == 1);
	}
	MUST(EVP_PKEY_CTX_set_signature_md(ctx, EVP_sha256()) == 1);
	MUST(EVP_PKEY_sign(ctx, signature, &size, digest, digest_size) == 1);
	EVP_PKEY_CTX_free(ctx);
	if (m->scheme == EDB_SCHEME_ECDSA_P256) {
		flatten(signature, size);
		size = 64;
	}
	if (m->stream[to].size == size) /* otherwise its size is what is wrong */
		memcpy(m->stream[to].bytes, signature, size);
}

void model_sign(struct model *m)
{
	EVP_MD_CTX *h = EVP_MD_CTX_new();
	uint8_t digest[32];

	model_set(m, m->manifest_index, m->text, m->text_size);
	if (m->stream[S_DIGEST].size == sizeof digest)
		sign(m, m->payload_key, m->stream[S_DIGEST].bytes, sizeof digest, S_PSIG);
	MUST(h && EVP_DigestInit_ex(h, EVP_sha256(), NULL) == 1);
	for (unsigned i = 0; i < m->map_count; i++)
		MUST(EVP_DigestUpdate(h, m->stream[m->map[i]].bytes, m->stream[m->map[i]].size) ==
			1);
	MUST(EVP_DigestFinal_ex(h, digest, NULL) == 1);
	EVP_MD_CTX_free(h);
	if (m->stream[S_DIG].size != sizeof digest)
		return;
	if (!m->digest_forged)
		memcpy(m->stream[S_DIG].bytes, digest, sizeof digest);
	sign(m, m->package_key, m->stream[S_DIG].bytes, sizeof digest, S_SIG);
}

static void put_le(uint8_t *at, uint64_t value, unsigned size)
{
	for (unsigned i = 0; i < size; i++)
		at[i] = (uint8_t)(value >> 8 * i);
}

uint8_t *model_write(const struct model *m, size_t *size)
{
	size_t origin = 16 + 16 * (size_t)m->count, offset = 0, total = origin;
	uint8_t *file;

	for (unsigned i = 0; i < m->count; i++)
		total += m->stream[i].size + m->gap;
	file = calloc(1, total);
	MUST(file);
	put_le(file, 0x0eccf00d, 4);
	put_le(file + 4, 1, 2);
	put_le(file + 8, m->count, 2);
	put_le(file + 10, m->manifest_index, 2);
	put_le(file + 12, 1, 2);
	put_le(file + 14, 1, 2);
	for (unsigned n = 0; n < m->count; n++) {
		unsigned i = m->reversed ? m->count - 1 - n : n;

		put_le(file + 16 + 16 * i, offset, 8);
		put_le(file + 24 + 16 * i, m->stream[i].size + (i == S_PAYLOAD ? m->tail : 0), 8);
		if (m->stream[i].size)
			memcpy(file + origin + offset, m->stream[i].bytes, m->stream[i].size);
		offset += m->stream[i].size + m->gap;
	}
	*size = total;
	return file;
}
