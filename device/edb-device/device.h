/* SPDX-License-Identifier: MIT
 *
 * A device is a folder. Whether it runs is a lock: QEMU inherits the one on the file "running" and
 * the kernel drops it when QEMU ends, however it ends. So nothing stale is ever believed.
 */
#ifndef EDB_DEVICE_DEVICE_H
#define EDB_DEVICE_DEVICE_H

#include <sys/types.h>

#include <jansson.h>

#include "cli.h"

#define DEVICE_NAME_MAX 32

/* The files of a device's folder. */
#define DEVICE_FLASH     "flash"
#define DEVICE_DISK      "disk"
#define DEVICE_KERNEL    "Image"
#define DEVICE_INITRAMFS "initramfs.cpio"
#define DEVICE_FACTS     "device.json"
#define DEVICE_RUNNING   "running"
#define DEVICE_NORMAL    "normal.log"
#define DEVICE_SECURE    "secure.log"
#define DEVICE_QEMU      "qemu.log"
#define DEVICE_CONSOLE   "console.sock"
#define DEVICE_QMP       "qmp.sock"
#define DEVICE_EXEC      "exec." /* and the port's number */

struct device {
	char name[DEVICE_NAME_MAX + 1];
	int dir; /* its folder */
};

/** 1 to 32 of a-z, 0-9 and "-". */
bool device_is_name(const char *name);

/**
 * The folder of all devices: $EDB_DEVICES, or the user's.
 *
 * @param make  with all above it, if it is not there
 * @return EDB_OK with *dir -1: there is none
 */
enum edb_err device_folder_open(struct cli *cli, bool make, int *dir);

/** EDB_E_ARG: no name; EDB_E_NOT_FOUND. */
enum edb_err device_open(struct cli *cli, const char *name, struct device *device);
/** Also after a failed open of a zero-filled one. */
void device_close(struct device *device);

/** Keep others from starting, stopping and destroying it, until it is closed. EDB_E_BUSY. */
enum edb_err device_lock(struct cli *cli, const struct device *device);

/* Who runs a device. */
struct device_process {
	pid_t pid;     /* 0: just being started */
	int process;   /* a pidfd; -1: just being started */
	json_t *facts; /* what it was started with; NULL: just being started */
};

/** Does it run? The process is filled then; device_process_clear it. */
bool device_find_process(const struct device *device, struct device_process *process);
/** EDB_E_STATE: it does not run; EDB_E_BUSY: it is just being started. */
enum edb_err device_process_open(
	struct cli *cli, const struct device *device, struct device_process *process);
void device_process_clear(struct device_process *process);
/** False: it has not ended after so many milliseconds. */
bool device_process_wait(const struct device_process *process, int ms);

/** A JSON object; NULL: cannot be read, or is none. At most 64 KiB. */
json_t *device_read_json(int dir, const char *name);

/** Connect to a socket in a folder, whatever the length of the folder's name. -1 and errno. */
int device_connect(int dir, const char *name);

/** Remove a folder with all in it. False and errno: something stays. */
bool device_remove(int parent, const char *name);
/** Remove what interrupted creations and removals left behind. */
void device_sweep(int parent);

/** Milliseconds of a clock that only goes on. */
long long device_now_ms(void);

#endif
