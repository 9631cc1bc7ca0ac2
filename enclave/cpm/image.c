/* SPDX-License-Identifier: MIT */
#include "install.h"

#define MEMREF_IN  TEE_PARAM_TYPE_MEMREF_INPUT
#define MEMREF_OUT TEE_PARAM_TYPE_MEMREF_OUTPUT
#define VALUE_OUT  TEE_PARAM_TYPE_VALUE_OUTPUT
#define NONE       TEE_PARAM_TYPE_NONE

static TEE_Result store_open(TEE_TASessionHandle *session)
{
	const TEE_UUID store = EDB_IMAGE_STORE_UUID;
	TEE_Param none[4] = {0};
	uint32_t origin = 0;

	return TEE_OpenTASession(&store, TEE_TIMEOUT_INFINITE, 0, none, session, &origin);
}

/* In this session; TEE_HANDLE_NULL: in one of its own. first, second: the parameters' types; there
 * are no more. */
static enum edb_err invoke(TEE_TASessionHandle session, uint32_t cmd, uint32_t first,
	uint32_t second, TEE_Param p[static 4])
{
	uint32_t types = TEE_PARAM_TYPES(first, second, NONE, NONE), origin = 0;
	TEE_TASessionHandle own = TEE_HANDLE_NULL;
	TEE_Result res = session ? TEE_SUCCESS : store_open(&own);

	if (!res)
		res = TEE_InvokeTACommand(
			session ? session : own, TEE_TIMEOUT_INFINITE, cmd, types, p, &origin);
	TEE_CloseTASession(own);
	switch (res) {
	case TEE_ERROR_BAD_FORMAT: return EDB_E_IMAGE;
	case TEE_ERROR_OVERFLOW: return EDB_E_LIMIT;
	default: return store_error(res);
	}
}

/* The store only reads what goes in: the API has no const memory reference. */
static TEE_Param memref(const void *bytes, size_t size)
{
	return (TEE_Param){.memref = {.buffer = (void *)(uintptr_t)bytes, .size = size}};
}

enum edb_err image_put(TEE_TASessionHandle session, uint32_t cmd, const void *bytes, size_t size)
{
	TEE_Param p[4] = {memref(bytes, size)};

	return invoke(session, cmd, MEMREF_IN, NONE, p);
}

enum edb_err image_begin(const uint8_t id[static UUID_BYTES], const uint32_t version[static 3],
	uint64_t size, TEE_TASessionHandle *session)
{
	struct edb_image_meta meta = {.size = (uint32_t)size};
	enum edb_err err;

	if (size > UINT32_MAX)
		return EDB_E_LIMIT;
	TEE_MemMove(meta.id, id, UUID_BYTES);
	TEE_MemMove(meta.version, version, sizeof meta.version);
	err = store_error(store_open(session));
	return err ? err : image_put(*session, EDB_IMAGE_BEGIN, &meta, sizeof meta);
}

enum edb_err image_write(TEE_TASessionHandle session, const uint8_t *bytes, size_t size)
{
	enum edb_err err = EDB_OK;

	for (size_t at = 0, now; !err && at < size; at += now) {
		now = size - at < EDB_IMAGE_WRITE_MAX ? size - at : EDB_IMAGE_WRITE_MAX;
		err = image_put(session, EDB_IMAGE_WRITE, &bytes[at], now);
	}
	return err;
}

enum edb_err image_inspect(TEE_TASessionHandle session, uint32_t *memory_kib)
{
	struct edb_image_info info = {0};
	TEE_Param p[4] = {memref(&info, sizeof info)};
	enum edb_err err = invoke(session, EDB_IMAGE_INSPECT, MEMREF_OUT, NONE, p);

	*memory_kib = info.memory_bytes / 1024 + (info.memory_bytes % 1024 != 0);
	return err;
}

enum edb_err image_query(const uint8_t id[static UUID_BYTES], struct edb_image_info *info)
{
	TEE_Param p[4] = {memref(id, UUID_BYTES), memref(info, sizeof *info)};
	enum edb_err err;

	*info = (struct edb_image_info){0};
	err = invoke(TEE_HANDLE_NULL, EDB_IMAGE_QUERY, MEMREF_IN, MEMREF_OUT, p);
	return err == EDB_E_NOT_FOUND ? EDB_OK : err;
}

enum edb_err image_delete(const uint8_t id[static UUID_BYTES])
{
	return image_put(TEE_HANDLE_NULL, EDB_IMAGE_DELETE, id, UUID_BYTES);
}

uint64_t image_free_bytes(void)
{
	TEE_Param p[4] = {0};

	if (invoke(TEE_HANDLE_NULL, EDB_IMAGE_SPACE, VALUE_OUT, NONE, p))
		return UINT64_MAX;
	return (uint64_t)p[0].value.b << 32 | p[0].value.a;
}
