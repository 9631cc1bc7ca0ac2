/* SPDX-License-Identifier: MIT */
#include "device.h"

#include <tee_internal_api.h>

#include "sha256.h"
#include "spki.h"
#include "store.h"
#include "wipe.h"

#define WRAPPING_BITS 3072u
#define LEGACY_BITS   2048u
#define RSA_MAX_BYTES (WRAPPING_BITS / 8)

static const struct {
	char record;
	uint32_t type, bits;
} keys[] = {
	[EDB_KEY_IDENTITY] = {'i', TEE_TYPE_ECDSA_KEYPAIR, 256},
	[EDB_KEY_WRAPPING] = {'w', TEE_TYPE_RSA_KEYPAIR, WRAPPING_BITS},
	[EDB_KEY_LEGACY_WRAPPING] = {'x', TEE_TYPE_RSA_KEYPAIR, LEGACY_BITS},
};

static TEE_Result key_generate(
	enum edb_key_kind which, const struct record_name *name, TEE_ObjectHandle *key)
{
	TEE_ObjectHandle fresh = TEE_HANDLE_NULL;
	TEE_Attribute curve = {0};
	TEE_Result res = TEE_AllocateTransientObject(keys[which].type, keys[which].bits, &fresh);

	if (res)
		return res;
	TEE_InitValueAttribute(&curve, TEE_ATTR_ECC_CURVE, TEE_ECC_CURVE_NIST_P256, 0);
	res = TEE_GenerateKey(fresh, keys[which].bits, &curve, which == EDB_KEY_IDENTITY ? 1 : 0);
	/* Without OVERWRITE: should a key be there after all, it is never replaced. */
	if (!res)
		res = TEE_CreatePersistentObject(TEE_STORAGE_PRIVATE, name->bytes, name->size,
			TEE_DATA_FLAG_ACCESS_READ, fresh, NULL, 0, key);
	TEE_FreeTransientObject(fresh);
	return res;
}

/* Open a device key; make it if it was never needed before. The caller closes it. */
static enum edb_err key_open(enum edb_key_kind which, TEE_ObjectHandle *key)
{
	struct record_name name = record_name(keys[which].record, NULL, 0);
	TEE_Result res = TEE_OpenPersistentObject(
		TEE_STORAGE_PRIVATE, name.bytes, name.size, TEE_DATA_FLAG_ACCESS_READ, key);

	if (res == TEE_ERROR_ITEM_NOT_FOUND)
		res = key_generate(which, &name, key);
	return store_error(res);
}

struct rsa_public {
	uint8_t n[WRAPPING_BITS / 8], e[RSA_EXPONENT_MAX];
	size_t n_size, e_size;
};

static TEE_Result rsa_public(TEE_ObjectHandle key, struct rsa_public *public)
{
	TEE_Result res;

	public->n_size = sizeof public->n;
	public->e_size = sizeof public->e;
	res = TEE_GetObjectBufferAttribute(key, TEE_ATTR_RSA_MODULUS, public->n, &public->n_size);
	if (res)
		return res;
	return TEE_GetObjectBufferAttribute(
		key, TEE_ATTR_RSA_PUBLIC_EXPONENT, public->e, &public->e_size);
}

/* A coordinate, which the TEE may give without its leading zeros, as 32 bytes. */
static TEE_Result coordinate(TEE_ObjectHandle key, uint32_t id, uint8_t number[static 32])
{
	size_t got = 32;
	TEE_Result res = TEE_GetObjectBufferAttribute(key, id, number, &got);

	if (!res && got < 32) {
		TEE_MemMove(&number[32 - got], number, got);
		TEE_MemFill(number, 0, 32 - got);
	}
	return res;
}

static enum edb_err export_p256(TEE_ObjectHandle key, uint8_t *spki, size_t *size)
{
	uint8_t x[32] = {0}, y[32] = {0};

	if (coordinate(key, TEE_ATTR_ECC_PUBLIC_VALUE_X, x) ||
		coordinate(key, TEE_ATTR_ECC_PUBLIC_VALUE_Y, y))
		return EDB_E_STORAGE;
	return spki_write_p256(x, y, spki, size);
}

static enum edb_err export_rsa(TEE_ObjectHandle key, uint8_t *spki, size_t *size)
{
	struct rsa_public public = {0};

	if (rsa_public(key, &public))
		return EDB_E_STORAGE;
	return spki_write_rsa(public.n, public.n_size, public.e, public.e_size, spki, size);
}

enum edb_err device_export_spki(enum edb_key_kind which, uint8_t *spki, size_t *size)
{
	TEE_ObjectHandle key = TEE_HANDLE_NULL;
	enum edb_err err = key_open(which, &key);

	if (err)
		return err;
	*size = DEVICE_SPKI_MAX;
	if (which == EDB_KEY_IDENTITY)
		err = export_p256(key, spki, size);
	else
		err = export_rsa(key, spki, size);
	TEE_CloseObject(key);
	return err;
}

enum edb_err device_export_legacy_public_key(uint8_t *der, size_t capacity, size_t *size)
{
	TEE_ObjectHandle key = TEE_HANDLE_NULL;
	struct rsa_public public = {0};
	enum edb_err err = key_open(EDB_KEY_LEGACY_WRAPPING, &key);

	if (err)
		return err;
	err = rsa_public(key, &public) ? EDB_E_STORAGE : EDB_OK;
	TEE_CloseObject(key);
	if (err)
		return err;
	*size = capacity;
	return rsa_public_key_write(public.n, public.n_size, public.e, public.e_size, der, size);
}

enum edb_err device_id(uint8_t id[static DEVICE_ID_BYTES])
{
	uint8_t spki[DEVICE_SPKI_MAX], digest[DIGEST_BYTES];
	size_t size = 0;
	enum edb_err err = device_export_spki(EDB_KEY_IDENTITY, spki, &size);

	if (!err)
		err = sha256(spki, size, digest);
	if (!err)
		TEE_MemMove(id, digest, DEVICE_ID_BYTES);
	return err;
}

/* Decrypt into plain, RSA_MAX_BYTES; what is wrong with the ciphertext is the TEE's business. */
static TEE_Result decrypt(TEE_ObjectHandle key, uint32_t algorithm, uint32_t bits,
	const uint8_t *wrapped, size_t wrapped_size, uint8_t *plain, size_t *plain_size)
{
	TEE_OperationHandle operation = TEE_HANDLE_NULL;
	TEE_Result res = TEE_AllocateOperation(&operation, algorithm, TEE_MODE_DECRYPT, bits);

	if (!res)
		res = TEE_SetOperationKey(operation, key);
	if (!res)
		res = TEE_AsymmetricDecrypt(
			operation, NULL, 0, wrapped, wrapped_size, plain, plain_size);
	if (operation != TEE_HANDLE_NULL)
		TEE_FreeOperation(operation);
	return res;
}

enum edb_err device_unwrap(
	const uint8_t wrapped[static WRAPPED_KEY_BYTES], uint8_t key[static CLASS_KEY_BYTES])
{
	uint8_t plain[RSA_MAX_BYTES] = {0}; /* secret: wiped at out */
	size_t size = sizeof plain;
	TEE_ObjectHandle wrapping = TEE_HANDLE_NULL;
	enum edb_err err = key_open(EDB_KEY_WRAPPING, &wrapping);

	if (err)
		return err;
	err = EDB_E_KEY;
	if (decrypt(wrapping, TEE_ALG_RSAES_PKCS1_OAEP_MGF1_SHA256, WRAPPING_BITS, wrapped,
		    WRAPPED_KEY_BYTES, plain, &size) ||
		size != CLASS_KEY_BYTES)
		goto out;
	TEE_MemMove(key, plain, CLASS_KEY_BYTES);
	err = EDB_OK;
out:
	wipe(plain, sizeof plain);
	TEE_CloseObject(wrapping);
	return err;
}

enum edb_err device_unwrap_legacy(
	const uint8_t *wrapped, size_t size, uint8_t key[static CLASS_KEY_BYTES])
{
	uint8_t plain[RSA_MAX_BYTES] = {0}; /* secret: wiped below */
	size_t plain_size = sizeof plain;
	TEE_ObjectHandle wrapping = TEE_HANDLE_NULL;
	enum edb_err err = key_open(EDB_KEY_LEGACY_WRAPPING, &wrapping);
	TEE_Result res;
	uint8_t keep;

	if (err)
		return err;
	TEE_GenerateRandom(key, CLASS_KEY_BYTES);
	res = decrypt(
		wrapping, TEE_ALG_RSAES_PKCS1_V1_5, LEGACY_BITS, wrapped, size, plain, &plain_size);
	/* All ones where the unwrapped key is good, zero where the random one stays; no branch. */
	keep = (uint8_t) - (res == TEE_SUCCESS && plain_size == CLASS_KEY_BYTES);
	for (unsigned i = 0; i < CLASS_KEY_BYTES; i++)
		key[i] = (uint8_t)((plain[i] & keep) | (key[i] & ~keep));
	wipe(plain, sizeof plain);
	TEE_CloseObject(wrapping);
	return EDB_OK;
}
