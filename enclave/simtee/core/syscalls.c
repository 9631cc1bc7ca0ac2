/* SPDX-License-Identifier: MIT
 *
 * What an application asks of the core. Its objects are found under its own UUID only.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "core.h"
#include "sys.h"

#define HANDLES (sizeof((struct instance *)0)->handles / sizeof(struct storage_handle *))

static void answer(struct instance *instance, const struct sys_reply *reply)
{
	if (message_send(instance->fd, reply, sizeof *reply, NULL, 0))
		core_log("an application does not listen");
}

static bool id_of(const struct report *report, struct storage_id *id)
{
	if (report->id_size > STORAGE_ID_MAX)
		return false;
	id->size = report->id_size;
	memcpy(id->bytes, report->id, report->id_size);
	return true;
}

static struct storage_handle **handle_slot(struct instance *instance, uint32_t number)
{
	if (!number || number > HANDLES || !instance->handles[number - 1])
		return NULL;
	return &instance->handles[number - 1];
}

static TEE_Result hand_out(
	struct instance *instance, struct storage_handle *handle, struct sys_reply *reply)
{
	struct storage_info info;

	for (uint32_t i = 0; i < HANDLES; i++) {
		if (instance->handles[i])
			continue;
		instance->handles[i] = handle;
		storage_object_info(handle, &info);
		reply->handle = i + 1;
		reply->a = info.attr_size;
		reply->b = info.data_size;
		return TEE_SUCCESS;
	}
	(void)storage_object_close(handle);
	return TEE_ERROR_OUT_OF_MEMORY;
}

static TEE_Result object_open(
	struct instance *instance, const struct report *report, struct sys_reply *reply)
{
	struct storage_handle *handle = NULL;
	struct storage_id id;
	TEE_Result res;

	if (!id_of(report, &id))
		return TEE_ERROR_BAD_PARAMETERS;
	if (report->op == SYS_OBJECT_OPEN) {
		res = storage_object_open(
			instance->core->storage, &instance->uuid, &id, report->flags, &handle);
	} else {
		if (report->a > STORAGE_ATTR_MAX || report->b > STORAGE_DATA_MAX)
			return TEE_ERROR_STORAGE_NO_SPACE;
		res = storage_object_create(instance->core->storage, &instance->uuid, &id,
			report->flags, instance->buffer, report->a, instance->buffer + report->a,
			report->b, &handle);
	}
	return res ? res : hand_out(instance, handle, reply);
}

static TEE_Result object_at(
	struct instance *instance, const struct report *report, struct sys_reply *reply)
{
	struct storage_id id = {0}, after;
	struct storage_info info = {0};
	TEE_Result res = storage_next(instance->core->storage, &instance->uuid, NULL, &id, &info);

	for (uint32_t i = 0; i < report->a && !res; i++) {
		after = id;
		res = storage_next(instance->core->storage, &instance->uuid, &after, &id, &info);
	}
	reply->id_size = id.size;
	memcpy(reply->id, id.bytes, id.size);
	reply->a = info.attr_size;
	reply->b = info.data_size;
	return res;
}

/* Calls on an open object. */
static TEE_Result object_call(
	struct instance *instance, const struct report *report, struct sys_reply *reply)
{
	struct storage_handle **slot = handle_slot(instance, report->handle), *handle;
	struct storage_id id;
	size_t got = 0;
	TEE_Result res;

	if (!slot)
		return TEE_ERROR_BAD_PARAMETERS;
	handle = *slot;
	switch (report->op) {
	case SYS_OBJECT_ATTR:
		return report->a > BUFFER_BYTES
			       ? TEE_ERROR_BAD_PARAMETERS
			       : storage_object_attr(handle, instance->buffer, report->a);
	case SYS_OBJECT_READ:
		if (report->b > BUFFER_BYTES)
			return TEE_ERROR_BAD_PARAMETERS;
		res = storage_object_read(handle, report->a, instance->buffer, report->b, &got);
		reply->b = (uint32_t)got;
		return res;
	case SYS_OBJECT_WRITE:
		if (report->b > BUFFER_BYTES)
			return TEE_ERROR_BAD_PARAMETERS;
		return storage_object_write(handle, report->a, instance->buffer, report->b);
	case SYS_OBJECT_TRUNCATE: return storage_object_truncate(handle, report->a);
	case SYS_OBJECT_RENAME:
		return id_of(report, &id) ? storage_object_rename(handle, &id)
					  : TEE_ERROR_BAD_PARAMETERS;
	case SYS_OBJECT_CLOSE: *slot = NULL; return storage_object_close(handle);
	default: *slot = NULL; return storage_object_delete(handle);
	}
}

/* The caller's memory is copied into a block for the callee. */
static bool make_copies(struct instance *instance, struct pending *pending)
{
	for (uint32_t i = 0; i < 4; i++) {
		uint32_t type = TEE_PARAM_TYPE_GET(pending->params.types, i);
		struct wire_param *p = &pending->params.p[i];
		void *memory = NULL;

		if (type < TEE_PARAM_TYPE_MEMREF_INPUT)
			continue;
		if (p->offset > BUFFER_BYTES || p->size > BUFFER_BYTES - p->offset)
			return false;
		p->shm = 0;
		if (!p->size)
			continue;
		pending->copies[i] = core_make_block(instance->core, p->size, &memory);
		if (!pending->copies[i])
			return false;
		memcpy(memory, instance->buffer + p->offset, p->size);
		munmap(memory, p->size);
		p->shm = pending->copies[i]->number;
		p->offset = 0;
	}
	return true;
}

/* A call to another application. True: the answer comes later. */
static bool ta_call(struct instance *instance, const struct report *report, struct sys_reply *reply)
{
	struct core *core = instance->core;
	struct pending *pending = calloc(1, sizeof *pending);
	struct session *session = core_find_session(core, report->handle);

	reply->origin = TEE_ORIGIN_TEE;
	reply->result = TEE_ERROR_OUT_OF_MEMORY;
	if (!pending)
		return false;
	pending->caller = instance;
	pending->command = report->command;
	pending->asked = pending->params = report->params;
	if (!make_copies(instance, pending))
		goto refuse;
	if (report->op == SYS_TA_OPEN) {
		pending->op = CALL_OPEN;
		reply->result = call_open(core, &report->uuid, pending);
		if (!reply->result)
			return true;
		goto refuse;
	}
	reply->result = TEE_ERROR_BAD_PARAMETERS;
	if (!session || session->caller != instance)
		goto refuse;
	reply->result = TEE_ERROR_TARGET_DEAD;
	if (session->dead)
		goto refuse;
	reply->result = TEE_ERROR_BUSY;
	if (call_is_circle(instance, session->instance))
		goto refuse;
	pending->op = CALL_INVOKE;
	pending->session = session;
	call_queue(session->instance, pending);
	return true;
refuse:
	for (int i = 0; i < 4; i++)
		if (pending->copies[i])
			core_drop_block(core, pending->copies[i]);
	free(pending);
	return false;
}

static bool is_store(const TEE_UUID *uuid)
{
	static const TEE_UUID store = EDB_IMAGE_STORE_UUID;

	return core_same_uuid(uuid, &store);
}

/* True: the answer comes later. */
static bool ta_syscall(
	struct instance *instance, const struct report *report, struct sys_reply *reply)
{
	struct session *session;

	reply->params = report->params;
	reply->origin = TEE_ORIGIN_TRUSTED_APP;
	switch (report->op) {
	case SYS_TA_OPEN:
		if (!is_store(&report->uuid))
			return ta_call(instance, report, reply);
		reply->result = store_open(instance, &reply->handle);
		return false;
	case SYS_TA_INVOKE:
		if (!store_has(instance, report->handle))
			return ta_call(instance, report, reply);
		reply->result =
			store_invoke(instance, report->handle, report->command, &reply->params);
		return false;
	default:
		if (store_close(instance, report->handle))
			return false;
		session = core_find_session(instance->core, report->handle);
		if (session && session->caller == instance)
			call_close(instance->core, session);
		return false;
	}
}

void syscall_serve(struct instance *instance, const struct report *report)
{
	struct sys_reply reply = {0};

	switch (report->op) {
	case SYS_OBJECT_OPEN:
	case SYS_OBJECT_CREATE: reply.result = object_open(instance, report, &reply); break;
	case SYS_OBJECT_AT: reply.result = object_at(instance, report, &reply); break;
	case SYS_OBJECT_ATTR:
	case SYS_OBJECT_READ:
	case SYS_OBJECT_WRITE:
	case SYS_OBJECT_TRUNCATE:
	case SYS_OBJECT_RENAME:
	case SYS_OBJECT_CLOSE:
	case SYS_OBJECT_DELETE: reply.result = object_call(instance, report, &reply); break;
	case SYS_TA_OPEN:
	case SYS_TA_INVOKE:
	case SYS_TA_CLOSE:
		if (ta_syscall(instance, report, &reply))
			return;
		break;
	default: reply.result = TEE_ERROR_NOT_SUPPORTED; break;
	}
	answer(instance, &reply);
}

void syscall_forget(struct instance *instance)
{
	for (uint32_t i = 0; i < HANDLES; i++) {
		(void)storage_object_close(instance->handles[i]);
		instance->handles[i] = NULL;
	}
	store_close_all(instance);
}
