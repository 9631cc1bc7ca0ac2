/* SPDX-License-Identifier: MIT
 *
 * edb-device stop: as its owner would, then as its power switch does.
 */
#include <signal.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "channel.h"
#include "commands.h"

#define PORT_MS     5000 /* for a free port, and for its answer */
#define QUIT_MS     5000
#define TIMEOUT_MAX 3600

struct stop_values {
	const char *timeout;
};

static const struct cli_option options[] = {
	{'t', "timeout", "SECONDS", "how long it may take to switch itself off, else 20",
		CLI_INTO(CLI_TEXT, struct stop_values, timeout)},
	{0},
};

/* Switching off takes the port's other end away: that is no failure. */
static bool ask_guest(struct cli *cli, const struct device *device)
{
	static const char *const poweroff[] = {"poweroff", NULL};
	struct channel_streams streams = {.in = -1, .out = -1, .err = -1, .end_ms = PORT_MS};
	struct channel_end end = {0};
	struct channel *channel = NULL;
	enum edb_err err = channel_open(cli, device, PORT_MS, &channel);
	bool asked = !err;

	if (!err)
		err = channel_run(cli, channel, poweroff, &streams, &end);
	channel_close(channel);
	return asked && (err || (end.how == EXEC_EXITED && end.value == 0));
}

static bool tell_qemu(const struct device *device)
{
	static const char words[] =
		"{\"execute\": \"qmp_capabilities\"}\n{\"execute\": \"quit\"}\n";
	int fd = device_connect(device->dir, DEVICE_QMP);
	bool told = fd >= 0 && send(fd, words, sizeof words - 1, MSG_NOSIGNAL) > 0;

	/* It answers before it ends, and would not read on if nobody took that: the socket's
	 * buffer does. */
	if (fd >= 0)
		shutdown(fd, SHUT_WR);
	if (fd >= 0 && !told)
		close(fd);
	return told; /* the descriptor stays until this program ends */
}

static enum edb_err end_it(struct cli *cli, const struct device *device,
	const struct device_process *process, unsigned timeout)
{
	bool asked = ask_guest(cli, device);

	if (asked && device_process_wait(process, (int)timeout * 1000))
		return EDB_OK;
	memset(&cli->error, 0, sizeof cli->error); /* of what is tried in another way now */
	*cli->hint = 0;
	if (device_process_wait(process, 0))
		return EDB_OK;
	cli_note(
		cli, "%s did not switch itself off; what it had not written is lost", device->name);
	if (tell_qemu(device) && device_process_wait(process, QUIT_MS))
		return EDB_OK;
	pidfd_send_signal(process->process, SIGKILL, NULL, 0);
	if (device_process_wait(process, QUIT_MS))
		return EDB_OK;
	return cli_fail(cli, EDB_E_IO, NULL, "QEMU of %s does not end", device->name);
}

static enum edb_err run(struct cli *cli, const void *values)
{
	const struct stop_values *v = values;
	struct device_process process = {.process = -1};
	struct device device;
	unsigned long long timeout = 20;
	long long started_ms = device_now_ms();
	enum edb_err err = device_open(cli, cli->operands[0], &device);

	if (!err && v->timeout && !cli_number(v->timeout, 1, TIMEOUT_MAX, &timeout))
		err = cli_fail(cli, EDB_E_ARG, NULL, "--timeout %s: not a number from 1 to %d",
			v->timeout, TIMEOUT_MAX);
	if (!err)
		err = device_lock(cli, &device);
	if (!err)
		err = device_process_open(cli, &device, &process);
	if (!err)
		err = end_it(cli, &device, &process, (unsigned)timeout);
	if (!err && !cli->quiet)
		printf("%s: off after %.1f s\n", device.name,
			(double)(device_now_ms() - started_ms) / 1000);
	device_process_clear(&process);
	device_close(&device);
	return err;
}

const struct cli_command cmd_stop = {
	.name = "stop",
	.summary = "switch a device off, in order",
	.operand = "NAME",
	.operands_min = 1,
	.operands_max = 1,
	.options = options,
	.values_bytes = sizeof(struct stop_values),
	.run = run,
};
