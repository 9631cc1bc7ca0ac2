/* SPDX-License-Identifier: MIT
 *
 * The subcommands of cpk-tool, one file each; what several of them share is in build_key.h,
 * device_call.h and package_file.h.
 */
#ifndef CPK_TOOL_COMMANDS_H
#define CPK_TOOL_COMMANDS_H

#include "cli.h"

enum edb_err cmd_keygen(struct cli *cli, struct edb_error *error);
enum edb_err cmd_build(struct cli *cli, struct edb_error *error);
enum edb_err cmd_inspect(struct cli *cli, struct edb_error *error);
enum edb_err cmd_verify(struct cli *cli, struct edb_error *error);
enum edb_err cmd_unpack(struct cli *cli, struct edb_error *error);
enum edb_err cmd_install(struct cli *cli, struct edb_error *error);
enum edb_err cmd_sync(struct cli *cli, struct edb_error *error);
enum edb_err cmd_pub_key(struct cli *cli, struct edb_error *error);
enum edb_err cmd_provision(struct cli *cli, struct edb_error *error);
enum edb_err cmd_policy(struct cli *cli, struct edb_error *error);
enum edb_err cmd_status(struct cli *cli, struct edb_error *error);
enum edb_err cmd_list(struct cli *cli, struct edb_error *error);
enum edb_err cmd_remove(struct cli *cli, struct edb_error *error);

#endif
