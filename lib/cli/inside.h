/* SPDX-License-Identifier: MIT
 *
 * Inside of lib/cli.
 */
#ifndef EDB_CLI_INSIDE_H
#define EDB_CLI_INSIDE_H

#include "cli.h"

/** The nearest of the names, if it is near enough to be a slip of the finger; NULL. */
const char *cli_nearest(const char *word, const char *const *names);

/* What a parsed command line asks for. */
enum cli_parsed {
	CLI_RUN,
	CLI_HELP,
	CLI_WRONG /* cli->error says why */
};
enum cli_parsed cli_parse(struct cli *cli, int argc, char **argv, void *values);

void cli_help_program(const struct cli_program *program);
void cli_help_command(const struct cli *cli);
void cli_print_completion(const struct cli_program *program);

/** Is the word one of a list with blanks between? */
bool cli_is_choice(const char *choices, const char *word);

/** From now on each file that is opened for reading is remembered. */
void cli_inputs_watch(void);

/** Remember what is open here: it may not be written over any more. */
void cli_input_seen(int fd);

/** This temporary file goes if a signal ends the program. NULL: none any more. */
void cli_interrupt_removes(const char *path);

#endif
