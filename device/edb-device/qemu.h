/* SPDX-License-Identifier: MIT
 *
 * QEMU, as a daemon in a device's folder.
 */
#ifndef EDB_DEVICE_QEMU_H
#define EDB_DEVICE_QEMU_H

#include "device.h"

#define QEMU_PROGRAM "qemu-system-aarch64"

struct qemu_forward {
	unsigned host, guest; /* TCP ports */
};

struct qemu_options {
	unsigned cpus, memory_mib;
	struct qemu_forward forwards[CLI_LIST_MAX];
	size_t forward_count;
};

/**
 * Start it, for a device that is locked and does not run. It holds the device's lock "running";
 * its sockets are there and can be connected to when this returns.
 *
 * @param pid  of QEMU, a child of this process
 * @return EDB_E_NOT_FOUND: QEMU is not installed; EDB_E_BUSY: a host port is in use; EDB_E_IO
 */
enum edb_err qemu_start(struct cli *cli, const struct device *device,
	const struct qemu_options *options, pid_t *pid);

#endif
