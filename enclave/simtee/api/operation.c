/* SPDX-License-Identifier: MIT
 *
 * Operations and their keys, 6.2; digests, 6.3; MACs, 6.5; authenticated encryption, 6.6.
 */
#include "operation.h"

#include <stdlib.h>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/params.h>

#define SHA256_BYTES  32
#define GCM_TAG_MAX   16
#define GCM_CHUNK_MAX (1u << 30) /* OpenSSL takes int sizes */

static const struct algorithm {
	uint32_t algorithm, class, modes; /* modes: bit set of TEE_MODE_* */
	uint32_t min_bits, max_bits;
} algorithms[] = {
	{TEE_ALG_SHA256, TEE_OPERATION_DIGEST, 1u << TEE_MODE_DIGEST, 0, 0},
	{TEE_ALG_HMAC_SHA256, TEE_OPERATION_MAC, 1u << TEE_MODE_MAC, 192, 1024},
	{TEE_ALG_AES_GCM, TEE_OPERATION_AE, 1u << TEE_MODE_ENCRYPT | 1u << TEE_MODE_DECRYPT, 128,
		256},
	{TEE_ALG_RSAES_PKCS1_V1_5, TEE_OPERATION_ASYMMETRIC_CIPHER,
		1u << TEE_MODE_ENCRYPT | 1u << TEE_MODE_DECRYPT, 512, 4096},
	{TEE_ALG_RSAES_PKCS1_OAEP_MGF1_SHA256, TEE_OPERATION_ASYMMETRIC_CIPHER,
		1u << TEE_MODE_ENCRYPT | 1u << TEE_MODE_DECRYPT, 1024, 4096},
	{TEE_ALG_RSASSA_PKCS1_V1_5_SHA256, TEE_OPERATION_ASYMMETRIC_SIGNATURE,
		1u << TEE_MODE_SIGN | 1u << TEE_MODE_VERIFY, 512, 4096},
	{TEE_ALG_RSASSA_PKCS1_PSS_MGF1_SHA256, TEE_OPERATION_ASYMMETRIC_SIGNATURE,
		1u << TEE_MODE_SIGN | 1u << TEE_MODE_VERIFY, 1024, 4096},
	{TEE_ALG_ECDSA_P256, TEE_OPERATION_ASYMMETRIC_SIGNATURE,
		1u << TEE_MODE_SIGN | 1u << TEE_MODE_VERIFY, 256, 256},
	{TEE_ALG_ECDSA_SHA256, TEE_OPERATION_ASYMMETRIC_SIGNATURE,
		1u << TEE_MODE_SIGN | 1u << TEE_MODE_VERIFY, 256, 256},
};

static const struct algorithm *find_algorithm(uint32_t id, uint32_t mode, uint32_t bits)
{
	for (size_t i = 0; i < sizeof algorithms / sizeof algorithms[0]; i++) {
		const struct algorithm *a = &algorithms[i];

		if (a->algorithm == id && mode < 32 && (a->modes & (1u << mode)) &&
			bits >= a->min_bits && bits <= a->max_bits)
			return a;
	}
	return NULL;
}

static TEE_Result make_contexts(struct simtee_operation *op)
{
	EVP_MAC *hmac;

	switch (op->class) {
	case TEE_OPERATION_DIGEST:
		op->digest = EVP_MD_CTX_new();
		return op->digest && EVP_DigestInit_ex(op->digest, EVP_sha256(), NULL)
			       ? TEE_SUCCESS
			       : TEE_ERROR_OUT_OF_MEMORY;
	case TEE_OPERATION_MAC:
		hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
		op->mac = hmac ? EVP_MAC_CTX_new(hmac) : NULL;
		EVP_MAC_free(hmac);
		return op->mac ? TEE_SUCCESS : TEE_ERROR_OUT_OF_MEMORY;
	case TEE_OPERATION_AE:
		op->cipher = EVP_CIPHER_CTX_new();
		return op->cipher ? TEE_SUCCESS : TEE_ERROR_OUT_OF_MEMORY;
	default: return TEE_SUCCESS;
	}
}

TEE_Result TEE_AllocateOperation(
	TEE_OperationHandle *operation, uint32_t algorithm, uint32_t mode, uint32_t maxKeySize)
{
	const struct algorithm *a = find_algorithm(algorithm, mode, maxKeySize);
	struct simtee_operation *op;
	TEE_Result res;

	*operation = TEE_HANDLE_NULL;
	if (!a)
		return TEE_ERROR_NOT_SUPPORTED;
	op = calloc(1, sizeof *op);
	if (!op)
		return TEE_ERROR_OUT_OF_MEMORY;
	op->algorithm = algorithm;
	op->class = a->class;
	op->mode = mode;
	op->max_bits = maxKeySize;
	res = make_contexts(op);
	if (res) {
		TEE_FreeOperation(op);
		return res;
	}
	*operation = op;
	return TEE_SUCCESS;
}

void TEE_FreeOperation(TEE_OperationHandle operation)
{
	if (!operation)
		return;
	EVP_MD_CTX_free(operation->digest);
	EVP_MAC_CTX_free(operation->mac);
	EVP_CIPHER_CTX_free(operation->cipher);
	EVP_PKEY_free(operation->pkey);
	OPENSSL_cleanse(operation, sizeof *operation);
	free(operation);
}

/* What the key must allow: table 6-4. */
static uint32_t usage_of(const struct simtee_operation *op)
{
	switch (op->mode) {
	case TEE_MODE_ENCRYPT: return TEE_USAGE_ENCRYPT;
	case TEE_MODE_DECRYPT: return TEE_USAGE_DECRYPT;
	case TEE_MODE_SIGN: return TEE_USAGE_SIGN;
	case TEE_MODE_VERIFY: return TEE_USAGE_VERIFY;
	case TEE_MODE_MAC: return TEE_USAGE_MAC;
	default: return 0;
	}
}

void TEE_GetOperationInfo(TEE_OperationHandle operation, TEE_OperationInfo *info)
{
	operation_require(operation && info);
	*info = (TEE_OperationInfo){
		.algorithm = operation->algorithm,
		.operationClass = operation->class,
		.mode = operation->mode,
		.digestLength = operation->class == TEE_OPERATION_DIGEST ? SHA256_BYTES : 0,
		.maxKeySize = operation->max_bits,
		.keySize = operation->key_bits,
		.requiredKeyUsage = usage_of(operation),
		.handleState = (operation->key_set ? TEE_HANDLE_FLAG_KEY_SET : 0) |
			       (operation->active ? TEE_HANDLE_FLAG_INITIALIZED : 0),
	};
}

void TEE_ResetOperation(TEE_OperationHandle operation)
{
	operation_require(
		operation && (operation->class == TEE_OPERATION_DIGEST || operation->key_set));
	operation->active = false;
	if (operation->digest && !EVP_DigestInit_ex(operation->digest, EVP_sha256(), NULL))
		TEE_Panic(TEE_ERROR_OUT_OF_MEMORY);
}

static void drop_key(struct simtee_operation *op)
{
	OPENSSL_cleanse(op->secret, sizeof op->secret);
	EVP_PKEY_free(op->pkey);
	op->pkey = NULL;
	op->key_set = false;
	op->key_bits = 0;
}

/* Does this kind of key go with this algorithm and mode? */
static bool fits(const struct simtee_operation *op, const struct simtee_object *key)
{
	bool private = op->mode == TEE_MODE_SIGN ||
		       (op->mode == TEE_MODE_DECRYPT && op->class != TEE_OPERATION_AE);

	switch (op->algorithm) {
	case TEE_ALG_AES_GCM: return key->type == TEE_TYPE_AES;
	case TEE_ALG_HMAC_SHA256: return key->type == TEE_TYPE_HMAC_SHA256;
	case TEE_ALG_ECDSA_P256:
	case TEE_ALG_ECDSA_SHA256:
		return key->type == TEE_TYPE_ECDSA_KEYPAIR ||
		       (!private && key->type == TEE_TYPE_ECDSA_PUBLIC_KEY);
	default:
		return key->type == TEE_TYPE_RSA_KEYPAIR ||
		       (!private && key->type == TEE_TYPE_RSA_PUBLIC_KEY);
	}
}

TEE_Result TEE_SetOperationKey(TEE_OperationHandle operation, TEE_ObjectHandle key)
{
	const struct object_attribute *secret;

	operation_require(
		operation && operation->class != TEE_OPERATION_DIGEST && !operation->active);
	drop_key(operation);
	if (!key)
		return TEE_SUCCESS;
	operation_require((key->flags & TEE_HANDLE_FLAG_INITIALIZED) &&
			  key->bits <= operation->max_bits && fits(operation, key) &&
			  (key->usage & usage_of(operation)));
	secret = object_find(key, TEE_ATTR_SECRET_VALUE);
	if (secret) {
		operation_require(secret->size <= sizeof operation->secret);
		TEE_MemMove(operation->secret, secret->ref, secret->size);
		operation->secret_size = secret->size;
	} else {
		operation->pkey = object_pkey(key);
		if (!operation->pkey)
			return TEE_ERROR_BAD_PARAMETERS; /* such as a point that is not on the curve
							  */
	}
	operation->key_bits = key->bits;
	operation->key_set = true;
	return TEE_SUCCESS;
}

void TEE_CopyOperation(TEE_OperationHandle dstOperation, TEE_OperationHandle srcOperation)
{
	struct simtee_operation *dst = dstOperation, *src = srcOperation;
	int ok = 1;

	operation_require(dst && src && dst->algorithm == src->algorithm &&
			  dst->mode == src->mode && src->key_bits <= dst->max_bits);
	dst->active = src->active;
	dst->key_set = src->key_set;
	dst->key_bits = src->key_bits;
	dst->tag_size = src->tag_size;
	dst->secret_size = src->secret_size;
	TEE_MemMove(dst->secret, src->secret, sizeof dst->secret);
	if (src->digest)
		ok = EVP_MD_CTX_copy_ex(dst->digest, src->digest);
	if (src->mac) {
		EVP_MAC_CTX_free(dst->mac);
		dst->mac = EVP_MAC_CTX_dup(src->mac);
		ok = dst->mac != NULL;
	}
	if (src->cipher)
		ok = EVP_CIPHER_CTX_copy(dst->cipher, src->cipher);
	if (src->pkey) {
		EVP_PKEY_free(dst->pkey);
		ok = EVP_PKEY_up_ref(src->pkey);
		dst->pkey = src->pkey;
	}
	if (!ok)
		TEE_Panic(TEE_ERROR_OUT_OF_MEMORY);
}

void TEE_DigestUpdate(TEE_OperationHandle operation, const void *chunk, size_t chunkSize)
{
	operation_require(operation && operation->digest);
	operation->active = true;
	if (chunkSize && !EVP_DigestUpdate(operation->digest, chunk, chunkSize))
		TEE_Panic(TEE_ERROR_GENERIC);
}

TEE_Result TEE_DigestDoFinal(TEE_OperationHandle operation, const void *chunk, size_t chunkLen,
	void *hash, size_t *hashLen)
{
	operation_require(operation && operation->digest && hashLen);
	if (*hashLen < SHA256_BYTES) {
		*hashLen = SHA256_BYTES;
		return TEE_ERROR_SHORT_BUFFER;
	}
	TEE_DigestUpdate(operation, chunk, chunkLen);
	if (!EVP_DigestFinal_ex(operation->digest, hash, NULL))
		TEE_Panic(TEE_ERROR_GENERIC);
	*hashLen = SHA256_BYTES;
	TEE_ResetOperation(operation);
	return TEE_SUCCESS;
}

void TEE_MACInit(TEE_OperationHandle operation, const void *IV, size_t IVLen)
{
	char sha256[] = "SHA256";
	OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, sha256, 0),
		OSSL_PARAM_construct_end()};

	(void)IV;
	(void)IVLen;
	operation_require(operation && operation->mac && operation->key_set);
	if (!EVP_MAC_init(operation->mac, operation->secret, operation->secret_size, params))
		TEE_Panic(TEE_ERROR_GENERIC);
	operation->active = true;
}

void TEE_MACUpdate(TEE_OperationHandle operation, const void *chunk, size_t chunkSize)
{
	operation_require(operation && operation->mac && operation->active);
	if (chunkSize && !EVP_MAC_update(operation->mac, chunk, chunkSize))
		TEE_Panic(TEE_ERROR_GENERIC);
}

TEE_Result TEE_MACComputeFinal(TEE_OperationHandle operation, const void *message,
	size_t messageLen, void *mac, size_t *macLen)
{
	size_t size = SHA256_BYTES;

	operation_require(operation && operation->mac && operation->active && macLen);
	if (*macLen < SHA256_BYTES) {
		*macLen = SHA256_BYTES;
		return TEE_ERROR_SHORT_BUFFER;
	}
	TEE_MACUpdate(operation, message, messageLen);
	if (!EVP_MAC_final(operation->mac, mac, &size, SHA256_BYTES))
		TEE_Panic(TEE_ERROR_GENERIC);
	*macLen = size;
	operation->active = false;
	return TEE_SUCCESS;
}

TEE_Result TEE_MACCompareFinal(TEE_OperationHandle operation, const void *message,
	size_t messageLen, const void *mac, size_t macLen)
{
	uint8_t expected[SHA256_BYTES];
	size_t size = sizeof expected;
	TEE_Result res = TEE_MACComputeFinal(operation, message, messageLen, expected, &size);

	if (!res && (macLen != size || CRYPTO_memcmp(expected, mac, size)))
		res = TEE_ERROR_MAC_INVALID;
	OPENSSL_cleanse(expected, sizeof expected);
	return res;
}

static const EVP_CIPHER *gcm_cipher(uint32_t key_bytes)
{
	switch (key_bytes) {
	case 16: return EVP_aes_128_gcm();
	case 24: return EVP_aes_192_gcm();
	default: return EVP_aes_256_gcm();
	}
}

TEE_Result TEE_AEInit(TEE_OperationHandle operation, const void *nonce, size_t nonceLen,
	uint32_t tagLen, size_t AADLen, size_t payloadLen)
{
	int encrypt;

	(void)AADLen; /* GCM needs to know neither in advance */
	(void)payloadLen;
	operation_require(
		operation && operation->cipher && operation->key_set && !operation->active);
	if (tagLen < 96 || tagLen > 8 * GCM_TAG_MAX || tagLen % 8 || !nonceLen || nonceLen > 1024)
		return TEE_ERROR_NOT_SUPPORTED;
	encrypt = operation->mode == TEE_MODE_ENCRYPT;
	if (!EVP_CipherInit_ex(operation->cipher, gcm_cipher(operation->secret_size), NULL, NULL,
		    NULL, encrypt) ||
		!EVP_CIPHER_CTX_ctrl(
			operation->cipher, EVP_CTRL_AEAD_SET_IVLEN, (int)nonceLen, NULL) ||
		!EVP_CipherInit_ex(
			operation->cipher, NULL, NULL, operation->secret, nonce, encrypt))
		return TEE_ERROR_OUT_OF_MEMORY;
	operation->tag_size = tagLen / 8;
	operation->active = true;
	return TEE_SUCCESS;
}

void TEE_AEUpdateAAD(TEE_OperationHandle operation, const void *AADdata, size_t AADdataLen)
{
	int n = 0;

	operation_require(
		operation && operation->cipher && operation->active && AADdataLen <= GCM_CHUNK_MAX);
	if (AADdataLen && !EVP_CipherUpdate(operation->cipher, NULL, &n, AADdata, (int)AADdataLen))
		TEE_Panic(TEE_ERROR_GENERIC);
}

TEE_Result TEE_AEUpdate(TEE_OperationHandle operation, const void *srcData, size_t srcLen,
	void *destData, size_t *destLen)
{
	int n = 0;

	operation_require(operation && operation->cipher && operation->active && destLen &&
			  srcLen <= GCM_CHUNK_MAX);
	if (*destLen < srcLen) {
		*destLen = srcLen;
		return TEE_ERROR_SHORT_BUFFER;
	}
	if (srcLen && !EVP_CipherUpdate(operation->cipher, destData, &n, srcData, (int)srcLen))
		TEE_Panic(TEE_ERROR_GENERIC);
	*destLen = (size_t)n;
	return TEE_SUCCESS;
}

TEE_Result TEE_AEEncryptFinal(TEE_OperationHandle operation, const void *srcData, size_t srcLen,
	void *destData, size_t *destLen, void *tag, size_t *tagLen)
{
	uint8_t none[GCM_TAG_MAX];
	TEE_Result res;
	int n = 0;

	operation_require(operation && operation->mode == TEE_MODE_ENCRYPT && tagLen);
	if (*tagLen < operation->tag_size) {
		*tagLen = operation->tag_size;
		return TEE_ERROR_SHORT_BUFFER;
	}
	res = TEE_AEUpdate(operation, srcData, srcLen, destData, destLen);
	if (res)
		return res;
	if (!EVP_EncryptFinal_ex(operation->cipher, none, &n) ||
		!EVP_CIPHER_CTX_ctrl(
			operation->cipher, EVP_CTRL_AEAD_GET_TAG, (int)operation->tag_size, tag))
		TEE_Panic(TEE_ERROR_GENERIC);
	*tagLen = operation->tag_size;
	operation->active = false;
	return TEE_SUCCESS;
}

TEE_Result TEE_AEDecryptFinal(TEE_OperationHandle operation, const void *srcData, size_t srcLen,
	void *destData, size_t *destLen, void *tag, size_t tagLen)
{
	uint8_t none[GCM_TAG_MAX];
	TEE_Result res;
	int n = 0;

	operation_require(operation && operation->mode == TEE_MODE_DECRYPT);
	res = TEE_AEUpdate(operation, srcData, srcLen, destData, destLen);
	if (res)
		return res;
	operation->active = false;
	if (tagLen != operation->tag_size ||
		!EVP_CIPHER_CTX_ctrl(operation->cipher, EVP_CTRL_AEAD_SET_TAG, (int)tagLen, tag) ||
		EVP_DecryptFinal_ex(operation->cipher, none, &n) <= 0) {
		if (*destLen)
			TEE_MemFill(destData, 0, *destLen);
		*destLen = 0;
		return TEE_ERROR_MAC_INVALID;
	}
	return TEE_SUCCESS;
}
