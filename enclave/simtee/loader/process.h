/* SPDX-License-Identifier: MIT
 *
 * The process of one application: what its parts share. There is one of it, in one thread.
 */
#ifndef SIMTEE_PROCESS_H
#define SIMTEE_PROCESS_H

#include "elf_load.h"
#include "wire.h"

#define PROCESS_SOCKET   3    /* to the core */
#define PROCESS_SESSIONS 128u /* of one instance; their numbers are 1 to this */

struct process {
	uint8_t *buffer; /* of system calls: WIRE_BUFFER_SIZE bytes, shared with the core */
	struct elf_image image;
	struct elf_loaded loaded;
	TEE_UUID self;
	TEE_Identity client; /* of the call that is being served */
	void *sessions[PROCESS_SESSIONS];
};

extern struct process process;

/** The next message for this application; shared memory is mapped or forgotten on the way. */
void process_receive(struct wire_down *message);
void process_send(const struct wire_up *message);

/** Ends the process; never returns to the application. */
_Noreturn void process_end(int status);

/** Serve calls until the core wants no more. */
_Noreturn void process_serve(void);

#endif
