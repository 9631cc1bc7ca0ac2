/* SPDX-License-Identifier: MIT
 *
 * edb-device start
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "channel.h"
#include "commands.h"
#include "logs.h"
#include "qemu.h"

#define TICK_MS     100 /* of the progress line */
#define CPUS_MAX    4
#define MEMORY_MIN  256
#define MEMORY_MAX  4096
#define TIMEOUT_MAX 3600

struct start_values {
	const char *cpus, *memory, *timeout;
	struct cli_list forwards;
};

static const struct cli_option options[] = {
	{'c', "cpus", "N", "1 to 4, else 1", CLI_INTO(CLI_TEXT, struct start_values, cpus)},
	{'m', "memory", "MIB", "256 to 4096, else 512",
		CLI_INTO(CLI_TEXT, struct start_values, memory)},
	{'f', "forward", "HOSTPORT:GUESTPORT",
		"a TCP port of this host, 127.0.0.1 only, leads to one of the\n"
		"device; may be given several times",
		CLI_INTO(CLI_LIST, struct start_values, forwards)},
	{'t', "timeout", "SECONDS", "how long it may take, else 60",
		CLI_INTO(CLI_TEXT, struct start_values, timeout)},
	{0},
};

static enum edb_err number(struct cli *cli, const char *name, const char *text, unsigned otherwise,
	unsigned min, unsigned max, unsigned *value)
{
	unsigned long long n = otherwise;

	if (text && !cli_number(text, min, max, &n))
		return cli_fail(cli, EDB_E_ARG, NULL, "--%s %s: not a number from %u to %u", name,
			text, min, max);
	*value = (unsigned)n;
	return EDB_OK;
}

static bool parse_forward(const char *text, struct qemu_forward *forward)
{
	const char *colon = strchr(text, ':');
	unsigned long long host = 0, guest = 0;
	char first[8];

	if (!colon || colon - text >= (long)sizeof first)
		return false;
	snprintf(first, sizeof first, "%.*s", (int)(colon - text), text);
	if (!cli_number(first, 1, 65535, &host) || !cli_number(colon + 1, 1, 65535, &guest))
		return false;
	*forward = (struct qemu_forward){(unsigned)host, (unsigned)guest};
	return true;
}

static enum edb_err read_options(
	struct cli *cli, const struct start_values *v, struct qemu_options *o, unsigned *timeout)
{
	enum edb_err err = number(cli, "cpus", v->cpus, 1, 1, CPUS_MAX, &o->cpus);

	if (!err)
		err = number(cli, "memory", v->memory, 512, MEMORY_MIN, MEMORY_MAX, &o->memory_mib);
	if (!err)
		err = number(cli, "timeout", v->timeout, 60, 1, TIMEOUT_MAX, timeout);
	for (; !err && o->forward_count < v->forwards.count; o->forward_count++)
		if (!parse_forward(
			    v->forwards.items[o->forward_count], &o->forwards[o->forward_count]))
			err = cli_fail(cli, EDB_E_ARG, NULL,
				"--forward %s: not HOSTPORT:GUESTPORT, each from 1 to 65535",
				v->forwards.items[o->forward_count]);
	return err;
}

struct waiting {
	struct cli *cli;
	const struct device *device;
	struct channel *channel;
	int qemu; /* a pidfd */
	long long started_ms;
	unsigned timeout;
	bool shown;
};

static double seconds(long long since_ms)
{
	return (double)(device_now_ms() - since_ms) / 1000;
}

static void show(struct waiting *w)
{
	if (w->shown)
		fprintf(stderr, "\r%s: starting, %.1f s\033[K", w->device->name,
			seconds(w->started_ms));
}

static bool is_on_terminal(const struct cli *cli)
{
	const char *terminal = getenv("TERM");

	return !cli->quiet && isatty(STDERR_FILENO) && terminal && strcmp(terminal, "dumb") != 0;
}

/* For the guest's daemon; QEMU may end before. */
static enum edb_err wait_for_answer(struct waiting *w)
{
	enum edb_err err = channel_hello(w->cli, w->channel, false);
	bool answered = false;

	while (!err && !answered) {
		struct pollfd p[] = {{.fd = w->qemu, .events = POLLIN},
			{.fd = channel_fd(w->channel), .events = POLLIN}};
		long long left = w->started_ms + w->timeout * 1000LL - device_now_ms();
		int ready;

		show(w);
		ready = poll(p, 2, left < 0 ? 0 : w->shown && left > TICK_MS ? TICK_MS : (int)left);
		if (cli_interrupted())
			err = cli_fail(
				w->cli, EDB_E_STATE, "the device is off again", "interrupted");
		else if (ready > 0 &&
			 (p[0].revents || channel_take_answer(w->cli, w->channel, &answered)))
			err = cli_fail(
				w->cli, EDB_E_TEE, NULL, "QEMU of %s has ended", w->device->name);
		else if (!ready && left <= 0)
			err = cli_fail(w->cli, EDB_E_TEE,
				"--timeout gives it more time; it was switched off again",
				"nobody in %s answered within %u s: its edb-execd is not there",
				w->device->name, w->timeout);
	}
	if (w->shown)
		fputs("\r\033[K", stderr);
	return err;
}

/* Nobody else has waited for this child: its number is still its own. */
static void end_qemu(pid_t pid, int *status)
{
	kill(pid, SIGKILL);
	while (waitpid(pid, status, 0) < 0 && errno == EINTR)
		;
}

static enum edb_err wait_until_ready(struct waiting *w, pid_t pid)
{
	int status = 0;
	enum edb_err err;

	w->qemu = pidfd_open(pid, 0);
	if (w->qemu < 0)
		err = cli_fail(w->cli, EDB_E_IO, NULL, "pidfd_open: %s", strerror(errno));
	else
		err = channel_connect(w->cli, w->device, (int)w->timeout * 1000, &w->channel);
	if (!err)
		err = wait_for_answer(w);
	channel_close(w->channel);
	if (w->qemu >= 0)
		close(w->qemu);
	if (!err)
		return EDB_OK;
	end_qemu(pid, &status);
	if (!cli_interrupted())
		logs_print_ends(w->device);
	return err;
}

static enum edb_err start(struct cli *cli, const struct device *device,
	const struct qemu_options *o, unsigned timeout)
{
	struct waiting w = {.cli = cli,
		.device = device,
		.started_ms = device_now_ms(),
		.timeout = timeout,
		.shown = is_on_terminal(cli)};
	struct device_process process;
	pid_t pid = 0;
	enum edb_err err;

	if (device_find_process(device, &process)) {
		device_process_clear(&process);
		return cli_fail(cli, EDB_E_BUSY, "edb-device stop it first, or use it as it is",
			"device %s runs already", device->name);
	}
	cli_interrupt_catch();
	err = qemu_start(cli, device, o, &pid);
	if (!err)
		err = wait_until_ready(&w, pid);
	if (!err && !cli->quiet)
		printf("%s: ready after %.1f s\n", device->name, seconds(w.started_ms));
	return err;
}

static enum edb_err run(struct cli *cli, const void *values)
{
	struct qemu_options o = {0};
	struct device device = {.dir = -1};
	unsigned timeout = 0;
	enum edb_err err = read_options(cli, values, &o, &timeout);

	if (!err)
		err = device_open(cli, cli->operands[0], &device);
	if (!err)
		err = device_lock(cli, &device);
	if (!err)
		err = start(cli, &device, &o, timeout);
	device_close(&device);
	return err;
}

const struct cli_command cmd_start = {
	.name = "start",
	.summary = "switch a device on, and wait until it can run commands",
	.operand = "NAME",
	.operands_min = 1,
	.operands_max = 1,
	.options = options,
	.values_bytes = sizeof(struct start_values),
	.run = run,
	.notes = "It runs on until edb-device stop or power-cut. The host is 10.0.2.2 for it.",
};
