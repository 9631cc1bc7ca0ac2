/* SPDX-License-Identifier: MIT
 *
 * Handles on objects: who may hold several on one object, and in which order things become durable.
 */
#include "storage.h"

#include <stdlib.h>
#include <string.h>

#include "index.h"
#include "object_file.h"

/* An object that is open, once for all its handles. */
struct open_object {
	struct open_object *next;
	struct object_file *file;
};

struct storage_handle {
	struct storage_handle *next;
	struct storage *storage;
	struct open_object *object;
	uint32_t flags;
};

struct storage {
	struct vault vault;
	struct index index;
	struct open_object *objects;
	struct storage_handle *handles;
	struct object_file *dirty; /* the one object written to since its last sync */
};

/* Before anything else is written: what was written first is durable first. */
static TEE_Result settle(struct storage *storage, const struct object_file *except)
{
	TEE_Result res = TEE_SUCCESS;

	if (storage->dirty && storage->dirty != except) {
		res = object_sync(storage->dirty);
		if (!res)
			storage->dirty = NULL;
	}
	return res;
}

static void forget_handle(struct storage_handle *handle)
{
	struct storage_handle **at = &handle->storage->handles;

	while (*at != handle)
		at = &(*at)->next;
	*at = handle->next;
	free(handle);
}

static bool has_handle(const struct storage *storage, const struct open_object *object)
{
	for (const struct storage_handle *h = storage->handles; h; h = h->next)
		if (h->object == object)
			return true;
	return false;
}

/* An object without handles goes. */
static void drop_object(struct storage *storage, struct open_object *object)
{
	struct open_object **at = &storage->objects;

	if (has_handle(storage, object))
		return;
	while (*at != object)
		at = &(*at)->next;
	*at = object->next;
	if (storage->dirty == object->file)
		storage->dirty = NULL;
	object_free(object->file);
	free(object);
}

static struct open_object *find_open(struct storage *storage, const char *name)
{
	struct open_object *o = storage->objects;

	while (o && strcmp(o->file->name, name))
		o = o->next;
	return o;
}

/* An object and a handle on it, empty: so that nothing can fail once the medium has changed. */
static struct storage_handle *new_handle(struct storage *storage, bool with_object)
{
	struct storage_handle *handle = calloc(1, sizeof *handle);

	if (!handle)
		return NULL;
	handle->storage = storage;
	if (with_object) {
		handle->object = calloc(1, sizeof *handle->object);
		if (!handle->object) {
			free(handle);
			return NULL;
		}
	}
	return handle;
}

static void publish(struct storage_handle *handle, struct object_file *file, uint32_t flags)
{
	struct storage *storage = handle->storage;

	if (!handle->object->file) {
		handle->object->file = file;
		handle->object->next = storage->objects;
		storage->objects = handle->object;
	}
	handle->flags = flags;
	handle->next = storage->handles;
	storage->handles = handle;
}

/* 5.7.1: what each does, the other must have agreed to share; meta data is never shared. */
static bool share(uint32_t a, uint32_t b)
{
	if ((a | b) & TEE_DATA_FLAG_ACCESS_WRITE_META)
		return false;
	if (((a | b) & TEE_DATA_FLAG_ACCESS_READ) && !(a & b & TEE_DATA_FLAG_SHARE_READ))
		return false;
	return !((a | b) & TEE_DATA_FLAG_ACCESS_WRITE) || (a & b & TEE_DATA_FLAG_SHARE_WRITE);
}

static bool may_share(
	const struct storage *storage, const struct open_object *object, uint32_t flags)
{
	for (const struct storage_handle *h = storage->handles; h; h = h->next)
		if (h->object == object && !share(h->flags, flags))
			return false;
	return true;
}

struct listing {
	char (*names)[MEDIUM_NAME_MAX + 1];
	size_t count;
	bool temporary; /* a file that a power cut left behind */
};

static bool is_object_name(const char *name)
{
	return strlen(name) == OBJECT_NAME_BYTES - 1 &&
	       strspn(name, "0123456789abcdef") == OBJECT_NAME_BYTES - 1;
}

static int collect(void *context, const char *name)
{
	struct listing *listing = context;
	void *grown;

	if (!strcmp(name, OBJECT_TEMPORARY))
		listing->temporary = true;
	if (!is_object_name(name))
		return 0;
	if (!(listing->count & (listing->count - 1))) { /* at each power of two */
		grown = reallocarray(listing->names, listing->count ? 2 * listing->count : 1,
			sizeof *listing->names);
		if (!grown)
			return -1;
		listing->names = grown;
	}
	memcpy(listing->names[listing->count++], name, OBJECT_NAME_BYTES);
	return 0;
}

static TEE_Result list(struct medium *medium, struct listing *listing)
{
	int err = medium->ops->list(medium, collect, listing);

	return err < 0 ? TEE_ERROR_OUT_OF_MEMORY : storage_result(err);
}

/* Damaged files are left out: only who knows their id can find them. */
static TEE_Result build_index(struct storage *storage, const struct listing *listing)
{
	for (size_t i = 0; i < listing->count; i++) {
		TEE_UUID owner;
		struct storage_id id;
		TEE_Result res = object_identify(&storage->vault, listing->names[i], &owner, &id);

		if (res == TEE_ERROR_CORRUPT_OBJECT)
			continue;
		if (res)
			return res;
		if (!index_reserve(&storage->index))
			return TEE_ERROR_OUT_OF_MEMORY;
		index_add(&storage->index, &owner, &id);
	}
	return TEE_SUCCESS;
}

TEE_Result storage_open(struct medium *medium, const uint8_t device_key[static STORAGE_KEY_BYTES],
	struct storage **storage)
{
	struct storage *s = calloc(1, sizeof *s);
	struct listing listing = {0};
	TEE_Result res = TEE_ERROR_OUT_OF_MEMORY;

	if (!s || !vault_init(&s->vault, medium, device_key))
		goto out;
	res = list(medium, &listing);
	if (!res && listing.temporary)
		res = storage_result(medium->ops->remove(medium, OBJECT_TEMPORARY));
	if (!res)
		res = build_index(s, &listing);
	if (res)
		goto out;
	*storage = s;
	s = NULL;
out:
	free(listing.names);
	storage_free(s);
	return res;
}

void storage_free(struct storage *storage)
{
	if (!storage)
		return;
	while (storage->handles)
		(void)storage_object_close(storage->handles);
	index_clear(&storage->index);
	vault_clear(&storage->vault);
	free(storage);
}

TEE_Result storage_space(struct storage *storage, uint64_t *free_bytes)
{
	struct medium *medium = storage->vault.medium;

	return storage_result(medium->ops->space(medium, free_bytes));
}

TEE_Result storage_object_open(struct storage *storage, const TEE_UUID *owner,
	const struct storage_id *id, uint32_t flags, struct storage_handle **handle)
{
	char name[OBJECT_NAME_BYTES];
	struct open_object *object;
	struct object_file *file = NULL;
	struct storage_handle *h;
	TEE_Result res;

	object_name(&storage->vault, owner, id, name);
	object = find_open(storage, name);
	if (object && !may_share(storage, object, flags))
		return TEE_ERROR_ACCESS_CONFLICT;
	h = new_handle(storage, !object);
	if (!h)
		return TEE_ERROR_OUT_OF_MEMORY;
	if (object) {
		h->object = object;
	} else {
		res = object_load(&storage->vault, name, &file);
		if (res) {
			free(h->object);
			free(h);
			return res;
		}
	}
	publish(h, file, flags);
	*handle = h;
	return TEE_SUCCESS;
}

/* Is there a file of that name, be it sound or not? */
static TEE_Result is_there(struct storage *storage, const char *name, bool *there)
{
	struct medium *medium = storage->vault.medium;
	struct medium_file *file = NULL;
	TEE_Result res = storage_result(medium->ops->open(medium, name, &file));

	*there = !res;
	if (!res)
		medium->ops->close(medium, file);
	return res == TEE_ERROR_ITEM_NOT_FOUND ? TEE_SUCCESS : res;
}

TEE_Result storage_object_create(struct storage *storage, const TEE_UUID *owner,
	const struct storage_id *id, uint32_t flags, const void *attr, size_t attr_size,
	const void *data, size_t data_size, struct storage_handle **handle)
{
	char name[OBJECT_NAME_BYTES];
	struct object_file *file = NULL;
	struct storage_handle *h;
	bool there = false;
	TEE_Result res;

	object_name(&storage->vault, owner, id, name);
	if (find_open(storage, name))
		return TEE_ERROR_ACCESS_CONFLICT;
	res = is_there(storage, name, &there);
	if (res)
		return res;
	if (there && !(flags & TEE_DATA_FLAG_OVERWRITE))
		return TEE_ERROR_ACCESS_CONFLICT;
	res = settle(storage, NULL);
	if (res)
		return res;
	h = new_handle(storage, true);
	res = h && index_reserve(&storage->index) ? TEE_SUCCESS : TEE_ERROR_OUT_OF_MEMORY;
	if (!res)
		res = object_create(
			&storage->vault, owner, id, attr, attr_size, data, data_size, &file);
	if (res) {
		if (h)
			free(h->object);
		free(h);
		return res;
	}
	index_add(&storage->index, owner, id);
	publish(h, file, flags);
	*handle = h;
	return TEE_SUCCESS;
}

void storage_object_info(const struct storage_handle *handle, struct storage_info *info)
{
	info->attr_size = (uint32_t)handle->object->file->attr.size;
	info->data_size = handle->object->file->data_size;
}

TEE_Result storage_object_attr(const struct storage_handle *handle, void *attr, size_t size)
{
	const struct secret *secret = &handle->object->file->attr;

	if (size != secret->size)
		return TEE_ERROR_BAD_PARAMETERS;
	if (size)
		memcpy(attr, secret->bytes, size);
	return TEE_SUCCESS;
}

TEE_Result storage_object_read(
	struct storage_handle *handle, uint32_t offset, void *data, size_t size, size_t *got)
{
	return object_read(handle->object->file, offset, data, size, got);
}

static TEE_Result written(struct storage_handle *handle, TEE_Result res)
{
	if (!res && handle->object->file->dirty)
		handle->storage->dirty = handle->object->file;
	return res;
}

TEE_Result storage_object_write(
	struct storage_handle *handle, uint32_t offset, const void *data, size_t size)
{
	TEE_Result res = settle(handle->storage, handle->object->file);

	if (res)
		return res;
	return written(handle, object_write(handle->object->file, offset, data, size));
}

TEE_Result storage_object_truncate(struct storage_handle *handle, uint32_t size)
{
	TEE_Result res = settle(handle->storage, handle->object->file);

	if (res)
		return res;
	return written(handle, object_truncate(handle->object->file, size));
}

TEE_Result storage_object_rename(struct storage_handle *handle, const struct storage_id *id)
{
	struct storage *storage = handle->storage;
	struct object_file *file = handle->object->file;
	const struct storage_id old = file->id;
	char name[OBJECT_NAME_BYTES];
	bool there = false;
	TEE_Result res;

	object_name(&storage->vault, &file->owner, id, name);
	res = is_there(storage, name, &there);
	if (!res && there)
		res = TEE_ERROR_ACCESS_CONFLICT;
	if (!res && !index_reserve(&storage->index))
		res = TEE_ERROR_OUT_OF_MEMORY;
	if (!res)
		res = settle(storage, NULL);
	if (!res)
		res = object_rename(file, id);
	if (!strcmp(file->name, name)) { /* even if the last sync failed */
		index_remove(&storage->index, &file->owner, &old);
		index_add(&storage->index, &file->owner, id);
	}
	return res;
}

TEE_Result storage_object_close(struct storage_handle *handle)
{
	struct storage *storage;
	struct open_object *object;
	TEE_Result res = TEE_SUCCESS;

	if (!handle)
		return res;
	storage = handle->storage;
	object = handle->object;
	if (storage->dirty == object->file)
		res = settle(storage, NULL);
	forget_handle(handle);
	drop_object(storage, object);
	return res;
}

TEE_Result storage_object_delete(struct storage_handle *handle)
{
	struct storage *storage = handle->storage;
	struct open_object *object = handle->object;
	TEE_Result res = settle(storage, object->file);

	if (!res)
		res = object_remove(&storage->vault, object->file->name);
	if (!res) {
		index_remove(&storage->index, &object->file->owner, &object->file->id);
		res = vault_sync(&storage->vault);
	}
	forget_handle(handle);
	drop_object(storage, object);
	return res;
}

static TEE_Result describe(struct storage *storage, const struct index_entry *entry,
	struct storage_id *id, struct storage_info *info)
{
	char name[OBJECT_NAME_BYTES];
	struct open_object *open;
	struct object_file *file = NULL;
	TEE_Result res;

	if (!entry)
		return TEE_ERROR_ITEM_NOT_FOUND;
	*id = entry->id;
	object_name(&storage->vault, &entry->owner, id, name);
	open = find_open(storage, name);
	if (open) {
		*info = (struct storage_info){.attr_size = (uint32_t)open->file->attr.size,
			.data_size = open->file->data_size};
		return TEE_SUCCESS;
	}
	res = object_load(&storage->vault, name, &file);
	if (res) /* a file that somebody took away is damage too */
		return res == TEE_ERROR_ITEM_NOT_FOUND ? TEE_ERROR_CORRUPT_OBJECT : res;
	*info = (struct storage_info){
		.attr_size = (uint32_t)file->attr.size, .data_size = file->data_size};
	object_free(file);
	return TEE_SUCCESS;
}

TEE_Result storage_next(struct storage *storage, const TEE_UUID *owner,
	const struct storage_id *after, struct storage_id *id, struct storage_info *info)
{
	return describe(storage, index_next(&storage->index, owner, after), id, info);
}

TEE_Result storage_at(struct storage *storage, const TEE_UUID *owner, uint32_t index,
	struct storage_id *id, struct storage_info *info)
{
	return describe(storage, index_at(&storage->index, owner, index), id, info);
}

static bool any_open(const struct storage *storage, const TEE_UUID *owner)
{
	for (const struct open_object *o = storage->objects; o; o = o->next)
		if (!memcmp(&o->file->owner, owner, sizeof *owner))
			return true;
	return false;
}

TEE_Result storage_erase(struct storage *storage, const TEE_UUID *owner)
{
	const struct index_entry *entry;
	TEE_Result res;

	if (any_open(storage, owner))
		return TEE_ERROR_ACCESS_CONFLICT;
	res = settle(storage, NULL);
	while (!res && (entry = index_next(&storage->index, owner, NULL)) != NULL) {
		const struct storage_id id = entry->id;
		char name[OBJECT_NAME_BYTES];

		object_name(&storage->vault, owner, &id, name);
		res = object_remove(&storage->vault, name);
		if (res == TEE_ERROR_ITEM_NOT_FOUND)
			res = TEE_SUCCESS;
		if (!res)
			index_remove(&storage->index, owner, &id);
	}
	return res ? res : vault_sync(&storage->vault);
}

size_t storage_count(const struct storage *storage)
{
	return storage->index.count;
}
