/* SPDX-License-Identifier: MIT */
#include "cpm.h"

enum edb_err store_error(TEE_Result res)
{
	switch (res) {
	case TEE_SUCCESS: return EDB_OK;
	case TEE_ERROR_ITEM_NOT_FOUND: return EDB_E_NOT_FOUND;
	case TEE_ERROR_STORAGE_NO_SPACE: return EDB_E_STORAGE_FULL;
	case TEE_ERROR_OUT_OF_MEMORY: return EDB_E_NOMEM;
	case TEE_ERROR_BUSY:
	case TEE_ERROR_ACCESS_CONFLICT: return EDB_E_BUSY;
	case TEE_ERROR_SECURITY: return EDB_E_STORAGE_OLD;
	default: return EDB_E_STORAGE;
	}
}

static TEE_Result open_record(
	const void *name, size_t name_size, uint32_t flags, TEE_ObjectHandle *object)
{
	*object = TEE_HANDLE_NULL;
	return TEE_OpenPersistentObject(TEE_STORAGE_PRIVATE, name, name_size, flags, object);
}

enum edb_err store_read(
	const void *name, size_t name_size, void *record, size_t capacity, size_t *size)
{
	TEE_ObjectHandle object;
	TEE_ObjectInfo info = {0};
	TEE_Result res = open_record(name, name_size, TEE_DATA_FLAG_ACCESS_READ, &object);
	enum edb_err err = res == TEE_ERROR_ITEM_NOT_FOUND ? EDB_OK : store_error(res);

	*size = 0;
	if (!res && (TEE_GetObjectInfo1(object, &info) || info.dataSize > capacity ||
			    TEE_ReadObjectData(object, record, info.dataSize, size) ||
			    *size != info.dataSize))
		err = EDB_E_STORAGE;
	TEE_CloseObject(object);
	return err;
}

enum edb_err store_read_exactly(const void *name, size_t name_size, void *record, size_t size)
{
	size_t got = 0;
	enum edb_err err = store_read(name, name_size, record, size, &got);

	err = err ? err : require(!got || got == size, EDB_E_STORAGE);
	if (err || !got)
		TEE_MemFill(record, 0, size);
	return err;
}

enum edb_err store_exists(const void *name, size_t name_size)
{
	TEE_ObjectHandle object;
	TEE_Result res = open_record(name, name_size, TEE_DATA_FLAG_ACCESS_READ, &object);

	TEE_CloseObject(object);
	return res == TEE_ERROR_CORRUPT_OBJECT ? EDB_OK : store_error(res);
}

enum edb_err store_write(const void *name, size_t name_size, const void *record, size_t size)
{
	TEE_ObjectHandle object = TEE_HANDLE_NULL;
	TEE_Result res = TEE_CreatePersistentObject(TEE_STORAGE_PRIVATE, name, name_size,
		TEE_DATA_FLAG_ACCESS_WRITE | TEE_DATA_FLAG_OVERWRITE, TEE_HANDLE_NULL, record, size,
		&object);

	TEE_CloseObject(object);
	return store_error(res);
}

enum edb_err store_delete(const void *name, size_t name_size)
{
	TEE_ObjectHandle object;
	TEE_Result res = open_record(name, name_size, TEE_DATA_FLAG_ACCESS_WRITE_META, &object);

	if (res == TEE_ERROR_CORRUPT_OBJECT) /* it does not open: one in its place does */
		res = TEE_CreatePersistentObject(TEE_STORAGE_PRIVATE, name, name_size,
			TEE_DATA_FLAG_ACCESS_WRITE_META | TEE_DATA_FLAG_OVERWRITE, TEE_HANDLE_NULL,
			NULL, 0, &object);
	if (!res)
		res = TEE_CloseAndDeletePersistentObject1(object);
	return res == TEE_ERROR_ITEM_NOT_FOUND ? EDB_OK : store_error(res);
}
