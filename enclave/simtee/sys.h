/* SPDX-License-Identifier: MIT
 *
 * The system calls of an application to the TEE's core: all that the TEE_* functions of api/ cannot
 * do by themselves. Two implementations: loader/sys_ipc.c over a socket to the core, and
 * api/sys_local.c inside one process, for unit tests and fuzzers.
 *
 * Threads: one at a time. Handles are numbers of the core's choice, never 0.
 */
#ifndef SIMTEE_SYS_H
#define SIMTEE_SYS_H

#include "tee_api_defines.h"
#include "tee_api_types.h"

#define SYS_OBJECT_ID_MAX TEE_OBJECT_ID_MAX_LEN
#define SYS_OBJECT_DATA_MAX                                                                        \
	(1u << 20)                     /* bytes: OP-TEE keeps a hash tree of each in its own heap  \
					*/
#define SYS_OBJECT_ATTR_MAX (8u << 10) /* bytes: RSA-4096 with all its numbers takes 3 KiB */

struct sys_object {
	uint32_t handle;
	uint32_t attr_size, data_size; /* bytes */
};

/** Open an object of the calling application. TEE_ERROR_ITEM_NOT_FOUND, _ACCESS_CONFLICT,
 *  _CORRUPT_OBJECT. flags: TEE_DATA_FLAG_*. */
TEE_Result sys_object_open(
	const void *id, size_t id_size, uint32_t flags, struct sys_object *object);

/** Create one, atomically; with TEE_DATA_FLAG_OVERWRITE in place of an old one. */
TEE_Result sys_object_create(const void *id, size_t id_size, uint32_t flags, const void *attr,
	size_t attr_size, const void *data, size_t data_size, struct sys_object *object);

/** The attributes, whole: attr_size bytes. */
TEE_Result sys_object_attr(uint32_t handle, void *attr, size_t size);

/** Up to size bytes from offset; *got may be less at the object's end. */
TEE_Result sys_object_read(uint32_t handle, uint32_t offset, void *data, size_t size, size_t *got);

/** Write, extending with zeros where offset lies beyond the end; one atomic step. */
TEE_Result sys_object_write(uint32_t handle, uint32_t offset, const void *data, size_t size);
TEE_Result sys_object_truncate(uint32_t handle, uint32_t size);

/** TEE_ERROR_ACCESS_CONFLICT: there is such an object already; it is never overwritten. */
TEE_Result sys_object_rename(uint32_t handle, const void *id, size_t id_size);

/** What was written is on disk when this returns. */
void sys_object_close(uint32_t handle);

/** Delete and close, whatever happens. */
TEE_Result sys_object_delete(uint32_t handle);

/** The index-th object, in an order that holds while none comes or goes. id: SYS_OBJECT_ID_MAX. */
TEE_Result sys_object_at(uint32_t index, void *id, size_t *id_size, struct sys_object *object);

/** Sessions with other applications. Memory references are copied, in and out. */
TEE_Result sys_ta_open(const TEE_UUID *uuid, uint32_t types, TEE_Param params[4], uint32_t *session,
	uint32_t *origin);
TEE_Result sys_ta_invoke(
	uint32_t session, uint32_t command, uint32_t types, TEE_Param params[4], uint32_t *origin);
void sys_ta_close(uint32_t session);

/** Who opened the session that is being served, and who is serving. */
TEE_Identity sys_client(void);
TEE_UUID sys_self(void);

/** Does this memory belong to the normal world? */
bool sys_is_shared(const void *memory, size_t size);

/** End this instance; every session of it gets TEE_ERROR_TARGET_DEAD. */
void __attribute__((noreturn)) sys_panic(TEE_Result code);

#endif
