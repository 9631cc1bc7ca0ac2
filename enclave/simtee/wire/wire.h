/* SPDX-License-Identifier: MIT
 *
 * What the three programs of the simulator say to each other: host (client library) and core, core
 * and application process. One message is one packet of a SOCK_SEQPACKET socket on one machine, so
 * structures travel as they are. Every receiver treats the sender as hostile: sizes are checked
 * here, meaning by whoever uses the message.
 */
#ifndef SIMTEE_WIRE_H
#define SIMTEE_WIRE_H

#include <tee_internal_api.h>

#define WIRE_FDS_MAX     4u
#define WIRE_TEXT_MAX    4096u /* bytes of a status text, NUL included */
#define WIRE_BUFFER_SIZE (SIMTEE_BUFFER_DATA + (64u << 10))
/* Bytes that one system call moves at most: an object's data; attributes go beside it. */
#define SIMTEE_BUFFER_DATA (1u << 20)

/* Memory of all applications that are loaded, as on the reference device. */
#define SIMTEE_MEMORY_MAX (13u << 20) /* bytes */

/* A value, or a piece of shared memory. */
struct wire_param {
	uint32_t a, b;
	uint32_t memory; /* 0: a NULL reference */
	uint32_t reserved;
	uint64_t offset, size; /* bytes */
};

/* --- host and core --- */

enum wire_request_kind {
	WIRE_OPEN = 1,
	WIRE_INVOKE,
	WIRE_CLOSE,
	WIRE_CANCEL,        /* no answer; tag: of the call to cancel */
	WIRE_MEMORY_ADD,    /* comes with a memfd, sealed against a change of its size */
	WIRE_MEMORY_REMOVE, /* no answer */
	WIRE_STATUS,        /* the answer is followed by a text */
	WIRE_STOP,          /* answered by the end of the connection */
};

struct wire_request {
	uint32_t kind;
	uint32_t tag; /* the host's: comes back with the answer; not 0 */
	uint32_t session, command, types;
	uint32_t login, group; /* WIRE_OPEN: TEE_LOGIN_*; gid for TEE_LOGIN_GROUP */
	uint32_t memory;       /* WIRE_MEMORY_*: a number of the host's choice; not 0 */
	TEE_UUID uuid;
	struct wire_param params[4];
};

struct wire_reply {
	uint32_t tag;
	uint32_t result, origin;
	uint32_t session; /* WIRE_OPEN */
	struct wire_param params[4];
};

/* --- core and application process --- */

enum wire_down_kind {
	WIRE_START = 1, /* comes with two memfds: image, system call buffer; answer: WIRE_DONE */
	WIRE_CALL_OPEN,
	WIRE_CALL_INVOKE,
	WIRE_CALL_CLOSE,
	WIRE_CALL_DESTROY,
	WIRE_FORGET, /* no answer; memory: is not referred to any more */
	WIRE_SYS_REPLY,
};

#define WIRE_START_FLIP 1u /* change parameter 0 after it was copied: the attack, on purpose */

struct wire_fresh {
	uint32_t memory, reserved;
	uint64_t size; /* bytes */
};

struct wire_down {
	uint32_t kind;
	uint32_t flags;
	uint32_t session, command, types;
	uint32_t result, origin;               /* WIRE_SYS_REPLY */
	uint32_t handle, attr_size, data_size; /* WIRE_SYS_REPLY: an object */
	uint32_t size;                         /* WIRE_SYS_REPLY: bytes in the buffer */
	uint32_t memory;                       /* WIRE_FORGET */
	uint32_t fresh_count; /* memories that come with this message, fds in order */
	struct wire_fresh fresh[WIRE_FDS_MAX];
	TEE_Identity client;
	TEE_UUID self;
	struct wire_param params[4];
};

enum wire_up_kind {
	WIRE_DONE = 1, /* a call has been answered */
	WIRE_PANIC,    /* and the process ends */
	WIRE_SYS,      /* a system call; answer, but for closing: WIRE_SYS_REPLY */
};

enum wire_sys {
	WIRE_OBJECT_OPEN = 1,
	WIRE_OBJECT_CREATE,
	WIRE_OBJECT_ATTR,
	WIRE_OBJECT_READ,
	WIRE_OBJECT_WRITE,
	WIRE_OBJECT_TRUNCATE,
	WIRE_OBJECT_RENAME,
	WIRE_OBJECT_CLOSE, /* no answer */
	WIRE_OBJECT_DELETE,
	WIRE_OBJECT_AT,
	WIRE_TA_OPEN,
	WIRE_TA_INVOKE,
	WIRE_TA_CLOSE,
};

struct wire_up {
	uint32_t kind;
	uint32_t result; /* WIRE_DONE, WIRE_PANIC */
	uint32_t sys;
	uint32_t handle, flags, offset, size;
	uint32_t attr_size, data_size; /* bytes in the buffer: attributes, then data */
	uint32_t session, command, types;
	uint32_t id_size;
	uint8_t id[TEE_OBJECT_ID_MAX_LEN];
	TEE_UUID uuid;
	uint64_t heap_bytes;         /* WIRE_DONE of WIRE_CALL_DESTROY: what is still allocated */
	struct wire_param params[4]; /* memory references: offsets into the buffer */
};

/* --- packets: 0 or an errno value --- */

/** flags: MSG_DONTWAIT or 0. */
int wire_send(
	int socket, const void *message, size_t size, const int *fds, size_t fd_count, int flags);

/**
 * @param size  in: room; out: bytes; 0: the other side is gone
 * @param fds   out: *fd_count of them, close-on-exec, the caller's
 * @return EBADMSG: more bytes or descriptors than asked for; nothing is left open
 */
int wire_receive(int socket, void *message, size_t *size, int fds[static WIRE_FDS_MAX],
	size_t *fd_count, int flags);

/** Is this a memfd of exactly such a size that nobody can change any more? */
bool wire_memory_is_fixed(int fd, uint64_t *size);

/** A memfd, zero, its size fixed. -1: errno. */
int wire_memory_make(uint64_t size);

bool wire_is_memref(uint32_t type);
bool wire_is_input(uint32_t type);
bool wire_is_output(uint32_t type);

/** Four known types and nothing above them. */
bool wire_types_are_valid(uint32_t types);

#endif
