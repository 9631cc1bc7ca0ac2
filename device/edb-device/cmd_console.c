/* SPDX-License-Identifier: MIT
 *
 * edb-device console: the normal world's serial line.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/file.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

#include "commands.h"
#include "device.h"
#include "file.h"

#define ESCAPE 0x1d /* Ctrl-] */

struct console {
	struct cli *cli;
	const char *name;
	int socket, signals;
	bool input_open, left;
};

static enum edb_err from_device(struct console *c)
{
	char text[4096];
	ssize_t got = read(c->socket, text, sizeof text);

	if (got > 0)
		return edb_write_all(
			STDOUT_FILENO, text, (size_t)got, "standard output", &c->cli->error);
	if (got < 0 && errno == EINTR)
		return EDB_OK;
	cli_note(c->cli, "device %s is off", c->name);
	c->left = true;
	return EDB_OK;
}

static enum edb_err to_device(struct console *c, bool terminal)
{
	char text[4096];
	ssize_t got = read(STDIN_FILENO, text, sizeof text);
	char *escape = got > 0 && terminal ? memchr(text, ESCAPE, (size_t)got) : NULL;

	if (escape) {
		got = escape - text;
		c->left = true;
	}
	if (got < 0 && errno == EINTR)
		return EDB_OK;
	if (got <= 0) {
		c->input_open = false;
		return EDB_OK;
	}
	return edb_write_all(c->socket, text, (size_t)got, "the device's console", &c->cli->error);
}

static enum edb_err talk(struct console *c, bool terminal)
{
	enum edb_err err = EDB_OK;

	while (!err && !c->left) {
		struct pollfd p[] = {{.fd = c->socket, .events = POLLIN},
			{.fd = c->input_open ? STDIN_FILENO : -1, .events = POLLIN},
			{.fd = c->signals, .events = POLLIN}};

		if (poll(p, 3, -1) < 0 && errno != EINTR)
			return cli_fail(c->cli, EDB_E_IO, NULL, "poll: %s", strerror(errno));
		if (p[2].revents)
			break;
		if (p[0].revents)
			err = from_device(c);
		if (!err && p[1].revents)
			err = to_device(c, terminal);
	}
	return err;
}

/* Each key goes to the device as it is; the terminal is left as it was found, whatever happens. */
static enum edb_err talk_raw(struct console *c)
{
	struct termios before, raw;
	bool terminal = !tcgetattr(STDIN_FILENO, &before);
	enum edb_err err;

	if (terminal) {
		cli_note(c->cli, "console of %s; Ctrl-] leaves it", c->name);
		raw = before;
		cfmakeraw(&raw);
		tcsetattr(STDIN_FILENO, TCSADRAIN, &raw);
	}
	err = talk(c, terminal);
	if (terminal) {
		tcsetattr(STDIN_FILENO, TCSADRAIN, &before);
		fputs("\r\n", stderr);
	}
	return err;
}

static enum edb_err connect_console(struct cli *cli, const struct device *device)
{
	struct console c = {.cli = cli, .name = device->name, .socket = -1, .input_open = true};
	int lock = openat(device->dir, "console.lock", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	enum edb_err err = EDB_OK;
	sigset_t set;

	if (lock < 0 || flock(lock, LOCK_EX | LOCK_NB))
		err = cli_fail(cli, EDB_E_BUSY, "edb-device logs --follow shows it, too",
			"somebody else has the console of %s", device->name);
	if (!err)
		c.socket = device_connect(device->dir, DEVICE_CONSOLE);
	if (!err && c.socket < 0)
		err = cli_fail(cli, EDB_E_TEE, NULL, "cannot connect to the console of %s: %s",
			device->name, strerror(errno));
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);
	c.signals = signalfd(-1, &set, SFD_CLOEXEC);
	if (!err)
		err = talk_raw(&c);
	if (c.signals >= 0)
		close(c.signals);
	if (c.socket >= 0)
		close(c.socket);
	if (lock >= 0)
		close(lock);
	return err;
}

static enum edb_err run(struct cli *cli, const void *values)
{
	struct device_process process = {.process = -1};
	struct device device;
	enum edb_err err = device_open(cli, cli->operands[0], &device);

	(void)values;
	if (!err)
		err = device_process_open(cli, &device, &process);
	if (!err)
		err = connect_console(cli, &device);
	device_process_clear(&process);
	device_close(&device);
	return err;
}

const struct cli_command cmd_console = {
	.name = "console",
	.summary = "the device's serial console; Ctrl-] leaves it",
	.operand = "NAME",
	.operands_min = 1,
	.operands_max = 1,
	.run = run,
	.notes = "What the device sends goes to the terminal as it is.",
};
