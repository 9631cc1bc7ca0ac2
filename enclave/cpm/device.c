/* SPDX-License-Identifier: MIT */
#include "keys.h"

#define WRAPPING_BITS 3072u
#define RSA_MAX_BYTES (WRAPPING_BITS / 8)

static const struct {
	char record;
	uint32_t type, bits, first, second; /* attributes: the public half, see struct spki */
	size_t least;                       /* bytes of each */
	uint32_t unwraps;                   /* by this algorithm */
} keys[] = {
	[EDB_KEY_IDENTITY] = {'i', TEE_TYPE_ECDSA_KEYPAIR, 256, TEE_ATTR_ECC_PUBLIC_VALUE_X,
		TEE_ATTR_ECC_PUBLIC_VALUE_Y, 32, 0},
	[EDB_KEY_WRAPPING] = {'w', TEE_TYPE_RSA_KEYPAIR, WRAPPING_BITS, TEE_ATTR_RSA_MODULUS,
		TEE_ATTR_RSA_PUBLIC_EXPONENT, 0, TEE_ALG_RSAES_PKCS1_OAEP_MGF1_SHA256},
	[EDB_KEY_LEGACY_WRAPPING] = {'x', TEE_TYPE_RSA_KEYPAIR, 2048, TEE_ATTR_RSA_MODULUS,
		TEE_ATTR_RSA_PUBLIC_EXPONENT, 0, TEE_ALG_RSAES_PKCS1_V1_5},
};

static TEE_Result key_generate(enum edb_key_kind which, TEE_ObjectHandle *key)
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
		res = TEE_CreatePersistentObject(TEE_STORAGE_PRIVATE, &keys[which].record, 1,
			TEE_DATA_FLAG_ACCESS_READ, fresh, NULL, 0, key);
	TEE_FreeTransientObject(fresh);
	return res;
}

/* Open a device key; make it if it was never needed before. The caller closes it. */
static enum edb_err key_open(enum edb_key_kind which, TEE_ObjectHandle *key)
{
	TEE_Result res = TEE_OpenPersistentObject(
		TEE_STORAGE_PRIVATE, &keys[which].record, 1, TEE_DATA_FLAG_ACCESS_READ, key);

	if (res == TEE_ERROR_ITEM_NOT_FOUND)
		res = key_generate(which, key);
	return store_error(res);
}

/* A number; a coordinate, which the TEE may give without its leading zeros, with them. */
static TEE_Result number(
	TEE_ObjectHandle key, uint32_t attribute, size_t least, uint8_t *bytes, size_t *size)
{
	TEE_Result res = TEE_GetObjectBufferAttribute(key, attribute, bytes, size);

	if (!res && *size < least) {
		TEE_MemMove(&bytes[least - *size], bytes, *size);
		TEE_MemFill(bytes, 0, least - *size);
		*size = least;
	}
	return res;
}

enum edb_err device_export(enum edb_key_kind which, bool bare, uint8_t *der, size_t *size)
{
	uint8_t first[RSA_MAX_BYTES], second[32];
	struct spki spki = {.kind = which == EDB_KEY_IDENTITY ? SPKI_P256 : SPKI_RSA,
		.first = first,
		.second = second,
		.first_size = sizeof first,
		.second_size = sizeof second};
	size_t least = keys[which].least;
	TEE_ObjectHandle key = TEE_HANDLE_NULL;
	enum edb_err err = key_open(which, &key);

	if (!err && (number(key, keys[which].first, least, first, &spki.first_size) ||
			    number(key, keys[which].second, least, second, &spki.second_size)))
		err = EDB_E_STORAGE;
	TEE_CloseObject(key);
	*size = DEVICE_SPKI_MAX;
	return err ? err : spki_write(&spki, bare, der, size);
}

enum edb_err device_id(uint8_t id[static DEVICE_ID_BYTES])
{
	uint8_t spki[DEVICE_SPKI_MAX], digest[DIGEST_BYTES];
	size_t size = 0;
	enum edb_err err = device_export(EDB_KEY_IDENTITY, false, spki, &size);

	err = err ? err : sha256(spki, size, digest);
	if (!err)
		TEE_MemMove(id, digest, DEVICE_ID_BYTES);
	return err;
}

enum edb_err device_unwrap(enum edb_key_kind which, const uint8_t *wrapped, size_t size,
	uint8_t key[static CLASS_KEY_BYTES])
{
	uint8_t plain[RSA_MAX_BYTES] = {0}; /* secret: wiped below */
	size_t plain_size = sizeof plain;
	TEE_OperationHandle operation = TEE_HANDLE_NULL;
	TEE_ObjectHandle pair = TEE_HANDLE_NULL;
	enum edb_err err = key_open(which, &pair);
	uint8_t keep;

	if (!err && (TEE_AllocateOperation(
			     &operation, keys[which].unwraps, TEE_MODE_DECRYPT, keys[which].bits) ||
			    TEE_SetOperationKey(operation, pair) ||
			    TEE_AsymmetricDecrypt(
				    operation, NULL, 0, wrapped, size, plain, &plain_size)))
		plain_size = 0;
	TEE_FreeOperation(operation);
	TEE_CloseObject(pair);
	/* All ones where the unwrapped key is good, zero where the random one stays; no branch. */
	keep = (uint8_t) - (plain_size == CLASS_KEY_BYTES);
	TEE_GenerateRandom(key, CLASS_KEY_BYTES);
	for (unsigned i = 0; i < CLASS_KEY_BYTES; i++)
		key[i] = (uint8_t)((plain[i] & keep) | (key[i] & ~keep));
	wipe(plain, sizeof plain);
	if (!err && which == EDB_KEY_WRAPPING)
		err = require(keep, EDB_E_KEY);
	return err;
}
