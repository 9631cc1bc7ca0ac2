/* SPDX-License-Identifier: MIT
 *
 * What every command line tool shares. A program is a table of commands, a command has a table of
 * options; parsing, --help, bash completion and the check of the manual pages all come from them.
 */
#ifndef EDB_CLI_H
#define EDB_CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include <edb/error.h>

#define CLI_LIST_MAX   64
#define CLI_HINT_BYTES 384

/* Where an option's value goes, in the command's own structure of values. */
enum cli_kind {
	CLI_FLAG, /* bool */
	CLI_TEXT, /* const char *; NULL: not given. The last one counts */
	CLI_LIST, /* struct cli_list; may be given several times */
};

struct cli_list {
	const char *items[CLI_LIST_MAX];
	size_t count;
};

struct cli_option {
	char letter;             /* 0: only the long name */
	const char *name;        /* long, without dashes; NULL ends a table */
	const char *argument;    /* as help calls it, such as "FILE"; NULL: takes none */
	const char *help;        /* may have several lines */
	const char *choices;     /* the only values allowed, with a blank between; NULL: any */
	const char *environment; /* CLI_TEXT: the variable it comes from if not given; NULL: none */
	bool required;
	enum cli_kind kind;
	size_t offset; /* of the value, see enum cli_kind */
};

/* The last members of an option: CLI_INTO(CLI_TEXT, struct build_values, output) */
#define CLI_INTO(what, type, member) .kind = (what), .offset = offsetof(type, member)

struct cli;

struct cli_command {
	const char *name;
	const char *summary; /* one line, small first letter, no stop */
	const char *operand; /* what follows the options, as help calls it; NULL: nothing */
	const char *choices; /* the only operands allowed; NULL: any */
	size_t operands_min, operands_max;
	const struct cli_option *options;
	size_t values_bytes; /* of the structure of values; zero-filled before parsing */
	enum edb_err (*run)(struct cli *cli, const void *values);
	const char *notes; /* at the end of help; may have several lines; NULL: none */
};

struct cli_program {
	const char *name, *summary;
	const struct cli_command *const *commands; /* NULL ends */
	bool page_per_command; /* manual pages PROG-COMMAND(1); otherwise PROG(1) has it all */
};

/* One run of one command. */
struct cli {
	const struct cli_program *program;
	const struct cli_command *command;
	char *const *operands;
	size_t operand_count;
	bool quiet;
	int exit_code;             /* of a success: somebody else's, passed on; otherwise 0 */
	struct edb_error error;    /* filled by who fails */
	char hint[CLI_HINT_BYTES]; /* what to do about it; empty: the one of the error's code */
};

/**
 * A program's main(): parses, runs the command, prints its failure, flushes standard output.
 *
 * Besides the table there are --help, --version and the command `completion`; every command has
 * --help and --quiet.
 *
 * @return the exit code: an enum edb_err, or what the command passes on
 */
int cli_main(const struct cli_program *program, int argc, char **argv);

/** Fail with a sentence of its own and, where hint is not NULL, what to do. @return code */
enum edb_err cli_fail(struct cli *cli, enum edb_err code, const char *hint, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/** On its way to the user an error learns what it is about: "text: " goes before the message,
 * unless that names it already. The text is a file, an id, a key. EDB_OK: nothing. @return err */
enum edb_err cli_about(struct cli *cli, enum edb_err err, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/** Set what to do about an error that somebody else has recorded. */
void cli_hint(struct cli *cli, const char *format, ...) __attribute__((format(printf, 2, 3)));

/** "PROG COMMAND: note: …" on standard error, unless --quiet. */
void cli_note(const struct cli *cli, const char *format, ...) __attribute__((format(printf, 2, 3)));

/** Print text that may come from others: control characters and what changes the order of writing
 *  become '?'; a newline stays. */
void cli_print(FILE *to, const char *text);

/** What a code means, in a sentence without a stop; and what to do, or NULL. */
const char *cli_meaning(enum edb_err code);
const char *cli_remedy(enum edb_err code);

/** A decimal number from min to max; false: it is none. */
bool cli_number(const char *text, unsigned long long min, unsigned long long max,
	unsigned long long *number);

/*
 * An output file: under its name only once it is whole, gone if the program is interrupted. "-" is
 * standard output; what is no regular file (a device, a pipe) is written as it is.
 *
 * What the command has read by then, or made, is not replaced (EDB_E_ARG), under none of its names:
 * an output over a key destroys the key. That is looked at when the output is opened and again
 * before it gets its name, since a command may read on in between.
 */
struct cli_output {
	int fd;
	struct edb_output *file; /* NULL: written as it is */
	const char *path;        /* borrowed */
	bool update;             /* see cli_output_update */
};
enum edb_err cli_output_open(
	struct cli *cli, const char *path, unsigned mode, struct cli_output *output);

/** The same, for the one file that a command reads in order to change it. */
enum edb_err cli_output_update(
	struct cli *cli, const char *path, unsigned mode, struct cli_output *output);
enum edb_err cli_output_commit(struct cli *cli, struct cli_output *output);
void cli_output_drop(struct cli_output *output); /* also after a commit, or zero-filled */

/** All of it at once, in the same manner. */
enum edb_err cli_write(
	struct cli *cli, const char *path, unsigned mode, const void *bytes, size_t size);

/** An input: "-" is standard input. The caller closes it, unless it is standard input. */
enum edb_err cli_open_input(struct cli *cli, const char *path, int *fd);
void cli_close_input(int fd);

/** Before a file is removed, or named to somebody who writes it: EDB_E_ARG if this run reads it. */
enum edb_err cli_spare_inputs(struct cli *cli, const char *path);

/* How far a long work is, on a terminal only: what comes of it elsewhere is nobody's use. */
struct cli_progress {
	const char *what; /* "packing" */
	bool shown;
	int percent;
	long long started_ms, last_ms;
};
void cli_progress_start(const struct cli *cli, const char *what, struct cli_progress *progress);
/** For struct cpk_progress; context: a struct cli_progress. */
void cli_progress_tell(void *context, uint64_t done_bytes, uint64_t total_bytes);
/** Clear the line. Twice is fine. */
void cli_progress_end(struct cli_progress *progress);

/** From now on SIGINT, SIGTERM and SIGHUP only set what cli_interrupted tells. */
void cli_interrupt_catch(void);
/** The signal that came, or 0. */
int cli_interrupted(void);

/** If a signal came, end as it ends a program: a shell's loop then stops, too. */
void cli_interrupt_finish(void);

#endif
