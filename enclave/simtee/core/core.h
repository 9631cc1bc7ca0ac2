/* SPDX-License-Identifier: MIT
 *
 * Inside of the simulator's core: one thread, one poll loop. Clients (host programs) ask, instances
 * (processes of applications) answer one call at a time; what has to wait stands in an instance's
 * queue. Storage works inside the loop: it is the TEE's, and everything waits for it there, too.
 */
#ifndef SIMTEE_CORE_H
#define SIMTEE_CORE_H

#include <stdbool.h>

#include <tee_internal_api.h>

#include "image.h"
#include "image_store.h"
#include "protocol.h"
#include "storage.h"

struct core;
struct client;
struct instance;

/* A piece of normal-world memory, or a caller's copy for another application. */
struct block {
	struct block *next;
	struct client *owner; /* NULL: made by the core for one call */
	uint32_t number;      /* the core's; unique */
	uint32_t client_number;
	uint32_t size;
	int fd;
};

struct session {
	struct session *next;
	uint32_t number; /* unique; what clients and applications name it by */
	struct instance *instance;
	struct client *client;   /* who opened it: a host program … */
	struct instance *caller; /* … or another application */
	uint64_t handle;         /* the application's own */
	bool dead;               /* its instance is gone */
};

/* A call on its way to an instance, or in it. */
struct pending {
	struct pending *next;
	uint32_t op, command;
	struct session *session;
	struct client *client;     /* who waits: a host program … */
	struct instance *caller;   /* … an application … or nobody */
	struct wire_params params; /* shm: the core's block numbers */
	struct wire_params asked;  /* as the caller sent them */
	struct block *copies[4];   /* of an application's memory */
};

struct instance {
	struct instance *next;
	struct core *core;
	TEE_UUID uuid;
	uint32_t flags;
	uint64_t memory;
	int pid, fd;
	uint8_t *buffer; /* shared with the process: bulk data of system calls */
	bool ready, ending, stale;
	uint32_t sessions;
	struct pending *queue; /* first: running, if running is set */
	bool running;
	uint32_t *known; /* numbers of the blocks that it has */
	size_t known_count;
	struct storage_handle *handles[64];
	struct instance *waits_for;  /* in a call to another application */
	struct store_session *store; /* sessions with the image store */
};

struct client {
	struct client *next;
	int fd;
	bool gone;
};

struct early_ta {
	struct early_ta *next;
	TEE_UUID uuid;
	uint8_t *bytes;
	size_t size;
};

struct core {
	int listener;
	struct storage *storage;
	struct client *clients;
	struct instance *instances;
	struct session *sessions;
	struct block *blocks;
	struct early_ta *early;
	struct store_image *images;
	uint32_t next_number;
	uint64_t leaked;    /* bytes that ended instances had not freed */
	const char *loader; /* path of simtee-ta */
	volatile int stop;
};

/* core.c */
struct block *core_find_block(struct core *core, uint32_t number);
struct block *core_make_block(struct core *core, uint32_t size, void **memory);
void core_drop_block(struct core *core, struct block *block);
struct session *core_find_session(struct core *core, uint32_t number);
void core_log(const char *format, ...) __attribute__((format(printf, 1, 2)));
bool core_same_uuid(const TEE_UUID *a, const TEE_UUID *b);
void core_run(struct core *core);

/* calls.c */
TEE_Result call_open(struct core *core, const TEE_UUID *uuid, struct pending *pending);
void call_queue(struct instance *instance, struct pending *pending);
void call_next(struct instance *instance);
void call_done(struct instance *instance, const struct report *report);
/** The pending call ends with this result; whoever waits hears it. Frees it. */
void call_answer(struct core *core, struct pending *pending, uint32_t result, uint32_t origin);
void call_close(struct core *core, struct session *session);
/** Would `callee`, called by `caller`, in the end wait for itself? */
bool call_is_circle(const struct instance *caller, const struct instance *callee);

/* instance.c */
TEE_Result instance_start(struct core *core, const TEE_UUID *uuid, struct instance **instance);
void instance_end(struct instance *instance);     /* politely */
void instance_is_gone(struct instance *instance); /* frees it */
void instance_report(struct instance *instance);  /* its socket is readable */

/* syscalls.c */
void syscall_serve(struct instance *instance, const struct report *report);
void syscall_forget(struct instance *instance); /* closes its handles and store sessions */

/* store.c: the image store */
TEE_Result store_start(struct core *core);
void store_stop(struct core *core);
TEE_Result store_open(struct instance *caller, uint32_t *number);
TEE_Result store_invoke(
	struct instance *caller, uint32_t number, uint32_t command, struct wire_params *params);
bool store_has(const struct instance *caller, uint32_t number);
bool store_close(struct instance *caller, uint32_t number);
void store_close_all(struct instance *caller);
/** The installed image, decrypted: malloc'ed. */
TEE_Result store_load(struct core *core, const TEE_UUID *uuid, uint8_t **bytes, size_t *size);

#endif
