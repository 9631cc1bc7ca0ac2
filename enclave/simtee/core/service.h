/* SPDX-License-Identifier: MIT
 *
 * A simulated TEE from its start to its end: its folder, its lock, its storage, its loop.
 */
#ifndef SIMTEE_SERVICE_H
#define SIMTEE_SERVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SERVICE_EARLY_MAX 8u

struct service_options {
	const char *folder;
	const char *early[SERVICE_EARLY_MAX]; /* files of applications that belong to the TEE */
	size_t early_count;
	bool flip_after_copy;       /* attack every call: loader/attack.h */
	bool stops;                 /* a power cut comes … */
	uint32_t stop_after_writes; /* … after so many changes of storage */
};

/** What the process ends with at that power cut. */
#define SERVICE_POWER_CUT 9

/**
 * Serve until told to stop. What goes wrong is said on stderr.
 *
 * @param ready  called once clients are answered; what is logged from then on goes to stderr, too
 * @return an exit code
 */
int service_run(const struct service_options *options, void (*ready)(void *context), void *context);

/** The folder's lock. -1: somebody else has it (EWOULDBLOCK), or errno. @param wait for it */
int service_lock(int folder_fd, bool wait);

/** Everything that is kept is deleted. 0 or errno; EWOULDBLOCK: it is running. */
int service_reset(const char *folder);

#endif
