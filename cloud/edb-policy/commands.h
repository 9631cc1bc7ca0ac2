/* SPDX-License-Identifier: MIT
 *
 * The subcommands of edb-policy; each in its cmd_<name>.c.
 */
#ifndef EDB_POLICY_COMMANDS_H
#define EDB_POLICY_COMMANDS_H

#include "cli.h"

extern const struct cli_command cmd_keygen, cmd_device, cmd_operator, cmd_show, cmd_verify, cmd_id;

#endif
