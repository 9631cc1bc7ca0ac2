/* SPDX-License-Identifier: MIT
 *
 * sys.h for applications in processes of their own: one packet to the core, one back; bulk data in
 * the buffer that both have mapped.
 */
#include "sys.h"

#include <string.h>

#include "process.h"
#include "shared.h"

static void ask(struct wire_up *request, struct wire_down *reply)
{
	request->kind = WIRE_SYS;
	process_send(request);
	process_receive(reply);
	if (reply->kind != WIRE_SYS_REPLY)
		process_end(1);
}

static TEE_Result ask_simple(struct wire_up *request)
{
	struct wire_down reply;

	ask(request, &reply);
	return reply.result;
}

static TEE_Result ask_object(struct wire_up *request, struct sys_object *object)
{
	struct wire_down reply;

	ask(request, &reply);
	*object = (struct sys_object){
		.handle = reply.handle, .attr_size = reply.attr_size, .data_size = reply.data_size};
	return reply.result;
}

static void set_id(struct wire_up *request, const void *id, size_t id_size)
{
	if (id_size > sizeof request->id)
		sys_panic(TEE_ERROR_BAD_PARAMETERS);
	if (id_size)
		memcpy(request->id, id, id_size);
	request->id_size = (uint32_t)id_size;
}

TEE_Result sys_object_open(
	const void *id, size_t id_size, uint32_t flags, struct sys_object *object)
{
	struct wire_up request = {.sys = WIRE_OBJECT_OPEN, .flags = flags};

	set_id(&request, id, id_size);
	return ask_object(&request, object);
}

TEE_Result sys_object_create(const void *id, size_t id_size, uint32_t flags, const void *attr,
	size_t attr_size, const void *data, size_t data_size, struct sys_object *object)
{
	struct wire_up request = {.sys = WIRE_OBJECT_CREATE, .flags = flags};

	if (attr_size > SYS_OBJECT_ATTR_MAX)
		return TEE_ERROR_BAD_PARAMETERS;
	if (data_size > SYS_OBJECT_DATA_MAX)
		return TEE_ERROR_STORAGE_NO_SPACE;
	set_id(&request, id, id_size);
	if (attr_size)
		memcpy(process.buffer, attr, attr_size);
	if (data_size)
		memcpy(process.buffer + attr_size, data, data_size);
	request.attr_size = (uint32_t)attr_size;
	request.data_size = (uint32_t)data_size;
	return ask_object(&request, object);
}

TEE_Result sys_object_attr(uint32_t handle, void *attr, size_t size)
{
	struct wire_up request = {.sys = WIRE_OBJECT_ATTR, .handle = handle};
	TEE_Result res;

	if (size > SYS_OBJECT_ATTR_MAX)
		return TEE_ERROR_BAD_PARAMETERS;
	request.size = (uint32_t)size;
	res = ask_simple(&request);
	if (!res && size)
		memcpy(attr, process.buffer, size);
	return res;
}

TEE_Result sys_object_read(uint32_t handle, uint32_t offset, void *data, size_t size, size_t *got)
{
	struct wire_up request = {.sys = WIRE_OBJECT_READ, .handle = handle, .offset = offset};
	struct wire_down reply;

	/* No object is larger. */
	request.size = (uint32_t)(size < SYS_OBJECT_DATA_MAX ? size : SYS_OBJECT_DATA_MAX);
	ask(&request, &reply);
	if (reply.result)
		return reply.result;
	if (reply.size > request.size)
		process_end(1);
	if (reply.size)
		memcpy(data, process.buffer, reply.size);
	*got = reply.size;
	return TEE_SUCCESS;
}

TEE_Result sys_object_write(uint32_t handle, uint32_t offset, const void *data, size_t size)
{
	struct wire_up request = {.sys = WIRE_OBJECT_WRITE, .handle = handle, .offset = offset};

	if (size > SYS_OBJECT_DATA_MAX)
		return TEE_ERROR_STORAGE_NO_SPACE;
	if (size)
		memcpy(process.buffer, data, size);
	request.size = (uint32_t)size;
	return ask_simple(&request);
}

TEE_Result sys_object_truncate(uint32_t handle, uint32_t size)
{
	struct wire_up request = {.sys = WIRE_OBJECT_TRUNCATE, .handle = handle, .size = size};

	return ask_simple(&request);
}

TEE_Result sys_object_rename(uint32_t handle, const void *id, size_t id_size)
{
	struct wire_up request = {.sys = WIRE_OBJECT_RENAME, .handle = handle};

	set_id(&request, id, id_size);
	return ask_simple(&request);
}

void sys_object_close(uint32_t handle)
{
	/* Nobody waits: the core takes what an application sends in order. */
	struct wire_up request = {.kind = WIRE_SYS, .sys = WIRE_OBJECT_CLOSE, .handle = handle};

	process_send(&request);
}

TEE_Result sys_object_delete(uint32_t handle)
{
	struct wire_up request = {.sys = WIRE_OBJECT_DELETE, .handle = handle};

	return ask_simple(&request);
}

TEE_Result sys_object_at(uint32_t index, void *id, size_t *id_size, struct sys_object *object)
{
	struct wire_up request = {.sys = WIRE_OBJECT_AT, .offset = index};
	struct wire_down reply;

	ask(&request, &reply);
	if (reply.result)
		return reply.result;
	if (reply.size > SYS_OBJECT_ID_MAX)
		process_end(1);
	if (reply.size)
		memcpy(id, process.buffer, reply.size);
	*id_size = reply.size;
	*object = (struct sys_object){.attr_size = reply.attr_size, .data_size = reply.data_size};
	return TEE_SUCCESS;
}

/* Into the buffer, one memory reference behind the other. false: they do not fit. */
static bool pack_params(uint32_t types, const TEE_Param params[4], struct wire_param out[4])
{
	uint64_t at = 0;

	for (int i = 0; i < 4; i++) {
		uint32_t type = TEE_PARAM_TYPE_GET(types, i);
		size_t size = params[i].memref.size;

		if (!wire_is_memref(type)) {
			out[i].a = params[i].value.a;
			out[i].b = params[i].value.b;
			continue;
		}
		out[i].size = size;
		if (!params[i].memref.buffer)
			continue;
		if (size > WIRE_BUFFER_SIZE - at)
			return false;
		if (size && wire_is_input(type))
			memcpy(process.buffer + at, params[i].memref.buffer, size);
		out[i].memory = 1;
		out[i].offset = at;
		at += (size + 15) & ~(size_t)15; /* the buffer's size is a multiple of this */
	}
	return true;
}

static void unpack_params(uint32_t types, const struct wire_param sent[4],
	const struct wire_param answer[4], TEE_Param params[4])
{
	for (int i = 0; i < 4; i++) {
		uint32_t type = TEE_PARAM_TYPE_GET(types, i);

		if (!wire_is_output(type))
			continue;
		if (!wire_is_memref(type)) {
			params[i].value.a = answer[i].a;
			params[i].value.b = answer[i].b;
			continue;
		}
		/* More than there is room for: the size that would have been needed. */
		if (sent[i].memory && answer[i].size && answer[i].size <= sent[i].size)
			memcpy(params[i].memref.buffer, process.buffer + sent[i].offset,
				answer[i].size);
		params[i].memref.size = answer[i].size;
	}
}

static TEE_Result call_ta(
	struct wire_up *request, TEE_Param params[4], uint32_t *session, uint32_t *origin)
{
	struct wire_down reply;

	*origin = TEE_ORIGIN_API;
	if (!wire_types_are_valid(request->types))
		return TEE_ERROR_BAD_PARAMETERS;
	if (!pack_params(request->types, params, request->params))
		return TEE_ERROR_OUT_OF_MEMORY;
	ask(request, &reply);
	*origin = reply.origin;
	if (reply.origin == TEE_ORIGIN_TRUSTED_APP || !reply.result)
		unpack_params(request->types, request->params, reply.params, params);
	if (session)
		*session = reply.session;
	return reply.result;
}

TEE_Result sys_ta_open(const TEE_UUID *uuid, uint32_t types, TEE_Param params[4], uint32_t *session,
	uint32_t *origin)
{
	struct wire_up request = {.sys = WIRE_TA_OPEN, .uuid = *uuid, .types = types};

	return call_ta(&request, params, session, origin);
}

TEE_Result sys_ta_invoke(
	uint32_t session, uint32_t command, uint32_t types, TEE_Param params[4], uint32_t *origin)
{
	struct wire_up request = {
		.sys = WIRE_TA_INVOKE, .session = session, .command = command, .types = types};

	return call_ta(&request, params, NULL, origin);
}

void sys_ta_close(uint32_t session)
{
	struct wire_up request = {.sys = WIRE_TA_CLOSE, .session = session};

	(void)ask_simple(&request);
}

TEE_Identity sys_client(void)
{
	return process.client;
}

TEE_UUID sys_self(void)
{
	return process.self;
}

bool sys_is_shared(const void *memory, size_t size)
{
	return shared_overlaps(memory, size);
}

void sys_panic(TEE_Result code)
{
	struct wire_up message = {.kind = WIRE_PANIC, .result = code};

	process_send(&message);
	process_end(0);
}
