/* SPDX-License-Identifier: MIT
 *
 * Cryptography of the API: answers known from the standards, and both directions against OpenSSL as
 * the other side would use it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>
#include <tee_internal_api.h>

static size_t unhex(const char *hex, uint8_t *out)
{
	size_t size = strlen(hex) / 2;

	for (size_t i = 0; i < size; i++) {
		char pair[3] = {hex[2 * i], hex[2 * i + 1], 0};

		out[i] = (uint8_t)strtoul(pair, NULL, 16);
	}
	return size;
}

static TEE_ObjectHandle secret_key(uint32_t type, const uint8_t *bytes, size_t size)
{
	TEE_ObjectHandle key = TEE_HANDLE_NULL;
	TEE_Attribute attr;

	assert_int_equal(TEE_AllocateTransientObject(type, 8 * (uint32_t)size, &key), TEE_SUCCESS);
	TEE_InitRefAttribute(&attr, TEE_ATTR_SECRET_VALUE, bytes, size);
	assert_int_equal(TEE_PopulateTransientObject(key, &attr, 1), TEE_SUCCESS);
	return key;
}

static TEE_OperationHandle operation(
	uint32_t algorithm, uint32_t mode, uint32_t bits, TEE_ObjectHandle key)
{
	TEE_OperationHandle op = TEE_HANDLE_NULL;

	assert_int_equal(TEE_AllocateOperation(&op, algorithm, mode, bits), TEE_SUCCESS);
	if (key)
		assert_int_equal(TEE_SetOperationKey(op, key), TEE_SUCCESS);
	return op;
}

/* FIPS 180-4, "abc", in every division into two. */
static void sha256(void **state)
{
	uint8_t want[32], got[32];
	size_t size = 31;
	TEE_OperationHandle op = operation(TEE_ALG_SHA256, TEE_MODE_DIGEST, 0, NULL), copy;
	TEE_OperationInfo info;

	(void)state;
	unhex("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", want);
	for (size_t cut = 0; cut <= 3; cut++) {
		TEE_DigestUpdate(op, "abc", cut);
		size = 31;
		assert_int_equal(TEE_DigestDoFinal(op, &"abc"[cut], 3 - cut, got, &size),
			TEE_ERROR_SHORT_BUFFER);
		assert_int_equal(size, 32);
		assert_int_equal(
			TEE_DigestDoFinal(op, &"abc"[cut], 3 - cut, got, &size), TEE_SUCCESS);
		assert_memory_equal(got, want, 32);
	}
	TEE_DigestUpdate(op, "ab", 2);
	copy = operation(TEE_ALG_SHA256, TEE_MODE_DIGEST, 0, NULL);
	TEE_CopyOperation(copy, op);
	TEE_ResetOperation(op);
	assert_int_equal(TEE_DigestDoFinal(copy, "c", 1, got, &size), TEE_SUCCESS);
	assert_memory_equal(got, want, 32);
	assert_int_equal(TEE_DigestDoFinal(op, "abc", 3, got, &size), TEE_SUCCESS);
	assert_memory_equal(got, want, 32);
	TEE_GetOperationInfo(op, &info);
	assert_int_equal(info.digestLength, 32);
	TEE_FreeOperation(copy);
	TEE_FreeOperation(op);
	TEE_FreeOperation(TEE_HANDLE_NULL);
}

/* RFC 4231, case 4. */
static void hmac_sha256(void **state)
{
	uint8_t key[25], data[50], want[32], got[32];
	size_t size = 31;

	(void)state;
	unhex("0102030405060708090a0b0c0d0e0f10111213141516171819", key);
	unhex("82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b", want);
	memset(data, 0xcd, sizeof data);
	TEE_ObjectHandle object = secret_key(TEE_TYPE_HMAC_SHA256, key, sizeof key);
	TEE_OperationHandle op = operation(TEE_ALG_HMAC_SHA256, TEE_MODE_MAC, 200, object);

	TEE_FreeTransientObject(object); /* the operation has its own copy */
	TEE_MACInit(op, NULL, 0);
	TEE_MACUpdate(op, data, 20);
	assert_int_equal(
		TEE_MACComputeFinal(op, data + 20, 30, got, &size), TEE_ERROR_SHORT_BUFFER);
	TEE_OperationHandle copy = operation(TEE_ALG_HMAC_SHA256, TEE_MODE_MAC, 200, NULL);

	TEE_CopyOperation(copy, op);
	assert_int_equal(TEE_MACComputeFinal(op, data + 20, 30, got, &size), TEE_SUCCESS);
	assert_memory_equal(got, want, 32);
	assert_int_equal(TEE_MACCompareFinal(copy, data + 20, 30, want, 32), TEE_SUCCESS);
	TEE_MACInit(op, NULL, 0);
	want[31] ^= 1;
	assert_int_equal(TEE_MACCompareFinal(op, data, 50, want, 32), TEE_ERROR_MAC_INVALID);
	TEE_MACInit(op, NULL, 0);
	want[31] ^= 1;
	assert_int_equal(TEE_MACCompareFinal(op, data, 50, want, 31), TEE_ERROR_MAC_INVALID);
	TEE_FreeOperation(copy);
	TEE_FreeOperation(op);
}

/* The GCM specification, test case 16. */
static const char gcm_key[] = "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308",
		  gcm_nonce[] = "cafebabefacedbaddecaf888",
		  gcm_plain[] = "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
				"1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
		  gcm_aad[] = "feedfacedeadbeeffeedfacedeadbeefabaddad2",
		  gcm_cipher[] = "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
				 "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662",
		  gcm_tag[] = "76fc6ece0f4e1768cddf8853bb2d551b";

static void aes_gcm(void **state)
{
	uint8_t key[32], nonce[12], plain[64], aad[20], cipher[64], tag[16], got[64], made[16];
	size_t size = unhex(gcm_plain, plain), first, rest, tag_size;

	(void)state;
	unhex(gcm_key, key);
	unhex(gcm_nonce, nonce);
	unhex(gcm_aad, aad);
	unhex(gcm_cipher, cipher);
	unhex(gcm_tag, tag);
	TEE_ObjectHandle object = secret_key(TEE_TYPE_AES, key, sizeof key);
	TEE_OperationHandle seal = operation(TEE_ALG_AES_GCM, TEE_MODE_ENCRYPT, 256, object),
			    open = operation(TEE_ALG_AES_GCM, TEE_MODE_DECRYPT, 256, object), copy;

	for (size_t cut = 0; cut <= size; cut++) {
		assert_int_equal(TEE_AEInit(seal, nonce, 12, 128, sizeof aad, size), TEE_SUCCESS);
		TEE_AEUpdateAAD(seal, aad, 7);
		TEE_AEUpdateAAD(seal, aad + 7, 13);
		first = cut;
		assert_int_equal(TEE_AEUpdate(seal, plain, cut, got, &first), TEE_SUCCESS);
		rest = sizeof got - first;
		tag_size = 15;
		assert_int_equal(TEE_AEEncryptFinal(seal, plain + cut, size - cut, got + first,
					 &rest, made, &tag_size),
			TEE_ERROR_SHORT_BUFFER);
		assert_int_equal(tag_size, 16);
		assert_int_equal(TEE_AEEncryptFinal(seal, plain + cut, size - cut, got + first,
					 &rest, made, &tag_size),
			TEE_SUCCESS);
		assert_int_equal(first + rest, size);
		assert_memory_equal(got, cipher, size);
		assert_memory_equal(made, tag, 16);

		assert_int_equal(TEE_AEInit(open, nonce, 12, 128, 0, 0), TEE_SUCCESS);
		TEE_AEUpdateAAD(open, aad, sizeof aad);
		first = cut ? cut - 1 : 0;
		if (cut)
			assert_int_equal(TEE_AEUpdate(open, cipher, cut, got, &first),
				TEE_ERROR_SHORT_BUFFER);
		assert_int_equal(TEE_AEUpdate(open, cipher, cut, got, &first), TEE_SUCCESS);
		rest = sizeof got - first;
		assert_int_equal(TEE_AEDecryptFinal(open, cipher + cut, size - cut, got + first,
					 &rest, tag, 16),
			TEE_SUCCESS);
		assert_memory_equal(got, plain, size);
	}
	/* Any bit of the tag; what the last call gave out is taken back. */
	for (size_t bit = 0; bit < 128; bit++) {
		tag[bit / 8] ^= (uint8_t)(1 << bit % 8);
		TEE_AEInit(open, nonce, 12, 128, 0, 0);
		TEE_AEUpdateAAD(open, aad, sizeof aad);
		rest = sizeof got;
		assert_int_equal(TEE_AEDecryptFinal(open, cipher, size, got, &rest, tag, 16),
			TEE_ERROR_MAC_INVALID);
		assert_int_equal(rest, 0);
		for (size_t i = 0; i < size; i++)
			assert_int_equal(got[i], 0);
		tag[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	/* Half-way, twice. */
	TEE_AEInit(open, nonce, 12, 128, 0, 0);
	TEE_AEUpdateAAD(open, aad, sizeof aad);
	first = sizeof got;
	TEE_AEUpdate(open, cipher, 16, got, &first);
	copy = operation(TEE_ALG_AES_GCM, TEE_MODE_DECRYPT, 256, NULL);
	TEE_CopyOperation(copy, open);
	rest = sizeof got;
	assert_int_equal(
		TEE_AEDecryptFinal(copy, cipher + 16, size - 16, got, &rest, tag, 16), TEE_SUCCESS);
	assert_memory_equal(got, plain + 16, size - 16);
	/* A tag of 12 bytes is the beginning of one of 16; shorter ones there are not. */
	TEE_AEInit(copy, nonce, 12, 96, 0, 0);
	TEE_AEUpdateAAD(copy, aad, sizeof aad);
	rest = sizeof got;
	assert_int_equal(TEE_AEDecryptFinal(copy, cipher, size, got, &rest, tag, 12), TEE_SUCCESS);
	assert_int_equal(TEE_AEInit(copy, nonce, 12, 88, 0, 0), TEE_ERROR_NOT_SUPPORTED);
	assert_int_equal(TEE_AEInit(copy, nonce, 0, 128, 0, 0), TEE_ERROR_NOT_SUPPORTED);
	TEE_FreeOperation(copy);
	TEE_FreeOperation(open);
	TEE_FreeOperation(seal);
	TEE_FreeTransientObject(object);
}

/* GCM specification, test cases 1 and 7: nothing encrypted, keys of 16 and 24 zero bytes. */
static void aes_gcm_smaller_keys(void **state)
{
	static const char *const tags[] = {
		"58e2fccefa7e3061367f1d57a4e7455a", "cd33b28ac773f74ba00ed1f312572435"};
	uint8_t zero[24] = {0}, tag[16], made[16];

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		size_t none = 0, tag_size = 16, bytes = 16 + 8 * i;
		TEE_ObjectHandle key = secret_key(TEE_TYPE_AES, zero, bytes);
		TEE_OperationHandle op =
			operation(TEE_ALG_AES_GCM, TEE_MODE_ENCRYPT, 8 * (uint32_t)bytes, key);

		unhex(tags[i], tag);
		assert_int_equal(TEE_AEInit(op, zero, 12, 128, 0, 0), TEE_SUCCESS);
		assert_int_equal(
			TEE_AEEncryptFinal(op, NULL, 0, NULL, &none, made, &tag_size), TEE_SUCCESS);
		assert_memory_equal(made, tag, 16);
		TEE_FreeOperation(op);
		TEE_FreeTransientObject(key);
	}
}

static TEE_ObjectHandle p256_public(const uint8_t *x, const uint8_t *y)
{
	TEE_ObjectHandle key = TEE_HANDLE_NULL;
	TEE_Attribute attrs[3];

	TEE_InitRefAttribute(&attrs[0], TEE_ATTR_ECC_PUBLIC_VALUE_X, x, 32);
	TEE_InitRefAttribute(&attrs[1], TEE_ATTR_ECC_PUBLIC_VALUE_Y, y, 32);
	TEE_InitValueAttribute(&attrs[2], TEE_ATTR_ECC_CURVE, TEE_ECC_CURVE_NIST_P256, 0);
	assert_int_equal(
		TEE_AllocateTransientObject(TEE_TYPE_ECDSA_PUBLIC_KEY, 256, &key), TEE_SUCCESS);
	assert_int_equal(TEE_PopulateTransientObject(key, attrs, 3), TEE_SUCCESS);
	return key;
}

/* RFC 6979, A.2.5, P-256 with SHA-256, message "sample". */
static void ecdsa_verifies(void **state)
{
	uint8_t x[32], y[32], signature[65] = {0}, digest[32];

	(void)state;
	unhex("60FED4BA255A9D31C961EB74C6356D68C049B8923B61FA6CE669622E60F29FB6", x);
	unhex("7903FE1008B8BC99A41AE9E95628BC64F2F1B20C2D7E9F5177A3C294D4462299", y);
	unhex("EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716"
	      "F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8",
		signature);
	EVP_Digest("sample", 6, digest, NULL, EVP_sha256(), NULL);
	TEE_ObjectHandle key = p256_public(x, y);
	TEE_OperationHandle op = operation(TEE_ALG_ECDSA_P256, TEE_MODE_VERIFY, 256, key);

	assert_int_equal(
		TEE_AsymmetricVerifyDigest(op, NULL, 0, digest, 32, signature, 64), TEE_SUCCESS);
	assert_int_equal(TEE_AsymmetricVerifyDigest(op, NULL, 0, digest, 32, signature, 63),
		TEE_ERROR_SIGNATURE_INVALID);
	assert_int_equal(TEE_AsymmetricVerifyDigest(op, NULL, 0, digest, 32, signature, 65),
		TEE_ERROR_SIGNATURE_INVALID);
	for (size_t i = 0; i < 64; i++) {
		signature[i] ^= 1;
		assert_int_equal(TEE_AsymmetricVerifyDigest(op, NULL, 0, digest, 32, signature, 64),
			TEE_ERROR_SIGNATURE_INVALID);
		signature[i] ^= 1;
	}
	memset(signature, 0, 64);
	assert_int_equal(TEE_AsymmetricVerifyDigest(op, NULL, 0, digest, 32, signature, 64),
		TEE_ERROR_SIGNATURE_INVALID);
	TEE_FreeTransientObject(key);

	y[31] ^= 1; /* not on the curve */
	key = p256_public(x, y);
	assert_int_equal(TEE_SetOperationKey(op, key), TEE_ERROR_BAD_PARAMETERS);
	TEE_FreeOperation(op);
	TEE_FreeTransientObject(key);
}

static TEE_ObjectHandle generate(uint32_t type, uint32_t bits)
{
	TEE_ObjectHandle key = TEE_HANDLE_NULL;

	assert_int_equal(TEE_AllocateTransientObject(type, bits, &key), TEE_SUCCESS);
	assert_int_equal(TEE_GenerateKey(key, bits, NULL, 0), TEE_SUCCESS);
	return key;
}

static void ecdsa_signs(void **state)
{
	TEE_ObjectHandle key = generate(TEE_TYPE_ECDSA_KEYPAIR, 256), public;
	TEE_OperationHandle sign = operation(TEE_ALG_ECDSA_SHA256, TEE_MODE_SIGN, 256, key), verify;
	uint8_t x[32], y[32], digest[32] = {1}, signature[64];
	size_t size = 32;
	uint32_t curve = 0;

	(void)state;
	assert_int_equal(TEE_GetObjectBufferAttribute(key, TEE_ATTR_ECC_PUBLIC_VALUE_X, x, &size),
		TEE_SUCCESS);
	assert_int_equal(TEE_GetObjectBufferAttribute(key, TEE_ATTR_ECC_PUBLIC_VALUE_Y, y, &size),
		TEE_SUCCESS);
	assert_int_equal(
		TEE_GetObjectValueAttribute(key, TEE_ATTR_ECC_CURVE, &curve, NULL), TEE_SUCCESS);
	assert_int_equal(curve, TEE_ECC_CURVE_NIST_P256);
	public = p256_public(x, y);
	verify = operation(TEE_ALG_ECDSA_SHA256, TEE_MODE_VERIFY, 256, public);
	for (int i = 0; i < 20; i++) { /* r and s have leading zeros now and then */
		digest[0]++;
		size = 63;
		assert_int_equal(
			TEE_AsymmetricSignDigest(sign, NULL, 0, digest, 32, signature, &size),
			TEE_ERROR_SHORT_BUFFER);
		assert_int_equal(
			TEE_AsymmetricSignDigest(sign, NULL, 0, digest, 32, signature, &size),
			TEE_SUCCESS);
		assert_int_equal(size, 64);
		assert_int_equal(
			TEE_AsymmetricVerifyDigest(verify, NULL, 0, digest, 32, signature, 64),
			TEE_SUCCESS);
	}
	TEE_FreeOperation(verify);
	TEE_FreeOperation(sign);
	TEE_FreeTransientObject(public);
	TEE_FreeTransientObject(key);
}

/* The other side's key: made from the public numbers, as a host would. */
static EVP_PKEY *host_rsa(TEE_ObjectHandle key)
{
	uint8_t n[512], e[8];
	size_t n_size = sizeof n, e_size = sizeof e;
	OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
	EVP_PKEY *pkey = NULL;

	assert_int_equal(
		TEE_GetObjectBufferAttribute(key, TEE_ATTR_RSA_MODULUS, n, &n_size), TEE_SUCCESS);
	assert_int_equal(
		TEE_GetObjectBufferAttribute(key, TEE_ATTR_RSA_PUBLIC_EXPONENT, e, &e_size),
		TEE_SUCCESS);
	BIGNUM *bn = BN_bin2bn(n, (int)n_size, NULL), *be = BN_bin2bn(e, (int)e_size, NULL);

	OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_N, bn);
	OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_E, be);
	OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(builder);

	assert_true(EVP_PKEY_fromdata_init(ctx) > 0 &&
		    EVP_PKEY_fromdata(ctx, &pkey, EVP_PKEY_PUBLIC_KEY, params) > 0);
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(builder);
	EVP_PKEY_CTX_free(ctx);
	BN_free(bn);
	BN_free(be);
	return pkey;
}

static void rsa_cipher(TEE_ObjectHandle key, EVP_PKEY *host, uint32_t algorithm, int padding)
{
	TEE_OperationHandle decrypt = operation(algorithm, TEE_MODE_DECRYPT, 2048, key),
			    encrypt = operation(algorithm, TEE_MODE_ENCRYPT, 2048, key);
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(host, NULL);
	uint8_t cipher[256], plain[256];
	size_t size = sizeof cipher, got = 3;

	assert_true(
		EVP_PKEY_encrypt_init(ctx) > 0 && EVP_PKEY_CTX_set_rsa_padding(ctx, padding) > 0);
	if (padding == RSA_PKCS1_OAEP_PADDING)
		assert_true(EVP_PKEY_CTX_set_rsa_oaep_md(ctx, EVP_sha256()) > 0 &&
			    EVP_PKEY_CTX_set_rsa_mgf1_md(ctx, EVP_sha256()) > 0);
	assert_true(EVP_PKEY_encrypt(ctx, cipher, &size, (const uint8_t *)"secret", 6) > 0);
	EVP_PKEY_CTX_free(ctx);
	assert_int_equal(TEE_AsymmetricDecrypt(decrypt, NULL, 0, cipher, size, plain, &got),
		TEE_ERROR_SHORT_BUFFER);
	assert_int_equal(got, 6);
	assert_int_equal(
		TEE_AsymmetricDecrypt(decrypt, NULL, 0, cipher, size, plain, &got), TEE_SUCCESS);
	assert_memory_equal(plain, "secret", 6);

	size = 255;
	assert_int_equal(TEE_AsymmetricEncrypt(encrypt, NULL, 0, "again", 5, cipher, &size),
		TEE_ERROR_SHORT_BUFFER);
	assert_int_equal(size, 256);
	assert_int_equal(
		TEE_AsymmetricEncrypt(encrypt, NULL, 0, "again", 5, cipher, &size), TEE_SUCCESS);
	got = sizeof plain;
	assert_int_equal(
		TEE_AsymmetricDecrypt(decrypt, NULL, 0, cipher, size, plain, &got), TEE_SUCCESS);
	assert_int_equal(got, 5);
	size = 256;
	assert_int_equal(TEE_AsymmetricEncrypt(encrypt, NULL, 0, plain, 256, cipher, &size),
		TEE_ERROR_BAD_PARAMETERS); /* too long for any padding */
	if (padding == RSA_PKCS1_OAEP_PADDING) {
		cipher[100] ^= 1;
		got = sizeof plain;
		assert_int_equal(TEE_AsymmetricDecrypt(decrypt, NULL, 0, cipher, 256, plain, &got),
			TEE_ERROR_BAD_PARAMETERS);
	}
	TEE_FreeOperation(decrypt);
	TEE_FreeOperation(encrypt);
}

static void rsa_signature(TEE_ObjectHandle key, EVP_PKEY *host, uint32_t algorithm, int padding)
{
	TEE_OperationHandle sign = operation(algorithm, TEE_MODE_SIGN, 2048, key),
			    verify = operation(algorithm, TEE_MODE_VERIFY, 2048, key);
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(host, NULL);
	uint8_t digest[32] = {7}, signature[256];
	size_t size = 255;
	TEE_Attribute salt;

	assert_int_equal(TEE_AsymmetricSignDigest(sign, NULL, 0, digest, 32, signature, &size),
		TEE_ERROR_SHORT_BUFFER);
	assert_int_equal(
		TEE_AsymmetricSignDigest(sign, NULL, 0, digest, 32, signature, &size), TEE_SUCCESS);
	assert_int_equal(size, 256);
	assert_true(EVP_PKEY_verify_init(ctx) > 0 &&
		    EVP_PKEY_CTX_set_rsa_padding(ctx, padding) > 0 &&
		    EVP_PKEY_CTX_set_signature_md(ctx, EVP_sha256()) > 0);
	if (padding == RSA_PKCS1_PSS_PADDING)
		assert_true(EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, 32) > 0);
	assert_int_equal(EVP_PKEY_verify(ctx, signature, size, digest, 32), 1);
	EVP_PKEY_CTX_free(ctx);
	assert_int_equal(TEE_AsymmetricVerifyDigest(verify, NULL, 0, digest, 32, signature, 256),
		TEE_SUCCESS);
	assert_int_equal(TEE_AsymmetricVerifyDigest(verify, NULL, 0, digest, 32, signature, 255),
		TEE_ERROR_SIGNATURE_INVALID);
	if (padding == RSA_PKCS1_PSS_PADDING) { /* another salt length is another signature */
		TEE_InitValueAttribute(&salt, TEE_ATTR_RSA_PSS_SALT_LENGTH, 20, 0);
		assert_int_equal(
			TEE_AsymmetricVerifyDigest(verify, &salt, 1, digest, 32, signature, 256),
			TEE_ERROR_SIGNATURE_INVALID);
		assert_int_equal(
			TEE_AsymmetricSignDigest(sign, &salt, 1, digest, 32, signature, &size),
			TEE_SUCCESS);
		assert_int_equal(
			TEE_AsymmetricVerifyDigest(verify, &salt, 1, digest, 32, signature, 256),
			TEE_SUCCESS);
	}
	digest[0]++;
	assert_int_equal(TEE_AsymmetricVerifyDigest(verify, NULL, 0, digest, 32, signature, 256),
		TEE_ERROR_SIGNATURE_INVALID);
	TEE_FreeOperation(sign);
	TEE_FreeOperation(verify);
}

static void rsa_with_another_implementation(void **state)
{
	TEE_ObjectHandle key = generate(TEE_TYPE_RSA_KEYPAIR, 2048);
	EVP_PKEY *host = host_rsa(key);

	(void)state;
	rsa_cipher(key, host, TEE_ALG_RSAES_PKCS1_OAEP_MGF1_SHA256, RSA_PKCS1_OAEP_PADDING);
	rsa_cipher(key, host, TEE_ALG_RSAES_PKCS1_V1_5, RSA_PKCS1_PADDING);
	rsa_signature(key, host, TEE_ALG_RSASSA_PKCS1_V1_5_SHA256, RSA_PKCS1_PADDING);
	rsa_signature(key, host, TEE_ALG_RSASSA_PKCS1_PSS_MGF1_SHA256, RSA_PKCS1_PSS_PADDING);
	EVP_PKEY_free(host);
	TEE_FreeTransientObject(key);
}

static void random_is_not_the_same(void **state)
{
	static uint8_t a[(1 << 20) + 5], b[32];

	(void)state;
	TEE_GenerateRandom(a, sizeof a);
	TEE_GenerateRandom(b, sizeof b);
	TEE_GenerateRandom(NULL, 0);
	assert_memory_not_equal(a, b, 32);
	assert_memory_not_equal(a + sizeof a - 5, "\0\0\0\0\0", 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sha256),
		cmocka_unit_test(hmac_sha256),
		cmocka_unit_test(aes_gcm),
		cmocka_unit_test(aes_gcm_smaller_keys),
		cmocka_unit_test(ecdsa_verifies),
		cmocka_unit_test(ecdsa_signs),
		cmocka_unit_test(rsa_with_another_implementation),
		cmocka_unit_test(random_is_not_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
