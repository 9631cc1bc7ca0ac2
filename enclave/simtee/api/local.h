/* SPDX-License-Identifier: MIT
 *
 * The system calls inside one process (sys_local.c): an application linked with TEE_* and this runs
 * in an ordinary program, for unit tests and fuzzers. Objects live in memory. One thread.
 */
#ifndef SIMTEE_LOCAL_H
#define SIMTEE_LOCAL_H

#include <setjmp.h>

#include "sys.h"

/* The one other application that TEE_OpenTASession reaches; NULL: there is none. */
struct simtee_local_peer {
	TEE_UUID uuid;
	TEE_Result (*open)(uint32_t *session);
	TEE_Result (*invoke)(
		uint32_t session, uint32_t command, uint32_t types, TEE_Param params[4]);
	void (*close)(uint32_t session);
};

/** Forget every object and setting. */
void simtee_local_reset(void);

void simtee_local_set_peer(const struct simtee_local_peer *peer);
void simtee_local_set_client(TEE_Identity client);

/** What a panic does: longjmp here, value 1. Without it, abort(). */
void simtee_local_on_panic(jmp_buf *where);

/**
 * Stop at the n-th change of an object from now (1: the next one): it does not happen, and neither
 * does anything after it until simtee_local_restart. 0: never. This is the power cut of tests.
 */
void simtee_local_stop_at(uint32_t n);
/** What a change that does not happen answers; TEE_ERROR_STORAGE_NOT_AVAILABLE at first. */
void simtee_local_fail_with(TEE_Result failure);
/** Changes since the last reset or stop_at. */
uint32_t simtee_local_changes(void);
/** Has the stop come? */
bool simtee_local_stopped(void);
/** Stop now. */
void simtee_local_stop(void);
/** Power is back: handles are gone, objects are what they were. */
void simtee_local_restart(void);

/** Storage works again, and power never went: handles stay. */
void simtee_local_resume(void);

/** For a peer that keeps things of its own: may this change happen? Counts it. */
bool simtee_local_change(void);

/** Objects there are, and handles open. */
uint32_t simtee_local_objects(void);
uint32_t simtee_local_handles(void);

/** A number that differs if any object does: id, attributes or data. */
uint64_t simtee_local_fingerprint(void);

/** From now on every object is corrupt (0: none is). */
void simtee_local_corrupt(bool corrupt);

/** Memory that counts as the normal world's. */
void simtee_local_share(const void *memory, size_t size);

#endif
