/* SPDX-License-Identifier: MIT
 *
 * edb-device: runs Arm TrustZone devices in QEMU.
 */
#include "commands.h"

static const struct cli_command *const commands[] = {&cmd_create, &cmd_start, &cmd_stop,
	&cmd_power_cut, &cmd_list, &cmd_run, &cmd_copy, &cmd_console, &cmd_logs, &cmd_destroy,
	NULL};

int main(int argc, char **argv)
{
	static const struct cli_program program = {
		"edb-device", "runs Arm TrustZone devices in QEMU", commands, false};

	return cli_main(&program, argc, argv);
}
