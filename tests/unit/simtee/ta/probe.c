/* SPDX-License-Identifier: MIT */
#include <tee_internal_api.h>

#include "probe.h"

#define IN    TEE_PARAM_TYPE_MEMREF_INPUT
#define OUT   TEE_PARAM_TYPE_MEMREF_OUTPUT
#define INOUT TEE_PARAM_TYPE_MEMREF_INOUT
#define VIN   TEE_PARAM_TYPE_VALUE_INPUT
#define VOUT  TEE_PARAM_TYPE_VALUE_OUTPUT
#define VIO   TEE_PARAM_TYPE_VALUE_INOUT

#define READ_FLAGS  (TEE_DATA_FLAG_ACCESS_READ | TEE_DATA_FLAG_SHARE_READ)
#define WRITE_FLAGS (TEE_DATA_FLAG_ACCESS_WRITE | TEE_DATA_FLAG_OVERWRITE)

struct session {
	volatile uint8_t *kept;
	TEE_TASessionHandle other;
};

static uint32_t count;
static volatile uint32_t *volatile nowhere;          /* NULL */
static const char *volatile relocated = "relocated"; /* an R_*_RELATIVE, tested by PROBE_API */

TEE_Result TA_CreateEntryPoint(void)
{
	return TEE_SUCCESS;
}

void TA_DestroyEntryPoint(void)
{
}

static TEE_Result get_identity(TEE_Identity *identity)
{
	return TEE_GetPropertyAsIdentity(
		TEE_PROPSET_CURRENT_CLIENT, "gpd.client.identity", identity);
}

TEE_Result TA_OpenSessionEntryPoint(uint32_t types, TEE_Param p[4], void **context)
{
	struct session *session;
	TEE_Identity identity;

	if (types == TEE_PARAM_TYPES(VIN, VOUT, 0, 0)) {
		TEE_Result res = get_identity(&identity);

		p[1].value.a = identity.login;
		if (res || p[0].value.a)
			return res ? res : p[0].value.a;
	}
	session = TEE_Malloc(sizeof *session, 0);
	*context = session;
	return session ? TEE_SUCCESS : TEE_ERROR_OUT_OF_MEMORY;
}

void TA_CloseSessionEntryPoint(void *context)
{
	struct session *session = context;

	TEE_CloseTASession(session->other);
	TEE_Free(session);
}

static long raw_syscall(long number)
{
#if defined(__x86_64__)
	long result;

	__asm__ volatile("syscall"
			 : "=a"(result)
			 : "a"(number), "D"(0), "S"(0), "d"(0)
			 : "rcx", "r11", "memory");
	return result;
#else
	register long x8 __asm__("x8") = number;
	register long x0 __asm__("x0") = 0;

	__asm__ volatile("svc 0" : "+r"(x0) : "r"(x8) : "x1", "x2", "memory");
	return x0;
#endif
}

static TEE_Result echo(TEE_Param p[4])
{
	p[2].value.a += 1;
	p[2].value.b += 2;
	if (p[1].memref.size < p[0].memref.size) {
		p[1].memref.size = p[0].memref.size;
		return TEE_ERROR_SHORT_BUFFER;
	}
	TEE_MemMove(p[1].memref.buffer, p[0].memref.buffer, p[0].memref.size);
	p[1].memref.size = p[0].memref.size;
	return TEE_SUCCESS;
}

static TEE_Result tell_identity(TEE_Param p[4])
{
	TEE_Identity identity;
	TEE_Result res = get_identity(&identity);

	if (res || p[1].memref.size < sizeof identity.uuid)
		return res ? res : TEE_ERROR_SHORT_BUFFER;
	p[0].value.a = identity.login;
	TEE_MemMove(p[1].memref.buffer, &identity.uuid, sizeof identity.uuid);
	p[1].memref.size = sizeof identity.uuid;
	return TEE_SUCCESS;
}

static TEE_Result meet(TEE_Param p[4])
{
	volatile uint8_t *bytes = p[0].memref.buffer;

	bytes[0] = 1;
	while (!bytes[1])
		;
	return TEE_SUCCESS;
}

static TEE_Result allocate(size_t size)
{
	uint8_t *bytes = TEE_Malloc(size, 0);

	if (!bytes)
		return TEE_ERROR_OUT_OF_MEMORY;
	TEE_MemFill(bytes, 1, size);
	TEE_Free(bytes);
	return TEE_SUCCESS;
}

static uint32_t recurse(uint32_t kib)
{
	volatile uint8_t bytes[1024];

	bytes[0] = (uint8_t)kib;
	bytes[1023] = (uint8_t)(kib ? recurse(kib - 1) : 0);
	return bytes[0] + bytes[1023];
}

static TEE_Result rights(TEE_Param p[4])
{
	const uint32_t wanted = TEE_MEMORY_ACCESS_READ;

	p[1].value.a = !TEE_CheckMemoryAccessRights(wanted, p[0].memref.buffer, p[0].memref.size);
	p[1].value.b = !TEE_CheckMemoryAccessRights(wanted, &count, sizeof count);
	return TEE_SUCCESS;
}

static TEE_Result look_twice(TEE_Param p[4])
{
	uint8_t once[16];

	if (p[0].memref.size != sizeof once)
		return TEE_ERROR_BAD_PARAMETERS;
	TEE_MemMove(once, p[0].memref.buffer, sizeof once);
	p[1].value.a = !TEE_MemCompare(once, p[0].memref.buffer, sizeof once);
	return TEE_SUCCESS;
}

static TEE_Result call(struct session *session, bool keep, TEE_Param p[4])
{
	TEE_Param none[4] = {0}, on[4] = {p[1], p[2]};
	TEE_TASessionHandle other = session->other;
	uint32_t origin = 0;
	struct probe_call how;
	TEE_UUID uuid;

	if (p[0].memref.size != sizeof how)
		return TEE_ERROR_BAD_PARAMETERS;
	TEE_MemMove(&how, p[0].memref.buffer, sizeof how);
	TEE_MemMove(&uuid, how.uuid, sizeof uuid);
	p[3].value.a = TEE_SUCCESS;
	if (!other)
		p[3].value.a =
			TEE_OpenTASession(&uuid, TEE_TIMEOUT_INFINITE, 0, none, &other, &origin);
	if (!p[3].value.a)
		p[3].value.a = TEE_InvokeTACommand(other, TEE_TIMEOUT_INFINITE, how.command,
			TEE_PARAM_TYPES(IN, OUT, VIO, 0), on, &origin);
	p[3].value.b = origin;
	p[2] = on[1];
	session->other = keep ? other : TEE_HANDLE_NULL;
	if (!keep)
		TEE_CloseTASession(other);
	return TEE_SUCCESS;
}

static TEE_Result open_other(const void *uuid_ns)
{
	TEE_TASessionHandle other = TEE_HANDLE_NULL;
	TEE_Param none[4] = {0};
	uint32_t origin;
	TEE_UUID uuid;
	TEE_Result res;

	TEE_MemMove(&uuid, uuid_ns, sizeof uuid);
	res = TEE_OpenTASession(&uuid, TEE_TIMEOUT_INFINITE, 0, none, &other, &origin);
	TEE_CloseTASession(other);
	return res;
}

static TEE_Result meet_open(TEE_Param p[4])
{
	const uint8_t *bytes = p[0].memref.buffer;

	if (p[0].memref.size != 2 + sizeof(TEE_UUID))
		return TEE_ERROR_BAD_PARAMETERS;
	(void)meet(p);
	return open_other(&bytes[2]);
}

static TEE_Result digest_and_random(void)
{
	TEE_OperationHandle operation = TEE_HANDLE_NULL;
	uint8_t random[64], hash[32];
	size_t size = sizeof hash;
	TEE_Result res = TEE_AllocateOperation(&operation, TEE_ALG_SHA256, TEE_MODE_DIGEST, 0);

	TEE_GenerateRandom(random, sizeof random);
	if (!res)
		res = TEE_DigestDoFinal(operation, random, sizeof random, hash, &size);
	TEE_FreeOperation(operation);
	return res;
}

static TEE_Result make_key(uint32_t type, uint32_t bits)
{
	TEE_ObjectHandle key = TEE_HANDLE_NULL;
	TEE_Attribute curve;
	TEE_Result res = TEE_AllocateTransientObject(type, bits, &key);

	TEE_InitValueAttribute(&curve, TEE_ATTR_ECC_CURVE, TEE_ECC_CURVE_NIST_P256, 0);
	if (!res)
		res = TEE_GenerateKey(key, bits, &curve, type == TEE_TYPE_ECDSA_KEYPAIR);
	TEE_FreeTransientObject(key);
	return res;
}

static TEE_Result try_api(void)
{
	TEE_Time now;
	TEE_Result res;

	if (relocated[0] != 'r' || relocated[8] != 'd')
		return TEE_ERROR_GENERIC;
	TEE_GetSystemTime(&now);
	TEE_GetREETime(&now);
	res = TEE_Wait(1);
	if (!res)
		res = digest_and_random();
	if (!res)
		res = make_key(TEE_TYPE_RSA_KEYPAIR, 2048);
	if (!res)
		res = make_key(TEE_TYPE_ECDSA_KEYPAIR, 256);
	if (!res)
		res = make_key(TEE_TYPE_AES, 256);
	return res;
}

/* An object's id must not lie in shared memory: copy it. */
static size_t take_id(const TEE_Param *p, uint8_t id[TEE_OBJECT_ID_MAX_LEN])
{
	size_t size = p->memref.size;

	if (size > TEE_OBJECT_ID_MAX_LEN)
		TEE_Panic(TEE_ERROR_BAD_PARAMETERS);
	TEE_MemMove(id, p->memref.buffer, size);
	return size;
}

static TEE_Result put(TEE_Param p[4])
{
	uint8_t id[TEE_OBJECT_ID_MAX_LEN];
	size_t size = take_id(&p[0], id);

	return TEE_CreatePersistentObject(TEE_STORAGE_PRIVATE, id, size, WRITE_FLAGS,
		TEE_HANDLE_NULL, p[1].memref.buffer, p[1].memref.size, NULL);
}

static TEE_Result get(TEE_Param p[4])
{
	uint8_t id[TEE_OBJECT_ID_MAX_LEN];
	size_t size = take_id(&p[0], id), got = 0;
	TEE_ObjectHandle object;
	TEE_Result res = TEE_OpenPersistentObject(
		TEE_STORAGE_PRIVATE, id, size, TEE_DATA_FLAG_ACCESS_READ, &object);

	if (res)
		return res;
	res = TEE_ReadObjectData(object, p[1].memref.buffer, p[1].memref.size, &got);
	p[1].memref.size = got;
	TEE_CloseObject(object);
	return res;
}

static TEE_Result count_objects(uint32_t *found)
{
	TEE_ObjectEnumHandle all;
	uint8_t id[TEE_OBJECT_ID_MAX_LEN];
	size_t size = sizeof id;
	TEE_Result res = TEE_AllocatePersistentObjectEnumerator(&all);

	*found = 0;
	if (res)
		return res;
	res = TEE_StartPersistentObjectEnumerator(all, TEE_STORAGE_PRIVATE);
	while (!res) {
		res = TEE_GetNextPersistentObject(all, NULL, id, &size);
		*found += !res;
		size = sizeof id;
	}
	TEE_FreePersistentObjectEnumerator(all);
	return res == TEE_ERROR_ITEM_NOT_FOUND ? TEE_SUCCESS : res;
}

static TEE_Result open_handles(uint32_t wanted)
{
	TEE_ObjectHandle object;
	TEE_Result res = TEE_CreatePersistentObject(
		TEE_STORAGE_PRIVATE, "many", 4, WRITE_FLAGS, TEE_HANDLE_NULL, NULL, 0, NULL);

	while (!res && wanted--)
		res = TEE_OpenPersistentObject(TEE_STORAGE_PRIVATE, "many", 4, READ_FLAGS, &object);
	return res;
}

static const uint32_t types_of[] = {
	[PROBE_ECHO] = TEE_PARAM_TYPES(IN, OUT, VIO, 0),
	[PROBE_IDENTITY] = TEE_PARAM_TYPES(VOUT, OUT, 0, 0),
	[PROBE_PANIC] = 0,
	[PROBE_CRASH] = 0,
	[PROBE_SYSCALL] = TEE_PARAM_TYPES(VIN, 0, 0, 0),
	[PROBE_KEEP] = TEE_PARAM_TYPES(IN, 0, 0, 0),
	[PROBE_TOUCH] = 0,
	[PROBE_MEET] = TEE_PARAM_TYPES(INOUT, 0, 0, 0),
	[PROBE_LEAK] = TEE_PARAM_TYPES(VIN, 0, 0, 0),
	[PROBE_ALLOCATE] = TEE_PARAM_TYPES(VIN, 0, 0, 0),
	[PROBE_RECURSE] = TEE_PARAM_TYPES(VIN, 0, 0, 0),
	[PROBE_WRITE_INPUT] = TEE_PARAM_TYPES(IN, 0, 0, 0),
	[PROBE_RIGHTS] = TEE_PARAM_TYPES(IN, VOUT, 0, 0),
	[PROBE_LOOK_TWICE] = TEE_PARAM_TYPES(IN, VOUT, 0, 0),
	[PROBE_COUNT] = TEE_PARAM_TYPES(VOUT, 0, 0, 0),
	[PROBE_CALL] = TEE_PARAM_TYPES(IN, IN, OUT, VOUT),
	[PROBE_CALL_KEPT] = TEE_PARAM_TYPES(IN, IN, OUT, VOUT),
	[PROBE_CLOSE_KEPT] = 0,
	[PROBE_OPEN] = TEE_PARAM_TYPES(IN, OUT, VIO, 0),
	[PROBE_MEET_OPEN] = TEE_PARAM_TYPES(INOUT, 0, 0, 0),
	[PROBE_API] = 0,
	[PROBE_PUT] = TEE_PARAM_TYPES(IN, IN, 0, 0),
	[PROBE_GET] = TEE_PARAM_TYPES(IN, OUT, 0, 0),
	[PROBE_OBJECTS] = TEE_PARAM_TYPES(VOUT, 0, 0, 0),
	[PROBE_HANDLES] = TEE_PARAM_TYPES(VIN, 0, 0, 0),
};

static TEE_Result misbehave(struct session *session, uint32_t command, TEE_Param p[4])
{
	switch (command) {
	case PROBE_PANIC: TEE_Panic(0xabad1dea);
	case PROBE_CRASH: *nowhere = 1; return TEE_SUCCESS;
	case PROBE_SYSCALL: return raw_syscall((long)p[0].value.a) ? TEE_SUCCESS : TEE_SUCCESS;
	case PROBE_KEEP: session->kept = p[0].memref.buffer; return TEE_SUCCESS;
	case PROBE_TOUCH: return session->kept[0];
	case PROBE_MEET: return meet(p);
	case PROBE_LEAK: return TEE_Malloc(p[0].value.a, 0) ? TEE_SUCCESS : TEE_ERROR_OUT_OF_MEMORY;
	case PROBE_ALLOCATE: return allocate(p[0].value.a);
	case PROBE_RECURSE: return recurse(p[0].value.a) == 0xffffffff;
	case PROBE_WRITE_INPUT: *(volatile uint8_t *)p[0].memref.buffer = 1; return TEE_SUCCESS;
	default: return TEE_ERROR_NOT_SUPPORTED;
	}
}

TEE_Result TA_InvokeCommandEntryPoint(
	void *context, uint32_t command, uint32_t types, TEE_Param p[4])
{
	struct session *session = context;

	if (command >= sizeof types_of / sizeof types_of[0] || types != types_of[command])
		return TEE_ERROR_BAD_PARAMETERS;
	switch (command) {
	case PROBE_ECHO: return echo(p);
	case PROBE_IDENTITY: return tell_identity(p);
	case PROBE_RIGHTS: return rights(p);
	case PROBE_LOOK_TWICE: return look_twice(p);
	case PROBE_COUNT: p[0].value.a = ++count; return TEE_SUCCESS;
	case PROBE_CALL: return call(session, false, p);
	case PROBE_CALL_KEPT: return call(session, true, p);
	case PROBE_CLOSE_KEPT:
		TEE_CloseTASession(session->other);
		session->other = TEE_HANDLE_NULL;
		return TEE_SUCCESS;
	case PROBE_OPEN:
		return p[0].memref.size == sizeof(TEE_UUID) ? open_other(p[0].memref.buffer)
							    : TEE_ERROR_BAD_PARAMETERS;
	case PROBE_MEET_OPEN: return meet_open(p);
	case PROBE_API: return try_api();
	case PROBE_PUT: return put(p);
	case PROBE_GET: return get(p);
	case PROBE_OBJECTS: return count_objects(&p[0].value.a);
	case PROBE_HANDLES: return open_handles(p[0].value.a);
	default: return misbehave(session, command, p);
	}
}
