/* SPDX-License-Identifier: MIT
 *
 * The subcommands of edb-sdk; each in its cmd_<name>.c.
 */
#ifndef EDB_SDK_COMMANDS_H
#define EDB_SDK_COMMANDS_H

#include "cli.h"

extern const struct cli_command cmd_build, cmd_new;

#endif
