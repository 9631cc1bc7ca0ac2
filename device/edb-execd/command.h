/* SPDX-License-Identifier: MIT
 *
 * A command that was started for somebody, in a session and process group of its own.
 */
#ifndef EDB_EXECD_COMMAND_H
#define EDB_EXECD_COMMAND_H

#include <stdbool.h>
#include <sys/types.h>

#include "exec_frame.h"

struct command {
	pid_t pid;        /* 0: none */
	int process;      /* a pidfd: readable once it has ended */
	int in, out, err; /* its pipes, not blocking; -1: closed */
};

#define COMMAND_NONE ((struct command){.process = -1, .in = -1, .out = -1, .err = -1})

/**
 * Start it: PATH is searched, the folder is /root, or / where that is closed.
 *
 * @param arguments  the first is the program; NULL ends them
 * @return 0, or errno of what did not work; then there is none
 */
int command_start(struct command *command, const char *const *arguments);

/** To its process group. */
void command_signal(const struct command *command, int number);

/** After process was readable: how it ended. There is none then; its pipes stay. */
enum exec_end command_reap(struct command *command, unsigned char *value);

/** Hang up as a terminal does, and after a second end all of its group. Pipes are closed. */
void command_end(struct command *command);

/** -1 afterwards. */
void command_close(int *fd);

#endif
