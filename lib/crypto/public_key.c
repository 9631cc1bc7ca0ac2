/* SPDX-License-Identifier: MIT */
#include "public_key.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "ecdsa.h"
#include "file.h"
#include "pkey.h"

#define KEY_FILE_MAX   (64u << 10)
#define RSA_BITS_MIN   2048
#define RSA_BITS_MAX   4096
#define RSA_E_BITS_MAX 32
#define P256_BYTES     32
#define PSS_SALT_BYTES 32

struct edb_public_key {
	EVP_PKEY *pkey;
	uint8_t *spki; /* DER */
	size_t spki_size;
	uint8_t id[EDB_KEY_ID_BYTES];
};

/* OpenSSL finds the curve's name from parameters that are written out, too: the same key in another
 * encoding, which would have another id. */
static bool is_p256(const EVP_PKEY *pkey)
{
	char group[32] = "", encoding[32] = "";

	return EVP_PKEY_is_a(pkey, "EC") &&
	       EVP_PKEY_get_utf8_string_param(
		       pkey, OSSL_PKEY_PARAM_GROUP_NAME, group, sizeof group, NULL) &&
	       (!strcmp(group, "prime256v1") || !strcmp(group, "P-256")) &&
	       EVP_PKEY_get_utf8_string_param(
		       pkey, OSSL_PKEY_PARAM_EC_ENCODING, encoding, sizeof encoding, NULL) &&
	       !strcmp(encoding, OSSL_PKEY_EC_ENCODING_GROUP);
}

/* OpenSSL takes numbers that make no key: with e = 1 everybody could sign. */
static bool is_usable_rsa(const EVP_PKEY *pkey)
{
	int bits = EVP_PKEY_get_bits(pkey);
	BIGNUM *n = NULL, *e = NULL;
	bool usable = bits >= RSA_BITS_MIN && bits <= RSA_BITS_MAX && bits % 8 == 0 &&
		      EVP_PKEY_get_bn_param(pkey, OSSL_PKEY_PARAM_RSA_N, &n) &&
		      EVP_PKEY_get_bn_param(pkey, OSSL_PKEY_PARAM_RSA_E, &e) && BN_is_odd(n) &&
		      BN_is_odd(e) && !BN_is_one(e) && BN_num_bits(e) <= RSA_E_BITS_MAX;

	BN_free(n);
	BN_free(e);
	return usable;
}

static bool is_usable(const EVP_PKEY *pkey)
{
	return EVP_PKEY_is_a(pkey, "RSA") ? is_usable_rsa(pkey) : is_p256(pkey);
}

/* Takes pkey over, whatever happens. */
enum edb_err edb_public_key_from_pkey(
	EVP_PKEY *pkey, struct edb_public_key **key, struct edb_error *error)
{
	struct edb_public_key *k = calloc(1, sizeof *k);
	int size;

	if (!k) {
		EVP_PKEY_free(pkey);
		return edb_fail(error, EDB_E_NOMEM, EDB_NO_OFFSET, "out of memory");
	}
	k->pkey = pkey;
	if (!is_usable(pkey)) {
		edb_public_key_free(k);
		return edb_fail(error, EDB_E_CERTIFICATE, EDB_NO_OFFSET,
			"the key is neither RSA-2048 … 4096 nor P-256 (named curve)");
	}
	/* Whatever form it came in: one key, one encoding, and the point is where others look. */
	if (is_p256(pkey) && !EVP_PKEY_set_utf8_string_param(pkey,
				     OSSL_PKEY_PARAM_EC_POINT_CONVERSION_FORMAT, "uncompressed")) {
		edb_public_key_free(k);
		return edb_fail(error, EDB_E_CERTIFICATE, EDB_NO_OFFSET, "an odd P-256 key");
	}
	size = i2d_PUBKEY(pkey, &k->spki);
	if (size <= 0 || !EVP_Digest(k->spki, (size_t)size, k->id, NULL, EVP_sha256(), NULL)) {
		edb_public_key_free(k);
		return edb_fail(error, EDB_E_NOMEM, EDB_NO_OFFSET, "cannot encode a public key");
	}
	k->spki_size = (size_t)size;
	*key = k;
	return EDB_OK;
}

void edb_public_key_free(struct edb_public_key *key)
{
	if (!key)
		return;
	EVP_PKEY_free(key->pkey);
	OPENSSL_free(key->spki);
	free(key);
}

EVP_PKEY *edb_public_key_pkey_borrow(const struct edb_public_key *key)
{
	return key->pkey;
}

static enum edb_err odd_encoding(struct edb_error *error)
{
	return edb_fail(error, EDB_E_CERTIFICATE, EDB_NO_OFFSET,
		"the public key is not in the one DER encoding that has an id (P-256: named curve, "
		"uncompressed point)");
}

enum edb_err edb_public_key_from_spki(
	const uint8_t *der, size_t size, struct edb_public_key **key, struct edb_error *error)
{
	const unsigned char *at = der;
	EVP_PKEY *pkey = size <= KEY_FILE_MAX ? d2i_PUBKEY(NULL, &at, (long)size) : NULL;
	struct edb_public_key *k = NULL;
	enum edb_err err;

	if (!pkey || at != der + size) {
		EVP_PKEY_free(pkey);
		return edb_fail(error, EDB_E_CERTIFICATE, EDB_NO_OFFSET,
			"not a SubjectPublicKeyInfo in DER");
	}
	err = edb_public_key_from_pkey(pkey, &k, error);
	if (err)
		return err;
	/* One key, one encoding: its hash is its name. */
	if (k->spki_size != size || memcmp(k->spki, der, size)) {
		edb_public_key_free(k);
		return odd_encoding(error);
	}
	*key = k;
	return EDB_OK;
}

/* Is the key encoded in the certificate as we would encode it? */
static bool is_encoded_so(const X509 *certificate, const struct edb_public_key *key)
{
	uint8_t *der = NULL;
	int size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &der);
	bool same = size > 0 && (size_t)size == key->spki_size &&
		    !memcmp(der, key->spki, key->spki_size);

	OPENSSL_free(der);
	return same;
}

static enum edb_err from_certificate(
	X509 *certificate, struct edb_public_key **key, struct edb_error *error)
{
	EVP_PKEY *pkey = X509_get_pubkey(certificate);
	struct edb_public_key *k = NULL;
	enum edb_err err;

	if (!pkey)
		return edb_fail(error, EDB_E_CERTIFICATE, EDB_NO_OFFSET,
			"the certificate's public key cannot be read");
	err = edb_public_key_from_pkey(pkey, &k, error);
	if (!err && !is_encoded_so(certificate, k)) {
		edb_public_key_free(k);
		return odd_encoding(error);
	}
	if (!err)
		*key = k;
	return err;
}

enum edb_err edb_public_key_from_x509(
	const uint8_t *der, size_t size, struct edb_public_key **key, struct edb_error *error)
{
	const unsigned char *at = der;
	X509 *certificate = size <= KEY_FILE_MAX ? d2i_X509(NULL, &at, (long)size) : NULL;
	enum edb_err err;

	if (!certificate || at != der + size) {
		X509_free(certificate);
		return edb_fail(
			error, EDB_E_CERTIFICATE, EDB_NO_OFFSET, "not an X.509 certificate in DER");
	}
	err = from_certificate(certificate, key, error);
	X509_free(certificate);
	return err;
}

enum edb_err edb_public_key_from_pem(
	const uint8_t *text, size_t size, struct edb_public_key **key, struct edb_error *error)
{
	BIO *bio = size <= KEY_FILE_MAX ? BIO_new_mem_buf(text, (int)size) : NULL;
	char *name = NULL, *header = NULL;
	unsigned char *der = NULL;
	long der_size = 0;
	enum edb_err err = EDB_E_CERTIFICATE;
	bool found = false;

	while (bio && !found && PEM_read_bio(bio, &name, &header, &der, &der_size)) {
		if (!strcmp(name, PEM_STRING_X509)) {
			err = edb_public_key_from_x509(der, (size_t)der_size, key, error);
			found = true;
		} else if (!strcmp(name, PEM_STRING_PUBLIC)) {
			err = edb_public_key_from_spki(der, (size_t)der_size, key, error);
			found = true;
		}
		OPENSSL_free(name);
		OPENSSL_free(header);
		OPENSSL_clear_free(der, (size_t)der_size);
		der = NULL;
		name = header = NULL;
	}
	BIO_free(bio);
	if (!found)
		return edb_fail(error, EDB_E_CERTIFICATE, EDB_NO_OFFSET,
			"no CERTIFICATE and no PUBLIC KEY in the PEM text");
	return err;
}

/* What it is decides which reader's words tell what is wrong with it. */
static enum edb_err from_file(
	const uint8_t *bytes, size_t size, struct edb_public_key **key, struct edb_error *error)
{
	const unsigned char *at = bytes, *at_key = bytes;
	X509 *certificate;
	EVP_PKEY *pkey;
	bool is_certificate, is_key;

	if (strstr((const char *)bytes, "-----BEGIN "))
		return edb_public_key_from_pem(bytes, size, key, error);
	certificate = d2i_X509(NULL, &at, (long)size);
	pkey = d2i_PUBKEY(NULL, &at_key, (long)size);
	is_certificate = certificate != NULL;
	is_key = pkey != NULL;
	X509_free(certificate);
	EVP_PKEY_free(pkey);
	if (is_certificate)
		return edb_public_key_from_x509(bytes, size, key, error);
	if (is_key)
		return edb_public_key_from_spki(bytes, size, key, error);
	return edb_fail(error, EDB_E_CERTIFICATE, EDB_NO_OFFSET, "%s",
		size ? "no certificate and no public key" : "the file is empty");
}

enum edb_err edb_public_key_load(
	const char *path, struct edb_public_key **key, struct edb_error *error)
{
	uint8_t *bytes = NULL;
	size_t size = 0;
	enum edb_err err = edb_read_file(path, KEY_FILE_MAX, &bytes, &size, error);

	if (err)
		return err;
	err = from_file(bytes, size, key, error);
	edb_free_secret(bytes, size);
	if (err)
		edb_error_prefix(error, "%s", path);
	return err;
}

const uint8_t *edb_public_key_spki_borrow(const struct edb_public_key *key, size_t *size)
{
	*size = key->spki_size;
	return key->spki;
}

void edb_public_key_id(const struct edb_public_key *key, uint8_t id[EDB_KEY_ID_BYTES])
{
	memcpy(id, key->id, EDB_KEY_ID_BYTES);
}

unsigned edb_public_key_bits(const struct edb_public_key *key)
{
	return (unsigned)EVP_PKEY_get_bits(key->pkey);
}

enum edb_scheme edb_public_key_default_scheme(const struct edb_public_key *key)
{
	return EVP_PKEY_is_a(key->pkey, "RSA") ? EDB_SCHEME_RSA_PKCS1V15 : EDB_SCHEME_ECDSA_P256;
}

size_t edb_signature_size(const struct edb_public_key *key, enum edb_scheme scheme)
{
	bool rsa = EVP_PKEY_is_a(key->pkey, "RSA");

	switch (scheme) {
	case EDB_SCHEME_RSA_PKCS1V15:
	case EDB_SCHEME_RSA_PSS: return rsa ? (size_t)EVP_PKEY_get_size(key->pkey) : 0;
	case EDB_SCHEME_ECDSA_P256: return rsa ? 0 : EDB_ECDSA_SIG_BYTES;
	default: return 0;
	}
}

bool edb_pkey_set_scheme(EVP_PKEY_CTX *ctx, enum edb_scheme scheme)
{
	if (EVP_PKEY_CTX_set_signature_md(ctx, EVP_sha256()) <= 0)
		return false;
	switch (scheme) {
	case EDB_SCHEME_RSA_PKCS1V15:
		return EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING) > 0;
	case EDB_SCHEME_RSA_PSS:
		return EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PSS_PADDING) > 0 &&
		       EVP_PKEY_CTX_set_rsa_mgf1_md(ctx, EVP_sha256()) > 0 &&
		       EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, PSS_SALT_BYTES) > 0;
	case EDB_SCHEME_ECDSA_P256: return true;
	default: return false;
	}
}

enum edb_err edb_verify_digest(const struct edb_public_key *key, enum edb_scheme scheme,
	const uint8_t digest[EDB_DIGEST_BYTES], const uint8_t *signature, size_t size,
	struct edb_error *error)
{
	uint8_t der[EDB_ECDSA_DER_MAX];
	EVP_PKEY_CTX *ctx;
	bool good;

	if (!size || size != edb_signature_size(key, scheme))
		return edb_fail(error, EDB_E_SIGNATURE, EDB_NO_OFFSET,
			"a signature of %zu bytes does not fit the signer's key", size);
	if (scheme == EDB_SCHEME_ECDSA_P256) {
		size = edb_ecdsa_to_der(signature, der);
		signature = der;
	}
	ctx = EVP_PKEY_CTX_new(key->pkey, NULL);
	good = size && ctx && EVP_PKEY_verify_init(ctx) > 0 && edb_pkey_set_scheme(ctx, scheme) &&
	       EVP_PKEY_verify(ctx, signature, size, digest, EDB_DIGEST_BYTES) == 1;
	EVP_PKEY_CTX_free(ctx);
	return good ? EDB_OK
		    : edb_fail(error, EDB_E_SIGNATURE, EDB_NO_OFFSET,
			      "the signature does not verify");
}

enum edb_err edb_public_key_p256_point(
	const struct edb_public_key *key, uint8_t x[32], uint8_t y[32], struct edb_error *error)
{
	if (!is_p256(key->pkey))
		return edb_fail(error, EDB_E_CERTIFICATE, EDB_NO_OFFSET, "the key is not P-256");
	/* An uncompressed point ends its SubjectPublicKeyInfo. */
	memcpy(x, key->spki + key->spki_size - 2 * P256_BYTES, P256_BYTES);
	memcpy(y, key->spki + key->spki_size - P256_BYTES, P256_BYTES);
	return EDB_OK;
}

enum edb_err edb_public_key_from_p256_point(const uint8_t x[32], const uint8_t y[32],
	struct edb_public_key **key, struct edb_error *error)
{
	static const uint8_t head[] = {0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce,
		0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03,
		0x42, 0x00, 0x04};
	uint8_t spki[sizeof head + 2 * P256_BYTES];

	memcpy(spki, head, sizeof head);
	memcpy(spki + sizeof head, x, P256_BYTES);
	memcpy(spki + sizeof head + P256_BYTES, y, P256_BYTES);
	return edb_public_key_from_spki(spki, sizeof spki, key, error);
}

enum edb_err edb_wrap_key(const struct edb_public_key *key, bool oaep, const uint8_t *secret,
	size_t secret_size, uint8_t *out, size_t *out_size, struct edb_error *error)
{
	EVP_PKEY_CTX *ctx = NULL;
	bool good;

	if (!EVP_PKEY_is_a(key->pkey, "RSA"))
		return edb_fail(error, EDB_E_CERTIFICATE, EDB_NO_OFFSET, "the key is not RSA");
	*out_size = EDB_SIGNATURE_MAX;
	ctx = EVP_PKEY_CTX_new(key->pkey, NULL);
	good = ctx && EVP_PKEY_encrypt_init(ctx) > 0 &&
	       EVP_PKEY_CTX_set_rsa_padding(
		       ctx, oaep ? RSA_PKCS1_OAEP_PADDING : RSA_PKCS1_PADDING) > 0;
	if (good && oaep)
		good = EVP_PKEY_CTX_set_rsa_oaep_md(ctx, EVP_sha256()) > 0 &&
		       EVP_PKEY_CTX_set_rsa_mgf1_md(ctx, EVP_sha256()) > 0;
	good = good && EVP_PKEY_encrypt(ctx, out, out_size, secret, secret_size) > 0;
	EVP_PKEY_CTX_free(ctx);
	return good ? EDB_OK : edb_fail(error, EDB_E_INTERNAL, EDB_NO_OFFSET, "cannot wrap a key");
}
