/* SPDX-License-Identifier: MIT
 *
 * Inside the simulator's core: one thread, one loop, nothing in it waits for anybody. Clients (host
 * programs) and instances (application processes) are connections; a call goes from one of them
 * into an instance's queue and its answer back. Whoever does not read what was sent to it is cut
 * off. Storage works inside the loop: it is the TEE's own.
 *
 * Clients and instances that are over are only marked, and buried when the loop comes round, so
 * that nobody holds a pointer to what is gone.
 */
#ifndef SIMTEE_CORE_H
#define SIMTEE_CORE_H

#include <sched.h>
#include <stdio.h>
#include <sys/types.h>

#include "storage.h"
#include "wire.h"

#define CLIENTS_MAX       256u
#define CLIENT_CALLS_MAX  128u /* unanswered; their answers fit into a socket's buffer */
#define CLIENT_MEMORY_MAX 256u
#define SESSIONS_MAX      128u /* of one instance */
#define HANDLES_MAX       128u /* objects that an instance has open */
#define KNOWN_MAX         32u  /* memories that an instance has mapped */

struct core;
struct call;

/* Something the loop listens to; the first member of what it belongs to. */
struct source {
	int fd;
	void (*ready)(struct source *source);
};

/* Shared memory. Alive while it has an owner, or a call refers to it. */
struct memory {
	struct memory *next; /* of the client's */
	struct core *core;
	uint32_t key;    /* the core's name for it; never used again */
	uint32_t number; /* the client's */
	uint32_t references;
	int fd;
	uint64_t size;
	uint8_t *bytes; /* mapped here: only what the core itself made */
};

struct client {
	struct source source;
	struct client *next;
	struct core *core;
	struct memory *memories;
	uint32_t memory_count, call_count;
	bool gone;
};

enum instance_state {
	INSTANCE_STARTING, /* the process loads and creates */
	INSTANCE_IDLE,
	INSTANCE_BUSY,    /* in a call */
	INSTANCE_ENDING,  /* in TA_DestroyEntryPoint */
	INSTANCE_LEAVING, /* about to exit */
	INSTANCE_DEAD     /* to be buried */
};

struct instance {
	struct source source;
	struct instance *next;
	struct core *core;
	TEE_UUID uuid;
	uint32_t flags, memory_bytes;
	uint32_t generation; /* of the image store; 0: an early application */
	pid_t pid;
	int cpu; /* bound to, or CPU_ANY */
	enum instance_state state;
	TEE_Result failure; /* of the start */
	uint32_t session_count;
	uint8_t *buffer;            /* WIRE_BUFFER_SIZE bytes that the process has mapped, too */
	struct instance *waits_for; /* in a call of its own, here or in its queue */
	struct {
		struct memory *memory;
		uint64_t used;
	} known[KNOWN_MAX];
	struct storage_handle *handles[HANDLES_MAX];
};

enum session_state {
	SESSION_OPENING,
	SESSION_OPEN,
	SESSION_CLOSING, /* its close is queued */
	SESSION_DEAD     /* its instance is gone */
};

struct session {
	struct session *next;
	uint32_t id;   /* what its owner calls it */
	uint32_t slot; /* what the instance calls it: 1 to SESSIONS_MAX */
	enum session_state state;
	struct client *client;   /* the owner: a host … */
	struct instance *caller; /* … or an application; or neither: it is gone */
	struct instance *instance;
	struct store_session *store; /* instead of an instance: the image store */
	TEE_Identity identity;
	struct memory *bounce; /* of an application's calls: its memory is copied */
	struct call *spare;    /* so that it can be closed when there is no memory for a call */
};

enum call_state {
	CALL_WAITING, /* for an instance to be gone */
	CALL_QUEUED,
	CALL_RUNNING,
	CALL_LAST /* done; answered when the instance is gone */
};

/* Sent by an application, as places in its buffer; sent to one, as places in shared memory. */
struct call_param {
	uint32_t a, b;
	struct memory *memory; /* referred to */
	uint64_t offset, size;
};

struct call {
	struct call *next; /* all there are, oldest first */
	uint32_t kind;     /* WIRE_CALL_* */
	enum call_state state;
	struct session *session;
	struct instance *instance; /* NULL: CALL_WAITING */
	struct client *client;     /* who waits: a host … */
	uint32_t tag;
	struct instance *caller; /* … or an application; or nobody */
	uint32_t command, types;
	struct call_param params[4];
	TEE_UUID uuid;             /* of an open */
	TEE_Result result;         /* CALL_LAST */
	struct wire_param out[4];  /* CALL_LAST */
	struct wire_param sent[4]; /* of an application: as it sent them */
	struct memory *bounce;     /* of an application: where its memory was copied to */
	uint64_t tried;            /* CALL_WAITING: when */
};

struct core {
	int epoll, listener;
	cpu_set_t cpus;     /* that it may use; none, if that is not known */
	bool is_bound;      /* to one of them */
	const char *loader; /* path of simtee-ta */
	FILE *log;
	uint32_t start_flags; /* WIRE_START_* */
	struct storage *storage;
	struct store_image *store_images;
	uint32_t store_generation;
	struct early *early;
	struct client *clients;
	struct instance *instances;
	struct session *sessions;
	struct call *calls;
	uint32_t client_count, next_number;
	uint64_t clock; /* counts calls: who used a memory last? */
	bool something_died, stop;
	struct {
		uint64_t panics, crashes, leaked_bytes, leaking;
	} seen;
	const uint32_t *storage_changes; /* borrowed */
	struct source listener_source, signal_source;
};

/* --- loop.c --- */

bool core_watch(struct core *core, struct source *source);
void core_log(struct core *core, const char *format, ...) __attribute__((format(printf, 2, 3)));

/** A number that was not used before: of a session, of a memory. */
uint32_t core_number(struct core *core);

bool core_listen(struct core *core, int listener);

/** Until a signal or a client says stop. Everything is closed then. */
void core_run(struct core *core);

/** What `simtee status` shows. */
void core_describe(const struct core *core, char *text, size_t room);

#define UUID_TEXT 37u
void core_uuid_text(const TEE_UUID *uuid, char text[static UUID_TEXT]);
bool core_same_uuid(const TEE_UUID *a, const TEE_UUID *b);

/* --- client.c --- */

void client_accept(struct core *core, int fd);
void client_answer(struct client *client, const struct wire_reply *reply);
void client_fail(struct client *client);
void client_bury(struct client *client);

/* --- memory.c --- */

/** Takes fd, also on failure. NULL: no memory. One reference. */
struct memory *memory_new(struct core *core, int fd, uint64_t size);
struct memory *memory_ref(struct memory *memory);
/** NULL is fine. The last one: instances are told to forget it. */
void memory_unref(struct memory *memory);

/* --- session.c --- */

struct call *call_new(struct core *core, uint32_t kind);
void call_free(struct core *core, struct call *call);

/** Its answer, to whoever waits. Frees it. */
void call_answer(struct core *core, struct call *call, TEE_Result result, uint32_t origin,
	const struct wire_param out[4]);

/** An open, with everything but a session in `call`; answered in every case. */
void session_open(struct core *core, struct call *call, TEE_Identity identity);

/** A session with the image store: at once, or not at all. */
TEE_Result session_open_store(struct instance *caller, struct session **session);

/** An invocation; answered in every case. */
void session_invoke(struct core *core, struct call *call, struct session *session);

/** Close, and tell who waits in `call` when that is done; NULL: nobody. */
void session_close(struct core *core, struct session *session, struct call *call);

/** Of this owner only. */
struct session *session_find(
	struct core *core, uint32_t id, const struct client *client, const struct instance *caller);

/** The owner is gone: what it opened closes. */
void session_abandon_all(
	struct core *core, const struct client *client, const struct instance *caller);

/** The running call of an instance has come back. */
void session_call_done(
	struct instance *instance, TEE_Result result, const struct wire_param out[4]);

/** An instance has become idle: its next call, or its end. */
void session_settle(struct instance *instance);

bool session_is_circle(const struct instance *caller, const struct instance *callee);

/** An instance is over: its sessions are dead, its callers hear of it; then those who waited. */
void session_instance_gone(struct instance *instance);
void session_retry_waiting(struct core *core);

/* --- instance.c --- */

struct image_ref {
	uint32_t flags, memory_bytes, generation;
};

/** Start a process for an application. */
TEE_Result instance_start(struct core *core, const TEE_UUID *uuid, const struct image_ref *image,
	struct instance **instance);
void instance_send(
	struct instance *instance, const struct wire_down *message, const int *fds, size_t count);
void instance_run(struct instance *instance, const struct call *call);
void instance_destroy(struct instance *instance);
void instance_fail(struct instance *instance);
void instance_bury(struct instance *instance);
void instance_forget(struct instance *instance, const struct memory *memory);

/** Nonzero: instances of an application that are there, in whatever state. */
uint32_t instance_count(const struct core *core, const TEE_UUID *uuid);
uint32_t instance_memory(const struct core *core);

/* --- cpu.c --- */

#define CPU_ANY (-1)

/** Before an instance gets its call; when the call is over, however it ended. */
void cpu_call_begins(struct instance *instance);
void cpu_call_ends(struct core *core);

/* --- objects.c, ta_calls.c: system calls --- */

void object_call(struct instance *instance, const struct wire_up *request);
void object_close_all(struct instance *instance);
void ta_call(struct instance *instance, const struct wire_up *request);

/* --- images.c --- */

/** An application that belongs to the TEE itself. NULL, or what is wrong with it. */
const char *early_add(struct core *core, const char *path);
void early_free(struct core *core);
bool early_has(const struct core *core, const TEE_UUID *uuid);

/** TEE_ERROR_ITEM_NOT_FOUND: there is no such application. */
TEE_Result image_find(const struct core *core, const TEE_UUID *uuid, struct image_ref *image);

/** The image that was found, as a memfd that nobody can change; the caller closes it. */
TEE_Result image_open(struct core *core, const TEE_UUID *uuid, int *fd, uint64_t *size);

/* --- identity.c --- */

/** Who is at the other end of a socket. TEE_ERROR_NOT_SUPPORTED, TEE_ERROR_ACCESS_DENIED. */
TEE_Result identity_of(int socket, uint32_t login, uint32_t group, TEE_Identity *identity);

#endif
