/* SPDX-License-Identifier: MIT
 *
 * Messages of the simulator, each one datagram of a SOCK_SEQPACKET socket: between a host program
 * and the core, and between the core and the process of an application. Fixed structures in the
 * machine's own byte order, since all three run on it; what a host sends is hostile all the same.
 */
#ifndef SIMTEE_PROTOCOL_H
#define SIMTEE_PROTOCOL_H

#include <stddef.h>
#include <stdint.h>

#include <tee_api_types.h>

#define SIMTEE_SOCKET_NAME "socket"
#define SHM_MAX            (64u << 20) /* bytes of one shared memory block */
#define BUFFER_BYTES       (2u << 20)  /* an application's buffer for bulk data of system calls */

/* A parameter: a value, or a piece of a shared memory block. */
struct wire_param {
	uint32_t a, b;
	uint32_t shm; /* number of the block; 0: none (an empty reference) */
	uint32_t offset, size;
};

struct wire_params {
	uint32_t types; /* TEE_PARAM_TYPES */
	struct wire_param p[4];
};

enum client_op {
	CLIENT_SHM_ADD = 1, /* number, size; one file descriptor */
	CLIENT_SHM_DROP,    /* number */
	CLIENT_OPEN,        /* uuid, login, params */
	CLIENT_INVOKE,      /* number: session, command, params */
	CLIENT_CLOSE,       /* number: session */
};

struct client_request {
	uint32_t op, number, command, login;
	uint64_t size;
	TEE_UUID uuid;
	struct wire_params params;
};

struct client_reply {
	uint32_t result, origin, number;
	struct wire_params params;
};

/* What the core asks of an application's process. */
enum call_op {
	CALL_OPEN = 1,
	CALL_INVOKE,
	CALL_CLOSE,
	CALL_SHM_DROP,
	CALL_END
};

struct call {
	uint32_t op, command;
	uint64_t session; /* the process's own pointer; 0 for CALL_OPEN */
	TEE_Identity client;
	struct wire_params params;
	uint32_t fd_shm[4]; /* numbers of the blocks whose descriptors come along, in order */
	uint32_t fd_count;
	uint32_t shm_size[4];
	uint32_t drop; /* CALL_SHM_DROP */
};

/* What an application's process sends: a system call, or the end of a call. */
enum report_op {
	REPORT_READY = 1,    /* created; result */
	REPORT_DONE,         /* result, session, params */
	REPORT_PANIC,        /* result */
	SYS_OBJECT_OPEN,     /* id, flags */
	SYS_OBJECT_CREATE,   /* id, flags, a: attr size, b: data size; buffer: attr, then data */
	SYS_OBJECT_ATTR,     /* handle, a: size */
	SYS_OBJECT_READ,     /* handle, a: offset, b: size */
	SYS_OBJECT_WRITE,    /* handle, a: offset, b: size; buffer */
	SYS_OBJECT_TRUNCATE, /* handle, a: size */
	SYS_OBJECT_RENAME,   /* handle, id */
	SYS_OBJECT_CLOSE,    /* handle */
	SYS_OBJECT_DELETE,   /* handle */
	SYS_OBJECT_AT,       /* id: the one before, a: is there one before */
	SYS_TA_OPEN,         /* uuid, params: offsets into the buffer */
	SYS_TA_INVOKE,       /* handle: session, command, params */
	SYS_TA_CLOSE,        /* handle: session */
};

struct report {
	uint32_t op, result, origin;
	uint64_t session;
	uint32_t handle, flags, a, b, command;
	uint32_t id_size;
	uint8_t id[64];
	TEE_UUID uuid;
	struct wire_params params;
	uint32_t heap_left; /* REPORT_DONE after CALL_END: bytes that were never freed */
};

/* The core's answer to a system call. */
struct sys_reply {
	uint32_t result, origin, handle;
	uint32_t a, b;
	uint32_t id_size;
	uint8_t id[64];
	struct wire_params params;
};

/** Send one datagram with up to four descriptors. 0, or -1 with errno. */
int message_send(int fd, const void *bytes, size_t size, const int *fds, unsigned fd_count);

/** Receive one datagram of exactly this size. 1: got it; 0: the other end is gone, or it is no such
 *  datagram; -1: errno (EAGAIN). Descriptors beyond fd_max are closed. */
int message_receive(
	int fd, void *bytes, size_t size, int *fds, unsigned fd_max, unsigned *fd_count);

#endif
