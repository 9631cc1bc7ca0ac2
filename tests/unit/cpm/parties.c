/* SPDX-License-Identifier: MIT */
#include "parties.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/ec.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#define CHECK(condition)                                                                           \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);            \
			abort();                                                                   \
		}                                                                                  \
	} while (0)

static void sha256(const struct bytes *b, uint8_t digest[32])
{
	CHECK(EVP_Digest(b->data, b->size, digest, NULL, EVP_sha256(), NULL));
}

static struct party party_of(EVP_PKEY *key)
{
	struct party party = {.key = key};
	unsigned char *der = NULL;
	int size = i2d_PUBKEY(key, &der);

	CHECK(size > 0);
	bytes_put(&party.spki, der, (size_t)size);
	OPENSSL_free(der);
	sha256(&party.spki, party.id);
	if (EVP_PKEY_is_a(key, "EC")) {
		memcpy(party.x, party.spki.data + party.spki.size - 64, 32);
		memcpy(party.y, party.spki.data + party.spki.size - 32, 32);
	}
	return party;
}

struct party party_p256(void)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");

	CHECK(key);
	return party_of(key);
}

struct party party_rsa(unsigned bits)
{
	EVP_PKEY *key = EVP_RSA_gen(bits);

	CHECK(key);
	return party_of(key);
}

void party_free(struct party *party)
{
	EVP_PKEY_free(party->key);
	bytes_free(&party->spki);
}

/* r || s, or the RSA signature. */
static struct bytes sign_digest(const struct party *party, const uint8_t digest[32], bool pss)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(party->key, NULL);
	unsigned char raw[600];
	size_t size = sizeof raw;
	struct bytes signature = {0};

	CHECK(ctx && EVP_PKEY_sign_init(ctx) > 0);
	CHECK(EVP_PKEY_CTX_set_signature_md(ctx, EVP_sha256()) > 0);
	if (pss) {
		CHECK(EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PSS_PADDING) > 0);
		CHECK(EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, 32) > 0);
	}
	CHECK(EVP_PKEY_sign(ctx, raw, &size, digest, 32) > 0);
	EVP_PKEY_CTX_free(ctx);
	if (EVP_PKEY_is_a(party->key, "EC")) {
		const unsigned char *at = raw;
		ECDSA_SIG *sig = d2i_ECDSA_SIG(NULL, &at, (long)size);
		uint8_t rs[64];

		CHECK(sig);
		CHECK(BN_bn2binpad(ECDSA_SIG_get0_r(sig), rs, 32) == 32);
		CHECK(BN_bn2binpad(ECDSA_SIG_get0_s(sig), rs + 32, 32) == 32);
		ECDSA_SIG_free(sig);
		bytes_put(&signature, rs, sizeof rs);
	} else {
		bytes_put(&signature, raw, size);
	}
	return signature;
}

struct bytes document(const char *type, struct bytes payload, const struct party *signer)
{
	struct bytes protected = {0}, to_sign = {0}, doc = {0}, signature;
	uint8_t digest[32];

	put_map(&protected, 2);
	put_int(&protected, 1);
	put_int(&protected, -7);
	put_int(&protected, 3);
	put_text(&protected, type);

	put_array(&to_sign, 4);
	put_text(&to_sign, "Signature1");
	put_string(&to_sign, protected.data, protected.size);
	put_string(&to_sign, NULL, 0);
	put_string(&to_sign, payload.data, payload.size);
	sha256(&to_sign, digest);
	signature = sign_digest(signer, digest, false);

	put_tag(&doc, 18);
	put_array(&doc, 4);
	put_string(&doc, protected.data, protected.size);
	put_map(&doc, 1);
	put_int(&doc, 4);
	put_string(&doc, signer->id, 32);
	put_string(&doc, payload.data, payload.size);
	put_string(&doc, signature.data, signature.size);
	bytes_free(&protected);
	bytes_free(&to_sign);
	bytes_free(&payload);
	bytes_free(&signature);
	return doc;
}

static void put_p256(struct bytes *b, const struct party *party)
{
	put_map(b, 4);
	put_int(b, 1);
	put_int(b, 2);
	put_int(b, -1);
	put_int(b, 1);
	put_int(b, -2);
	put_string(b, party->x, 32);
	put_int(b, -3);
	put_string(b, party->y, 32);
}

struct bytes device_policy_document(const struct device_policy_options *o, const struct party *root)
{
	struct bytes p = {0};

	put_map(&p, 3u + (o->device != NULL) + (o->next_root != NULL) + (o->operator_ != NULL));
	put_int(&p, 1);
	put_uint(&p, o->version);
	if (o->device) {
		put_int(&p, 2);
		put_array(&p, 1);
		put_string(&p, o->device, 16);
	}
	if (o->next_root) {
		put_int(&p, 3);
		put_p256(&p, o->next_root);
	}
	if (o->operator_) {
		put_int(&p, 4);
		put_p256(&p, o->operator_);
	}
	put_int(&p, 5);
	put_bool(&p, o->packages_2021);
	put_int(&p, 6);
	put_bool(&p, o->keys_2021);
	return document("application/edb-device-policy+cbor", p, root);
}

static void put_vendor(struct bytes *p, const struct vendor_options *v)
{
	put_map(p, 6);
	put_int(p, 1);
	put_string(p, v->party->id, 32);
	put_int(p, 2);
	put_array(p, v->id ? 1 : 0);
	if (v->id)
		put_string(p, v->id, 16);
	put_int(p, 3);
	put_bool(p, v->any);
	put_int(p, 4);
	put_uint(p, v->quota_ids);
	put_int(p, 5);
	put_uint(p, v->quota_kib);
	put_int(p, 6);
	put_array(p, v->succeeds ? 1 : 0);
	if (v->succeeds)
		put_string(p, v->succeeds->id, 32);
}

struct bytes operator_policy_document(
	const struct operator_policy_options *o, const struct party *operator_)
{
	const struct vendor_options *first = &o->vendors[0], *second = &o->vendors[1];
	struct bytes p = {0};

	put_map(&p, 4);
	put_int(&p, 1);
	put_uint(&p, o->version);
	put_int(&p, 2);
	put_array(&p, (uint64_t)(first->party != NULL) + (second->party != NULL));
	if (second->party && memcmp(first->party->id, second->party->id, 32) > 0) {
		first = second;
		second = &o->vendors[0];
	}
	if (first->party)
		put_vendor(&p, first);
	if (second->party)
		put_vendor(&p, second);
	put_int(&p, 3);
	put_array(&p, o->service ? 1 : 0);
	if (o->service) {
		put_map(&p, 3);
		put_int(&p, 1);
		put_p256(&p, o->service);
		put_int(&p, 2);
		put_array(&p, o->service_id ? 1 : 0);
		if (o->service_id)
			put_string(&p, o->service_id, 16);
		put_int(&p, 3);
		put_bool(&p, !o->service_id);
	}
	put_int(&p, 4);
	put_array(&p, o->floor_id ? 1 : 0);
	if (o->floor_id) {
		put_array(&p, 4);
		put_string(&p, o->floor_id, 16);
		for (int i = 0; i < 3; i++)
			put_uint(&p, o->floor[i]);
	}
	return document("application/edb-operator-policy+cbor", p, operator_);
}

static struct bytes wrap(const struct bytes *spki, const uint8_t key[32])
{
	const unsigned char *at = spki->data;
	EVP_PKEY *public = d2i_PUBKEY(NULL, &at, (long)spki->size);
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(public, NULL);
	unsigned char out[512];
	size_t size = sizeof out;
	struct bytes wrapped = {0};

	CHECK(public && ctx && EVP_PKEY_encrypt_init(ctx) > 0);
	CHECK(EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_OAEP_PADDING) > 0);
	CHECK(EVP_PKEY_CTX_set_rsa_oaep_md(ctx, EVP_sha256()) > 0);
	CHECK(EVP_PKEY_CTX_set_rsa_mgf1_md(ctx, EVP_sha256()) > 0);
	CHECK(EVP_PKEY_encrypt(ctx, out, &size, key, 32) > 0);
	EVP_PKEY_CTX_free(ctx);
	EVP_PKEY_free(public);
	bytes_put(&wrapped, out, size);
	return wrapped;
}

struct bytes bundle_document(const struct bundle_options *o, const struct party *service)
{
	struct bytes p = {0}, wrapped = wrap(o->wrapping_spki, o->key);

	put_map(&p, 8);
	put_int(&p, 1);
	put_string(&p, o->device, 16);
	put_int(&p, 2);
	put_string(&p, o->id, 16);
	put_int(&p, 3);
	put_string(&p, o->vendor, 32);
	put_int(&p, 4);
	put_uint(&p, o->version);
	put_int(&p, 5);
	put_uint(&p, o->lowest);
	put_int(&p, 6);
	put_int(&p, -41);
	put_int(&p, 7);
	put_string(&p, wrapped.data, wrapped.size);
	put_int(&p, 8);
	put_array(&p, 2);
	put_uint(&p, o->epoch);
	put_uint(&p, o->counter);
	bytes_free(&wrapped);
	return document("application/edb-key-bundle+cbor", p, service);
}

static struct bytes encrypt(
	const struct package_options *o, const uint8_t nonce[12], uint8_t tag[16])
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	uint8_t *out = malloc(o->payload_size + 16);
	struct bytes ciphertext = {0};
	int n = 0;

	CHECK(ctx && out);
	CHECK(EVP_EncryptInit_ex(ctx, EVP_aes_256_gcm(), NULL, o->key, nonce));
	if (o->payload_size)
		CHECK(EVP_EncryptUpdate(ctx, out, &n, o->payload, (int)o->payload_size));
	bytes_put(&ciphertext, out, (size_t)n);
	CHECK(EVP_EncryptFinal_ex(ctx, out, &n));
	CHECK(EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_GET_TAG, 16, tag));
	EVP_CIPHER_CTX_free(ctx);
	free(out);
	return ciphertext;
}

static struct bytes manifest_text(const struct package_options *o, size_t certificate_size)
{
	const char *scheme = EVP_PKEY_is_a(o->vendor->key, "EC") ? "ecdsa-p256"
			     : o->pss                            ? "rsa-pss"
								 : "rsa-pkcs1v15";
	int bits = EVP_PKEY_is_a(o->vendor->key, "EC") ? 256 : EVP_PKEY_get_bits(o->vendor->key);
	struct bytes text = {0};
	char json[4096];
	int n;

#if defined(__x86_64__)
	const char *machine = "x86_64";
#else
	const char *machine = "aarch64";
#endif
	n = snprintf(json, sizeof json,
		"{\"cp-id\":\"%s\",\"cp-name\":\"Unknown\",\"cp-vendor\":\"Unknown\","
		"\"payload\":{\"data\":0,\"target\":{\"arch\":\"%s\",\"os\":\"%s\"},"
		"\"ver\":{\"maj\":%u,\"min\":%u,\"rev\":%u,\"date\":\"2026-01-01 00:00:00 UTC\"},"
		"\"enc\":{\"aes-gcm\":{\"key_name\":\"%s\",\"key_strength\":256,\"nonce\":1,\"tag\":2,"
		"\"key_version\":%u}},"
		"\"dig\":{\"sha256\":{\"data\":3}},"
		"\"sig\":{\"%s\":{\"key_strength\":%d,\"data\":4}},"
		"\"cert\":{\"embedded-public-key-der\":{\"data\":5}},\"type\":\"%s\"},"
		"\"package\":{\"map\":[6,1,2,3,5,0],\"dig\":{\"sha256\":{\"data\":7}},"
		"\"sig\":{\"%s\":{\"key_strength\":%d,\"data\":8}},"
		"\"cert\":{\"embedded-public-key-der\":{\"data\":5}},"
		"\"sizes\":[12,16,32,%zu,%zu]}}",
		o->id,
		o->arch   ? o->arch
		: o->data ? "any"
			  : machine,
		o->os     ? o->os
		: o->data ? "any"
			  : "simtee",
		o->version[0], o->version[1], o->version[2], o->id, o->key_version, scheme, bits,
		o->data ? "data" : "application", scheme, bits, certificate_size, o->payload_size);
	CHECK(n > 0 && (size_t)n < sizeof json);
	bytes_put(&text, json, (size_t)n);
	return text;
}

void package_resign(struct package *p, const struct package_options *o)
{
	struct bytes all = {0};
	uint8_t digest[32];

	bytes_put(&all, p->manifest.data, p->manifest.size);
	bytes_put(&all, p->streams.data, p->streams.size);
	bytes_put(&all, p->ciphertext.data, p->ciphertext.size);
	sha256(&all, digest);
	bytes_free(&all);
	bytes_free(&p->digest);
	bytes_free(&p->package_signature);
	bytes_put(&p->digest, digest, sizeof digest);
	p->package_signature = sign_digest(o->vendor, digest, o->pss);
}

struct package package_make(const struct package_options *o)
{
	struct package p = {0};
	uint8_t nonce[12], tag[16], digest[32];

	CHECK(RAND_bytes(nonce, sizeof nonce) == 1);
	CHECK(EVP_Digest(o->payload, o->payload_size, digest, NULL, EVP_sha256(), NULL));
	p.ciphertext = encrypt(o, nonce, tag);
	p.manifest = manifest_text(o, o->vendor->spki.size);
	bytes_put(&p.streams, nonce, sizeof nonce);
	bytes_put(&p.streams, tag, sizeof tag);
	bytes_put(&p.streams, digest, sizeof digest);
	bytes_put(&p.streams, o->vendor->spki.data, o->vendor->spki.size);
	p.payload_signature = sign_digest(o->vendor, digest, o->pss);
	package_resign(&p, o);
	return p;
}

void package_free(struct package *p)
{
	bytes_free(&p->manifest);
	bytes_free(&p->streams);
	bytes_free(&p->digest);
	bytes_free(&p->package_signature);
	bytes_free(&p->payload_signature);
	bytes_free(&p->ciphertext);
}
