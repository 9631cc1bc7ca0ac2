/* SPDX-License-Identifier: MIT
 *
 * A medium between storage and its medium that counts changes (create, write, truncate, sync,
 * rename, remove, sync_folder) and stops at a chosen one: the power cut of tests.
 */
#ifndef SIMTEE_MEDIUM_FAULT_H
#define SIMTEE_MEDIUM_FAULT_H

#include "medium.h"

struct medium_fault {
	struct medium medium;  /* first: hand this to storage */
	struct medium *inner;  /* borrowed */
	uint32_t changes;      /* seen so far */
	uint32_t stop_at;      /* the change, counted from 1, that does not happen; 0: never */
	uint32_t torn_percent; /* if that change is a write: how much of it happens all the same */
	int error;             /* what the stopped change returns; the later ones too if `dead` */
	int dead;              /* nonzero: nothing changes any more after the stop */
	void (*hook)(void *context); /* NULL: none. Called at the stop; may never return */
	void *context;
};

/** Nothing stops until stop_at is set. */
void medium_fault_init(struct medium_fault *fault, struct medium *inner);

#endif
