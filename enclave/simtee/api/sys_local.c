/* SPDX-License-Identifier: MIT */
#include "local.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HANDLES_MAX 64u

struct stored {
	struct stored *next;
	uint8_t id[SYS_OBJECT_ID_MAX];
	size_t id_size;
	uint8_t *attr, *data;
	size_t attr_size, data_size;
};

struct handle {
	struct stored *object; /* NULL: free */
	uint32_t flags;
};

static struct {
	struct stored *objects;
	struct handle handles[HANDLES_MAX];
	struct simtee_local_peer peer;
	TEE_Identity client;
	jmp_buf *on_panic;
	uint32_t changes, stop_at;
	TEE_Result failure; /* 0: TEE_ERROR_STORAGE_NOT_AVAILABLE */
	bool has_peer, stopped, corrupt;
	const uint8_t *shared;
	size_t shared_size;
} local;

static void free_object(struct stored *object)
{
	free(object->attr);
	free(object->data);
	free(object);
}

void simtee_local_reset(void)
{
	while (local.objects) {
		struct stored *next = local.objects->next;

		free_object(local.objects);
		local.objects = next;
	}
	memset(&local, 0, sizeof local);
}

void simtee_local_set_peer(const struct simtee_local_peer *peer)
{
	local.has_peer = peer != NULL;
	if (peer)
		local.peer = *peer;
}

void simtee_local_set_client(TEE_Identity client)
{
	local.client = client;
}

void simtee_local_on_panic(jmp_buf *where)
{
	local.on_panic = where;
}

void simtee_local_stop_at(uint32_t n)
{
	local.changes = 0;
	local.stop_at = n;
}

void simtee_local_fail_with(TEE_Result failure)
{
	local.failure = failure;
}

uint32_t simtee_local_changes(void)
{
	return local.changes;
}

bool simtee_local_stopped(void)
{
	return local.stopped;
}

void simtee_local_stop(void)
{
	local.stopped = true;
}

void simtee_local_resume(void)
{
	local.stopped = false;
	local.stop_at = 0;
}

void simtee_local_restart(void)
{
	memset(local.handles, 0, sizeof local.handles);
	simtee_local_resume();
}

void simtee_local_corrupt(bool corrupt)
{
	local.corrupt = corrupt;
}

void simtee_local_share(const void *memory, size_t size)
{
	local.shared = memory;
	local.shared_size = size;
}

bool simtee_local_change(void)
{
	if (local.stopped)
		return false;
	if (++local.changes == local.stop_at)
		local.stopped = true;
	return !local.stopped;
}

uint32_t simtee_local_objects(void)
{
	uint32_t count = 0;

	for (struct stored *o = local.objects; o; o = o->next)
		count++;
	return count;
}

uint32_t simtee_local_handles(void)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < HANDLES_MAX; i++)
		count += local.handles[i].object != NULL;
	return count;
}

/* FNV-1a over one object; objects are added up, since their order is of no meaning. */
static uint64_t hash(uint64_t h, const uint8_t *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++)
		h = (h ^ bytes[i]) * 0x100000001b3u;
	return (h ^ size) * 0x100000001b3u;
}

uint64_t simtee_local_fingerprint(void)
{
	uint64_t sum = 0;

	for (struct stored *o = local.objects; o; o = o->next) {
		uint64_t h = hash(0xcbf29ce484222325u, o->id, o->id_size);

		h = hash(h, o->attr, o->attr_size);
		sum += hash(h, o->data, o->data_size);
	}
	return sum;
}

static struct stored *find(const void *id, size_t id_size)
{
	for (struct stored *o = local.objects; o; o = o->next)
		if (o->id_size == id_size && !memcmp(o->id, id, id_size))
			return o;
	return NULL;
}

static struct handle *handle_of(uint32_t number)
{
	if (!number || number > HANDLES_MAX || !local.handles[number - 1].object)
		sys_panic(TEE_ERROR_BAD_PARAMETERS);
	return &local.handles[number - 1];
}

static TEE_Result hand_out(struct stored *object, uint32_t flags, struct sys_object *out)
{
	for (uint32_t i = 0; i < HANDLES_MAX; i++) {
		if (local.handles[i].object)
			continue;
		local.handles[i] = (struct handle){.object = object, .flags = flags};
		out->handle = i + 1;
		out->attr_size = (uint32_t)object->attr_size;
		out->data_size = (uint32_t)object->data_size;
		return TEE_SUCCESS;
	}
	return TEE_ERROR_OUT_OF_MEMORY;
}

/* 5.7.1: several handles only where all of them share what all of them do. */
static bool conflicts(const struct stored *object, uint32_t flags)
{
	for (uint32_t i = 0; i < HANDLES_MAX; i++) {
		uint32_t other = local.handles[i].flags;

		if (local.handles[i].object != object)
			continue;
		if (((flags | other) & TEE_DATA_FLAG_ACCESS_WRITE_META) ||
			((flags & TEE_DATA_FLAG_ACCESS_READ) &&
				!(flags & other & TEE_DATA_FLAG_SHARE_READ)) ||
			((flags & TEE_DATA_FLAG_ACCESS_WRITE) &&
				!(flags & other & TEE_DATA_FLAG_SHARE_WRITE)))
			return true;
	}
	return false;
}

TEE_Result sys_object_open(const void *id, size_t id_size, uint32_t flags, struct sys_object *out)
{
	struct stored *object = find(id, id_size);

	if (!object)
		return TEE_ERROR_ITEM_NOT_FOUND;
	if (local.corrupt)
		return TEE_ERROR_CORRUPT_OBJECT;
	if (conflicts(object, flags))
		return TEE_ERROR_ACCESS_CONFLICT;
	return hand_out(object, flags, out);
}

static TEE_Result failure(void)
{
	return local.failure ? local.failure : TEE_ERROR_STORAGE_NOT_AVAILABLE;
}

static uint8_t *copy(const void *bytes, size_t size)
{
	uint8_t *fresh = malloc(size ? size : 1);

	if (!fresh)
		abort();
	if (size)
		memcpy(fresh, bytes, size);
	return fresh;
}

static void set(uint8_t **slot, size_t *slot_size, const void *bytes, size_t size)
{
	free(*slot);
	*slot = copy(bytes, size);
	*slot_size = size;
}

TEE_Result sys_object_create(const void *id, size_t id_size, uint32_t flags, const void *attr,
	size_t attr_size, const void *data, size_t data_size, struct sys_object *out)
{
	struct stored *object = find(id, id_size);

	if (data_size > SYS_OBJECT_DATA_MAX)
		return TEE_ERROR_STORAGE_NO_SPACE;
	if (object && !(flags & TEE_DATA_FLAG_OVERWRITE))
		return TEE_ERROR_ACCESS_CONFLICT;
	if (object && conflicts(object, flags | TEE_DATA_FLAG_ACCESS_WRITE_META))
		return TEE_ERROR_ACCESS_CONFLICT;
	if (!simtee_local_change())
		return failure();
	if (!object) {
		object = calloc(1, sizeof *object);
		if (!object)
			abort();
		memcpy(object->id, id, id_size);
		object->id_size = id_size;
		object->next = local.objects;
		local.objects = object;
	}
	set(&object->attr, &object->attr_size, attr, attr_size);
	set(&object->data, &object->data_size, data, data_size);
	return hand_out(object, flags, out);
}

TEE_Result sys_object_attr(uint32_t handle, void *attr, size_t size)
{
	struct stored *object = handle_of(handle)->object;

	if (size != object->attr_size)
		return TEE_ERROR_BAD_PARAMETERS;
	memcpy(attr, object->attr, size);
	return TEE_SUCCESS;
}

TEE_Result sys_object_read(uint32_t handle, uint32_t offset, void *data, size_t size, size_t *got)
{
	struct stored *object = handle_of(handle)->object;
	size_t left = offset < object->data_size ? object->data_size - offset : 0;

	*got = size < left ? size : left;
	if (*got)
		memcpy(data, object->data + offset, *got);
	return TEE_SUCCESS;
}

static TEE_Result resize(struct stored *object, size_t size)
{
	uint8_t *fresh;

	if (size > SYS_OBJECT_DATA_MAX)
		return TEE_ERROR_STORAGE_NO_SPACE;
	fresh = realloc(object->data, size ? size : 1);
	if (!fresh)
		abort();
	if (size > object->data_size)
		memset(fresh + object->data_size, 0, size - object->data_size);
	object->data = fresh;
	object->data_size = size;
	return TEE_SUCCESS;
}

TEE_Result sys_object_write(uint32_t handle, uint32_t offset, const void *data, size_t size)
{
	struct stored *object = handle_of(handle)->object;
	size_t end = offset + size;
	TEE_Result res = TEE_SUCCESS;

	if (end > SYS_OBJECT_DATA_MAX)
		return TEE_ERROR_STORAGE_NO_SPACE;
	if (!simtee_local_change())
		return failure();
	if (end > object->data_size)
		res = resize(object, end);
	if (!res)
		memcpy(object->data + offset, data, size);
	return res;
}

TEE_Result sys_object_truncate(uint32_t handle, uint32_t size)
{
	struct stored *object = handle_of(handle)->object;

	if (!simtee_local_change())
		return failure();
	return resize(object, size);
}

TEE_Result sys_object_rename(uint32_t handle, const void *id, size_t id_size)
{
	struct stored *object = handle_of(handle)->object;

	if (find(id, id_size))
		return TEE_ERROR_ACCESS_CONFLICT;
	if (!simtee_local_change())
		return failure();
	memcpy(object->id, id, id_size);
	object->id_size = id_size;
	return TEE_SUCCESS;
}

void sys_object_close(uint32_t handle)
{
	*handle_of(handle) = (struct handle){0};
}

TEE_Result sys_object_delete(uint32_t handle)
{
	struct handle *open = handle_of(handle);
	struct stored *object = open->object;

	*open = (struct handle){0};
	if (!simtee_local_change())
		return failure();
	for (struct stored **at = &local.objects; *at; at = &(*at)->next) {
		if (*at != object)
			continue;
		*at = object->next;
		free_object(object);
		break;
	}
	return TEE_SUCCESS;
}

TEE_Result sys_object_at(uint32_t index, void *id, size_t *id_size, struct sys_object *out)
{
	struct stored *object = local.objects;

	while (object && index--)
		object = object->next;
	if (!object)
		return TEE_ERROR_ITEM_NOT_FOUND;
	memcpy(id, object->id, object->id_size);
	*id_size = object->id_size;
	*out = (struct sys_object){.data_size = (uint32_t)object->data_size};
	return TEE_SUCCESS;
}

TEE_Result sys_ta_open(const TEE_UUID *uuid, uint32_t types, TEE_Param params[4], uint32_t *session,
	uint32_t *origin)
{
	(void)types;
	(void)params;
	*origin = TEE_ORIGIN_TEE;
	if (!local.has_peer || memcmp(uuid, &local.peer.uuid, sizeof *uuid))
		return TEE_ERROR_ITEM_NOT_FOUND;
	return local.peer.open(session);
}

TEE_Result sys_ta_invoke(
	uint32_t session, uint32_t command, uint32_t types, TEE_Param params[4], uint32_t *origin)
{
	*origin = TEE_ORIGIN_TRUSTED_APP;
	return local.peer.invoke(session, command, types, params);
}

void sys_ta_close(uint32_t session)
{
	local.peer.close(session);
}

TEE_Identity sys_client(void)
{
	return local.client;
}

TEE_UUID sys_self(void)
{
	return (TEE_UUID){0};
}

bool sys_is_shared(const void *memory, size_t size)
{
	const uint8_t *at = memory;

	return local.shared && at < local.shared + local.shared_size && at + size > local.shared;
}

void sys_panic(TEE_Result code)
{
	if (local.on_panic)
		longjmp(*local.on_panic, 1);
	fprintf(stderr, "panic: 0x%08x\n", code);
	abort();
}
