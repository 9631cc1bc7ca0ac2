/* SPDX-License-Identifier: MIT
 *
 * The system calls (sys.h) over the socket to the core: one datagram there, one back. Bulk data
 * goes through a buffer that both have mapped.
 */
#include <string.h>
#include <unistd.h>

#include "loader.h"
#include "sys.h"

static uint8_t *buffer;
static TEE_UUID self;
static TEE_Identity client;

void sys_ipc_start(void *shared_buffer, TEE_UUID uuid)
{
	buffer = shared_buffer;
	self = uuid;
}

void sys_ipc_set_client(TEE_Identity identity)
{
	client = identity;
}

TEE_Identity sys_client(void)
{
	return client;
}

TEE_UUID sys_self(void)
{
	return self;
}

/* Without its core an instance has nothing to live for. */
static void exchange(const struct report *report, struct sys_reply *reply)
{
	if (message_send(LOADER_SOCKET_FD, report, sizeof *report, NULL, 0) ||
		message_receive(LOADER_SOCKET_FD, reply, sizeof *reply, NULL, 0, NULL) != 1)
		leave(1);
}

static TEE_Result simple(const struct report *report)
{
	struct sys_reply reply = {0};

	exchange(report, &reply);
	return reply.result;
}

static struct report with_id(uint32_t op, const void *id, size_t id_size)
{
	struct report report = {.op = op, .id_size = (uint32_t)id_size};

	if (id_size)
		memcpy(report.id, id, id_size); /* at most 64: checked by the caller */
	return report;
}

static TEE_Result opened(const struct report *report, struct sys_object *object)
{
	struct sys_reply reply = {0};

	exchange(report, &reply);
	object->handle = reply.handle;
	object->attr_size = reply.a;
	object->data_size = reply.b;
	return reply.result;
}

TEE_Result sys_object_open(
	const void *id, size_t id_size, uint32_t flags, struct sys_object *object)
{
	struct report report = with_id(SYS_OBJECT_OPEN, id, id_size);

	report.flags = flags;
	return opened(&report, object);
}

TEE_Result sys_object_create(const void *id, size_t id_size, uint32_t flags, const void *attr,
	size_t attr_size, const void *data, size_t data_size, struct sys_object *object)
{
	struct report report = with_id(SYS_OBJECT_CREATE, id, id_size);

	if (attr_size > SYS_OBJECT_ATTR_MAX || data_size > SYS_OBJECT_DATA_MAX)
		return TEE_ERROR_STORAGE_NO_SPACE;
	report.flags = flags;
	report.a = (uint32_t)attr_size;
	report.b = (uint32_t)data_size;
	if (attr_size)
		memcpy(buffer, attr, attr_size);
	if (data_size)
		memcpy(buffer + attr_size, data, data_size);
	return opened(&report, object);
}

TEE_Result sys_object_attr(uint32_t handle, void *attr, size_t size)
{
	struct report report = {.op = SYS_OBJECT_ATTR, .handle = handle, .a = (uint32_t)size};
	TEE_Result res = size > SYS_OBJECT_ATTR_MAX ? TEE_ERROR_BAD_PARAMETERS : simple(&report);

	if (!res)
		memcpy(attr, buffer, size);
	return res;
}

TEE_Result sys_object_read(uint32_t handle, uint32_t offset, void *data, size_t size, size_t *got)
{
	struct report report = {.op = SYS_OBJECT_READ, .handle = handle, .a = offset};
	struct sys_reply reply = {0};

	report.b = size < SYS_OBJECT_DATA_MAX ? (uint32_t)size : SYS_OBJECT_DATA_MAX;
	exchange(&report, &reply);
	if (!reply.result && reply.b <= report.b) {
		memcpy(data, buffer, reply.b);
		*got = reply.b;
	}
	return reply.result;
}

TEE_Result sys_object_write(uint32_t handle, uint32_t offset, const void *data, size_t size)
{
	struct report report = {
		.op = SYS_OBJECT_WRITE, .handle = handle, .a = offset, .b = (uint32_t)size};

	if (size > SYS_OBJECT_DATA_MAX)
		return TEE_ERROR_STORAGE_NO_SPACE;
	memcpy(buffer, data, size);
	return simple(&report);
}

TEE_Result sys_object_truncate(uint32_t handle, uint32_t size)
{
	return simple(&(struct report){.op = SYS_OBJECT_TRUNCATE, .handle = handle, .a = size});
}

TEE_Result sys_object_rename(uint32_t handle, const void *id, size_t id_size)
{
	struct report report = with_id(SYS_OBJECT_RENAME, id, id_size);

	report.handle = handle;
	return simple(&report);
}

void sys_object_close(uint32_t handle)
{
	(void)simple(&(struct report){.op = SYS_OBJECT_CLOSE, .handle = handle});
}

TEE_Result sys_object_delete(uint32_t handle)
{
	return simple(&(struct report){.op = SYS_OBJECT_DELETE, .handle = handle});
}

TEE_Result sys_object_at(uint32_t index, void *id, size_t *id_size, struct sys_object *object)
{
	struct report report = {.op = SYS_OBJECT_AT, .a = index};
	struct sys_reply reply = {0};

	exchange(&report, &reply);
	if (reply.result)
		return reply.result;
	memcpy(id, reply.id, reply.id_size);
	*id_size = reply.id_size;
	*object = (struct sys_object){.attr_size = reply.a, .data_size = reply.b};
	return TEE_SUCCESS;
}

static bool is_memref(uint32_t type)
{
	return type >= TEE_PARAM_TYPE_MEMREF_INPUT;
}

/* What goes out is laid out in the buffer, one reference after the other. */
static bool pack(uint32_t types, const TEE_Param params[4], struct wire_params *wire)
{
	uint32_t at = 0;

	wire->types = types;
	for (uint32_t i = 0; i < 4; i++) {
		uint32_t type = TEE_PARAM_TYPE_GET(types, i);
		size_t size = params[i].memref.size;

		if (!is_memref(type)) {
			wire->p[i].a = params[i].value.a;
			wire->p[i].b = params[i].value.b;
			continue;
		}
		if (size > BUFFER_BYTES - at)
			return false;
		wire->p[i].offset = at;
		wire->p[i].size = (uint32_t)size;
		if (type != TEE_PARAM_TYPE_MEMREF_OUTPUT && size)
			memcpy(buffer + at, params[i].memref.buffer, size);
		at += (uint32_t)((size + 15) & ~(size_t)15);
		if (at > BUFFER_BYTES)
			return false;
	}
	return true;
}

static void unpack(uint32_t types, TEE_Param params[4], const struct wire_params *sent,
	const struct wire_params *got)
{
	for (uint32_t i = 0; i < 4; i++) {
		uint32_t type = TEE_PARAM_TYPE_GET(types, i), size = got->p[i].size;

		if (type == TEE_PARAM_TYPE_VALUE_OUTPUT || type == TEE_PARAM_TYPE_VALUE_INOUT) {
			params[i].value.a = got->p[i].a;
			params[i].value.b = got->p[i].b;
		} else if (type > TEE_PARAM_TYPE_MEMREF_INPUT) {
			if (size <= sent->p[i].size && size)
				memcpy(params[i].memref.buffer, buffer + sent->p[i].offset, size);
			params[i].memref.size = size;
		}
	}
}

static TEE_Result call_other(struct report *report, uint32_t types, TEE_Param params[4],
	struct sys_reply *reply, uint32_t *origin)
{
	*origin = TEE_ORIGIN_API;
	if (!pack(types, params, &report->params))
		return TEE_ERROR_OUT_OF_MEMORY;
	exchange(report, reply);
	unpack(types, params, &report->params, &reply->params);
	*origin = reply->origin;
	return reply->result;
}

TEE_Result sys_ta_open(const TEE_UUID *uuid, uint32_t types, TEE_Param params[4], uint32_t *session,
	uint32_t *origin)
{
	struct report report = {.op = SYS_TA_OPEN, .uuid = *uuid};
	struct sys_reply reply = {0};
	TEE_Result res = call_other(&report, types, params, &reply, origin);

	*session = reply.handle;
	return res;
}

TEE_Result sys_ta_invoke(
	uint32_t session, uint32_t command, uint32_t types, TEE_Param params[4], uint32_t *origin)
{
	struct report report = {.op = SYS_TA_INVOKE, .handle = session, .command = command};
	struct sys_reply reply = {0};

	return call_other(&report, types, params, &reply, origin);
}

void sys_ta_close(uint32_t session)
{
	(void)simple(&(struct report){.op = SYS_TA_CLOSE, .handle = session});
}

void sys_panic(TEE_Result code)
{
	const struct report report = {.op = REPORT_PANIC, .result = code};

	(void)message_send(LOADER_SOCKET_FD, &report, sizeof report, NULL, 0);
	leave(2);
}
