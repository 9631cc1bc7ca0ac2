/* SPDX-License-Identifier: MIT
 *
 * What a device says on its serial lines. The normal world may be anybody's: on a terminal, what
 * could steer it becomes '?'.
 */
#ifndef EDB_DEVICE_LOGS_H
#define EDB_DEVICE_LOGS_H

#include "device.h"

struct log {
	const char *file;   /* DEVICE_NORMAL */
	const char *prefix; /* of each line, with its blank */
	int fd;             /* -1: not there yet */
	bool in_line;
};

/** Print what was added since the last call. False: nothing was. */
bool log_print(struct log *log, int dir, FILE *to);

/** The last lines of each log, with headings, on standard error. */
void logs_print_ends(const struct device *device);

#endif
