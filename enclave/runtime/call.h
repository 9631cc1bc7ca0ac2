/* SPDX-License-Identifier: MIT
 *
 * The trusted half of every ecall: what an application gets and gives, and what the code that
 * edger8r writes stands on. The wire format is in docs/edl.md.
 *
 * Order of things in one call: command number and parameter types are compared with the declared
 * ones; parameter 0 is copied once into private memory, and only that copy is read; every size is
 * checked against it and against parameter 1; the application's function runs on private memory;
 * what comes out is copied once into parameter 1; private memory is wiped.
 *
 * Threads: none; a TEE runs one call of an instance at a time.
 */
#ifndef EDB_CALL_H
#define EDB_CALL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <tee_internal_api.h>

#include "cursor.h"

/*
 * For the application. Constants and hooks have defaults (sdk/enclave/hooks.c): 64 KiB each way;
 * hooks do nothing.
 */

/* Most bytes that one call may bring in, and take out. Greater ones are refused unread. */
extern const uint32_t edb_call_input_max;
extern const uint32_t edb_call_output_max;

/**
 * A pointer of the application's own for each session: the place where it lies.
 *
 * @return never NULL inside an ecall, edb_session_open or edb_session_close; the value there is
 *         NULL in the beginning
 */
void **edb_session_slot(void);

/** Is there an ecall of this name? */
bool edb_is_ecall(const char *name);

/** The instance starts. Anything but TEE_SUCCESS: it does not. */
TEE_Result edb_enclave_create(void);

/** The instance ends; not called after a panic. */
void edb_enclave_destroy(void);

/** A session starts. @param slot the same place that edb_session_slot gives. */
TEE_Result edb_session_open(void **slot);

/** A session ends. @param slot the value that lies there; the application frees it. */
void edb_session_close(void *slot);

/*
 * For generated code only.
 */

struct edb_call {
	uint8_t *copy;        /* of parameter 0, private; in lies over it */
	struct cursor in;     /* its error: the input is not what its sizes say */
	struct writer work;   /* private, zero-filled: arrays that go out or need alignment */
	struct writer out_ns; /* parameter 1: written, never read */
	uint32_t retval;
};

struct edb_ecall {
	const char *name;
	uint32_t param_types; /* the only ones that are accepted */
	TEE_Result (*run)(struct edb_call *call);
};

/* In the order of the EDL file: a command is a place in this table. */
extern const struct edb_ecall edb_ecalls[];
extern const uint32_t edb_ecall_count;

/** Next scalar, little-endian. @param bytes 1, 2, 4 or 8. 0 if the input is too short. */
uint64_t edb_in(struct edb_call *call, size_t bytes);

/** Next bool: one byte, 0 or 1. */
bool edb_in_bool(struct edb_call *call);

/** Refuse the input unless this holds. */
void edb_require(struct edb_call *call, bool condition);

/** count * size bytes, where that fits in 32 bits; else 0, and the input is refused. Negative
 * counts come as huge. */
uint32_t edb_size(struct edb_call *call, uint64_t count, uint64_t size);

/** Next array; its size on the wire must be this one. Borrowed from the copy; not aligned. */
void *edb_in_array(struct edb_call *call, uint32_t bytes);

/** Next string: ends with the only NUL in it. @param bytes out: with the NUL. NULL is fine. */
char *edb_in_string(struct edb_call *call, uint32_t *bytes);

/** What an array takes in the work area: at least one byte more, so that none is without address.
 */
static inline size_t edb_pad(uint32_t bytes)
{
	return ((size_t)bytes | 7) + 1;
}

/**
 * All inputs are read: refuse if any was bad, if something is left over, or if parameter 1 has not
 * exactly out_bytes. Then make the work area.
 */
TEE_Result edb_begin(struct edb_call *call, uint64_t out_bytes, size_t work_bytes);

/** An array in the work area, aligned for any scalar. @param from bytes to start with, or NULL. */
void *edb_work(struct edb_call *call, const void *from, uint32_t bytes);

/** Next scalar of the output. */
void edb_out(struct edb_call *call, uint64_t value, size_t bytes);

/** Next array of the output. @param from in private memory. */
void edb_out_array(struct edb_call *call, const void *from, uint32_t bytes);

/* Ocalls, see ocall.h; NULL where there are none. */
struct edb_fiber;

/* What the entry points hand a session's commands to; close is NULL if there is nothing to do. */
struct edb_dispatch {
	TEE_Result (*invoke)(struct edb_fiber **fiber, uint32_t command, uint32_t param_types,
		TEE_Param params[4]);
	void (*close)(struct edb_fiber **fiber);
};

extern const struct edb_dispatch edb_dispatch;

/**
 * One ecall without ocalls, from the parameters that came in.
 *
 * @return TEE_SUCCESS: the application's function ran, params[2].value.a is what it returned. Any
 *         other: it did not run, nothing was written.
 */
TEE_Result edb_call_invoke(
	struct edb_fiber **fiber, uint32_t command, uint32_t param_types, TEE_Param params[4]);

/*
 * Its parts. After either, failed or not: edb_call_clear.
 */

/** Check command, types and parameter 1; copy parameter 0. */
TEE_Result edb_call_prepare(
	struct edb_call *call, uint32_t command, uint32_t param_types, TEE_Param params[4]);

/** A memory reference's bytes, into private memory. */
TEE_Result edb_call_copy_in(struct edb_call *call, const TEE_Param *param);

/** Wipe and free what it holds: that may be keys. */
void edb_call_clear(struct edb_call *call);

#endif
