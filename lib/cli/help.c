/* SPDX-License-Identifier: MIT
 *
 * --help, from the tables.
 */
#include <string.h>

#include "inside.h"

#define HELP_COLUMN 34

void cli_help_program(const struct cli_program *program)
{
	printf("%s: %s\n\nUsage: %s COMMAND [OPTION...]\n\nCommands:\n", program->name,
		program->summary, program->name);
	for (const struct cli_command *const *c = program->commands; *c; c++)
		printf("  %-12s %s\n", (*c)->name, (*c)->summary);
	printf("  %-12s %s\n", "completion", "print bash completion: source <(...)");
	printf("\n%s COMMAND --help explains one; %s --version tells the version.\n", program->name,
		program->name);
	if (program->page_per_command)
		printf("Manual pages: %s(1), %s-COMMAND(1).\n", program->name, program->name);
	else
		printf("Manual page: %s(1).\n", program->name);
}

/* Lines after the first stand under it. */
static void print_help(int used, const char *help)
{
	if (used >= HELP_COLUMN) {
		putchar('\n');
		used = 0;
	}
	for (;;) {
		size_t size = strcspn(help, "\n");

		printf("%*s%.*s\n", HELP_COLUMN - used, "", (int)size, help);
		if (!help[size])
			return;
		help += size + 1;
		used = 0;
	}
}

static void print_option(const struct cli_option *o)
{
	char letter[5] = "    ";
	int used;

	if (o->letter)
		snprintf(letter, sizeof letter, "-%c, ", o->letter);
	used = printf("  %s--%s%s%s", letter, o->name, o->argument ? " " : "",
		o->argument ? o->argument : "");
	print_help(used, o->help);
	if (o->environment)
		printf("%*s(else $%s)\n", HELP_COLUMN, "", o->environment);
}

void cli_help_command(const struct cli *cli)
{
	static const struct cli_option common[] = {
		{.letter = 'q', .name = "quiet", .help = "no progress, no notes; errors only"},
		{.letter = 'h', .name = "help", .help = "this text"},
	};
	const struct cli_command *c = cli->command;

	printf("%s %s: %s\n\nUsage: %s %s [OPTION...]%s%s\n\nOptions:\n", cli->program->name,
		c->name, c->summary, cli->program->name, c->name, c->operand ? " " : "",
		c->operand ? c->operand : "");
	for (const struct cli_option *o = c->options; o && o->name; o++)
		print_option(o);
	for (size_t i = 0; i < sizeof common / sizeof common[0]; i++)
		print_option(&common[i]);
	if (c->notes)
		printf("\n%s\n", c->notes);
	if (cli->program->page_per_command)
		printf("\nManual page: %s-%s(1).\n", cli->program->name, c->name);
	else
		printf("\nManual page: %s(1).\n", cli->program->name);
}
