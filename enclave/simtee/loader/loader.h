/* SPDX-License-Identifier: MIT
 *
 * Inside of simtee-ta, the process of one instance of one application.
 */
#ifndef SIMTEE_LOADER_H
#define SIMTEE_LOADER_H

#include <tee_internal_api.h>

#include "image.h"
#include "protocol.h"

/* Descriptors that the core hands over. */
#define LOADER_SOCKET_FD 3
#define LOADER_IMAGE_FD  4
#define LOADER_BUFFER_FD 5

/* The five entry points, as loaded. */
struct loaded {
	TEE_Result (*create)(void);
	void (*destroy)(void);
	TEE_Result (*open)(uint32_t types, TEE_Param params[4], void **session);
	void (*close)(void *session);
	TEE_Result (*invoke)(void *session, uint32_t command, uint32_t types, TEE_Param params[4]);
};

/** End this process. A build that measures coverage writes what it has seen first. */
void __attribute__((noreturn)) leave(int code);

/** Map, relocate, protect. False: *why. Nothing of the image has run. */
bool image_load(const struct image *image, struct loaded *loaded, const char **why);

/** What an image may import; NULL: not that. */
void *import_find(const char *name);

/** From here on: this socket, this memory, no files, no network, no new code. */
bool confine(void);

/** sys_ipc.c: start; who we are. */
void sys_ipc_start(void *buffer, TEE_UUID self);
void sys_ipc_set_client(TEE_Identity client);

/** Shared memory of the normal world (shared.c). */
bool shared_add(uint32_t number, int fd, uint32_t size);
void shared_drop(uint32_t number);
/** Make a piece accessible; NULL: there is no such piece. */
void *shared_open(uint32_t number, uint32_t offset, uint32_t size);
/** Nothing is accessible any more. */
void shared_close_all(void);

#endif
