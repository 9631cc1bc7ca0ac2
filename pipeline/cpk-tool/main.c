/* SPDX-License-Identifier: MIT
 *
 * cpk-tool: builds, examines and installs Confidential Packages.
 */
#include <malloc.h>
#include <stdlib.h>

#include <jansson.h>
#include <openssl/crypto.h>

#include "tool.h"

static const struct cli_command *const commands[] = {&cmd_keygen, &cmd_build, &cmd_inspect,
	&cmd_verify, &cmd_unpack, &cmd_install, &cmd_list, &cmd_remove, &cmd_bundle, &cmd_sync,
	&cmd_pub_key, &cmd_provision, &cmd_policy, &cmd_status, NULL};

static const struct cli_program program = {
	"cpk-tool", "builds, examines and installs Confidential Packages", commands, true};

/* Class keys pass through JSON: what Jansson frees is wiped first. */
static void wiping_free(void *memory)
{
	if (memory)
		OPENSSL_cleanse(memory, malloc_usable_size(memory));
	free(memory);
}

int main(int argc, char **argv)
{
	json_set_alloc_funcs(malloc, wiping_free);
	return cli_main(&program, argc, argv);
}
