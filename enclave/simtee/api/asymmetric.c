/* SPDX-License-Identifier: MIT
 *
 * Asymmetric encryption and signatures: 6.7 of the TEE Internal Core API. ECDSA signatures are
 * r || s, as the API has them.
 */
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/rsa.h>

#include "operation.h"

#define P256_BYTES       32
#define P256_SIGNATURE   (2 * P256_BYTES)
#define P256_DER_MAX     80
#define PSS_SALT_DEFAULT 32 /* the digest's size: 6.7.3 */
#define SHA256_BYTES     32

static bool is_ecdsa(const struct simtee_operation *op)
{
	return op->algorithm == TEE_ALG_ECDSA_P256 || op->algorithm == TEE_ALG_ECDSA_SHA256;
}

static int pss_salt(const TEE_Attribute *params, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		if (params[i].attributeID == TEE_ATTR_RSA_PSS_SALT_LENGTH)
			return (int)params[i].content.value.a;
	return PSS_SALT_DEFAULT;
}

/* Padding and digest as the algorithm's name says; false: OpenSSL would not. */
static bool set_up(const struct simtee_operation *op, EVP_PKEY_CTX *ctx,
	const TEE_Attribute *params, uint32_t count)
{
	switch (op->algorithm) {
	case TEE_ALG_RSAES_PKCS1_V1_5:
		return EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING) > 0;
	case TEE_ALG_RSAES_PKCS1_OAEP_MGF1_SHA256:
		return EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_OAEP_PADDING) > 0 &&
		       EVP_PKEY_CTX_set_rsa_oaep_md(ctx, EVP_sha256()) > 0 &&
		       EVP_PKEY_CTX_set_rsa_mgf1_md(ctx, EVP_sha256()) > 0;
	case TEE_ALG_RSASSA_PKCS1_V1_5_SHA256:
		return EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING) > 0 &&
		       EVP_PKEY_CTX_set_signature_md(ctx, EVP_sha256()) > 0;
	case TEE_ALG_RSASSA_PKCS1_PSS_MGF1_SHA256:
		return EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PSS_PADDING) > 0 &&
		       EVP_PKEY_CTX_set_signature_md(ctx, EVP_sha256()) > 0 &&
		       EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, pss_salt(params, count)) > 0;
	default: return true;
	}
}

static EVP_PKEY_CTX *start(const struct simtee_operation *op, int (*init)(EVP_PKEY_CTX *),
	const TEE_Attribute *params, uint32_t count)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(op->pkey, NULL);

	if (ctx && init(ctx) > 0 && set_up(op, ctx, params, count))
		return ctx;
	EVP_PKEY_CTX_free(ctx);
	return NULL;
}

TEE_Result TEE_AsymmetricEncrypt(TEE_OperationHandle operation, const TEE_Attribute *params,
	uint32_t paramCount, const void *srcData, size_t srcLen, void *destData, size_t *destLen)
{
	EVP_PKEY_CTX *ctx;
	TEE_Result res = TEE_ERROR_BAD_PARAMETERS;

	operation_require(operation && operation->class == TEE_OPERATION_ASYMMETRIC_CIPHER &&
			  operation->mode == TEE_MODE_ENCRYPT && operation->key_set && destLen);
	if (*destLen < (size_t)EVP_PKEY_get_size(operation->pkey)) {
		*destLen = (size_t)EVP_PKEY_get_size(operation->pkey);
		return TEE_ERROR_SHORT_BUFFER;
	}
	ctx = start(operation, EVP_PKEY_encrypt_init, params, paramCount);
	if (!ctx)
		return TEE_ERROR_OUT_OF_MEMORY;
	if (EVP_PKEY_encrypt(ctx, destData, destLen, srcData, srcLen) > 0)
		res = TEE_SUCCESS;
	EVP_PKEY_CTX_free(ctx);
	return res;
}

TEE_Result TEE_AsymmetricDecrypt(TEE_OperationHandle operation, const TEE_Attribute *params,
	uint32_t paramCount, const void *srcData, size_t srcLen, void *destData, size_t *destLen)
{
	uint8_t plain[OBJECT_NUMBER_MAX];
	size_t size = sizeof plain;
	EVP_PKEY_CTX *ctx;
	TEE_Result res = TEE_ERROR_BAD_PARAMETERS;

	operation_require(operation && operation->class == TEE_OPERATION_ASYMMETRIC_CIPHER &&
			  operation->mode == TEE_MODE_DECRYPT && operation->key_set && destLen);
	ctx = start(operation, EVP_PKEY_decrypt_init, params, paramCount);
	if (!ctx)
		return TEE_ERROR_OUT_OF_MEMORY;
	if (EVP_PKEY_decrypt(ctx, plain, &size, srcData, srcLen) > 0) {
		res = *destLen < size ? TEE_ERROR_SHORT_BUFFER : TEE_SUCCESS;
		if (!res)
			TEE_MemMove(destData, plain, size);
		*destLen = size;
	}
	EVP_PKEY_CTX_free(ctx);
	OPENSSL_cleanse(plain, sizeof plain);
	return res;
}

static bool ecdsa_to_raw(const uint8_t *der, size_t size, uint8_t raw[P256_SIGNATURE])
{
	ECDSA_SIG *sig = d2i_ECDSA_SIG(NULL, &der, (long)size);
	bool ok = sig && BN_bn2binpad(ECDSA_SIG_get0_r(sig), raw, P256_BYTES) == P256_BYTES &&
		  BN_bn2binpad(ECDSA_SIG_get0_s(sig), raw + P256_BYTES, P256_BYTES) == P256_BYTES;

	ECDSA_SIG_free(sig);
	return ok;
}

static size_t ecdsa_to_der(const uint8_t raw[P256_SIGNATURE], uint8_t der[P256_DER_MAX])
{
	ECDSA_SIG *sig = ECDSA_SIG_new();
	BIGNUM *r = BN_bin2bn(raw, P256_BYTES, NULL),
	       *s = BN_bin2bn(raw + P256_BYTES, P256_BYTES, NULL);
	int size = 0;

	if (sig && r && s && ECDSA_SIG_set0(sig, r, s)) {
		r = s = NULL;
		if (i2d_ECDSA_SIG(sig, NULL) <= P256_DER_MAX)
			size = i2d_ECDSA_SIG(sig, &der);
	}
	BN_free(r);
	BN_free(s);
	ECDSA_SIG_free(sig);
	return size > 0 ? (size_t)size : 0;
}

TEE_Result TEE_AsymmetricSignDigest(TEE_OperationHandle operation, const TEE_Attribute *params,
	uint32_t paramCount, const void *digest, size_t digestLen, void *signature,
	size_t *signatureLen)
{
	uint8_t der[P256_DER_MAX];
	bool ecdsa;
	size_t need, size;
	EVP_PKEY_CTX *ctx;
	TEE_Result res = TEE_ERROR_BAD_PARAMETERS;

	operation_require(operation && operation->class == TEE_OPERATION_ASYMMETRIC_SIGNATURE &&
			  operation->mode == TEE_MODE_SIGN && operation->key_set && signatureLen &&
			  digestLen == SHA256_BYTES);
	ecdsa = is_ecdsa(operation);
	need = ecdsa ? P256_SIGNATURE : (size_t)EVP_PKEY_get_size(operation->pkey);
	if (*signatureLen < need) {
		*signatureLen = need;
		return TEE_ERROR_SHORT_BUFFER;
	}
	ctx = start(operation, EVP_PKEY_sign_init, params, paramCount);
	if (!ctx)
		return TEE_ERROR_OUT_OF_MEMORY;
	size = ecdsa ? sizeof der : need;
	if (EVP_PKEY_sign(ctx, ecdsa ? der : signature, &size, digest, digestLen) > 0 &&
		(!ecdsa || ecdsa_to_raw(der, size, signature)))
		res = TEE_SUCCESS;
	EVP_PKEY_CTX_free(ctx);
	*signatureLen = need;
	return res;
}

TEE_Result TEE_AsymmetricVerifyDigest(TEE_OperationHandle operation, const TEE_Attribute *params,
	uint32_t paramCount, const void *digest, size_t digestLen, const void *signature,
	size_t signatureLen)
{
	uint8_t der[P256_DER_MAX];
	EVP_PKEY_CTX *ctx;
	TEE_Result res = TEE_ERROR_SIGNATURE_INVALID;

	operation_require(operation && operation->class == TEE_OPERATION_ASYMMETRIC_SIGNATURE &&
			  operation->mode == TEE_MODE_VERIFY && operation->key_set &&
			  digestLen == SHA256_BYTES);
	if (is_ecdsa(operation)) {
		if (signatureLen != P256_SIGNATURE)
			return TEE_ERROR_SIGNATURE_INVALID;
		signatureLen = ecdsa_to_der(signature, der);
		signature = der;
		if (!signatureLen)
			return TEE_ERROR_OUT_OF_MEMORY;
	}
	ctx = start(operation, EVP_PKEY_verify_init, params, paramCount);
	if (!ctx)
		return TEE_ERROR_OUT_OF_MEMORY;
	if (EVP_PKEY_verify(ctx, signature, signatureLen, digest, digestLen) == 1)
		res = TEE_SUCCESS;
	EVP_PKEY_CTX_free(ctx);
	return res;
}
