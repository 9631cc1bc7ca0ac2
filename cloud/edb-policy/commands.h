/* SPDX-License-Identifier: MIT
 *
 * The subcommands of edb-policy: one file each for making and for looking.
 */
#ifndef EDB_POLICY_COMMANDS_H
#define EDB_POLICY_COMMANDS_H

#include "cli.h"

enum edb_err cmd_keygen(struct cli *cli, struct edb_error *error);
enum edb_err cmd_device(struct cli *cli, struct edb_error *error);
enum edb_err cmd_operator(struct cli *cli, struct edb_error *error);
enum edb_err cmd_show(struct cli *cli, struct edb_error *error);
enum edb_err cmd_verify(struct cli *cli, struct edb_error *error);
enum edb_err cmd_id(struct cli *cli, struct edb_error *error);

#endif
