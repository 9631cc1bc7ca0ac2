/* SPDX-License-Identifier: MIT
 *
 * Objects, memory, properties, sessions, time; and that wrong use panics where the specification
 * says so.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <tee_internal_api.h>

#include "heap.h"
#include "local.h"

#define READ    TEE_DATA_FLAG_ACCESS_READ
#define WRITE   TEE_DATA_FLAG_ACCESS_WRITE
#define META    TEE_DATA_FLAG_ACCESS_WRITE_META
#define ALL     (READ | WRITE | META)
#define PRIVATE TEE_STORAGE_PRIVATE

static jmp_buf panicked;

#define assert_panics(what)                                                                        \
	do {                                                                                       \
		simtee_local_on_panic(&panicked);                                                  \
		if (!setjmp(panicked)) {                                                           \
			what;                                                                      \
			fail_msg("did not panic: " #what);                                         \
		}                                                                                  \
		simtee_local_on_panic(NULL);                                                       \
	} while (0)

static int set_up(void **state)
{
	(void)state;
	simtee_local_reset();
	return 0;
}

static int tear_down(void **state)
{
	uint32_t handles = simtee_local_handles();

	(void)state;
	simtee_local_reset();
	return handles || simtee_heap_used() ? -1 : 0;
}

static TEE_ObjectHandle aes_key(void)
{
	static const uint8_t bytes[32] = {1};
	TEE_ObjectHandle key = TEE_HANDLE_NULL;
	TEE_Attribute attr;

	assert_int_equal(TEE_AllocateTransientObject(TEE_TYPE_AES, 256, &key), TEE_SUCCESS);
	TEE_InitRefAttribute(&attr, TEE_ATTR_SECRET_VALUE, bytes, sizeof bytes);
	assert_int_equal(TEE_PopulateTransientObject(key, &attr, 1), TEE_SUCCESS);
	return key;
}

static void memory(void **state)
{
	static const uint8_t a[] = {1, 2, 3, 200}, b[] = {1, 2, 4, 100};
	static int anything;
	uint8_t *p = TEE_Malloc(100, TEE_MALLOC_FILL_ZERO);
	uint8_t ours[4], shared[8];

	(void)state;
	assert_non_null(p);
	assert_int_equal(simtee_heap_used(), 100);
	for (int i = 0; i < 100; i++)
		assert_int_equal(p[i], 0);
	TEE_MemFill(p, 7, 100);
	p = TEE_Realloc(p, 200);
	assert_non_null(p);
	assert_int_equal(p[99], 7);
	assert_int_equal(p[100], 0);
	p = TEE_Realloc(p, 10);
	assert_int_equal(simtee_heap_used(), 10);
	simtee_heap_limit(1000);
	assert_null(TEE_Malloc(991, 0));
	assert_null(TEE_Malloc(SIZE_MAX, 0));
	assert_null(TEE_Realloc(p, 2000));
	assert_int_equal(p[0], 7); /* what could not grow is still there */
	simtee_heap_limit(SIZE_MAX);
	TEE_Free(p);
	TEE_Free(NULL);
	assert_int_equal(simtee_heap_used(), 0);

	assert_int_equal(TEE_MemCompare(a, a, 4), 0);
	assert_true(TEE_MemCompare(a, b, 4) < 0);
	assert_true(TEE_MemCompare(b, a, 4) > 0);
	assert_true(TEE_MemCompare(a + 3, b + 3, 1) > 0);
	assert_int_equal(TEE_MemCompare(a, b, 2), 0);
	TEE_MemMove(ours, a, 4);
	assert_memory_equal(ours, a, 4);
	TEE_MemMove(NULL, NULL, 0);

	simtee_local_share(shared, sizeof shared);
	assert_int_equal(TEE_CheckMemoryAccessRights(TEE_MEMORY_ACCESS_READ, ours, 4), TEE_SUCCESS);
	assert_int_equal(TEE_CheckMemoryAccessRights(TEE_MEMORY_ACCESS_READ, shared + 7, 1),
		TEE_ERROR_ACCESS_DENIED);
	assert_int_equal(TEE_CheckMemoryAccessRights(
				 TEE_MEMORY_ACCESS_READ | TEE_MEMORY_ACCESS_ANY_OWNER, shared, 8),
		TEE_SUCCESS);
	assert_int_equal(TEE_CheckMemoryAccessRights(TEE_MEMORY_ACCESS_READ, NULL, 1),
		TEE_ERROR_ACCESS_DENIED);
	assert_int_equal(TEE_CheckMemoryAccessRights(TEE_MEMORY_ACCESS_READ, NULL, 0), TEE_SUCCESS);

	TEE_SetInstanceData(&anything);
	assert_ptr_equal(TEE_GetInstanceData(), &anything);
	assert_panics(TEE_Panic(TEE_ERROR_GENERIC));
}

static void keys(void **state)
{
	TEE_ObjectHandle key = aes_key(), other = TEE_HANDLE_NULL;
	TEE_ObjectInfo info;
	TEE_Attribute attr;
	uint8_t bytes[64] = {0};
	size_t size = 31;
	uint32_t a = 0;

	(void)state;
	assert_int_equal(TEE_GetObjectBufferAttribute(key, TEE_ATTR_SECRET_VALUE, bytes, &size),
		TEE_ERROR_SHORT_BUFFER);
	assert_int_equal(size, 32);
	assert_int_equal(TEE_GetObjectBufferAttribute(key, TEE_ATTR_SECRET_VALUE, bytes, &size),
		TEE_SUCCESS);
	assert_int_equal(bytes[0], 1);
	assert_int_equal(TEE_GetObjectBufferAttribute(key, TEE_ATTR_RSA_MODULUS, bytes, &size),
		TEE_ERROR_ITEM_NOT_FOUND);
	assert_int_equal(TEE_GetObjectValueAttribute(key, TEE_ATTR_ECC_CURVE, &a, NULL),
		TEE_ERROR_ITEM_NOT_FOUND);
	TEE_GetObjectInfo1(key, &info);
	assert_int_equal(info.objectType, TEE_TYPE_AES);
	assert_int_equal(info.objectSize, 256);

	assert_int_equal(TEE_AllocateTransientObject(TEE_TYPE_AES, 256, &other), TEE_SUCCESS);
	assert_int_equal(TEE_CopyObjectAttributes1(other, key), TEE_SUCCESS);
	TEE_RestrictObjectUsage1(other, TEE_USAGE_ENCRYPT);
	assert_panics(TEE_GetObjectBufferAttribute(other, TEE_ATTR_SECRET_VALUE, bytes, &size));
	assert_panics(TEE_PopulateTransientObject(other, &attr, 0)); /* it has its attributes */
	assert_panics(TEE_CopyObjectAttributes1(other, key));
	TEE_ResetTransientObject(other);
	TEE_ResetTransientObject(TEE_HANDLE_NULL);
	assert_panics(TEE_GetObjectBufferAttribute(
		other, TEE_ATTR_SECRET_VALUE, bytes, &size)); /* empty */
	assert_panics(TEE_CopyObjectAttributes1(key, other));
	assert_int_equal(TEE_GenerateKey(other, 128, NULL, 0), TEE_SUCCESS);
	assert_panics(TEE_GenerateKey(other, 128, NULL, 0));
	TEE_FreeTransientObject(other);

	/* No such type; too small; too large. */
	assert_int_equal(
		TEE_AllocateTransientObject(0xA0000099, 128, &other), TEE_ERROR_NOT_SUPPORTED);
	assert_int_equal(
		TEE_AllocateTransientObject(TEE_TYPE_AES, 64, &other), TEE_ERROR_NOT_SUPPORTED);
	assert_int_equal(
		TEE_AllocateTransientObject(TEE_TYPE_AES, 512, &other), TEE_ERROR_NOT_SUPPORTED);
	TEE_FreeTransientObject(key);
	TEE_FreeTransientObject(TEE_HANDLE_NULL);
}

static void keys_of_wrong_sizes_are_refused(void **state)
{
	static const struct {
		uint32_t type, bits, attribute;
		size_t size;
		const char *why;
	} cases[] = {
		{TEE_TYPE_AES, 256, TEE_ATTR_SECRET_VALUE, 0, "no bytes"},
		{TEE_TYPE_AES, 256, TEE_ATTR_SECRET_VALUE, 17, "no size of AES"},
		{TEE_TYPE_AES, 128, TEE_ATTR_SECRET_VALUE, 32, "larger than allocated"},
		{TEE_TYPE_AES, 256, TEE_ATTR_RSA_MODULUS, 32, "not the attribute of an AES key"},
		{TEE_TYPE_HMAC_SHA256, 1024, TEE_ATTR_SECRET_VALUE, 23, "OP-TEE takes 24 or more"},
		{TEE_TYPE_GENERIC_SECRET, 4096, TEE_ATTR_SECRET_VALUE, 513, "larger than any"},
		{TEE_TYPE_RSA_PUBLIC_KEY, 2048, TEE_ATTR_RSA_MODULUS, 256, "no exponent"},
		{TEE_TYPE_ECDSA_PUBLIC_KEY, 256, TEE_ATTR_ECC_PUBLIC_VALUE_X, 32, "no y"},
	};
	static const uint8_t bytes[1024] = {1};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		TEE_ObjectHandle key = TEE_HANDLE_NULL;
		TEE_Attribute attr;

		assert_int_equal(TEE_AllocateTransientObject(cases[i].type, cases[i].bits, &key),
			TEE_SUCCESS);
		TEE_InitRefAttribute(&attr, cases[i].attribute, bytes, cases[i].size);
		if (TEE_PopulateTransientObject(key, &attr, 1) != TEE_ERROR_BAD_PARAMETERS)
			fail_msg("%s", cases[i].why);
		TEE_FreeTransientObject(key);
	}
}

static void operations_panic_when_misused(void **state)
{
	TEE_ObjectHandle key = aes_key(), restricted = TEE_HANDLE_NULL;
	TEE_OperationHandle op = TEE_HANDLE_NULL, digest = TEE_HANDLE_NULL, none = TEE_HANDLE_NULL;
	uint8_t bytes[64] = {0};
	size_t size = sizeof bytes;

	(void)state;
	assert_int_equal(TEE_AllocateOperation(&none, 0x12345678, TEE_MODE_DIGEST, 0),
		TEE_ERROR_NOT_SUPPORTED);
	assert_int_equal(TEE_AllocateOperation(&none, TEE_ALG_AES_GCM, TEE_MODE_SIGN, 256),
		TEE_ERROR_NOT_SUPPORTED);
	assert_int_equal(TEE_AllocateOperation(&none, TEE_ALG_AES_GCM, TEE_MODE_ENCRYPT, 512),
		TEE_ERROR_NOT_SUPPORTED);
	assert_int_equal(
		TEE_AllocateOperation(&op, TEE_ALG_AES_GCM, TEE_MODE_DECRYPT, 256), TEE_SUCCESS);
	assert_int_equal(
		TEE_AllocateOperation(&digest, TEE_ALG_SHA256, TEE_MODE_DIGEST, 0), TEE_SUCCESS);

	assert_panics(TEE_AEInit(op, bytes, 12, 128, 0, 0)); /* no key */
	assert_panics(TEE_ResetOperation(op));
	assert_panics(TEE_AEUpdate(op, bytes, 1, bytes, &size));
	assert_panics(TEE_AEUpdateAAD(op, bytes, 1));
	assert_panics(TEE_SetOperationKey(digest, key)); /* digests have none */
	assert_panics(TEE_DigestUpdate(op, bytes, 1));
	assert_panics(TEE_MACInit(digest, NULL, 0));
	assert_panics(TEE_MACUpdate(digest, bytes, 1));
	assert_panics(TEE_MACComputeFinal(digest, bytes, 1, bytes, &size));
	assert_panics(TEE_CopyOperation(op, digest));
	assert_panics(TEE_AsymmetricDecrypt(op, NULL, 0, bytes, 1, bytes, &size));
	assert_panics(TEE_AsymmetricEncrypt(op, NULL, 0, bytes, 1, bytes, &size));
	assert_panics(TEE_AsymmetricSignDigest(op, NULL, 0, bytes, 32, bytes, &size));
	assert_panics(TEE_AsymmetricVerifyDigest(op, NULL, 0, bytes, 32, bytes, 64));
	assert_panics(TEE_DigestUpdate(TEE_HANDLE_NULL, bytes, 1));

	/* A key that may encrypt alone. */
	TEE_AllocateTransientObject(TEE_TYPE_AES, 256, &restricted);
	assert_panics(TEE_SetOperationKey(op, restricted)); /* and is none yet */
	TEE_CopyObjectAttributes1(restricted, key);
	TEE_RestrictObjectUsage1(restricted, TEE_USAGE_ENCRYPT);
	assert_panics(TEE_SetOperationKey(op, restricted));

	assert_int_equal(TEE_SetOperationKey(op, key), TEE_SUCCESS);
	assert_int_equal(TEE_AEInit(op, bytes, 12, 128, 0, 0), TEE_SUCCESS);
	assert_panics(TEE_AEInit(op, bytes, 12, 128, 0, 0)); /* under way */
	assert_panics(TEE_SetOperationKey(op, key));
	assert_panics(TEE_AEEncryptFinal(op, bytes, 1, bytes, &size, bytes, &size));
	TEE_ResetOperation(op);
	assert_int_equal(TEE_SetOperationKey(op, TEE_HANDLE_NULL), TEE_SUCCESS);
	assert_panics(TEE_AEInit(op, bytes, 12, 128, 0, 0));
	TEE_FreeOperation(digest);
	TEE_FreeOperation(op);
	TEE_FreeTransientObject(restricted);
	TEE_FreeTransientObject(key);
}

static void persistent_data(void **state)
{
	TEE_ObjectHandle object = TEE_HANDLE_NULL;
	TEE_ObjectInfo info;
	char text[32];
	size_t got = 0;

	(void)state;
	assert_int_equal(TEE_CreatePersistentObject(
				 PRIVATE, "x", 1, ALL, TEE_HANDLE_NULL, "hello", 5, &object),
		TEE_SUCCESS);
	assert_int_equal(TEE_SeekObjectData(object, 0, TEE_DATA_SEEK_END), TEE_SUCCESS);
	assert_int_equal(TEE_WriteObjectData(object, " world", 6), TEE_SUCCESS);
	assert_int_equal(TEE_WriteObjectData(object, NULL, 0), TEE_SUCCESS);
	assert_int_equal(TEE_SeekObjectData(object, -5, TEE_DATA_SEEK_CUR), TEE_SUCCESS);
	assert_int_equal(TEE_ReadObjectData(object, text, sizeof text, &got), TEE_SUCCESS);
	assert_int_equal(got, 5);
	assert_memory_equal(text, "world", 5);
	assert_int_equal(TEE_SeekObjectData(object, -99, TEE_DATA_SEEK_CUR), TEE_SUCCESS); /* 0 */
	assert_int_equal(
		TEE_SeekObjectData(object, INTMAX_MAX, TEE_DATA_SEEK_SET), TEE_ERROR_OVERFLOW);
	assert_panics(TEE_SeekObjectData(object, 0, 9));
	assert_int_equal(TEE_TruncateObjectData(object, 4), TEE_SUCCESS);
	assert_int_equal(TEE_TruncateObjectData(object, 2u << 20), TEE_ERROR_STORAGE_NO_SPACE);
	TEE_GetObjectInfo1(object, &info);
	assert_int_equal(info.dataSize, 4);
	assert_int_equal(info.dataPosition, 0);
	assert_int_equal(
		TEE_SeekObjectData(object, TEE_DATA_MAX_POSITION, TEE_DATA_SEEK_SET), TEE_SUCCESS);
	assert_int_equal(TEE_WriteObjectData(object, "x", 1), TEE_ERROR_OVERFLOW);
	assert_int_equal(TEE_RenamePersistentObject(object, "y", 1), TEE_SUCCESS);
	TEE_CloseObject(object);
	TEE_CloseObject(TEE_HANDLE_NULL);

	assert_int_equal(
		TEE_OpenPersistentObject(PRIVATE, "x", 1, READ, &object), TEE_ERROR_ITEM_NOT_FOUND);
	assert_int_equal(
		TEE_OpenPersistentObject(99, "y", 1, READ, &object), TEE_ERROR_ITEM_NOT_FOUND);
	assert_int_equal(TEE_OpenPersistentObject(PRIVATE, "y", 1, READ, &object), TEE_SUCCESS);
	assert_panics(TEE_WriteObjectData(object, "x", 1));
	assert_panics(TEE_TruncateObjectData(object, 1));
	assert_panics(TEE_RenamePersistentObject(object, "z", 1));
	assert_panics(TEE_CloseAndDeletePersistentObject1(object));
	assert_panics(TEE_FreeTransientObject(object));
	assert_panics(TEE_ResetTransientObject(object));
	TEE_CloseObject(object);
	assert_int_equal(TEE_OpenPersistentObject(PRIVATE, "y", 1, WRITE, &object), TEE_SUCCESS);
	assert_panics(TEE_ReadObjectData(object, text, 1, &got));
	TEE_CloseObject(object);
	assert_int_equal(TEE_OpenPersistentObject(PRIVATE, "y", 1, META, &object), TEE_SUCCESS);
	assert_int_equal(TEE_CloseAndDeletePersistentObject1(object), TEE_SUCCESS);
	assert_int_equal(TEE_CloseAndDeletePersistentObject1(TEE_HANDLE_NULL), TEE_SUCCESS);
	assert_int_equal(simtee_local_objects(), 0);
}

/* An id that the other world could change under our hands is no id. */
static void ids_lie_in_private_memory(void **state)
{
	TEE_ObjectHandle object = TEE_HANDLE_NULL;
	char shared[65] = "x", own[65] = "x";

	(void)state;
	simtee_local_share(shared, sizeof shared);
	assert_panics(TEE_OpenPersistentObject(PRIVATE, shared, 1, READ, &object));
	assert_panics(TEE_CreatePersistentObject(
		PRIVATE, shared, 1, ALL, TEE_HANDLE_NULL, NULL, 0, &object));
	assert_panics(TEE_OpenPersistentObject(PRIVATE, own, 65, READ, &object));
	assert_panics(TEE_OpenPersistentObject(PRIVATE, NULL, 1, READ, &object));
	assert_int_equal(TEE_CreatePersistentObject(
				 PRIVATE, own, 64, ALL, TEE_HANDLE_NULL, NULL, 0, &object),
		TEE_SUCCESS);
	assert_panics(TEE_RenamePersistentObject(object, shared, 1));
	TEE_CloseObject(object);
}

static void persistent_keys(void **state)
{
	TEE_ObjectHandle key = TEE_HANDLE_NULL, stored = TEE_HANDLE_NULL, copy = TEE_HANDLE_NULL;
	uint8_t a[64], b[64];
	size_t a_size = sizeof a, b_size = sizeof b;
	uint32_t curve = 0;

	(void)state;
	TEE_AllocateTransientObject(TEE_TYPE_ECDSA_KEYPAIR, 256, &key);
	assert_int_equal(TEE_GenerateKey(key, 256, NULL, 0), TEE_SUCCESS);
	assert_int_equal(
		TEE_CreatePersistentObject(PRIVATE, "k", 1, ALL, key, NULL, 0, NULL), TEE_SUCCESS);
	assert_int_equal(TEE_OpenPersistentObject(PRIVATE, "k", 1, READ, &stored), TEE_SUCCESS);
	assert_int_equal(TEE_GetObjectBufferAttribute(key, TEE_ATTR_ECC_PRIVATE_VALUE, a, &a_size),
		TEE_SUCCESS);
	assert_int_equal(
		TEE_GetObjectBufferAttribute(stored, TEE_ATTR_ECC_PRIVATE_VALUE, b, &b_size),
		TEE_SUCCESS);
	assert_int_equal(a_size, b_size);
	assert_memory_equal(a, b, a_size);
	TEE_GetObjectValueAttribute(stored, TEE_ATTR_ECC_CURVE, &curve, NULL);
	assert_int_equal(curve, TEE_ECC_CURVE_NIST_P256);
	TEE_AllocateTransientObject(TEE_TYPE_ECDSA_KEYPAIR, 256, &copy);
	assert_int_equal(TEE_CopyObjectAttributes1(copy, stored), TEE_SUCCESS);
	TEE_FreeTransientObject(copy);
	TEE_CloseObject(stored);
	TEE_FreeTransientObject(key);
	simtee_local_corrupt(true);
	assert_int_equal(
		TEE_OpenPersistentObject(PRIVATE, "k", 1, READ, &stored), TEE_ERROR_CORRUPT_OBJECT);
	assert_null(stored);
}

static void enumeration(void **state)
{
	TEE_ObjectEnumHandle all = TEE_HANDLE_NULL;
	TEE_ObjectInfo info;
	uint8_t id[TEE_OBJECT_ID_MAX_LEN];
	size_t size = 0;
	int seen = 0;

	(void)state;
	assert_int_equal(TEE_AllocatePersistentObjectEnumerator(&all), TEE_SUCCESS);
	assert_int_equal(
		TEE_GetNextPersistentObject(all, NULL, id, &size), TEE_ERROR_ITEM_NOT_FOUND);
	assert_int_equal(
		TEE_StartPersistentObjectEnumerator(all, PRIVATE), TEE_ERROR_ITEM_NOT_FOUND);
	TEE_CreatePersistentObject(PRIVATE, "a", 1, ALL, TEE_HANDLE_NULL, "12", 2, NULL);
	TEE_CreatePersistentObject(PRIVATE, "b", 1, ALL, TEE_HANDLE_NULL, "345", 3, NULL);
	assert_int_equal(TEE_StartPersistentObjectEnumerator(all, 99), TEE_ERROR_ITEM_NOT_FOUND);
	assert_int_equal(TEE_StartPersistentObjectEnumerator(all, PRIVATE), TEE_SUCCESS);
	while (!TEE_GetNextPersistentObject(all, &info, id, &size)) {
		assert_int_equal(size, 1);
		assert_int_equal(info.dataSize, id[0] == 'a' ? 2 : 3);
		seen += id[0];
	}
	assert_int_equal(seen, 'a' + 'b');
	TEE_ResetPersistentObjectEnumerator(all);
	TEE_ResetPersistentObjectEnumerator(TEE_HANDLE_NULL);
	assert_int_equal(
		TEE_GetNextPersistentObject(all, NULL, id, &size), TEE_ERROR_ITEM_NOT_FOUND);
	TEE_FreePersistentObjectEnumerator(all);
}

static void properties_and_time(void **state)
{
	const TEE_Identity who = {.login = TEE_LOGIN_TRUSTED_APP, .uuid = {.timeLow = 5}};
	TEE_Identity found;
	TEE_UUID uuid;
	TEE_Time first, second;
	char text[64];
	size_t size = 2;
	uint32_t number = 1;
	bool flag;

	(void)state;
	simtee_local_set_client(who);
	assert_int_equal(TEE_GetPropertyAsIdentity(
				 TEE_PROPSET_CURRENT_CLIENT, "gpd.client.identity", &found),
		TEE_SUCCESS);
	assert_int_equal(found.login, who.login);
	assert_int_equal(found.uuid.timeLow, 5);
	assert_int_equal(
		TEE_GetPropertyAsIdentity(TEE_PROPSET_CURRENT_TA, "gpd.client.identity", &found),
		TEE_ERROR_ITEM_NOT_FOUND);
	assert_int_equal(
		TEE_GetPropertyAsUUID(TEE_PROPSET_CURRENT_TA, "gpd.ta.appID", &uuid), TEE_SUCCESS);
	assert_int_equal(TEE_GetPropertyAsUUID(TEE_PROPSET_CURRENT_TA, "gpd.ta.none", &uuid),
		TEE_ERROR_ITEM_NOT_FOUND);
	assert_int_equal(TEE_GetPropertyAsString(
				 TEE_PROPSET_TEE_IMPLEMENTATION, "gpd.tee.apiversion", text, &size),
		TEE_ERROR_SHORT_BUFFER);
	assert_int_equal(TEE_GetPropertyAsString(
				 TEE_PROPSET_TEE_IMPLEMENTATION, "gpd.tee.apiversion", text, &size),
		TEE_SUCCESS);
	assert_string_equal(text, "1.3");
	/* It says of itself that a folder put back is not noticed. */
	assert_int_equal(
		TEE_GetPropertyAsU32(TEE_PROPSET_TEE_IMPLEMENTATION,
			"gpd.tee.trustedStorage.rollbackDetection.protectionLevel", &number),
		TEE_SUCCESS);
	assert_int_equal(number, 0);
	assert_int_equal(
		TEE_GetPropertyAsU32(TEE_PROPSET_TEE_IMPLEMENTATION, "gpd.tee.apiversion", &number),
		TEE_ERROR_BAD_FORMAT);
	assert_int_equal(
		TEE_GetPropertyAsU32(TEE_PROPSET_CURRENT_TA, "gpd.tee.apiversion", &number),
		TEE_ERROR_ITEM_NOT_FOUND);
	assert_int_equal(TEE_GetPropertyAsBool(TEE_PROPSET_CURRENT_TA, "gpd.ta.none", &flag),
		TEE_ERROR_ITEM_NOT_FOUND);
	TEE_GetSystemTime(&first);
	assert_int_equal(TEE_Wait(2), TEE_SUCCESS);
	TEE_GetSystemTime(&second);
	assert_true(
		second.seconds * 1000ull + second.millis > first.seconds * 1000ull + first.millis);
	TEE_GetREETime(&first);
	assert_true(first.seconds > 0);
	assert_false(TEE_GetCancellationFlag());
	assert_true(TEE_MaskCancellation());
	assert_true(TEE_UnmaskCancellation());
}

static TEE_Result peer_open(uint32_t *session)
{
	*session = 5;
	return TEE_SUCCESS;
}

static TEE_Result peer_invoke(
	uint32_t session, uint32_t command, uint32_t types, TEE_Param params[4])
{
	assert_int_equal(types, TEE_PARAM_TYPES(TEE_PARAM_TYPE_VALUE_OUTPUT, 0, 0, 0));
	params[0].value.a = session + command;
	return TEE_SUCCESS;
}

static void peer_close(uint32_t session)
{
	assert_int_equal(session, 5);
}

static void sessions(void **state)
{
	static const struct simtee_local_peer peer = {.uuid = {.timeLow = 9},
		.open = peer_open,
		.invoke = peer_invoke,
		.close = peer_close};
	const TEE_UUID nobody = {.timeLow = 8};
	TEE_TASessionHandle session = TEE_HANDLE_NULL;
	TEE_Param params[4] = {0};
	uint32_t origin = 0;

	(void)state;
	simtee_local_set_peer(&peer);
	assert_int_equal(
		TEE_OpenTASession(&nobody, TEE_TIMEOUT_INFINITE, 0, NULL, &session, &origin),
		TEE_ERROR_ITEM_NOT_FOUND);
	assert_int_equal(origin, TEE_ORIGIN_TEE);
	assert_null(session);
	assert_int_equal(
		TEE_OpenTASession(&peer.uuid, TEE_TIMEOUT_INFINITE, 0, NULL, &session, NULL),
		TEE_SUCCESS);
	assert_int_equal(
		TEE_InvokeTACommand(session, TEE_TIMEOUT_INFINITE, 3,
			TEE_PARAM_TYPES(TEE_PARAM_TYPE_VALUE_OUTPUT, 0, 0, 0), params, &origin),
		TEE_SUCCESS);
	assert_int_equal(params[0].value.a, 8);
	assert_int_equal(origin, TEE_ORIGIN_TRUSTED_APP);
	TEE_CloseTASession(session);
	TEE_CloseTASession(TEE_HANDLE_NULL);
	assert_panics(TEE_InvokeTACommand(TEE_HANDLE_NULL, 0, 0, 0, NULL, NULL));
}

#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(memory),
		T(keys),
		T(keys_of_wrong_sizes_are_refused),
		T(operations_panic_when_misused),
		T(persistent_data),
		T(ids_lie_in_private_memory),
		T(persistent_keys),
		T(enumeration),
		T(properties_and_time),
		T(sessions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
