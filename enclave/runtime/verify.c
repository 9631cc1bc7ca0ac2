/* SPDX-License-Identifier: MIT
 *
 * Signatures (spki.h), through the TEE's cryptography.
 */
#include <tee_internal_api.h>

#include "spki.h"

/* What the API wants to know of a kind of key. */
static const struct {
	uint32_t type, first, second, attribute_count;
} kinds[] = {
	[SPKI_RSA] = {TEE_TYPE_RSA_PUBLIC_KEY, TEE_ATTR_RSA_MODULUS, TEE_ATTR_RSA_PUBLIC_EXPONENT,
		2},
	[SPKI_P256] = {TEE_TYPE_ECDSA_PUBLIC_KEY, TEE_ATTR_ECC_PUBLIC_VALUE_X,
		TEE_ATTR_ECC_PUBLIC_VALUE_Y, 3},
};

static const struct {
	enum spki_kind kind;
	uint32_t algorithm, parameter_count;
} schemes[] = {
	[SPKI_RSA_PKCS1V15] = {SPKI_RSA, TEE_ALG_RSASSA_PKCS1_V1_5_SHA256, 0},
	[SPKI_RSA_PSS] = {SPKI_RSA, TEE_ALG_RSASSA_PKCS1_PSS_MGF1_SHA256, 1},
	[SPKI_ECDSA_P256] = {SPKI_P256, TEE_ALG_ECDSA_P256, 0},
};

enum edb_err spki_verify(const struct spki *key, enum spki_scheme scheme,
	const uint8_t digest[static 32], const uint8_t *signature, size_t size)
{
	bool rsa = key->kind == SPKI_RSA;
	uint32_t bits = 8 * (uint32_t)key->first_size;
	TEE_OperationHandle operation = TEE_HANDLE_NULL;
	TEE_ObjectHandle object = TEE_HANDLE_NULL;
	TEE_Attribute numbers[3], salt;
	TEE_Result res;

	if (schemes[scheme].kind != key->kind || size != (rsa ? key->first_size : 64))
		return EDB_E_SIGNATURE;
	TEE_InitRefAttribute(&numbers[0], kinds[key->kind].first, (void *)(uintptr_t)key->first,
		key->first_size);
	TEE_InitRefAttribute(&numbers[1], kinds[key->kind].second, (void *)(uintptr_t)key->second,
		key->second_size);
	TEE_InitValueAttribute(&numbers[2], TEE_ATTR_ECC_CURVE, TEE_ECC_CURVE_NIST_P256, 0);
	TEE_InitValueAttribute(&salt, TEE_ATTR_RSA_PSS_SALT_LENGTH, 32, 0);
	res = TEE_AllocateTransientObject(kinds[key->kind].type, bits, &object);
	if (!res)
		res = TEE_PopulateTransientObject(
			object, numbers, kinds[key->kind].attribute_count);
	if (!res)
		res = TEE_AllocateOperation(
			&operation, schemes[scheme].algorithm, TEE_MODE_VERIFY, bits);
	if (!res)
		res = TEE_SetOperationKey(operation, object);
	if (!res)
		res = TEE_AsymmetricVerifyDigest(operation, &salt, schemes[scheme].parameter_count,
			digest, 32, signature, size);
	TEE_FreeOperation(operation);
	TEE_FreeTransientObject(object);
	if (res == TEE_ERROR_OUT_OF_MEMORY)
		return EDB_E_NOMEM;
	return res ? EDB_E_SIGNATURE : EDB_OK;
}
