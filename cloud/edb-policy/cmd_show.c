/* SPDX-License-Identifier: MIT
 *
 * edb-policy show: what a document says of itself.
 */
#include "commands.h"
#include "show.h"

struct show_values {
	bool json;
};

static const struct cli_option options[] = {
	{0, "json", NULL, "as JSON", CLI_INTO(CLI_FLAG, struct show_values, json)},
	{0},
};

static enum edb_err run(struct cli *cli, const void *values)
{
	const struct show_values *v = values;
	struct document_file *file = NULL;
	enum edb_err err = document_file_load(cli, cli->operands[0], &file);

	if (!err && v->json)
		err = show_json(file, &cli->error);
	else if (!err)
		show_text(file);
	document_file_free(file);
	return err;
}

const struct cli_command cmd_show = {
	.name = "show",
	.summary = "show a signed document, unverified",
	.operand = "FILE",
	.operands_min = 1,
	.operands_max = 1,
	.options = options,
	.values_bytes = sizeof(struct show_values),
	.run = run,
};
