/* SPDX-License-Identifier: MIT
 *
 * edb-device logs
 */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "commands.h"
#include "logs.h"

#define AGAIN_MS 1000 /* where changes of files are not told */

struct logs_values {
	bool secure, normal, follow;
};

static const struct cli_option options[] = {
	{'s', "secure", NULL, "only what OP-TEE says",
		CLI_INTO(CLI_FLAG, struct logs_values, secure)},
	{'n', "normal", NULL, "only what Linux says",
		CLI_INTO(CLI_FLAG, struct logs_values, normal)},
	{'f', "follow", NULL, "go on until the device is off",
		CLI_INTO(CLI_FLAG, struct logs_values, follow)},
	{0},
};

static void wait_for_more(int watch, const struct device_process *process)
{
	struct pollfd p[] = {
		{.fd = watch, .events = POLLIN}, {.fd = process->process, .events = POLLIN}};
	char events[4096];

	poll(p, 2, watch < 0 ? AGAIN_MS : -1);
	while (watch >= 0 && read(watch, events, sizeof events) > 0)
		;
}

static int watch_folder(const struct device *device)
{
	int watch = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	char path[64];

	snprintf(path, sizeof path, "/proc/self/fd/%d", device->dir);
	if (watch >= 0 && inotify_add_watch(watch, path, IN_MODIFY | IN_CREATE) < 0) {
		close(watch);
		return -1;
	}
	return watch;
}

static enum edb_err print(
	struct cli *cli, const struct device *device, struct log logs[2], bool follow)
{
	struct device_process process = {.process = -1};
	/* First the watch, then the files: nothing is missed in between. */
	int watch = follow ? watch_folder(device) : -1;
	bool runs = follow && device_find_process(device, &process);

	for (;;) {
		bool ended = runs && device_process_wait(&process, 0);

		for (size_t i = 0; i < 2; i++)
			if (logs[i].file)
				log_print(&logs[i], device->dir, stdout);
		if (fflush(stdout))
			break; /* reported at the end, as for any command */
		if (!runs || ended)
			break;
		wait_for_more(watch, &process);
	}
	if (watch >= 0)
		close(watch);
	device_process_clear(&process);
	if (logs[0].fd < 0 && logs[1].fd < 0)
		return cli_fail(
			cli, EDB_E_NOT_FOUND, NULL, "device %s has no such log yet", device->name);
	return EDB_OK;
}

static enum edb_err run(struct cli *cli, const void *values)
{
	const struct logs_values *v = values;
	bool both = v->secure == v->normal;
	struct log logs[] = {
		{.file = both || v->normal ? DEVICE_NORMAL : NULL,
			.prefix = both ? "normal: " : "",
			.fd = -1},
		{.file = both || v->secure ? DEVICE_SECURE : NULL,
			.prefix = both ? "secure: " : "",
			.fd = -1},
	};
	struct device device;
	enum edb_err err = device_open(cli, cli->operands[0], &device);

	if (!err)
		err = print(cli, &device, logs, v->follow);
	for (size_t i = 0; i < 2; i++)
		if (logs[i].fd >= 0)
			close(logs[i].fd);
	device_close(&device);
	return err;
}

const struct cli_command cmd_logs = {
	.name = "logs",
	.summary = "what a device said on its serial lines since its last start",
	.operand = "NAME",
	.operands_min = 1,
	.operands_max = 1,
	.options = options,
	.values_bytes = sizeof(struct logs_values),
	.run = run,
};
