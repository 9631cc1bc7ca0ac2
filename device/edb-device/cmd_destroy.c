/* SPDX-License-Identifier: MIT
 *
 * edb-device destroy
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "commands.h"
#include "device.h"

/* Under another name first: nobody finds half a device. */
static enum edb_err destroy(struct cli *cli, const struct device *device)
{
	char old[DEVICE_NAME_MAX + 32];
	int parent = -1;
	enum edb_err err = device_folder_open(cli, false, &parent);

	if (err)
		return err;
	snprintf(old, sizeof old, ".old-%s-%ld", device->name, (long)getpid());
	if (parent < 0 || renameat(parent, device->name, parent, old) ||
		!device_remove(parent, old))
		err = cli_fail(cli, EDB_E_IO, NULL, "cannot remove device %s: %s", device->name,
			strerror(errno));
	if (parent >= 0)
		close(parent);
	return err;
}

static enum edb_err run(struct cli *cli, const void *values)
{
	struct device_process process;
	struct device device;
	enum edb_err err = device_open(cli, cli->operands[0], &device);

	(void)values;
	if (!err)
		err = device_lock(cli, &device);
	if (!err && device_find_process(&device, &process)) {
		device_process_clear(&process);
		err = cli_fail(
			cli, EDB_E_BUSY, "edb-device stop it first", "device %s runs", device.name);
	}
	if (!err)
		err = destroy(cli, &device);
	device_close(&device);
	if (!err && !cli->quiet)
		printf("%s: destroyed\n", cli->operands[0]);
	return err;
}

const struct cli_command cmd_destroy = {
	.name = "destroy",
	.summary = "remove a device that does not run, with all it keeps",
	.operand = "NAME",
	.operands_min = 1,
	.operands_max = 1,
	.run = run,
	.notes = "Its keys are gone for good.",
};
