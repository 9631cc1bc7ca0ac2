/* SPDX-License-Identifier: MIT
 *
 * A simulated device for one test: a folder, and the program `simtee` in it.
 */
#ifndef TEST_DEVICE_H
#define TEST_DEVICE_H

#include <stdbool.h>
#include <sys/types.h>
#include <tee_client_api.h>

struct device {
	char folder[256];
	pid_t pid; /* 0: it does not run */
};

/** Names from the command line: the program, the folder with the tests' applications. */
void device_programs(const char *simtee, const char *ta_folder);

/** A new folder; $SIMTEE_DIR names it. */
void device_make(struct device *device);

/** Run it; returns when it answers. @param options NULL-terminated, or NULL. false: it ended */
bool device_start(struct device *device, const char *const options[]);

/** With all the probes, and no other option. */
void device_start_probes(struct device *device);

/** SIGTERM, and wait for its end. @return its exit code */
int device_stop(struct device *device);

/** Wait for it to end by itself. @return its exit code */
int device_wait(struct device *device);
void device_remove(struct device *device);

/** What `status` says behind "NAME: "; -1: not there. Only a number at its start. */
long device_status(const struct device *device, const char *name);
bool device_status_has(const struct device *device, const char *text);

/** Path of an application of the tests, or of the program. Valid until the next call. */
const char *device_ta(const char *name);
const char *device_program(void);

#endif
