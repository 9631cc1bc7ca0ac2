/* SPDX-License-Identifier: MIT */
#include "store.h"

#include "wipe.h"

struct record_name record_name(
	char kind, const void *a, size_t a_size, const void *b, size_t b_size)
{
	struct record_name name = {.bytes = {(uint8_t)kind}, .size = 1};

	if (a_size + b_size > RECORD_NAME_MAX - 1)
		TEE_Panic(TEE_ERROR_BAD_PARAMETERS); /* a defect of ours: sizes are constants */
	TEE_MemMove(&name.bytes[1], a, a_size);
	TEE_MemMove(&name.bytes[1 + a_size], b, b_size);
	name.size += a_size + b_size;
	return name;
}

enum edb_err store_error(TEE_Result res)
{
	switch (res) {
	case TEE_SUCCESS: return EDB_OK;
	case TEE_ERROR_ITEM_NOT_FOUND: return EDB_E_NOT_FOUND;
	case TEE_ERROR_STORAGE_NO_SPACE: return EDB_E_STORAGE_FULL;
	case TEE_ERROR_OUT_OF_MEMORY: return EDB_E_NOMEM;
	case TEE_ERROR_BUSY:
	case TEE_ERROR_ACCESS_CONFLICT: return EDB_E_BUSY;
	default: return EDB_E_STORAGE;
	}
}

enum edb_err store_read(const struct record_name *name, void *record, size_t capacity, size_t *size)
{
	TEE_ObjectHandle object = TEE_HANDLE_NULL;
	TEE_ObjectInfo info = {0};
	enum edb_err err = EDB_E_STORAGE;
	TEE_Result res;
	size_t got = 0;

	res = TEE_OpenPersistentObject(
		TEE_STORAGE_PRIVATE, name->bytes, name->size, TEE_DATA_FLAG_ACCESS_READ, &object);
	if (res)
		return store_error(res);
	res = TEE_GetObjectInfo1(object, &info);
	if (res || info.dataSize > capacity)
		goto out;
	res = TEE_ReadObjectData(object, record, info.dataSize, &got);
	if (res || got != info.dataSize)
		goto out;
	*size = got;
	err = EDB_OK;
out:
	TEE_CloseObject(object);
	return err;
}

enum edb_err store_exists(const struct record_name *name)
{
	TEE_ObjectHandle object = TEE_HANDLE_NULL;
	TEE_Result res = TEE_OpenPersistentObject(
		TEE_STORAGE_PRIVATE, name->bytes, name->size, TEE_DATA_FLAG_ACCESS_READ, &object);

	if (!res)
		TEE_CloseObject(object);
	return res == TEE_ERROR_CORRUPT_OBJECT ? EDB_OK : store_error(res);
}

enum edb_err store_write(const struct record_name *name, const void *record, size_t size)
{
	TEE_ObjectHandle object = TEE_HANDLE_NULL;
	TEE_Result res = TEE_CreatePersistentObject(TEE_STORAGE_PRIVATE, name->bytes, name->size,
		TEE_DATA_FLAG_ACCESS_WRITE | TEE_DATA_FLAG_OVERWRITE, TEE_HANDLE_NULL, record, size,
		&object);

	if (!res)
		TEE_CloseObject(object);
	return store_error(res);
}

enum edb_err store_delete(const struct record_name *name)
{
	TEE_ObjectHandle object = TEE_HANDLE_NULL;
	TEE_Result res;

	res = TEE_OpenPersistentObject(TEE_STORAGE_PRIVATE, name->bytes, name->size,
		TEE_DATA_FLAG_ACCESS_WRITE_META, &object);
	if (res == TEE_ERROR_ITEM_NOT_FOUND)
		return EDB_OK;
	if (res)
		return store_error(res);
	return store_error(TEE_CloseAndDeletePersistentObject1(object));
}
