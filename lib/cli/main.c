/* SPDX-License-Identifier: MIT
 *
 * Finding the command, running it, and saying what failed, on what, and what to do.
 */
#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "inside.h"

#define COMMANDS_MAX 40

void cli_hint(struct cli *cli, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(cli->hint, sizeof cli->hint, format, arguments);
	va_end(arguments);
}

enum edb_err cli_fail(struct cli *cli, enum edb_err code, const char *hint, const char *format, ...)
{
	char message[EDB_ERROR_MESSAGE_BYTES];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(message, sizeof message, format, arguments);
	va_end(arguments);
	if (hint)
		cli_hint(cli, "%s", hint);
	edb_fail(&cli->error, code, EDB_NO_OFFSET, "%s", message);
	return code;
}

enum edb_err cli_about(struct cli *cli, enum edb_err err, const char *format, ...)
{
	char about[EDB_ERROR_MESSAGE_BYTES];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(about, sizeof about, format, arguments);
	va_end(arguments);
	if (!err || strstr(cli->error.message, about))
		return err;
	if (!*cli->error.message) /* who failed said nothing but the code */
		edb_fail(&cli->error, err, EDB_NO_OFFSET, "%s", cli_meaning(err));
	edb_error_prefix(&cli->error, "%s", about);
	return err;
}

void cli_note(const struct cli *cli, const char *format, ...)
{
	va_list arguments;

	if (cli->quiet)
		return;
	fprintf(stderr, "%s %s: note: ", cli->program->name, cli->command->name);
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fputc('\n', stderr);
}

static void complain(const struct cli *cli, enum edb_err err)
{
	const char *command = cli->command ? cli->command->name : "", *blank = *command ? " " : "";
	const char *hint = *cli->hint ? cli->hint : cli_remedy(err);

	fprintf(stderr, "%s%s%s: ", cli->program->name, blank, command);
	cli_print(stderr, *cli->error.message ? cli->error.message : cli_meaning(err));
	if (cli->error.code == err && cli->error.offset != EDB_NO_OFFSET)
		fprintf(stderr, " (at byte %llu)", (unsigned long long)cli->error.offset);
	fputc('\n', stderr);
	if (hint) {
		fputs("hint: ", stderr);
		cli_print(stderr, hint);
		fputc('\n', stderr);
	} else if (err == EDB_E_USAGE) {
		fprintf(stderr, "hint: %s%s%s --help explains\n", cli->program->name, blank,
			command);
	}
}

static const struct cli_command *find(struct cli *cli, const char *word)
{
	const char *names[COMMANDS_MAX + 2] = {"completion"};
	const char *nearest;
	size_t count = 1;

	for (const struct cli_command *const *c = cli->program->commands; *c; c++) {
		if (!strcmp((*c)->name, word))
			return *c;
		if (count < COMMANDS_MAX)
			names[count++] = (*c)->name;
	}
	nearest = cli_nearest(word, names);
	cli_fail(cli, EDB_E_USAGE, NULL, "no command '%s'", word);
	if (nearest)
		cli_hint(cli, "did you mean %s %s?", cli->program->name, nearest);
	return NULL;
}

/* What went to standard output must have arrived: a full disk is an error, not a short file. */
static int finish(struct cli *cli, enum edb_err err)
{
	if (!err && (fflush(stdout) || ferror(stdout)))
		err = cli_fail(cli, errno == ENOSPC ? EDB_E_STORAGE_FULL : EDB_E_IO, NULL,
			"cannot write standard output: %s", strerror(errno));
	if (err)
		complain(cli, err);
	return err ? (int)err : cli->exit_code;
}

static enum edb_err run(struct cli *cli, int argc, char **argv)
{
	void *values = calloc(1, cli->command->values_bytes + 1);
	enum edb_err err = EDB_E_USAGE;

	if (!values)
		return cli_fail(cli, EDB_E_NOMEM, NULL, "out of memory");
	switch (cli_parse(cli, argc, argv, values)) {
	case CLI_RUN: err = cli->command->run(cli, values); break;
	case CLI_HELP:
		cli_help_command(cli);
		err = EDB_OK;
		break;
	case CLI_WRONG: break;
	}
	free(values);
	return err;
}

int cli_main(const struct cli_program *program, int argc, char **argv)
{
	struct cli cli = {.program = program};

	/* Secrets pass through: they must not end in a core dump. */
	setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
	/* A closed pipe is an error to report, and no reason to leave a file half-written. */
	signal(SIGPIPE, SIG_IGN);
	cli_inputs_watch();
	if (argc < 2)
		return finish(&cli, cli_fail(&cli, EDB_E_USAGE, NULL, "which command?"));
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h") || !strcmp(argv[1], "help")) {
		cli_help_program(program);
		return finish(&cli, EDB_OK);
	}
	if (!strcmp(argv[1], "--version")) {
		printf("%s %s\n", program->name, EDB_VERSION);
		return finish(&cli, EDB_OK);
	}
	if (!strcmp(argv[1], "completion")) {
		cli_print_completion(program);
		return finish(&cli, EDB_OK);
	}
	cli.command = find(&cli, argv[1]);
	if (!cli.command)
		return finish(&cli, EDB_E_USAGE);
	return finish(&cli, run(&cli, argc - 1, argv + 1));
}
