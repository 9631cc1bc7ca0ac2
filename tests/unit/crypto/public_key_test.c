/* SPDX-License-Identifier: MIT
 *
 * Keys and signatures against known answers: RFC 6979, A.2.5 (ECDSA), and NIST's CAVP files
 * SigGen15_186-3 and SigGenPSS_186-3 (RSA-2048 with SHA-256; public domain).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "ecdsa.h"
#include "public_key.h"
#include "signer.h"
#include "text.h"

#define RSA_BYTES 256

static const char pkcs1_n[] =
	"a564d3d06be468a46958d56bb4884e2c4c28f538b7e15df35330505177789d3e1d792ad7aec7fc80"
	"a8cccf7ed4030471100401724bd4636a8a8244180cc655e256c00e778efe8bea55ab52d3a557075e"
	"35039d687cc0755b939a44a73033a0a6f09d2d6ae7e6593380718be00814d20567b1d7d48b633735"
	"e423017ff0a7b406d822f45fbb4d234028ca78abb702b18fcce13d2f69148ef584e9aaf283caab38"
	"f6946d342d600c6e77b7370a05ff302e5483b0faad3103d0b3e8c9c8e9eca1d4a871bdbd09585eb0"
	"0dc3a488271cf6a3b767e68ea9bd2c83e8c89fd047f17915cf6a4c05bb9222b7e4470df5f3f1a283"
	"24c1aafcbb2236d2293041d128b0e15f";
static const char pkcs1_digest[] =
	"6db37525fc9d8333b6954451ce2795c747c095f2407896af214faca91fe0b6da";
static const char pkcs1_signature[] =
	"795b0d51721469dcdf14df08eacaa83af79c2734226b3c8e048cbc4bd44ed7dc6c1efaefe1c71f01"
	"7a87641827a0d3af287e8c27efa7cebfc9435efc7f6eab1e373551887217d08313e8ae5ef0b0efcb"
	"87c49c1f2898fcc117ac7db229d34bd4ac39a4f91377f4b5a038338e7d4cf530e4e00ff67bf257e2"
	"7e55fa6d2c0eb21ad0bcfd65f9ea760a440cab4f904d4b817604289bc8ff96fb07c0a23b5d31abff"
	"a706241d47fb42ef09b7bec820e6076ebe7e1e0f4eefe755bab2cbcae557aab8208bb681d5381c1d"
	"09b4ccf1100f33cad1990efb507062ea51de3dfae0821f106b4b052244c379d0d32de7a56ee17a7d"
	"9a5dca2b472f0d3eefa05f4e02fc0295";
static const char pss0_n[] =
	"d58dcfa1b7b8dfb5c3135e9cb4ba80387f9841757fa8585ce00f431aeb7cfdec9e1ecec8cc2efd93"
	"5a9641124f563a49f62d426eafe0fa180b4d9b27957f897391c75ed86341d6ccf56ca79a880c6973"
	"75809c973cd63ea238f46fec331d3dfa0b71e5971d585d14d52da8c5bec9138a6041eb8cbc645a88"
	"a9bc6a780d2333ceb6e753707a6b91321665b4b524118bd6c5430e0072b15bfa0c70fd2da1edf68e"
	"3d7c657381c7247f45497996bff1f28a9f0d70627aa3b638a549958e6c8fae9217dbe851ce64ed41"
	"fe847dafae743f7c9ca9c597aefa827bbfb06e603bd775223e39e214a17b5f51d54e5196b99d32f9"
	"27749a2492718a1c57d6e5ae2a178549";
static const char pss0_digest[] =
	"9788dd200b804ed06aa81a332bfad7154fbc0ad61cf194a07150bf74ccf2861d";
static const char pss0_signature[] =
	"38ae4ec36ae6a2df3470364e5bb46778f3bada7bbbd7368c295f871cab3c0c0f474d2c4a4f4f3371"
	"fb11c0d98abea04eb699693898dce2a63b58334b8b5c708b4d00739fbce8e8a2b4df6d2e7219da5b"
	"6cc13d48af729b79d2fde5faaaca6dba3d84a352695ed324884076ef34a9d4e8102df1de0d9c65e6"
	"2bde97457d95ab1df3551e030f94c53b4a8e1a8c22b3e7bb49453670f26dee950361ad40481a01ba"
	"34d1cd8f36afe249b2c41d3be7514a2fde9ad918c18392031023399b3d43453964b660a44d03c93c"
	"fb1375b45f853ce90b501672f04a2e84a7fe09c9b97e55f23a05e39419625dcf465325983947c0ae"
	"1e4455a602bcbd65fa87a52079ace7af";
static const char p256_x[] = "60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6";
static const char p256_y[] = "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299";
/* SHA-256 of "sample" */
static const char p256_digest[] =
	"af2bdbe1aa9b6ec1e2ade1d694f41fc71a831d0268e9891562113d8a62add1bf";
static const char p256_r[] = "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716";
static const char p256_s[] = "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8";

/* Of the curve (FIPS 186-5, SP 800-186 3.2.1.3): the order and the field's prime. */
static const char p256_n[] = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";
static const char p256_p[] = "ffffffff00000001000000000000000000000000ffffffffffffffffffffffff";
static const char zeros[] = "0000000000000000000000000000000000000000000000000000000000000000";
static const char ones[] = "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff";

static void from_hex(const char *text, uint8_t *bytes)
{
	assert_true(edb_hex_decode(text, bytes, strlen(text) / 2));
}

static enum edb_err point(const char *x, const char *y, struct edb_public_key **key)
{
	uint8_t bx[32], by[32];

	from_hex(x, bx);
	from_hex(y, by);
	return edb_public_key_from_p256_point(bx, by, key, NULL);
}

static struct edb_public_key *p256(void)
{
	struct edb_public_key *key = NULL;

	assert_int_equal(point(p256_x, p256_y, &key), EDB_OK);
	return key;
}

/* SubjectPublicKeyInfo of an RSA key; free with OPENSSL_free. */
static int rsa_spki(const BIGNUM *n, unsigned long e, unsigned char **der)
{
	OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
	EVP_PKEY *pkey = NULL;
	BIGNUM *exponent = BN_new();
	OSSL_PARAM *params;
	int size;

	assert_true(BN_set_word(exponent, e));
	assert_true(OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_N, n));
	assert_true(OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_E, exponent));
	params = OSSL_PARAM_BLD_to_param(builder);
	assert_true(EVP_PKEY_fromdata_init(ctx) > 0);
	assert_true(EVP_PKEY_fromdata(ctx, &pkey, EVP_PKEY_PUBLIC_KEY, params) > 0);
	size = i2d_PUBKEY(pkey, der);
	assert_true(size > 0);
	EVP_PKEY_free(pkey);
	EVP_PKEY_CTX_free(ctx);
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(builder);
	BN_free(exponent);
	return size;
}

static struct edb_public_key *rsa(const char *n)
{
	struct edb_public_key *key = NULL;
	unsigned char *der = NULL;
	BIGNUM *modulus = NULL;
	int size;

	assert_true(BN_hex2bn(&modulus, n));
	size = rsa_spki(modulus, 0x1001, &der);
	assert_int_equal(edb_public_key_from_spki(der, (size_t)size, &key, NULL), EDB_OK);
	BN_free(modulus);
	OPENSSL_free(der);
	return key;
}

static void test_ecdsa_known_answer(void **state)
{
	uint8_t digest[EDB_DIGEST_BYTES], signature[EDB_ECDSA_SIG_BYTES];
	struct edb_public_key *key = p256();
	struct edb_error error = {0};

	(void)state;
	from_hex(p256_digest, digest);
	from_hex(p256_r, signature);
	from_hex(p256_s, signature + 32);
	assert_int_equal(edb_public_key_default_scheme(key), EDB_SCHEME_ECDSA_P256);
	assert_int_equal(edb_public_key_bits(key), 256);
	assert_int_equal(edb_verify_digest(key, EDB_SCHEME_ECDSA_P256, digest, signature,
				 sizeof signature, &error),
		EDB_OK);
	for (size_t i = 0; i < sizeof signature; i++) {
		signature[i] ^= 1;
		assert_int_equal(edb_verify_digest(key, EDB_SCHEME_ECDSA_P256, digest, signature,
					 sizeof signature, &error),
			EDB_E_SIGNATURE);
		signature[i] ^= 1;
	}
	digest[31] ^= 1;
	assert_int_equal(edb_verify_digest(key, EDB_SCHEME_ECDSA_P256, digest, signature,
				 sizeof signature, &error),
		EDB_E_SIGNATURE);
	edb_public_key_free(key);
}

/* r and s must lie in 1 … n-1. */
static void test_ecdsa_out_of_range(void **state)
{
	const char *const bad[][2] = {{zeros, zeros}, {zeros, p256_s}, {p256_r, zeros},
		{p256_n, p256_s}, {p256_r, p256_n}, {ones, p256_s}, {p256_r, ones}, {ones, ones},
		{p256_s, p256_r}};
	uint8_t digest[EDB_DIGEST_BYTES], signature[EDB_ECDSA_SIG_BYTES];
	struct edb_public_key *key = p256();

	(void)state;
	from_hex(p256_digest, digest);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		from_hex(bad[i][0], signature);
		from_hex(bad[i][1], signature + 32);
		assert_int_equal(edb_verify_digest(key, EDB_SCHEME_ECDSA_P256, digest, signature,
					 sizeof signature, NULL),
			EDB_E_SIGNATURE);
	}
	edb_public_key_free(key);
}

static void test_points(void **state)
{
	uint8_t x[32], y[32], want[32];
	struct edb_public_key *key = p256();

	(void)state;
	assert_int_equal(edb_public_key_p256_point(key, x, y, NULL), EDB_OK);
	from_hex(p256_x, want);
	assert_memory_equal(x, want, 32);
	from_hex(p256_y, want);
	assert_memory_equal(y, want, 32);
	edb_public_key_free(key);
	key = NULL;
	assert_int_equal(point(p256_y, p256_x, &key), EDB_E_CERTIFICATE); /* not on the curve */
	assert_int_equal(point(zeros, zeros, &key), EDB_E_CERTIFICATE);
	assert_int_equal(point(p256_p, p256_y, &key), EDB_E_CERTIFICATE); /* 0 modulo p */
	assert_int_equal(point(ones, ones, &key), EDB_E_CERTIFICATE);
	assert_null(key);
	key = rsa(pkcs1_n);
	assert_int_equal(edb_public_key_p256_point(key, x, y, NULL), EDB_E_CERTIFICATE);
	edb_public_key_free(key);
}

static void test_rsa_known_answer(void **state)
{
	uint8_t digest[EDB_DIGEST_BYTES], signature[RSA_BYTES + 1] = {0};
	struct edb_public_key *key = rsa(pkcs1_n);
	const enum edb_scheme scheme = EDB_SCHEME_RSA_PKCS1V15;

	(void)state;
	from_hex(pkcs1_digest, digest);
	from_hex(pkcs1_signature, signature);
	assert_int_equal(edb_public_key_default_scheme(key), scheme);
	assert_int_equal(edb_public_key_bits(key), 2048);
	assert_int_equal(edb_signature_size(key, scheme), RSA_BYTES);
	assert_int_equal(edb_signature_size(key, EDB_SCHEME_RSA_PSS), RSA_BYTES);
	assert_int_equal(edb_signature_size(key, EDB_SCHEME_ECDSA_P256), 0);
	assert_int_equal(
		edb_verify_digest(key, scheme, digest, signature, RSA_BYTES, NULL), EDB_OK);
	/* Another size, another scheme, one bit. */
	assert_int_equal(edb_verify_digest(key, scheme, digest, signature, RSA_BYTES - 1, NULL),
		EDB_E_SIGNATURE);
	assert_int_equal(edb_verify_digest(key, scheme, digest, signature, RSA_BYTES + 1, NULL),
		EDB_E_SIGNATURE);
	assert_int_equal(
		edb_verify_digest(key, EDB_SCHEME_RSA_PSS, digest, signature, RSA_BYTES, NULL),
		EDB_E_SIGNATURE);
	assert_int_equal(edb_verify_digest(key, EDB_SCHEME_ECDSA_P256, digest, signature,
				 EDB_ECDSA_SIG_BYTES, NULL),
		EDB_E_SIGNATURE);
	assert_int_equal(
		edb_verify_digest(key, EDB_SCHEME_NONE, digest, signature, RSA_BYTES, NULL),
		EDB_E_SIGNATURE);
	signature[RSA_BYTES - 1] ^= 1;
	assert_int_equal(edb_verify_digest(key, scheme, digest, signature, RSA_BYTES, NULL),
		EDB_E_SIGNATURE);
	edb_public_key_free(key);
}

/* NIST's PSS answers have no salt; ours has 32 bytes, and nothing else will do. */
static void test_pss_wants_its_salt(void **state)
{
	uint8_t digest[EDB_DIGEST_BYTES], signature[RSA_BYTES];
	struct edb_public_key *key = rsa(pss0_n);
	size_t spki_size = 0;
	const unsigned char *spki = edb_public_key_spki_borrow(key, &spki_size);
	EVP_PKEY *pkey = d2i_PUBKEY(NULL, &spki, (long)spki_size);
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(pkey, NULL);

	(void)state;
	from_hex(pss0_digest, digest);
	from_hex(pss0_signature, signature);
	assert_true(EVP_PKEY_verify_init(ctx) > 0);
	assert_true(EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PSS_PADDING) > 0);
	assert_true(EVP_PKEY_CTX_set_signature_md(ctx, EVP_sha256()) > 0);
	assert_true(EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, 0) > 0);
	assert_int_equal(
		EVP_PKEY_verify(ctx, signature, sizeof signature, digest, sizeof digest), 1);
	assert_int_equal(edb_verify_digest(key, EDB_SCHEME_RSA_PSS, digest, signature,
				 sizeof signature, NULL),
		EDB_E_SIGNATURE);
	EVP_PKEY_CTX_free(ctx);
	EVP_PKEY_free(pkey);
	edb_public_key_free(key);
}

static void test_rsa_sizes(void **state)
{
	static const struct {
		int bits;
		enum edb_err err;
	} sizes[] = {{1024, EDB_E_CERTIFICATE}, {2040, EDB_E_CERTIFICATE},
		{2047, EDB_E_CERTIFICATE}, {2048, EDB_OK}, {3072, EDB_OK}, {4096, EDB_OK},
		{4104, EDB_E_CERTIFICATE}, {8192, EDB_E_CERTIFICATE}};

	(void)state;
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		struct edb_public_key *key = NULL;
		unsigned char *der = NULL;
		BIGNUM *n = BN_new();
		int size;

		assert_true(BN_one(n) && BN_lshift(n, n, sizes[i].bits - 1) && BN_add_word(n, 1));
		size = rsa_spki(n, 65537, &der);
		assert_int_equal(
			edb_public_key_from_spki(der, (size_t)size, &key, NULL), sizes[i].err);
		edb_public_key_free(key);
		OPENSSL_free(der);
		BN_free(n);
	}
}

/* With e = 1 everybody signs; even numbers have no inverse. The CPM's reader draws the same lines.
 */
static void test_rsa_numbers(void **state)
{
	static const struct {
		unsigned long e, last; /* the modulus ends with last */
		enum edb_err err;
	} numbers[] = {{1, 1, EDB_E_CERTIFICATE}, {2, 1, EDB_E_CERTIFICATE}, {3, 1, EDB_OK},
		{65536, 1, EDB_E_CERTIFICATE}, {65537, 1, EDB_OK}, {0xffffffff, 1, EDB_OK},
		{0x100000001, 1, EDB_E_CERTIFICATE}, {65537, 2, EDB_E_CERTIFICATE}};

	(void)state;
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
		struct edb_public_key *key = NULL;
		unsigned char *der = NULL;
		BIGNUM *n = BN_new();
		int size;

		assert_true(BN_one(n) && BN_lshift(n, n, 2047) && BN_add_word(n, numbers[i].last));
		size = rsa_spki(n, numbers[i].e, &der);
		assert_int_equal(
			edb_public_key_from_spki(der, (size_t)size, &key, NULL), numbers[i].err);
		edb_public_key_free(key);
		OPENSSL_free(der);
		BN_free(n);
	}
}

/* Each prefix in an allocation of exactly its size, and one byte too many. */
static void refuse_others(const uint8_t *spki, size_t size)
{
	struct edb_public_key *key = NULL;
	uint8_t *copy;

	for (size_t n = 0; n < size; n++) {
		copy = malloc(n ? n : 1);
		memcpy(copy, spki, n);
		assert_int_equal(edb_public_key_from_spki(copy, n, &key, NULL), EDB_E_CERTIFICATE);
		free(copy);
	}
	copy = calloc(1, size + 1);
	memcpy(copy, spki, size);
	assert_int_equal(edb_public_key_from_spki(copy, size + 1, &key, NULL), EDB_E_CERTIFICATE);
	free(copy);
	assert_null(key);
}

static void test_spki_prefixes(void **state)
{
	struct edb_public_key *keys[] = {p256(), rsa(pkcs1_n)};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		size_t size = 0;
		const uint8_t *spki = edb_public_key_spki_borrow(keys[i], &size);

		refuse_others(spki, size);
		edb_public_key_free(keys[i]);
	}
}

/* A key has one encoding, since its hash is its name. */
static void test_spki_other_encodings(void **state)
{
	struct edb_public_key *key = p256(), *other = NULL;
	size_t size = 0;
	const uint8_t *spki = edb_public_key_spki_borrow(key, &size);
	uint8_t changed[100];

	(void)state;
	assert_int_equal(size, 91);
	/* 02 or 03: only x; the curve is the same. */
	memcpy(changed, spki, size);
	changed[1] -= 32;
	changed[24] -= 32;
	changed[26] = (uint8_t)(2 + (spki[90] & 1));
	assert_int_equal(
		edb_public_key_from_spki(changed, size - 32, &other, NULL), EDB_E_CERTIFICATE);
	/* 06 or 07: x and y, and y's last bit once more. */
	memcpy(changed, spki, size);
	changed[26] = (uint8_t)(6 + (spki[90] & 1));
	assert_int_equal(edb_public_key_from_spki(changed, size, &other, NULL), EDB_E_CERTIFICATE);
	/* A length of two bytes where one would do. */
	changed[0] = spki[0];
	changed[1] = 0x81;
	memcpy(changed + 2, spki + 1, size - 1);
	assert_int_equal(
		edb_public_key_from_spki(changed, size + 1, &other, NULL), EDB_E_CERTIFICATE);
	/* Unused bits in the BIT STRING. */
	memcpy(changed, spki, size);
	changed[25] = 1;
	assert_int_equal(edb_public_key_from_spki(changed, size, &other, NULL), EDB_E_CERTIFICATE);
	assert_null(other);
	edb_public_key_free(key);
}

static void test_other_kinds_of_keys(void **state)
{
	static const char *const kinds[] = {"P-384", "secp256k1"};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		EVP_PKEY *pkey =
			i < 2 ? EVP_EC_gen(kinds[i]) : EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
		struct edb_public_key *key = NULL;
		unsigned char *der = NULL;
		int size = i2d_PUBKEY(pkey, &der);

		assert_true(size > 0);
		assert_int_equal(
			edb_public_key_from_spki(der, (size_t)size, &key, NULL), EDB_E_CERTIFICATE);
		OPENSSL_free(der);
		EVP_PKEY_free(pkey);
	}
}

static void test_ecdsa_der(void **state)
{
	/* SEQUENCE of two INTEGERs, each of which needs a zero in front here. */
	static const struct {
		const char *why, *der;
	} bad[] = {
		{"nothing", ""},
		{"no sequence", "020101"},
		{"one number", "3003020101"},
		{"three numbers", "3009020101020101020101"},
		{"bytes behind", "300602010102010100"},
		{"a negative number", "30060201ff020101"},
		{"33 bytes",
			"3026022101000000000000000000000000000000000000000000000000000000000000"
			"0000020101"},
	};
	uint8_t raw[EDB_ECDSA_SIG_BYTES], again[EDB_ECDSA_SIG_BYTES], der[EDB_ECDSA_DER_MAX];
	size_t size;

	(void)state;
	from_hex(p256_r, raw);
	from_hex(p256_s, raw + 32);
	size = edb_ecdsa_to_der(raw, der);
	assert_int_equal(size, 72);
	assert_int_equal(der[4], 0); /* the first number's sign */
	assert_int_equal(edb_ecdsa_from_der(der, size, again, NULL), EDB_OK);
	assert_memory_equal(again, raw, sizeof raw);
	for (size_t n = 0; n < size; n++)
		assert_int_equal(edb_ecdsa_from_der(der, n, again, NULL), EDB_E_SIGNATURE);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		size = strlen(bad[i].der) / 2;
		from_hex(bad[i].der, der);
		if (edb_ecdsa_from_der(der, size, again, NULL) != EDB_E_SIGNATURE)
			fail_msg("taken: %s", bad[i].why);
	}
}

/* What is wrapped opens with the private key, by the scheme that was asked for. */
static void test_wrap(void **state)
{
	static const uint8_t secret[32] = "a class key of thirty-two bytes";
	EVP_PKEY *pkey = EVP_RSA_gen(2048);
	struct edb_public_key *key = NULL, *ec = p256();
	unsigned char *der = NULL;
	int der_size = i2d_PUBKEY(pkey, &der);
	uint8_t wrapped[EDB_SIGNATURE_MAX], plain[EDB_SIGNATURE_MAX];
	size_t wrapped_size = 0;

	(void)state;
	assert_int_equal(edb_public_key_from_spki(der, (size_t)der_size, &key, NULL), EDB_OK);
	for (int oaep = 0; oaep < 2; oaep++) {
		EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(pkey, NULL);
		size_t size = sizeof plain;

		assert_int_equal(edb_wrap_key(key, oaep, secret, sizeof secret, wrapped,
					 &wrapped_size, NULL),
			EDB_OK);
		assert_int_equal(wrapped_size, RSA_BYTES);
		assert_true(EVP_PKEY_decrypt_init(ctx) > 0);
		assert_true(EVP_PKEY_CTX_set_rsa_padding(
				    ctx, oaep ? RSA_PKCS1_OAEP_PADDING : RSA_PKCS1_PADDING) > 0);
		if (oaep)
			assert_true(EVP_PKEY_CTX_set_rsa_oaep_md(ctx, EVP_sha256()) > 0);
		assert_true(EVP_PKEY_decrypt(ctx, plain, &size, wrapped, wrapped_size) > 0);
		assert_int_equal(size, sizeof secret);
		assert_memory_equal(plain, secret, size);
		EVP_PKEY_CTX_free(ctx);
	}
	/* Longer than the modulus has room for. */
	assert_int_not_equal(
		edb_wrap_key(key, true, plain, 200, wrapped, &wrapped_size, NULL), EDB_OK);
	assert_int_equal(
		edb_wrap_key(ec, true, secret, sizeof secret, wrapped, &wrapped_size, NULL),
		EDB_E_CERTIFICATE);
	OPENSSL_free(der);
	EVP_PKEY_free(pkey);
	edb_public_key_free(key);
	edb_public_key_free(ec);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ecdsa_known_answer),
		cmocka_unit_test(test_ecdsa_out_of_range),
		cmocka_unit_test(test_points),
		cmocka_unit_test(test_rsa_known_answer),
		cmocka_unit_test(test_pss_wants_its_salt),
		cmocka_unit_test(test_rsa_sizes),
		cmocka_unit_test(test_rsa_numbers),
		cmocka_unit_test(test_spki_prefixes),
		cmocka_unit_test(test_spki_other_encodings),
		cmocka_unit_test(test_other_kinds_of_keys),
		cmocka_unit_test(test_ecdsa_der),
		cmocka_unit_test(test_wrap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
