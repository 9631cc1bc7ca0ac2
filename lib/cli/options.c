/* SPDX-License-Identifier: MIT
 *
 * Parsing a command's options by its table, in the way of getopt_long.
 */
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "inside.h"

#define OPTIONS_MAX 40  /* of one command */
#define OPTION_BASE 256 /* what getopt_long answers for the first row of the table */

enum {
	ANSWER_HELP = OPTION_BASE + OPTIONS_MAX,
	ANSWER_QUIET
};

struct parse {
	struct cli *cli;
	void *values;
	size_t count;
	struct option longs[OPTIONS_MAX + 3];
	const char *names[OPTIONS_MAX + 3]; /* for suggestions */
	char shorts[2 * OPTIONS_MAX + 8];
	bool given[OPTIONS_MAX];
	bool help;
};

bool cli_is_choice(const char *choices, const char *word)
{
	size_t size = strlen(word);

	for (const char *at = choices; size && (at = strstr(at, word)); at++)
		if ((at == choices || at[-1] == ' ') && (!at[size] || at[size] == ' '))
			return true;
	return false;
}

bool cli_number(const char *text, unsigned long long min, unsigned long long max,
	unsigned long long *number)
{
	unsigned long long n;
	char *end = NULL;

	if (*text < '0' || *text > '9')
		return false;
	errno = 0;
	n = strtoull(text, &end, 10);
	if (errno || *end || n < min || n > max)
		return false;
	*number = n;
	return true;
}

static void tables(struct parse *p)
{
	const struct cli_option *o = p->cli->command->options;
	size_t at = 0;

	p->shorts[at++] = ':'; /* a missing argument is told apart */
	for (; o && o[p->count].name && p->count < OPTIONS_MAX; p->count++) {
		const struct cli_option *row = &o[p->count];

		p->longs[p->count] =
			(struct option){row->name, row->argument ? required_argument : no_argument,
				NULL, OPTION_BASE + (int)p->count};
		p->names[p->count] = row->name;
		if (row->letter) {
			p->shorts[at++] = row->letter;
			if (row->argument)
				p->shorts[at++] = ':';
		}
	}
	p->longs[p->count] = (struct option){"help", no_argument, NULL, ANSWER_HELP};
	p->longs[p->count + 1] = (struct option){"quiet", no_argument, NULL, ANSWER_QUIET};
	p->names[p->count] = "help";
	p->names[p->count + 1] = "quiet";
	p->shorts[at++] = 'h';
	p->shorts[at++] = 'q';
}

static enum cli_parsed unknown(struct parse *p, const char *word)
{
	const char *nearest;
	char name[64] = "";

	if (strncmp(word, "--", 2)) {
		cli_fail(p->cli, EDB_E_USAGE, NULL, "no option -%c", optopt);
		return CLI_WRONG;
	}
	snprintf(name, sizeof name, "%.*s", (int)strcspn(word + 2, "="), word + 2);
	nearest = cli_nearest(name, p->names);
	cli_fail(p->cli, EDB_E_USAGE, NULL, "no option --%s, or it is not clear which one is meant",
		name);
	if (nearest)
		cli_hint(p->cli, "did you mean --%s?", nearest);
	return CLI_WRONG;
}

static enum cli_parsed wrong_argument(struct parse *p, const struct cli_option *row)
{
	cli_fail(p->cli, EDB_E_USAGE, NULL, "--%s: not one of: %s", row->name, row->choices);
	return CLI_WRONG;
}

static enum cli_parsed store(struct parse *p, size_t index, const char *argument)
{
	const struct cli_option *row = &p->cli->command->options[index];
	void *into = (char *)p->values + row->offset;

	if (row->choices && !cli_is_choice(row->choices, argument))
		return wrong_argument(p, row);
	p->given[index] = true;
	switch (row->kind) {
	case CLI_FLAG: *(bool *)into = true; break;
	case CLI_TEXT: *(const char **)into = argument; break;
	case CLI_LIST: {
		struct cli_list *list = into;

		if (list->count == CLI_LIST_MAX) {
			cli_fail(p->cli, EDB_E_USAGE, NULL, "--%s: more than %d times", row->name,
				CLI_LIST_MAX);
			return CLI_WRONG;
		}
		list->items[list->count++] = argument;
		break;
	}
	}
	return CLI_RUN;
}

static enum cli_parsed take(struct parse *p, int answer, const char *word)
{
	const struct cli_option *rows = p->cli->command->options;

	if (answer == ANSWER_HELP || answer == 'h') {
		p->help = true;
		return CLI_RUN;
	}
	if (answer == ANSWER_QUIET || answer == 'q') {
		p->cli->quiet = true;
		return CLI_RUN;
	}
	if (answer == '?')
		return unknown(p, word);
	if (answer == ':') {
		cli_fail(p->cli, EDB_E_USAGE, NULL, "%s needs a value", word);
		return CLI_WRONG;
	}
	if (answer >= OPTION_BASE)
		return store(p, (size_t)(answer - OPTION_BASE), optarg);
	for (size_t i = 0; i < p->count; i++)
		if (rows[i].letter == answer)
			return store(p, i, optarg);
	return CLI_WRONG;
}

static enum cli_parsed check_operands(struct cli *cli)
{
	const struct cli_command *c = cli->command;

	if (cli->operand_count > c->operands_max) {
		cli_fail(cli, EDB_E_USAGE, NULL, "what is '%s' for?",
			cli->operands[c->operands_max]);
		return CLI_WRONG;
	}
	if (cli->operand_count < c->operands_min) {
		cli_fail(cli, EDB_E_USAGE, NULL, "%s is missing", c->operand);
		return CLI_WRONG;
	}
	for (size_t i = 0; c->choices && i < cli->operand_count; i++) {
		if (!cli_is_choice(c->choices, cli->operands[i])) {
			cli_fail(cli, EDB_E_USAGE, NULL, "'%s' is not one of: %s", cli->operands[i],
				c->choices);
			return CLI_WRONG;
		}
	}
	return CLI_RUN;
}

static enum cli_parsed missing(struct cli *cli, const struct cli_option *option)
{
	if (cli->operand_count && !cli->command->operands_max && option->letter)
		cli_hint(cli, "for '%s', write: -%c %s", cli->operands[0], option->letter,
			cli->operands[0]);
	cli_fail(cli, EDB_E_USAGE, NULL, "--%s %s is missing", option->name, option->argument);
	return CLI_WRONG;
}

static enum cli_parsed check_required(struct parse *p)
{
	const struct cli_option *rows = p->cli->command->options;

	for (size_t i = 0; i < p->count; i++) {
		const char *value =
			rows[i].environment && !p->given[i] ? getenv(rows[i].environment) : NULL;

		if (value && *value && store(p, i, value) != CLI_RUN)
			return CLI_WRONG;
		if (rows[i].required && !p->given[i])
			return missing(p->cli, &rows[i]);
	}
	return check_operands(p->cli);
}

enum cli_parsed cli_parse(struct cli *cli, int argc, char **argv, void *values)
{
	struct parse p = {.cli = cli, .values = values};
	enum cli_parsed parsed = CLI_RUN;
	int answer;

	tables(&p);
	opterr = 0;
	optind = 1;
	while (parsed == CLI_RUN) {
		int at = optind;

		answer = getopt_long(argc, argv, p.shorts, p.longs, NULL);
		if (answer < 0)
			break;
		/* getopt moves operands behind the options: the word it looked at is the last one.
		 */
		parsed = take(&p, answer, optind > at ? argv[optind - 1] : argv[at]);
	}
	if (parsed == CLI_RUN && p.help)
		return CLI_HELP;
	if (parsed != CLI_RUN)
		return parsed;
	cli->operands = argv + optind;
	cli->operand_count = (size_t)(argc - optind);
	return check_required(&p);
}
