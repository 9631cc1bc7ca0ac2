/* SPDX-License-Identifier: MIT */
#include "image.h"

#include "wipe.h"

#define MEMREF_IN  TEE_PARAM_TYPE_MEMREF_INPUT
#define MEMREF_OUT TEE_PARAM_TYPE_MEMREF_OUTPUT
#define VALUE_OUT  TEE_PARAM_TYPE_VALUE_OUTPUT
#define NONE       TEE_PARAM_TYPE_NONE

static enum edb_err image_error(TEE_Result res)
{
	switch (res) {
	case TEE_SUCCESS: return EDB_OK;
	case TEE_ERROR_ITEM_NOT_FOUND: return EDB_E_NOT_FOUND;
	case TEE_ERROR_BUSY: return EDB_E_BUSY;
	case TEE_ERROR_BAD_FORMAT: return EDB_E_IMAGE;
	case TEE_ERROR_STORAGE_NO_SPACE: return EDB_E_STORAGE_FULL;
	case TEE_ERROR_OUT_OF_MEMORY: return EDB_E_NOMEM;
	case TEE_ERROR_OVERFLOW: return EDB_E_LIMIT;
	default: return EDB_E_STORAGE;
	}
}

static enum edb_err store_open(TEE_TASessionHandle *session)
{
	const TEE_UUID store = EDB_IMAGE_STORE_UUID;
	TEE_Param none[4] = {0};
	uint32_t origin = 0;

	return image_error(
		TEE_OpenTASession(&store, TEE_TIMEOUT_INFINITE, 0, none, session, &origin));
}

static TEE_Result invoke_in(
	TEE_TASessionHandle session, uint32_t cmd, const void *bytes, size_t size)
{
	TEE_Param p[4] = {0};
	uint32_t origin = 0;

	/* The store only reads: the API has no const memory reference. */
	p[0].memref.buffer = (void *)(uintptr_t)bytes;
	p[0].memref.size = size;
	return TEE_InvokeTACommand(session, TEE_TIMEOUT_INFINITE, cmd,
		TEE_PARAM_TYPES(MEMREF_IN, NONE, NONE, NONE), p, &origin);
}

enum edb_err image_begin(const uint8_t id[static UUID_BYTES], const uint32_t version[static 3],
	uint64_t size, TEE_TASessionHandle *session)
{
	struct edb_image_meta meta = {0};
	enum edb_err err;

	if (size > UINT32_MAX)
		return EDB_E_LIMIT;
	meta.size = (uint32_t)size;
	TEE_MemMove(meta.id, id, UUID_BYTES);
	TEE_MemMove(meta.version, version, sizeof meta.version);
	err = store_open(session);
	if (err)
		return err;
	err = image_error(invoke_in(*session, EDB_IMAGE_BEGIN, &meta, sizeof meta));
	if (err) {
		TEE_CloseTASession(*session);
		*session = TEE_HANDLE_NULL;
	}
	return err;
}

enum edb_err image_write(TEE_TASessionHandle session, const uint8_t *bytes, size_t size)
{
	enum edb_err err = EDB_OK;

	for (size_t at = 0, now; !err && at < size; at += now) {
		now = size - at < EDB_IMAGE_WRITE_MAX ? size - at : EDB_IMAGE_WRITE_MAX;
		err = image_error(invoke_in(session, EDB_IMAGE_WRITE, &bytes[at], now));
	}
	return err;
}

enum edb_err image_inspect(TEE_TASessionHandle session, uint32_t *memory_bytes)
{
	struct edb_image_info info = {0};
	TEE_Param p[4] = {0};
	uint32_t origin = 0;
	TEE_Result res;

	p[0].memref.buffer = &info;
	p[0].memref.size = sizeof info;
	res = TEE_InvokeTACommand(session, TEE_TIMEOUT_INFINITE, EDB_IMAGE_INSPECT,
		TEE_PARAM_TYPES(MEMREF_OUT, NONE, NONE, NONE), p, &origin);
	if (!res)
		*memory_bytes = info.memory_bytes;
	return image_error(res);
}

enum edb_err image_commit(TEE_TASessionHandle session, const uint8_t digest[static DIGEST_BYTES])
{
	return image_error(invoke_in(session, EDB_IMAGE_COMMIT, digest, DIGEST_BYTES));
}

void image_close(TEE_TASessionHandle session)
{
	TEE_CloseTASession(session);
}

enum edb_err image_query(const uint8_t id[static UUID_BYTES], struct edb_image_info *info)
{
	TEE_TASessionHandle session = TEE_HANDLE_NULL;
	uint8_t id_copy[UUID_BYTES];
	TEE_Param p[4] = {0};
	uint32_t origin = 0;
	enum edb_err err = store_open(&session);

	if (err)
		return err;
	TEE_MemMove(id_copy, id, sizeof id_copy);
	p[0].memref.buffer = id_copy;
	p[0].memref.size = sizeof id_copy;
	p[1].memref.buffer = info;
	p[1].memref.size = sizeof *info;
	err = image_error(TEE_InvokeTACommand(session, TEE_TIMEOUT_INFINITE, EDB_IMAGE_QUERY,
		TEE_PARAM_TYPES(MEMREF_IN, MEMREF_OUT, NONE, NONE), p, &origin));
	TEE_CloseTASession(session);
	return err;
}

enum edb_err image_delete(const uint8_t id[static UUID_BYTES])
{
	TEE_TASessionHandle session = TEE_HANDLE_NULL;
	enum edb_err err = store_open(&session);

	if (err)
		return err;
	err = image_error(invoke_in(session, EDB_IMAGE_DELETE, id, UUID_BYTES));
	TEE_CloseTASession(session);
	return err;
}

uint64_t image_free_bytes(void)
{
	TEE_TASessionHandle session = TEE_HANDLE_NULL;
	TEE_Param p[4] = {0};
	uint32_t origin = 0;
	TEE_Result res;

	if (store_open(&session))
		return UINT64_MAX;
	res = TEE_InvokeTACommand(session, TEE_TIMEOUT_INFINITE, EDB_IMAGE_SPACE,
		TEE_PARAM_TYPES(VALUE_OUT, NONE, NONE, NONE), p, &origin);
	TEE_CloseTASession(session);
	return res ? UINT64_MAX : (uint64_t)p[0].value.b << 32 | p[0].value.a;
}
