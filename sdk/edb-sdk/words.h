/* SPDX-License-Identifier: MIT
 *
 * A command line in the making, and running it.
 */
#ifndef EDB_SDK_WORDS_H
#define EDB_SDK_WORDS_H

#include "cli.h"

/* Zero is an empty one; words_clear. */
struct words {
	char **items; /* ends with a NULL once there is one */
	size_t count;
	bool failed; /* sticky: out of memory, or a text that cannot be taken apart */
};

void words_add(struct words *words, const char *format, ...) __attribute__((format(printf, 2, 3)));

/** What a text holds, as a shell would take it apart; no command in it is run. NULL: nothing. */
void words_add_text(struct words *words, const char *text);

/** One word for each line of a file, less its comments. Each {NAME} in it becomes a value. */
struct words_value {
	const char *name, *value; /* a NULL name ends a list */
};
enum edb_err words_add_lines(
	struct cli *cli, struct words *words, const char *path, const struct words_value *values);

void words_clear(struct words *words);

/**
 * Run it and wait. What it says goes to standard error.
 *
 * @param said  NULL, or room for its first line of standard output
 * @param hint  what to do if it ends with anything but 0
 * @return EDB_E_NOT_FOUND: no such program; EDB_E_ARG: it refused, and said why
 */
enum edb_err words_run(struct cli *cli, const struct words *words, char *said, size_t said_bytes,
	const char *hint, const char *what);

#endif
