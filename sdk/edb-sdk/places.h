/* SPDX-License-Identifier: MIT
 *
 * Where the SDK's own files are: sources and headers that become part of every application.
 */
#ifndef EDB_SDK_PLACES_H
#define EDB_SDK_PLACES_H

#include <limits.h>

#include "cli.h"

struct places {
	char files[PATH_MAX];   /* laid out as the source tree, see sdk/edb-sdk/meson.build */
	char edger8r[PATH_MAX]; /* the EDL compiler */
};

/** Beside this program: where it is built, where it is installed. */
enum edb_err places_find(struct cli *cli, struct places *places);

#endif
