/* SPDX-License-Identifier: MIT
 *
 * The package that -p names, and trust anchors that --anchor names.
 */
#ifndef CPK_TOOL_PACKAGE_FILE_H
#define CPK_TOOL_PACKAGE_FILE_H

#include <cpk/verify.h>

#include "cli.h"

struct package_file {
	int fd;
	struct cpk_raw *raw;
};

enum edb_err package_open(struct cli *cli, struct package_file *package, struct edb_error *error);
void package_close(struct package_file *package);

/** *count: how many there are; anchors: cpk_anchors_free them. */
enum edb_err anchors_load(
	struct cli *cli, struct cpk_anchors **anchors, int *count, struct edb_error *error);

#endif
