/* SPDX-License-Identifier: MIT
 *
 * The subcommands of edb-policy: one file each for making and for looking.
 */
#ifndef EDB_POLICY_COMMANDS_H
#define EDB_POLICY_COMMANDS_H

#include "cli.h"

extern const struct cli_command cmd_keygen, cmd_device, cmd_operator; /* make.c */
extern const struct cli_command cmd_show, cmd_verify, cmd_id;         /* look.c */

#endif
