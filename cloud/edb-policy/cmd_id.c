/* SPDX-License-Identifier: MIT
 *
 * edb-policy id: the name that policies and devices know a key by.
 */
#include <stdio.h>

#include "commands.h"
#include "document_file.h"

static enum edb_err run(struct cli *cli, const void *values)
{
	struct edb_public_key *key = NULL;
	uint8_t id[EDB_KEY_ID_BYTES];
	char text[2 * EDB_KEY_ID_BYTES + 1];
	enum edb_err err = any_key_load(cli->operands[0], &key, &cli->error);

	(void)values;
	if (err)
		return err;
	edb_public_key_id(key, id);
	edb_hex_encode(id, sizeof id, text);
	puts(text);
	edb_public_key_free(key);
	return EDB_OK;
}

const struct cli_command cmd_id = {
	.name = "id",
	.summary = "the id of a key: SHA-256 of its SubjectPublicKeyInfo",
	.operand = "FILE",
	.operands_min = 1,
	.operands_max = 1,
	.run = run,
};
