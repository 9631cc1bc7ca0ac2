/* SPDX-License-Identifier: MIT
 *
 * System calls on persistent objects. An application sees those under its own UUID. What it sends
 * is not believed: sizes are checked against the buffer, handles against its own.
 */
#include "core.h"

#include <string.h>

#include "sys.h"

static bool take_id(const struct wire_up *request, struct storage_id *id)
{
	if (request->id_size > sizeof request->id)
		return false;
	id->size = request->id_size;
	memcpy(id->bytes, request->id, request->id_size);
	return true;
}

/* The place of one of its handles; NULL: it has none of that number. */
static struct storage_handle **handle_of(struct instance *instance, uint32_t number)
{
	if (!number || number > HANDLES_MAX || !instance->handles[number - 1])
		return NULL;
	return &instance->handles[number - 1];
}

static uint32_t free_handle(const struct instance *instance)
{
	uint32_t i = 0;

	while (i < HANDLES_MAX && instance->handles[i])
		i++;
	return i < HANDLES_MAX ? i + 1 : 0;
}

static TEE_Result open_or_create(
	struct instance *instance, const struct wire_up *request, struct wire_down *reply)
{
	struct storage *storage = instance->core->storage;
	uint32_t number = free_handle(instance);
	struct storage_handle *handle = NULL;
	const uint8_t *attr = instance->buffer;
	struct storage_info info;
	struct storage_id id;
	TEE_Result res;

	if (!take_id(request, &id) || request->attr_size > SYS_OBJECT_ATTR_MAX ||
		request->data_size > SYS_OBJECT_DATA_MAX)
		return TEE_ERROR_BAD_PARAMETERS;
	if (!number)
		return TEE_ERROR_OUT_OF_MEMORY;
	if (request->sys == WIRE_OBJECT_OPEN)
		res = storage_object_open(storage, &instance->uuid, &id, request->flags, &handle);
	else
		res = storage_object_create(storage, &instance->uuid, &id, request->flags, attr,
			request->attr_size, attr + request->attr_size, request->data_size, &handle);
	if (res)
		return res;
	instance->handles[number - 1] = handle;
	storage_object_info(handle, &info);
	reply->handle = number;
	reply->attr_size = info.attr_size;
	reply->data_size = info.data_size;
	return TEE_SUCCESS;
}

static TEE_Result enumerate(
	struct instance *instance, const struct wire_up *request, struct wire_down *reply)
{
	struct storage_info info = {0};
	struct storage_id id = {0};
	TEE_Result res =
		storage_at(instance->core->storage, &instance->uuid, request->offset, &id, &info);

	if (res)
		return res;
	memcpy(instance->buffer, id.bytes, id.size);
	reply->size = id.size;
	reply->attr_size = info.attr_size;
	reply->data_size = info.data_size;
	return TEE_SUCCESS;
}

static TEE_Result read_data(struct storage_handle *handle, const struct wire_up *request,
	uint8_t *buffer, struct wire_down *reply)
{
	size_t got = 0;
	TEE_Result res = storage_object_read(handle, request->offset, buffer, request->size, &got);

	reply->size = (uint32_t)got;
	return res;
}

static TEE_Result with_handle(
	struct instance *instance, const struct wire_up *request, struct wire_down *reply)
{
	struct storage_handle **place = handle_of(instance, request->handle), *handle;
	uint8_t *buffer = instance->buffer;
	struct storage_id id;

	if (!place || request->size > SYS_OBJECT_DATA_MAX)
		return TEE_ERROR_BAD_PARAMETERS;
	handle = *place;
	switch (request->sys) {
	case WIRE_OBJECT_ATTR: return storage_object_attr(handle, buffer, request->size);
	case WIRE_OBJECT_READ: return read_data(handle, request, buffer, reply);
	case WIRE_OBJECT_WRITE:
		return storage_object_write(handle, request->offset, buffer, request->size);
	case WIRE_OBJECT_TRUNCATE: return storage_object_truncate(handle, request->size);
	case WIRE_OBJECT_RENAME:
		return take_id(request, &id) ? storage_object_rename(handle, &id)
					     : TEE_ERROR_BAD_PARAMETERS;
	case WIRE_OBJECT_CLOSE: *place = NULL; return storage_object_close(handle);
	case WIRE_OBJECT_DELETE: *place = NULL; return storage_object_delete(handle);
	default: return TEE_ERROR_NOT_IMPLEMENTED;
	}
}

void object_call(struct instance *instance, const struct wire_up *request)
{
	struct wire_down reply = {.kind = WIRE_SYS_REPLY, .origin = TEE_ORIGIN_TEE};

	switch (request->sys) {
	case WIRE_OBJECT_OPEN:
	case WIRE_OBJECT_CREATE: reply.result = open_or_create(instance, request, &reply); break;
	case WIRE_OBJECT_AT: reply.result = enumerate(instance, request, &reply); break;
	default: reply.result = with_handle(instance, request, &reply); break;
	}
	/* Of a close nobody is told; what did not get safely onto the disk, the storage remembers.
	 */
	if (request->sys != WIRE_OBJECT_CLOSE)
		instance_send(instance, &reply, NULL, 0);
}

void object_close_all(struct instance *instance)
{
	for (size_t i = 0; i < HANDLES_MAX; i++) {
		(void)storage_object_close(instance->handles[i]);
		instance->handles[i] = NULL;
	}
}
