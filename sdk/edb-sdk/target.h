/* SPDX-License-Identifier: MIT
 *
 * One build of one application: what for, from where, to where.
 */
#ifndef EDB_SDK_TARGET_H
#define EDB_SDK_TARGET_H

#include "manifest.h"
#include "places.h"

struct target {
	struct manifest app;
	struct places places;
	char folder[PATH_MAX];    /* the application's */
	char output[PATH_MAX];    /* where what is made goes */
	char shown[PATH_MAX];     /* the same, as the user calls it */
	char work[PATH_MAX];      /* NAME.build in it: what only the build needs */
	const char *tee;          /* simtee or optee */
	const char *kit;          /* OP-TEE's TA dev kit; NULL: simtee */
	const char *compiler;     /* CC */
	struct cli_list includes; /* more folders with headers */
};

/** Write what both sides are told of the description: user_ta_header_defines.h, NAME_id.h. */
enum edb_err target_headers(struct cli *cli, const struct target *target);

/** Make NAME.ta.elf. */
enum edb_err target_enclave(struct cli *cli, const struct target *target);

/** Make the program NAME. */
enum edb_err target_host(struct cli *cli, const struct target *target);

#endif
