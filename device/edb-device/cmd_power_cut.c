/* SPDX-License-Identifier: MIT
 *
 * edb-device power-cut: what the guest had not written is lost, as on a real device.
 */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/pidfd.h>

#include "commands.h"
#include "device.h"

#define END_MS 10000

static enum edb_err run(struct cli *cli, const void *values)
{
	struct device_process process = {.process = -1};
	struct device device;
	enum edb_err err = device_open(cli, cli->operands[0], &device);

	(void)values;
	if (!err)
		err = device_process_open(cli, &device, &process);
	if (!err && pidfd_send_signal(process.process, SIGKILL, NULL, 0) && errno != ESRCH)
		err = cli_fail(cli, EDB_E_IO, NULL, "cannot end QEMU of %s: %s", device.name,
			strerror(errno));
	if (!err && !device_process_wait(&process, END_MS))
		err = cli_fail(cli, EDB_E_IO, NULL, "QEMU of %s does not end", device.name);
	device_process_clear(&process);
	device_close(&device);
	return err;
}

const struct cli_command cmd_power_cut = {
	.name = "power-cut",
	.summary = "end a device as a power failure would",
	.operand = "NAME",
	.operands_min = 1,
	.operands_max = 1,
	.run = run,
	.notes = "Nothing in the device gets to know of it. To end it orderly: edb-device stop.",
};
