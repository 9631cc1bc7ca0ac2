/* SPDX-License-Identifier: MIT
 *
 * Which virtio-serial ports are for this daemon.
 */
#ifndef EDB_EXECD_PORTS_H
#define EDB_EXECD_PORTS_H

#include <stddef.h>

#define PORTS_MAX       16
#define PORT_PATH_BYTES 300

/** Devices of all ports whose name begins with EXEC_PORT_NAME; how many there are. */
size_t ports_find(char paths[PORTS_MAX][PORT_PATH_BYTES]);

/** A descriptor that is readable when the kernel tells of a device; -1: it does not. */
int ports_watch(void);

/** Take what it tells, so that it is readable for the next only. */
void ports_watched(int watch);

#endif
