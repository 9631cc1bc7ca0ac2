/* SPDX-License-Identifier: MIT
 *
 * Signatures (spki.h), through the TEE's cryptography.
 */
#include <tee_internal_api.h>

#include "spki.h"

static const uint32_t algorithms[] = {
	[SPKI_RSA_PKCS1V15] = TEE_ALG_RSASSA_PKCS1_V1_5_SHA256,
	[SPKI_RSA_PSS] = TEE_ALG_RSASSA_PKCS1_PSS_MGF1_SHA256,
	[SPKI_ECDSA_P256] = TEE_ALG_ECDSA_P256,
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

	if (rsa == (scheme == SPKI_ECDSA_P256) || size != (rsa ? key->first_size : 64))
		return EDB_E_SIGNATURE;
	TEE_InitRefAttribute(&numbers[0], rsa ? TEE_ATTR_RSA_MODULUS : TEE_ATTR_ECC_PUBLIC_VALUE_X,
		(void *)(uintptr_t)key->first, key->first_size);
	TEE_InitRefAttribute(&numbers[1],
		rsa ? TEE_ATTR_RSA_PUBLIC_EXPONENT : TEE_ATTR_ECC_PUBLIC_VALUE_Y,
		(void *)(uintptr_t)key->second, key->second_size);
	TEE_InitValueAttribute(&numbers[2], TEE_ATTR_ECC_CURVE, TEE_ECC_CURVE_NIST_P256, 0);
	TEE_InitValueAttribute(&salt, TEE_ATTR_RSA_PSS_SALT_LENGTH, 32, 0);
	res = TEE_AllocateTransientObject(
		rsa ? TEE_TYPE_RSA_PUBLIC_KEY : TEE_TYPE_ECDSA_PUBLIC_KEY, bits, &object);
	res = res ? res : TEE_PopulateTransientObject(object, numbers, rsa ? 2 : 3);
	if (!res)
		res = TEE_AllocateOperation(&operation, algorithms[scheme], TEE_MODE_VERIFY, bits);
	res = res ? res : TEE_SetOperationKey(operation, object);
	if (!res)
		res = TEE_AsymmetricVerifyDigest(
			operation, &salt, scheme == SPKI_RSA_PSS, digest, 32, signature, size);
	TEE_FreeOperation(operation);
	TEE_FreeTransientObject(object);
	if (res == TEE_ERROR_OUT_OF_MEMORY)
		return EDB_E_NOMEM;
	return res ? EDB_E_SIGNATURE : EDB_OK;
}
