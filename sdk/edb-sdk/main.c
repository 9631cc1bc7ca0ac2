/* SPDX-License-Identifier: MIT
 *
 * edb-sdk: builds an application, enclave and host, from its description. See docs/sdk.md.
 */
#include "commands.h"

static const struct cli_command *const commands[] = {&cmd_new, &cmd_build, NULL};

int main(int argc, char **argv)
{
	static const struct cli_program program = {
		"edb-sdk", "builds enclave applications for every TEE", commands, false};

	return cli_main(&program, argc, argv);
}
