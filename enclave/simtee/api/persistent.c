/* SPDX-License-Identifier: MIT
 *
 * Persistent objects: 5.7 to 5.9 of the TEE Internal Core API. The core keeps them; here are the
 * handles, positions, and attributes in the form in which they are stored.
 */
#include <stdlib.h>

#include <openssl/crypto.h>

#include "object.h"
#include "sys.h"

/* Attributes as stored: type, bits, max_bits, usage, count, then for each: id, size or a, b, bytes.
 * Numbers of four bytes in the host's order: they never leave this machine. */
struct packer {
	uint8_t bytes[SYS_OBJECT_ATTR_MAX];
	size_t size, pos;
	bool bad;
};

struct simtee_enum {
	bool started;
	uint32_t next;
};

static void require(bool condition)
{
	if (!condition)
		TEE_Panic(TEE_ERROR_BAD_PARAMETERS);
}

static void pack(struct packer *p, const void *bytes, size_t size)
{
	if (p->bad || size > sizeof p->bytes - p->size) {
		p->bad = true;
		return;
	}
	TEE_MemMove(p->bytes + p->size, bytes, size);
	p->size += size;
}

static const uint8_t *unpack(struct packer *p, size_t size)
{
	const uint8_t *at = p->bytes + p->pos;

	if (p->bad || size > p->size - p->pos) {
		p->bad = true;
		return NULL;
	}
	p->pos += size;
	return at;
}

static uint32_t unpack_u32(struct packer *p)
{
	const uint8_t *at = unpack(p, sizeof(uint32_t));
	uint32_t value = 0;

	if (at)
		TEE_MemMove(&value, at, sizeof value);
	return value;
}

static void pack_object(struct packer *p, const struct simtee_object *object)
{
	const uint32_t head[] = {object->type, object->bits, object->max_bits, object->usage,
		object->attribute_count};

	pack(p, head, sizeof head);
	for (uint32_t i = 0; i < object->attribute_count; i++) {
		const struct object_attribute *a = &object->attributes[i];
		const uint32_t item[] = {a->id, a->size, a->a, a->b};

		pack(p, item, sizeof item);
		pack(p, a->ref, a->size);
	}
}

static TEE_Result unpack_object(struct packer *p, struct simtee_object *object)
{
	TEE_Result res = TEE_SUCCESS;
	uint32_t count;

	object->type = unpack_u32(p);
	object->bits = unpack_u32(p);
	object->max_bits = unpack_u32(p);
	object->usage = unpack_u32(p);
	count = unpack_u32(p);
	for (uint32_t i = 0; i < count && !p->bad && !res; i++) {
		uint32_t id = unpack_u32(p), size = unpack_u32(p), a = unpack_u32(p),
			 b = unpack_u32(p);
		const uint8_t *bytes = unpack(p, size);

		if (p->bad)
			break;
		res = id & TEE_ATTR_FLAG_VALUE ? object_put_value(object, id, a, b)
					       : object_put_ref(object, id, bytes, size);
	}
	return p->bad ? TEE_ERROR_CORRUPT_OBJECT : res;
}

static TEE_Result load_attributes(struct simtee_object *object, uint32_t attr_size)
{
	struct packer *p;
	TEE_Result res;

	object->type = TEE_TYPE_DATA;
	if (!attr_size)
		return TEE_SUCCESS;
	if (attr_size > SYS_OBJECT_ATTR_MAX)
		return TEE_ERROR_CORRUPT_OBJECT;
	p = OPENSSL_zalloc(sizeof *p);
	if (!p)
		return TEE_ERROR_OUT_OF_MEMORY;
	p->size = attr_size;
	res = sys_object_attr(object->handle, p->bytes, attr_size);
	if (!res)
		res = unpack_object(p, object);
	OPENSSL_clear_free(p, sizeof *p);
	return res;
}

/* A handle for what the core has opened; on failure the core's is closed. */
static TEE_Result make_handle(
	const struct sys_object *opened, uint32_t flags, TEE_ObjectHandle *object)
{
	struct simtee_object *o = calloc(1, sizeof *o);
	TEE_Result res = TEE_ERROR_OUT_OF_MEMORY;

	if (o) {
		o->handle = opened->handle;
		o->data_size = opened->data_size;
		res = load_attributes(o, opened->attr_size);
		o->flags = flags | TEE_HANDLE_FLAG_PERSISTENT | TEE_HANDLE_FLAG_INITIALIZED;
	}
	if (res) {
		sys_object_close(opened->handle);
		if (o)
			object_clear(o);
		free(o);
		return res;
	}
	*object = o;
	return TEE_SUCCESS;
}

/* 5.7.1: an object id in shared memory, where the host could change it, panics. */
static void check_id(const void *id, size_t size)
{
	require(size <= TEE_OBJECT_ID_MAX_LEN && (!size || (id && !sys_is_shared(id, size))));
}

TEE_Result TEE_OpenPersistentObject(uint32_t storageID, const void *objectID, size_t objectIDLen,
	uint32_t flags, TEE_ObjectHandle *object)
{
	struct sys_object opened = {0};
	TEE_Result res;

	require(object);
	*object = TEE_HANDLE_NULL;
	if (storageID != TEE_STORAGE_PRIVATE)
		return TEE_ERROR_ITEM_NOT_FOUND;
	check_id(objectID, objectIDLen);
	res = sys_object_open(objectID, objectIDLen, flags, &opened);
	return res ? res : make_handle(&opened, flags, object);
}

TEE_Result TEE_CreatePersistentObject(uint32_t storageID, const void *objectID, size_t objectIDLen,
	uint32_t flags, TEE_ObjectHandle attributes, const void *initialData, size_t initialDataLen,
	TEE_ObjectHandle *object)
{
	struct sys_object opened = {0};
	struct packer *p = NULL;
	TEE_Result res;

	if (object)
		*object = TEE_HANDLE_NULL;
	if (storageID != TEE_STORAGE_PRIVATE)
		return TEE_ERROR_ITEM_NOT_FOUND;
	check_id(objectID, objectIDLen);
	if (attributes) {
		require(attributes->flags & TEE_HANDLE_FLAG_INITIALIZED);
		p = OPENSSL_zalloc(sizeof *p);
		if (!p)
			return TEE_ERROR_OUT_OF_MEMORY;
		pack_object(p, attributes);
		require(!p->bad);
	}
	res = sys_object_create(objectID, objectIDLen, flags, p ? p->bytes : NULL, p ? p->size : 0,
		initialData, initialDataLen, &opened);
	if (p)
		OPENSSL_clear_free(p, sizeof *p);
	if (res)
		return res;
	if (object)
		return make_handle(&opened, flags, object);
	sys_object_close(opened.handle);
	return TEE_SUCCESS;
}

static void free_handle(TEE_ObjectHandle object)
{
	object_clear(object);
	free(object);
}

void TEE_CloseObject(TEE_ObjectHandle object)
{
	if (!object)
		return;
	if (object->flags & TEE_HANDLE_FLAG_PERSISTENT)
		sys_object_close(object->handle);
	free_handle(object);
}

static void require_access(TEE_ObjectHandle object, uint32_t flag)
{
	require(object && (object->flags & TEE_HANDLE_FLAG_PERSISTENT) && (object->flags & flag));
}

TEE_Result TEE_CloseAndDeletePersistentObject1(TEE_ObjectHandle object)
{
	TEE_Result res;

	if (!object)
		return TEE_SUCCESS;
	require_access(object, TEE_DATA_FLAG_ACCESS_WRITE_META);
	res = sys_object_delete(object->handle);
	free_handle(object);
	return res;
}

TEE_Result TEE_RenamePersistentObject(
	TEE_ObjectHandle object, const void *newObjectID, size_t newObjectIDLen)
{
	require_access(object, TEE_DATA_FLAG_ACCESS_WRITE_META);
	check_id(newObjectID, newObjectIDLen);
	return sys_object_rename(object->handle, newObjectID, newObjectIDLen);
}

TEE_Result TEE_ReadObjectData(TEE_ObjectHandle object, void *buffer, size_t size, size_t *count)
{
	TEE_Result res;

	require_access(object, TEE_DATA_FLAG_ACCESS_READ);
	require(count && (buffer || !size));
	*count = 0;
	res = sys_object_read(object->handle, object->position, buffer, size, count);
	if (!res)
		object->position += (uint32_t)*count;
	return res;
}

TEE_Result TEE_WriteObjectData(TEE_ObjectHandle object, const void *buffer, size_t size)
{
	TEE_Result res;

	require_access(object, TEE_DATA_FLAG_ACCESS_WRITE);
	require(buffer || !size);
	if (size > TEE_DATA_MAX_POSITION - object->position)
		return TEE_ERROR_OVERFLOW;
	if (!size)
		return TEE_SUCCESS;
	res = sys_object_write(object->handle, object->position, buffer, size);
	if (res)
		return res;
	object->position += (uint32_t)size;
	if (object->position > object->data_size)
		object->data_size = object->position;
	return TEE_SUCCESS;
}

TEE_Result TEE_TruncateObjectData(TEE_ObjectHandle object, size_t size)
{
	TEE_Result res;

	require_access(object, TEE_DATA_FLAG_ACCESS_WRITE);
	if (size > TEE_DATA_MAX_POSITION)
		return TEE_ERROR_STORAGE_NO_SPACE;
	res = sys_object_truncate(object->handle, (uint32_t)size);
	if (!res)
		object->data_size = (uint32_t)size;
	return res;
}

TEE_Result TEE_SeekObjectData(TEE_ObjectHandle object, intmax_t offset, TEE_Whence whence)
{
	intmax_t base;

	require(object && (object->flags & TEE_HANDLE_FLAG_PERSISTENT));
	switch (whence) {
	case TEE_DATA_SEEK_SET: base = 0; break;
	case TEE_DATA_SEEK_CUR: base = object->position; break;
	case TEE_DATA_SEEK_END: base = object->data_size; break;
	default: TEE_Panic(TEE_ERROR_BAD_PARAMETERS);
	}
	if (offset > (intmax_t)TEE_DATA_MAX_POSITION || offset < -(intmax_t)TEE_DATA_MAX_POSITION ||
		base + offset > (intmax_t)TEE_DATA_MAX_POSITION)
		return TEE_ERROR_OVERFLOW;
	object->position = base + offset < 0 ? 0 : (uint32_t)(base + offset);
	return TEE_SUCCESS;
}

TEE_Result TEE_AllocatePersistentObjectEnumerator(TEE_ObjectEnumHandle *objectEnumerator)
{
	*objectEnumerator = calloc(1, sizeof **objectEnumerator);
	return *objectEnumerator ? TEE_SUCCESS : TEE_ERROR_OUT_OF_MEMORY;
}

void TEE_FreePersistentObjectEnumerator(TEE_ObjectEnumHandle objectEnumerator)
{
	free(objectEnumerator);
}

void TEE_ResetPersistentObjectEnumerator(TEE_ObjectEnumHandle objectEnumerator)
{
	if (objectEnumerator)
		*objectEnumerator = (struct simtee_enum){0};
}

TEE_Result TEE_StartPersistentObjectEnumerator(
	TEE_ObjectEnumHandle objectEnumerator, uint32_t storageID)
{
	struct sys_object object;
	uint8_t id[TEE_OBJECT_ID_MAX_LEN];
	size_t size = 0;

	require(objectEnumerator);
	if (storageID != TEE_STORAGE_PRIVATE)
		return TEE_ERROR_ITEM_NOT_FOUND;
	*objectEnumerator = (struct simtee_enum){.started = true};
	return sys_object_at(0, id, &size, &object);
}

TEE_Result TEE_GetNextPersistentObject(TEE_ObjectEnumHandle objectEnumerator,
	TEE_ObjectInfo *objectInfo, void *objectID, size_t *objectIDLen)
{
	struct sys_object object = {0};
	TEE_Result res;

	require(objectEnumerator && objectID && objectIDLen);
	if (!objectEnumerator->started)
		return TEE_ERROR_ITEM_NOT_FOUND;
	res = sys_object_at(objectEnumerator->next, objectID, objectIDLen, &object);
	if (res)
		return res;
	objectEnumerator->next++;
	if (objectInfo)
		*objectInfo = (TEE_ObjectInfo){.objectType = TEE_TYPE_DATA,
			.dataSize = object.data_size,
			.handleFlags = TEE_HANDLE_FLAG_PERSISTENT};
	return TEE_SUCCESS;
}
