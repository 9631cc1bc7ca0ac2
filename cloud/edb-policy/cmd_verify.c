/* SPDX-License-Identifier: MIT
 *
 * edb-policy verify: would a device that trusts this key take this document?
 */
#include <stdio.h>

#include "commands.h"
#include "document_file.h"

struct verify_values {
	const char *signer;
};

static const struct cli_option options[] = {
	{'s', "signer", "FILE", "public key, certificate or private key that must have signed",
		.required = true, CLI_INTO(CLI_TEXT, struct verify_values, signer)},
	{0},
};

/* All of it is decoded first: a right signature under what no device can read is not good. */
static enum edb_err run(struct cli *cli, const void *values)
{
	const struct verify_values *v = values;
	struct edb_public_key *key = NULL;
	struct document_file *file = NULL;
	enum edb_err err = any_key_load(v->signer, &key, &cli->error);

	if (!err)
		err = document_file_load(cli, cli->operands[0], &file);
	if (!err)
		err = cli_about(cli, edb_document_verify(&file->document, key, &cli->error), "%s",
			cli->operands[0]);
	if (err == EDB_E_DOCUMENT_SIGNER)
		cli_hint(cli, "edb-policy show tells which key it says has signed, edb-policy id "
			      "which one --signer is; if they are the same, fetch it again");
	if (!err && !cli->quiet)
		printf("good: %s, signed by this key\n",
			edb_document_type_name(file->document.type));
	document_file_free(file);
	edb_public_key_free(key);
	return err;
}

const struct cli_command cmd_verify = {
	.name = "verify",
	.summary = "is it whole, and was it signed by this key?",
	.operand = "FILE",
	.operands_min = 1,
	.operands_max = 1,
	.options = options,
	.values_bytes = sizeof(struct verify_values),
	.run = run,
};
