/* SPDX-License-Identifier: MIT
 *
 * edb-policy: makes, signs, shows and verifies policies.
 */
#include "commands.h"

static const struct cli_command *const commands[] = {
	&cmd_keygen, &cmd_device, &cmd_operator, &cmd_show, &cmd_verify, &cmd_id, NULL};

int main(int argc, char **argv)
{
	static const struct cli_program program = {"edb-policy",
		"makes, signs and shows policies for enclave devices", commands, false};

	return cli_main(&program, argc, argv);
}
