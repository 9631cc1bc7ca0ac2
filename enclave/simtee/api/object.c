/* SPDX-License-Identifier: MIT
 *
 * Objects and their attributes: 5.5 and 5.6 of the TEE Internal Core API. What the specification
 * calls a panic reason panics.
 */
#include "object.h"

#include <stdlib.h>

#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>

#include "sys.h"

#define RANDOM_PIECE (1u << 20)

const struct object_attribute *object_find(const struct simtee_object *object, uint32_t id)
{
	for (uint32_t i = 0; i < object->attribute_count; i++)
		if (object->attributes[i].id == id)
			return &object->attributes[i];
	return NULL;
}

TEE_Result object_put_ref(struct simtee_object *object, uint32_t id, const void *bytes, size_t size)
{
	struct object_attribute *a = &object->attributes[object->attribute_count];

	if (object->attribute_count == OBJECT_ATTRIBUTES_MAX || size > OBJECT_NUMBER_MAX)
		return TEE_ERROR_BAD_PARAMETERS;
	a->ref = OPENSSL_secure_malloc(size ? size : 1);
	if (!a->ref)
		return TEE_ERROR_OUT_OF_MEMORY;
	TEE_MemMove(a->ref, bytes, size);
	a->id = id;
	a->size = (uint32_t)size;
	object->attribute_count++;
	return TEE_SUCCESS;
}

TEE_Result object_put_value(struct simtee_object *object, uint32_t id, uint32_t a, uint32_t b)
{
	if (object->attribute_count == OBJECT_ATTRIBUTES_MAX)
		return TEE_ERROR_BAD_PARAMETERS;
	object->attributes[object->attribute_count++] =
		(struct object_attribute){.id = id, .a = a, .b = b};
	return TEE_SUCCESS;
}

void object_clear(struct simtee_object *object)
{
	for (uint32_t i = 0; i < object->attribute_count; i++)
		OPENSSL_secure_clear_free(object->attributes[i].ref, object->attributes[i].size);
	OPENSSL_cleanse(object->attributes, sizeof object->attributes);
	object->attribute_count = 0;
	object->flags &= ~TEE_HANDLE_FLAG_INITIALIZED;
}

TEE_Result object_copy(struct simtee_object *to, const struct simtee_object *from)
{
	TEE_Result res = TEE_SUCCESS;

	for (uint32_t i = 0; i < from->attribute_count && !res; i++) {
		const struct object_attribute *a = &from->attributes[i];

		if (a->id & TEE_ATTR_FLAG_VALUE)
			res = object_put_value(to, a->id, a->a, a->b);
		else
			res = object_put_ref(to, a->id, a->ref, a->size);
	}
	if (res) {
		object_clear(to);
		return res;
	}
	to->bits = from->bits;
	to->flags |= TEE_HANDLE_FLAG_INITIALIZED;
	return TEE_SUCCESS;
}

/* What a key may be: its type, sizes in bits, and the attributes that make it. */
static const struct kind {
	uint32_t type, min_bits, max_bits;
	uint32_t needs[5]; /* 0 ends them */
} kinds[] = {
	{TEE_TYPE_AES, 128, 256, {TEE_ATTR_SECRET_VALUE}},
	{TEE_TYPE_HMAC_SHA256, 192, 1024, {TEE_ATTR_SECRET_VALUE}},
	{TEE_TYPE_GENERIC_SECRET, 8, 4096, {TEE_ATTR_SECRET_VALUE}},
	{TEE_TYPE_RSA_PUBLIC_KEY, 512, 4096, {TEE_ATTR_RSA_MODULUS, TEE_ATTR_RSA_PUBLIC_EXPONENT}},
	{TEE_TYPE_RSA_KEYPAIR, 512, 4096,
		{TEE_ATTR_RSA_MODULUS, TEE_ATTR_RSA_PUBLIC_EXPONENT,
			TEE_ATTR_RSA_PRIVATE_EXPONENT}},
	{TEE_TYPE_ECDSA_PUBLIC_KEY, 256, 256,
		{TEE_ATTR_ECC_PUBLIC_VALUE_X, TEE_ATTR_ECC_PUBLIC_VALUE_Y, TEE_ATTR_ECC_CURVE}},
	{TEE_TYPE_ECDSA_KEYPAIR, 256, 256,
		{TEE_ATTR_ECC_PUBLIC_VALUE_X, TEE_ATTR_ECC_PUBLIC_VALUE_Y,
			TEE_ATTR_ECC_PRIVATE_VALUE, TEE_ATTR_ECC_CURVE}},
};

static const struct kind *kind_of(uint32_t type)
{
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
		if (kinds[i].type == type)
			return &kinds[i];
	return NULL;
}

static void require(bool condition)
{
	if (!condition)
		TEE_Panic(TEE_ERROR_BAD_PARAMETERS);
}

static bool is_transient(TEE_ObjectHandle object)
{
	return object && !(object->flags & TEE_HANDLE_FLAG_PERSISTENT);
}

static bool is_empty(TEE_ObjectHandle object)
{
	return is_transient(object) && !(object->flags & TEE_HANDLE_FLAG_INITIALIZED);
}

TEE_Result TEE_AllocateTransientObject(
	TEE_ObjectType objectType, uint32_t maxObjectSize, TEE_ObjectHandle *object)
{
	const struct kind *kind = kind_of(objectType);
	struct simtee_object *o;

	if (!kind || maxObjectSize < kind->min_bits || maxObjectSize > kind->max_bits)
		return TEE_ERROR_NOT_SUPPORTED;
	o = calloc(1, sizeof *o);
	if (!o)
		return TEE_ERROR_OUT_OF_MEMORY;
	o->type = objectType;
	o->max_bits = maxObjectSize;
	o->usage = TEE_USAGE_DEFAULT;
	*object = o;
	return TEE_SUCCESS;
}

void TEE_FreeTransientObject(TEE_ObjectHandle object)
{
	if (!object)
		return;
	require(is_transient(object));
	object_clear(object);
	free(object);
}

void TEE_ResetTransientObject(TEE_ObjectHandle object)
{
	if (!object)
		return;
	require(is_transient(object));
	object_clear(object);
	object->usage = TEE_USAGE_DEFAULT;
	object->bits = 0;
}

void TEE_InitRefAttribute(
	TEE_Attribute *attr, uint32_t attributeID, const void *buffer, size_t length)
{
	require(attr && !(attributeID & TEE_ATTR_FLAG_VALUE));
	attr->attributeID = attributeID;
	attr->content.ref.buffer = (void *)(uintptr_t)buffer;
	attr->content.ref.length = length;
}

void TEE_InitValueAttribute(TEE_Attribute *attr, uint32_t attributeID, uint32_t a, uint32_t b)
{
	require(attr && (attributeID & TEE_ATTR_FLAG_VALUE));
	attr->attributeID = attributeID;
	attr->content.value.a = a;
	attr->content.value.b = b;
}

/* Size of the key in bits, as its kind counts them. */
static uint32_t bits_of(const struct simtee_object *object)
{
	const struct object_attribute *a = object_find(object, TEE_ATTR_SECRET_VALUE);

	if (!a)
		a = object_find(object, TEE_ATTR_RSA_MODULUS);
	return a ? 8 * a->size : 256;
}

static bool size_fits(const struct kind *kind, uint32_t max_bits, uint32_t bits)
{
	if (!kind || bits < kind->min_bits || bits > max_bits)
		return false;
	return kind->type != TEE_TYPE_AES || bits == 128 || bits == 192 || bits == 256;
}

TEE_Result TEE_PopulateTransientObject(
	TEE_ObjectHandle object, const TEE_Attribute *attrs, uint32_t attrCount)
{
	TEE_Result res = TEE_SUCCESS;

	require(is_empty(object));
	const struct kind *kind = kind_of(object->type);

	for (uint32_t i = 0; i < attrCount && !res; i++) {
		const TEE_Attribute *a = &attrs[i];

		if (a->attributeID & TEE_ATTR_FLAG_VALUE)
			res = object_put_value(
				object, a->attributeID, a->content.value.a, a->content.value.b);
		else
			res = object_put_ref(object, a->attributeID, a->content.ref.buffer,
				a->content.ref.length);
	}
	for (int i = 0; !res && i < 5 && kind->needs[i]; i++)
		if (!object_find(object, kind->needs[i]))
			res = TEE_ERROR_BAD_PARAMETERS;
	if (!res && !size_fits(kind, object->max_bits, bits_of(object)))
		res = TEE_ERROR_BAD_PARAMETERS;
	if (res) { /* BAD_PARAMETERS does not panic: OP-TEE's way, since keys come from outside */
		object_clear(object);
		return res;
	}
	object->bits = bits_of(object);
	object->flags |= TEE_HANDLE_FLAG_INITIALIZED;
	return TEE_SUCCESS;
}

TEE_Result TEE_CopyObjectAttributes1(TEE_ObjectHandle destObject, TEE_ObjectHandle srcObject)
{
	require(is_empty(destObject) && srcObject &&
		(srcObject->flags & TEE_HANDLE_FLAG_INITIALIZED) &&
		srcObject->bits <= destObject->max_bits && destObject->type == srcObject->type);
	destObject->usage = srcObject->usage;
	return object_copy(destObject, srcObject);
}

static EVP_PKEY *generate(uint32_t type, uint32_t bits)
{
	return type == TEE_TYPE_RSA_KEYPAIR ? EVP_RSA_gen(bits) : EVP_EC_gen("P-256");
}

static TEE_Result generate_secret(struct simtee_object *object, uint32_t bits)
{
	uint8_t secret[OBJECT_NUMBER_MAX];
	TEE_Result res;

	require(bits % 8 == 0 && bits / 8 <= sizeof secret);
	TEE_GenerateRandom(secret, bits / 8);
	res = object_put_ref(object, TEE_ATTR_SECRET_VALUE, secret, bits / 8);
	OPENSSL_cleanse(secret, sizeof secret);
	return res;
}

TEE_Result TEE_GenerateKey(
	TEE_ObjectHandle object, uint32_t keySize, const TEE_Attribute *params, uint32_t paramCount)
{
	EVP_PKEY *key = NULL;
	TEE_Result res;

	(void)params; /* the only curve is P-256, the only exponent 65537 */
	(void)paramCount;
	require(is_empty(object) && size_fits(kind_of(object->type), object->max_bits, keySize));
	switch (object->type) {
	case TEE_TYPE_RSA_KEYPAIR:
	case TEE_TYPE_ECDSA_KEYPAIR:
		key = generate(object->type, keySize);
		res = key ? object_take_pkey(object, key) : TEE_ERROR_OUT_OF_MEMORY;
		EVP_PKEY_free(key);
		break;
	case TEE_TYPE_RSA_PUBLIC_KEY:
	case TEE_TYPE_ECDSA_PUBLIC_KEY: TEE_Panic(TEE_ERROR_BAD_PARAMETERS);
	default: res = generate_secret(object, keySize); break;
	}
	if (res) {
		object_clear(object);
		return res;
	}
	object->bits = keySize;
	object->flags |= TEE_HANDLE_FLAG_INITIALIZED;
	return TEE_SUCCESS;
}

TEE_Result TEE_GetObjectInfo1(TEE_ObjectHandle object, TEE_ObjectInfo *info)
{
	require(object && info);
	*info = (TEE_ObjectInfo){
		.objectType = object->type,
		.objectSize = object->bits,
		.maxObjectSize = object->max_bits,
		.objectUsage = object->usage,
		.dataSize = object->data_size,
		.dataPosition = object->position,
		.handleFlags = object->flags,
	};
	return TEE_SUCCESS;
}

TEE_Result TEE_RestrictObjectUsage1(TEE_ObjectHandle object, uint32_t objectUsage)
{
	require(object);
	object->usage &= objectUsage;
	return TEE_SUCCESS;
}

static const struct object_attribute *readable(TEE_ObjectHandle object, uint32_t id)
{
	require(object && (object->flags & TEE_HANDLE_FLAG_INITIALIZED));
	require((id & TEE_ATTR_FLAG_PUBLIC) || (object->usage & TEE_USAGE_EXTRACTABLE));
	return object_find(object, id);
}

TEE_Result TEE_GetObjectBufferAttribute(
	TEE_ObjectHandle object, uint32_t attributeID, void *buffer, size_t *size)
{
	const struct object_attribute *a;

	require(!(attributeID & TEE_ATTR_FLAG_VALUE) && size);
	a = readable(object, attributeID);
	if (!a)
		return TEE_ERROR_ITEM_NOT_FOUND;
	size_t room = *size;

	*size = a->size;
	if (room < a->size || !buffer)
		return TEE_ERROR_SHORT_BUFFER;
	TEE_MemMove(buffer, a->ref, a->size);
	return TEE_SUCCESS;
}

TEE_Result TEE_GetObjectValueAttribute(
	TEE_ObjectHandle object, uint32_t attributeID, uint32_t *a, uint32_t *b)
{
	const struct object_attribute *found;

	require(attributeID & TEE_ATTR_FLAG_VALUE);
	found = readable(object, attributeID);
	if (!found)
		return TEE_ERROR_ITEM_NOT_FOUND;
	if (a)
		*a = found->a;
	if (b)
		*b = found->b;
	return TEE_SUCCESS;
}

void TEE_GenerateRandom(void *randomBuffer, size_t randomBufferLen)
{
	uint8_t *at = randomBuffer;

	while (randomBufferLen) { /* OpenSSL takes int sizes */
		size_t piece = randomBufferLen < RANDOM_PIECE ? randomBufferLen : RANDOM_PIECE;

		if (RAND_priv_bytes(at, (int)piece) != 1)
			TEE_Panic(TEE_ERROR_GENERIC);
		at += piece;
		randomBufferLen -= piece;
	}
}
