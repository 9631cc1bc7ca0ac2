/* SPDX-License-Identifier: MIT
 *
 * Signatures (spki.h), through the TEE's cryptography.
 */
#include <tee_internal_api.h>

#include "spki.h"

static TEE_Result key_object(const struct spki *key, TEE_ObjectHandle *object)
{
	TEE_Attribute attributes[3] = {0};
	uint32_t type, bits;
	TEE_Result res;

	if (key->kind == SPKI_RSA) {
		type = TEE_TYPE_RSA_PUBLIC_KEY;
		bits = 8 * (uint32_t)key->n_size;
		TEE_InitRefAttribute(&attributes[0], TEE_ATTR_RSA_MODULUS,
			(void *)(uintptr_t)key->n, key->n_size);
		TEE_InitRefAttribute(&attributes[1], TEE_ATTR_RSA_PUBLIC_EXPONENT,
			(void *)(uintptr_t)key->e, key->e_size);
	} else {
		type = TEE_TYPE_ECDSA_PUBLIC_KEY;
		bits = 256;
		TEE_InitRefAttribute(
			&attributes[0], TEE_ATTR_ECC_PUBLIC_VALUE_X, (void *)(uintptr_t)key->x, 32);
		TEE_InitRefAttribute(
			&attributes[1], TEE_ATTR_ECC_PUBLIC_VALUE_Y, (void *)(uintptr_t)key->y, 32);
		TEE_InitValueAttribute(
			&attributes[2], TEE_ATTR_ECC_CURVE, TEE_ECC_CURVE_NIST_P256, 0);
	}
	res = TEE_AllocateTransientObject(type, bits, object);
	if (!res)
		res = TEE_PopulateTransientObject(
			*object, attributes, key->kind == SPKI_RSA ? 2 : 3);
	return res;
}

static TEE_Result verify(const struct spki *key, uint32_t algorithm, uint32_t bits,
	const TEE_Attribute *parameters, uint32_t parameter_count, const uint8_t *digest,
	const uint8_t *signature, size_t size)
{
	TEE_OperationHandle operation = TEE_HANDLE_NULL;
	TEE_ObjectHandle object = TEE_HANDLE_NULL;
	TEE_Result res = key_object(key, &object);

	if (!res)
		res = TEE_AllocateOperation(&operation, algorithm, TEE_MODE_VERIFY, bits);
	if (!res)
		res = TEE_SetOperationKey(operation, object);
	if (!res)
		res = TEE_AsymmetricVerifyDigest(
			operation, parameters, parameter_count, digest, 32, signature, size);
	if (operation != TEE_HANDLE_NULL)
		TEE_FreeOperation(operation);
	if (object != TEE_HANDLE_NULL)
		TEE_FreeTransientObject(object);
	return res;
}

enum edb_err spki_verify(const struct spki *key, enum spki_scheme scheme,
	const uint8_t digest[static 32], const uint8_t *signature, size_t size)
{
	static const struct {
		enum spki_kind kind;
		uint32_t algorithm;
	} schemes[] = {
		[SPKI_RSA_PKCS1V15] = {SPKI_RSA, TEE_ALG_RSASSA_PKCS1_V1_5_SHA256},
		[SPKI_RSA_PSS] = {SPKI_RSA, TEE_ALG_RSASSA_PKCS1_PSS_MGF1_SHA256},
		[SPKI_ECDSA_P256] = {SPKI_P256, TEE_ALG_ECDSA_P256},
	};
	bool rsa = key->kind == SPKI_RSA;
	TEE_Attribute salt = {0};
	TEE_Result res;

	if (schemes[scheme].kind != key->kind || size != (rsa ? key->n_size : 64))
		return EDB_E_SIGNATURE;
	TEE_InitValueAttribute(&salt, TEE_ATTR_RSA_PSS_SALT_LENGTH, 32, 0);
	res = verify(key, schemes[scheme].algorithm, rsa ? 8 * (uint32_t)key->n_size : 256, &salt,
		scheme == SPKI_RSA_PSS ? 1 : 0, digest, signature, size);
	if (res == TEE_ERROR_OUT_OF_MEMORY)
		return EDB_E_NOMEM;
	return res ? EDB_E_SIGNATURE : EDB_OK;
}

enum edb_err p256_verify(const uint8_t x[static 32], const uint8_t y[static 32],
	const uint8_t digest[static 32], const uint8_t signature[static 64])
{
	const struct spki key = {.kind = SPKI_P256, .x = x, .y = y};

	return spki_verify(&key, SPKI_ECDSA_P256, digest, signature, 64);
}
