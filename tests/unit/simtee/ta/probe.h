/* SPDX-License-Identifier: MIT
 *
 * An application for the tests of simtee: does what it is told, good or bad. Built several times
 * over, with other UUIDs and flags.
 */
#ifndef TEST_PROBE_H
#define TEST_PROBE_H

/* The UUIDs differ in the first member only. */
#define PROBE_UUID(number)                                                                         \
	{                                                                                          \
		number, 0x7e57, 0x4e57,                                                            \
		{                                                                                  \
			0x80, 0, 0, 0, 0, 0, 0, 0x01                                               \
		}                                                                                  \
	}

#define PROBE_SHARED  1u /* single instance, several sessions */
#define PROBE_OTHER   2u /* as PROBE_SHARED */
#define PROBE_SOLO    3u /* single instance, one session */
#define PROBE_MANY    4u /* an instance for each session */
#define PROBE_KEPT    5u /* single instance, several sessions, kept alive */
#define PROBE_LARGE   6u /* 8 MiB of heap, an instance for each session */
#define PROBE_UNKNOWN 99u

#define PROBE_HEAP  (64u * 1024)
#define PROBE_STACK (16u * 1024)

/* KiB of stack that no build has: a sanitizer's gives 1 MiB more than is declared. */
#define PROBE_TOO_DEEP 4096u

enum probe_command {
	/* p0 memref in, p1 memref out: a copy; p2 value in, out: a + 1, b + 2 */
	PROBE_ECHO = 1,
	/* p0 value out: login; p1 memref out: the UUID of gpd.client.identity */
	PROBE_IDENTITY,
	PROBE_PANIC,
	PROBE_CRASH,
	/* p0 value in: number of a Linux system call, made with zeros */
	PROBE_SYSCALL,
	/* p0 memref in or out: kept; PROBE_TOUCH reads it in a later call */
	PROBE_KEEP,
	PROBE_TOUCH,
	/* p0 memref in, out, 2 bytes: sets the first, waits until the second is set */
	PROBE_MEET,
	/* p0 value in: bytes that are never freed */
	PROBE_LEAK,
	/* p0 value in: bytes; TEE_ERROR_OUT_OF_MEMORY if they are not to be had */
	PROBE_ALLOCATE,
	/* p0 value in: KiB of stack to use */
	PROBE_RECURSE,
	/* p0 memref in: writes to it all the same */
	PROBE_WRITE_INPUT,
	/* p0 memref in; p1 value out: a: is it private? b: is the application's own? (1: yes) */
	PROBE_RIGHTS,
	/* p0 memref in: copied, looked at again; p1 value out: a: 1 if it was the same */
	PROBE_LOOK_TWICE,
	/* p0 value out: how often the instance was asked this */
	PROBE_COUNT,
	/* p0 memref in: struct probe_call; p1, p2 go on to it as its p0 (in), p1 (out); p3 value
	 * out: a: its result, b: its origin */
	PROBE_CALL,
	/* as PROBE_CALL, but the session stays open, and the same one is used the next time */
	PROBE_CALL_KEPT,
	PROBE_CLOSE_KEPT,
	/* p0 memref in: UUID: opens a session with it and closes it; returns what came of it. p1
	 * memref out, p2 value in, out: as it is called by PROBE_CALL */
	PROBE_OPEN,
	/* p0 memref in, out, 18 bytes: PROBE_MEET, then as PROBE_OPEN with the rest */
	PROBE_MEET_OPEN,
	/* all kinds of cryptography and time, under the filter */
	PROBE_API,
	/* p0 memref in: id; p1 memref in: data: an object of this name is made, or replaced */
	PROBE_PUT,
	/* p0 memref in: id; p1 memref out: its data */
	PROBE_GET,
	/* p0 value out: number of objects */
	PROBE_OBJECTS,
	/* p0 value in: handles to open on one object and not to close */
	PROBE_HANDLES,
};

struct probe_call {
	unsigned char uuid[16]; /* a TEE_UUID, or TEEC_UUID */
	unsigned int command;
};

/* Opening a session with p0 value in: what TA_OpenSessionEntryPoint is to return; p1 value out: a:
 * the login it sees. */

#endif
