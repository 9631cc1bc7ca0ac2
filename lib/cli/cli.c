/* SPDX-License-Identifier: MIT */
#include "cli.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct cli {
	const struct cli_program *program;
	const struct cli_command *command;
	struct {
		const struct cli_option *option;
		const char *value;
	} given[CLI_VALUES_MAX];
	int given_count;
	int argument_count;
	char **arguments;
	bool quiet;
};

static const struct cli_option common[] = {
	{"quiet", 'q', NULL, "no progress", NULL},
	{"help", 'h', NULL, "this help", NULL},
	{0},
};

static const struct cli_option *find_option(const struct cli_command *command, const char *name)
{
	for (const struct cli_option *o = command->options; o && o->name; o++)
		if (!strcmp(o->name, name))
			return o;
	for (const struct cli_option *o = common; o->name; o++)
		if (!strcmp(o->name, name))
			return o;
	return NULL;
}

const char *cli_get(const struct cli *cli, const char *name)
{
	const struct cli_option *option = find_option(cli->command, name);

	for (int i = cli->given_count; i-- > 0;)
		if (cli->given[i].option == option)
			return cli->given[i].value;
	return option && option->environment ? getenv(option->environment) : NULL;
}

bool cli_has(const struct cli *cli, const char *name)
{
	return cli_get(cli, name) != NULL;
}

enum edb_err cli_need(
	const struct cli *cli, const char *name, const char **value, struct edb_error *error)
{
	*value = cli_get(cli, name);
	return *value ? EDB_OK
		      : edb_fail(error, EDB_E_USAGE, EDB_NO_OFFSET, "--%s is missing", name);
}

const char *cli_next(const struct cli *cli, const char *name, int *at)
{
	const struct cli_option *option = find_option(cli->command, name);

	while (*at < cli->given_count) {
		int i = (*at)++;

		if (cli->given[i].option == option)
			return cli->given[i].value;
	}
	return NULL;
}

int cli_argument_count(const struct cli *cli)
{
	return cli->argument_count;
}

const char *cli_argument(const struct cli *cli, int index)
{
	return index < cli->argument_count ? cli->arguments[index] : NULL;
}

bool cli_is_quiet(const struct cli *cli)
{
	return cli->quiet || !isatty(STDERR_FILENO);
}

static void print_options(const struct cli_option *options)
{
	for (const struct cli_option *o = options; o && o->name; o++) {
		char text[80];

		snprintf(text, sizeof text, "%s--%s%s%s", o->letter ? "-x, " : "    ", o->name,
			o->argument ? " " : "", o->argument ? o->argument : "");
		if (o->letter)
			text[1] = o->letter;
		printf("  %-32s %s%s%s%s\n", text, o->help, o->environment ? " (else $" : "",
			o->environment ? o->environment : "", o->environment ? ")" : "");
	}
}

static void command_help(const struct cli *cli)
{
	const struct cli_command *c = cli->command;

	printf("%s %s - %s\n\nusage: %s %s [options]%s%s\n\n", cli->program->name, c->name,
		c->summary, cli->program->name, c->name, c->arguments ? " " : "",
		c->arguments ? c->arguments : "");
	print_options(c->options);
	print_options(common);
}

static void program_help(const struct cli_program *program, FILE *to)
{
	fprintf(to, "%s - %s\n\nusage: %s COMMAND [options]\n\n", program->name, program->summary,
		program->name);
	for (const struct cli_command *c = program->commands; c->name; c++)
		fprintf(to, "  %-10s %s\n", c->name, c->summary);
	fprintf(to, "\n%s COMMAND --help tells about one; %s --version\n", program->name,
		program->name);
}

/* Words for bash's completion, from the same tables: commands, then each command's options. */
static int print_completion(const struct cli_program *program)
{
	printf("# bash completion of %s\n_%s() {\n", program->name, "edb_complete");
	printf("  local cur=${COMP_WORDS[COMP_CWORD]} words=''\n");
	printf("  if [ \"$COMP_CWORD\" -eq 1 ]; then\n    words='--help --version");
	for (const struct cli_command *c = program->commands; c->name; c++)
		printf(" %s", c->name);
	printf("'\n  else\n    case ${COMP_WORDS[1]} in\n");
	for (const struct cli_command *c = program->commands; c->name; c++) {
		printf("    %s) words='--help --quiet", c->name);
		for (const struct cli_option *o = c->options; o && o->name; o++)
			printf(" --%s", o->name);
		printf("' ;;\n");
	}
	printf("    esac\n  fi\n  mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$cur\")\n}\n");
	printf("complete -o default -F _edb_complete %s\n", program->name);
	return EDB_OK;
}

const char *cli_hint(enum edb_err code)
{
	switch (code) {
	case EDB_E_USAGE: return "--help shows what there is";
	case EDB_E_MAGIC: return "is it a Confidential Package at all? cpk-tool build makes one";
	case EDB_E_DIGEST:
	case EDB_E_SIGNATURE:
	case EDB_E_SIZES:
	case EDB_E_TRUNCATED:
		return "it was changed or cut on its way: get it again from its vendor";
	case EDB_E_TAG: return "another key than the one it was made with, or changed bytes";
	case EDB_E_UNSIGNED: return "have its vendor sign it: cpk-tool build --signing-key";
	case EDB_E_NOT_PROVISIONED:
		return "the device has no policy yet: cpk-tool provision, then cpk-tool policy";
	case EDB_E_PROVISIONED: return "policies of a higher version come in with cpk-tool policy";
	case EDB_E_DOCUMENT_VERSION:
		return "versions only grow: the device already has this one or a later one";
	case EDB_E_SIGNER:
		return "the operator's policy has to list this vendor: edb-policy operator";
	case EDB_E_OWNER: return "another vendor owns this id, or the policy does not grant it";
	case EDB_E_ROLLBACK: return "only a version higher than any before is installed";
	case EDB_E_TARGET: return "build it for this device: --target-arch, --target-os";
	case EDB_E_KEY_MISSING: return "hand the class key over first: cpk-tool sync";
	case EDB_E_LEGACY:
		return "the device policy decides whether packages and keys of 2021 may come in";
	case EDB_E_BUSY: return "close the application, or wait for the other installation";
	case EDB_E_TEE:
		return "is a TEE there? with the simulator: simtee start; $SIMTEE_DIR says which";
	case EDB_E_STORAGE_FULL: return "make room and try again: nothing was changed";
	default: return NULL;
	}
}

static bool is_close(const char *a, const char *b)
{
	size_t same = 0;

	while (a[same] && a[same] == b[same])
		same++;
	return same >= 3 || (same >= 2 && strlen(a) == strlen(b));
}

static int no_such_command(const struct cli_program *program, const char *name)
{
	fprintf(stderr, "%s: no such command: %s\n", program->name, name);
	for (const struct cli_command *c = program->commands; c->name; c++)
		if (is_close(c->name, name))
			fprintf(stderr, "hint: did you mean %s?\n", c->name);
	fprintf(stderr, "hint: %s --help lists them\n", program->name);
	return EDB_E_USAGE;
}

static int add_options(const struct cli_option *from, const struct cli_option **all,
	struct option *known, char *letters, int count)
{
	for (; from && from->name && count < CLI_OPTIONS_MAX; from++, count++) {
		all[count] = from;
		known[count] = (struct option){from->name,
			from->argument ? required_argument : no_argument, NULL, 256 + count};
		if (from->letter) {
			size_t end = strlen(letters);

			letters[end] = from->letter;
			letters[end + 1] = from->argument ? ':' : 0;
		}
	}
	return count;
}

/* False: getopt has said what is wrong. */
static bool parse(struct cli *cli, int argc, char **argv)
{
	const struct cli_option *all[CLI_OPTIONS_MAX + 1];
	struct option known[CLI_OPTIONS_MAX + 1] = {0};
	char letters[3 * CLI_OPTIONS_MAX] = "";
	int count = add_options(cli->command->options, all, known, letters, 0), c;

	count = add_options(common, all, known, letters, count);
	while ((c = getopt_long(argc, argv, letters, known, NULL)) >= 0) {
		const struct cli_option *option = c >= 256 ? all[c - 256] : NULL;

		for (int i = 0; i < count && !option; i++)
			if (all[i]->letter == c)
				option = all[i];
		if (!option || cli->given_count == CLI_VALUES_MAX)
			return false;
		cli->given[cli->given_count].option = option;
		cli->given[cli->given_count++].value = option->argument ? optarg : "";
	}
	cli->arguments = argv + optind;
	cli->argument_count = argc - optind;
	return true;
}

static int finish(const struct cli *cli, enum edb_err code, const struct edb_error *error)
{
	const char *hint = cli_hint(code);

	cli_progress_end();
	if (!code)
		return EDB_OK;
	fprintf(stderr, "%s %s: %s\n", cli->program->name, cli->command->name,
		error->message[0] ? error->message : edb_err_name(code));
	if (hint)
		fprintf(stderr, "hint: %s\n", hint);
	return (int)code;
}

int cli_main(const struct cli_program *program, int argc, char **argv)
{
	struct cli cli = {.program = program, .command = program->commands};
	struct edb_error error = {0};
	enum edb_err code;
	const char *name = argc > 1 ? argv[1] : NULL;

	if (!name) {
		program_help(program, stderr);
		return EDB_E_USAGE;
	}
	if (!strcmp(name, "--help") || !strcmp(name, "-h") || !strcmp(name, "help")) {
		program_help(program, stdout);
		return EDB_OK;
	}
	if (!strcmp(name, "--version")) {
		printf("%s %s\n", program->name, EDB_VERSION);
		return EDB_OK;
	}
	if (!strcmp(name, "completion"))
		return print_completion(program);
	while (cli.command->name && strcmp(cli.command->name, name))
		cli.command++;
	if (!cli.command->name)
		return no_such_command(program, name);
	if (!parse(&cli, argc - 1, argv + 1)) {
		fprintf(stderr, "hint: %s %s --help shows its options\n", program->name, name);
		return EDB_E_USAGE;
	}
	if (cli_has(&cli, "help")) {
		command_help(&cli);
		return EDB_OK;
	}
	cli.quiet = cli_has(&cli, "quiet");
	if (cli.argument_count && !cli.command->arguments) {
		code = edb_fail(&error, EDB_E_USAGE, EDB_NO_OFFSET, "unexpected argument: %s",
			cli.arguments[0]);
		return finish(&cli, code, &error);
	}
	code = cli.command->run(&cli, &error);
	if (!code && fflush(stdout))
		code = edb_fail(&error, EDB_E_IO, EDB_NO_OFFSET, "cannot write to standard output");
	return finish(&cli, code, &error);
}

static bool progress_shown;

void cli_progress(void *context, uint64_t done, uint64_t total)
{
	const char *what = context;
	unsigned percent = total ? (unsigned)(100.0 * (double)done / (double)total) : 0;
	char bar[31] = "..............................";

	if (!isatty(STDERR_FILENO))
		return;
	memset(bar, '#', 30 * percent / 100);
	fprintf(stderr, "\r%s [%s] %3u%%", what, bar, percent);
	progress_shown = true;
}

void cli_progress_end(void)
{
	if (progress_shown)
		fputs("\r\033[K", stderr);
	progress_shown = false;
}
