/* SPDX-License-Identifier: MIT
 *
 * Key objects to OpenSSL's keys and back.
 */
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/param_build.h>

#include "object.h"

struct number {
	uint32_t id;
	const char *name;
};

static const struct number rsa_numbers[] = {
	{TEE_ATTR_RSA_MODULUS, OSSL_PKEY_PARAM_RSA_N},
	{TEE_ATTR_RSA_PUBLIC_EXPONENT, OSSL_PKEY_PARAM_RSA_E},
	{TEE_ATTR_RSA_PRIVATE_EXPONENT, OSSL_PKEY_PARAM_RSA_D},
	{TEE_ATTR_RSA_PRIME1, OSSL_PKEY_PARAM_RSA_FACTOR1},
	{TEE_ATTR_RSA_PRIME2, OSSL_PKEY_PARAM_RSA_FACTOR2},
	{TEE_ATTR_RSA_EXPONENT1, OSSL_PKEY_PARAM_RSA_EXPONENT1},
	{TEE_ATTR_RSA_EXPONENT2, OSSL_PKEY_PARAM_RSA_EXPONENT2},
	{TEE_ATTR_RSA_COEFFICIENT, OSSL_PKEY_PARAM_RSA_COEFFICIENT1},
};
#define RSA_NUMBERS (sizeof rsa_numbers / sizeof rsa_numbers[0])

static const struct number ecc_numbers[] = {
	{TEE_ATTR_ECC_PUBLIC_VALUE_X, OSSL_PKEY_PARAM_EC_PUB_X},
	{TEE_ATTR_ECC_PUBLIC_VALUE_Y, OSSL_PKEY_PARAM_EC_PUB_Y},
	{TEE_ATTR_ECC_PRIVATE_VALUE, OSSL_PKEY_PARAM_PRIV_KEY},
};
#define ECC_NUMBERS (sizeof ecc_numbers / sizeof ecc_numbers[0])

#define P256_BYTES 32

static EVP_PKEY *from_params(const char *type, OSSL_PARAM_BLD *builder)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
	OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(builder);
	EVP_PKEY *key = NULL;

	if (ctx && params && EVP_PKEY_fromdata_init(ctx) > 0 &&
		EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_KEYPAIR, params) <= 0)
		key = NULL;
	OSSL_PARAM_free(params);
	EVP_PKEY_CTX_free(ctx);
	return key;
}

static EVP_PKEY *rsa_pkey(const struct simtee_object *object)
{
	OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
	BIGNUM *numbers[RSA_NUMBERS] = {0};
	EVP_PKEY *key = NULL;

	if (!builder)
		return NULL;
	for (size_t i = 0; i < RSA_NUMBERS; i++) {
		const struct object_attribute *a = object_find(object, rsa_numbers[i].id);

		if (!a)
			continue;
		numbers[i] = BN_secure_new();
		if (!numbers[i] || !BN_bin2bn(a->ref, (int)a->size, numbers[i]) ||
			!OSSL_PARAM_BLD_push_BN(builder, rsa_numbers[i].name, numbers[i]))
			goto out;
	}
	key = from_params("RSA", builder);
out:
	OSSL_PARAM_BLD_free(builder);
	for (size_t i = 0; i < RSA_NUMBERS; i++)
		BN_clear_free(numbers[i]);
	return key;
}

/* 4, x, y: whether the point is on the curve is checked by OpenSSL. */
static bool point(const struct simtee_object *object, uint8_t out[1 + 2 * P256_BYTES])
{
	static const uint32_t ids[] = {TEE_ATTR_ECC_PUBLIC_VALUE_X, TEE_ATTR_ECC_PUBLIC_VALUE_Y};

	out[0] = POINT_CONVERSION_UNCOMPRESSED;
	for (int i = 0; i < 2; i++) {
		const struct object_attribute *a = object_find(object, ids[i]);

		if (!a || a->size > P256_BYTES)
			return false;
		TEE_MemFill(out + 1 + i * P256_BYTES, 0, P256_BYTES);
		TEE_MemMove(out + 1 + i * P256_BYTES + (P256_BYTES - a->size), a->ref, a->size);
	}
	return true;
}

static EVP_PKEY *ecc_pkey(const struct simtee_object *object)
{
	const struct object_attribute *secret = object_find(object, TEE_ATTR_ECC_PRIVATE_VALUE);
	OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
	uint8_t public[1 + 2 * P256_BYTES];
	BIGNUM *number = NULL;
	EVP_PKEY *key = NULL;

	if (!builder || !point(object, public))
		goto out;
	if (!OSSL_PARAM_BLD_push_utf8_string(builder, OSSL_PKEY_PARAM_GROUP_NAME, "P-256", 0) ||
		!OSSL_PARAM_BLD_push_octet_string(
			builder, OSSL_PKEY_PARAM_PUB_KEY, public, sizeof public))
		goto out;
	if (secret) {
		number = BN_secure_new();
		if (!number || !BN_bin2bn(secret->ref, (int)secret->size, number) ||
			!OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_PRIV_KEY, number))
			goto out;
	}
	key = from_params("EC", builder);
out:
	OSSL_PARAM_BLD_free(builder);
	BN_clear_free(number);
	return key;
}

EVP_PKEY *object_pkey(const struct simtee_object *object)
{
	switch (object->type) {
	case TEE_TYPE_RSA_KEYPAIR:
	case TEE_TYPE_RSA_PUBLIC_KEY: return rsa_pkey(object);
	case TEE_TYPE_ECDSA_KEYPAIR:
	case TEE_TYPE_ECDSA_PUBLIC_KEY: return ecc_pkey(object);
	default: return NULL;
	}
}

TEE_Result object_take_pkey(struct simtee_object *object, EVP_PKEY *key)
{
	bool rsa = object->type == TEE_TYPE_RSA_KEYPAIR;
	const struct number *numbers = rsa ? rsa_numbers : ecc_numbers;
	size_t count = rsa ? RSA_NUMBERS : ECC_NUMBERS;
	uint8_t bytes[OBJECT_NUMBER_MAX];
	TEE_Result res = TEE_SUCCESS;

	for (size_t i = 0; i < count && !res; i++) {
		BIGNUM *number = NULL;
		int size;

		if (!EVP_PKEY_get_bn_param(key, numbers[i].name, &number))
			return TEE_ERROR_OUT_OF_MEMORY;
		size = rsa ? BN_bn2bin(number, bytes) : BN_bn2binpad(number, bytes, P256_BYTES);
		BN_clear_free(number);
		if (size <= 0)
			return TEE_ERROR_OUT_OF_MEMORY;
		res = object_put_ref(object, numbers[i].id, bytes, (size_t)size);
	}
	OPENSSL_cleanse(bytes, sizeof bytes);
	if (!res && !rsa)
		res = object_put_value(object, TEE_ATTR_ECC_CURVE, TEE_ECC_CURVE_NIST_P256, 0);
	return res;
}
