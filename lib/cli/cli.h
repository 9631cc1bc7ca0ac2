/* SPDX-License-Identifier: MIT
 *
 * What every command line tool of the blueprint shares: subcommands and options as tables, from
 * which parsing, --help and completion follow; errors as "what failed: on what", then what to do;
 * exit codes that are enum edb_err.
 */
#ifndef EDB_CLI_H
#define EDB_CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <edb/error.h>

#define CLI_OPTIONS_MAX 32
#define CLI_VALUES_MAX  64

struct cli;

struct cli_option {
	const char *name;        /* without the hyphens; NULL ends a table */
	char letter;             /* 0: none */
	const char *argument;    /* NULL: a flag */
	const char *help;        /* one line */
	const char *environment; /* where the value comes from without the option; NULL: nowhere */
};

struct cli_command {
	const char *name; /* NULL ends a table */
	const char *summary;
	const char
		*arguments; /* what stands behind the options, as in "FILE…"; NULL: nothing may */
	const struct cli_option *options; /* may be given several times: cli_next */
	enum edb_err (*run)(struct cli *cli, struct edb_error *error);
};

struct cli_program {
	const char *name, *summary;
	const struct cli_command *commands;
};

/** Parse and run. The exit code: an enum edb_err. */
int cli_main(const struct cli_program *program, int argc, char **argv);

/** The last value of an option, or its environment variable's; NULL: neither. */
const char *cli_get(const struct cli *cli, const char *name);
/** Likewise, but absent is an error that names the option. */
enum edb_err cli_need(
	const struct cli *cli, const char *name, const char **value, struct edb_error *error);
bool cli_has(const struct cli *cli, const char *name);
/** Values of an option that may stand several times: *at starts at 0; NULL: no more. */
const char *cli_next(const struct cli *cli, const char *name, int *at);

/** What stands behind the options. */
int cli_argument_count(const struct cli *cli);
const char *cli_argument(const struct cli *cli, int index);

/** --quiet or output into a pipe: no progress. */
bool cli_is_quiet(const struct cli *cli);

/** A line of progress on a terminal's standard error; nothing elsewhere. context: a string, what is
 *  being done. For struct cpk_progress. */
void cli_progress(void *context, uint64_t done, uint64_t total);
void cli_progress_end(void);

/** What a person can do about an error; NULL: nothing special. */
const char *cli_hint(enum edb_err code);

#endif
