/* SPDX-License-Identifier: MIT
 *
 * The subcommands of edb-device; each in its cmd_<name>.c.
 */
#ifndef EDB_DEVICE_COMMANDS_H
#define EDB_DEVICE_COMMANDS_H

#include "cli.h"

extern const struct cli_command cmd_create, cmd_start, cmd_stop, cmd_power_cut, cmd_list, cmd_run,
	cmd_copy, cmd_console, cmd_logs, cmd_destroy;

#endif
