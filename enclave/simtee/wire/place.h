/* SPDX-License-Identifier: MIT
 *
 * Where a simulated TEE is: one folder for each.
 */
#ifndef SIMTEE_PLACE_H
#define SIMTEE_PLACE_H

#include <stddef.h>

#define PLACE_SOCKET "tee.sock"

/**
 * The folder: `name`; if NULL, $SIMTEE_DIR; else simtee in $XDG_STATE_HOME; else
 * ~/.local/state/simtee. @return 0; ENOENT: none of them is set; ENAMETOOLONG
 */
int place_find(const char *name, char *folder, size_t room);

/** Connect to the TEE in that folder. @return a socket; -1: errno */
int place_connect(const char *folder);

/** The socket that the TEE in the folder (an open directory) answers on. @return -1: errno */
int place_listen(int folder_fd);

#endif
