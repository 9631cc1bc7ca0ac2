/* SPDX-License-Identifier: MIT
 *
 * Bash completion, from the tables: PROG completion.
 */
#include <string.h>

#include "inside.h"

static void print_identifier(const char *name)
{
	putchar('_');
	for (; *name; name++)
		putchar(*name == '-' ? '_' : *name);
}

static void print_options(const struct cli_command *c)
{
	printf("\t%s)\n\t\twords='", c->name);
	for (const struct cli_option *o = c->options; o && o->name; o++)
		printf("--%s ", o->name);
	printf("--quiet --help%s%s' files=%s\n\t\tcase $previous in\n", c->choices ? " " : "",
		c->choices ? c->choices : "", c->operand && !c->choices ? "1" : "");
	for (const struct cli_option *o = c->options; o && o->name; o++) {
		if (!o->argument)
			continue;
		printf("\t\t--%s", o->name);
		if (o->letter)
			printf(" | -%c", o->letter);
		if (o->choices)
			printf(") words='%s' ;;\n", o->choices);
		else
			printf(") words='' files=%s ;;\n",
				strstr(o->argument, "FILE") || strstr(o->argument, "DIR") ||
						strstr(o->argument, "KEY")
					? "1"
					: "");
	}
	printf("\t\tesac\n\t\t;;\n");
}

void cli_print_completion(const struct cli_program *program)
{
	printf("# Bash completion for %s, made by `%s completion`.\n", program->name,
		program->name);
	print_identifier(program->name);
	printf("() {\n\tlocal word=$2 previous=$3 words='' files=''\n\tCOMPREPLY=()\n"
	       "\tcase $((COMP_CWORD > 1)):${COMP_WORDS[1]-} in\n\t0:*) words='");
	for (const struct cli_command *const *c = program->commands; *c; c++)
		printf("%s ", (*c)->name);
	printf("completion --help --version' ;;\n\t*)\n\t\tcase ${COMP_WORDS[1]} in\n");
	for (const struct cli_command *const *c = program->commands; *c; c++)
		print_options(*c);
	printf("\t\tesac\n\t\t;;\n\tesac\n"
	       "\tmapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$word\")\n"
	       "\tif [ -n \"$files\" ] && [ \"${word#-}\" = \"$word\" ]; then\n"
	       "\t\tmapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(compgen -f -- \"$word\")\n"
	       "\tfi\n}\ncomplete -o filenames -F ");
	print_identifier(program->name);
	printf(" %s\n", program->name);
}
