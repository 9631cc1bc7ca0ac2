/* SPDX-License-Identifier: MIT
 *
 * edb-device run
 */
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "channel.h"
#include "commands.h"

#define EXIT_CANNOT_RUN 126
#define EXIT_NOT_FOUND  127
#define EXIT_SIGNAL     128
#define LINUX_ENOENT    2 /* the guest's, whatever this host's */

/* As a shell tells it; who was interrupted together with the command ends like it. */
static void pass_on(struct cli *cli, const struct channel_end *end)
{
	switch (end->how) {
	case EXEC_EXITED: cli->exit_code = end->value; break;
	case EXEC_SIGNALLED:
		cli->exit_code = EXIT_SIGNAL + end->value;
		if (end->signal == end->value && fflush(stdout) == 0) {
			signal(end->signal, SIG_DFL);
			raise(end->signal);
		}
		break;
	case EXEC_IMPOSSIBLE:
		fprintf(stderr, "edb-device run: %s: cannot run ", cli->operands[0]);
		cli_print(stderr, cli->operands[1]);
		fprintf(stderr, ": %s\n", strerror(end->value));
		cli->exit_code = end->value == LINUX_ENOENT ? EXIT_NOT_FOUND : EXIT_CANNOT_RUN;
		break;
	}
}

static enum edb_err run(struct cli *cli, const void *values)
{
	struct channel_streams streams = {.in = STDIN_FILENO,
		.out = STDOUT_FILENO,
		.err = STDERR_FILENO,
		.pass_signals = true};
	struct channel *channel = NULL;
	struct channel_end end;
	struct device device;
	enum edb_err err = device_open(cli, cli->operands[0], &device);

	(void)values;
	if (!err)
		err = channel_open(cli, &device, -1, &channel);
	if (!err)
		err = channel_run(
			cli, channel, (const char *const *)&cli->operands[1], &streams, &end);
	channel_close(channel);
	device_close(&device);
	if (!err)
		pass_on(cli, &end);
	return err;
}

const struct cli_command cmd_run = {
	.name = "run",
	.summary = "run a command in a device",
	.operand = "NAME -- COMMAND [ARGUMENT...]",
	.operands_min = 2,
	.operands_max = 1 + EXEC_ARGUMENTS_MAX,
	.run = run,
	.notes =
		"Standard streams, signals and the exit code are the command's; 128 + N: signal N\n"
		"ended it; 127: there is no such command. If edb-device ends, so does the command.",
};
