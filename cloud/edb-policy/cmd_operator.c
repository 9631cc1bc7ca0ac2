/* SPDX-License-Identifier: MIT
 *
 * edb-policy operator: what the operator of devices signs.
 */
#include <stdlib.h>

#include "commands.h"
#include "describe.h"
#include "document_file.h"

static enum edb_err run(struct cli *cli, const void *values)
{
	const struct make_values *v = values;
	struct edb_operator_policy *policy = calloc(1, sizeof *policy);
	uint8_t *payload = NULL;
	size_t size = 0;
	enum edb_err err;

	if (!policy)
		return cli_fail(cli, EDB_E_NOMEM, NULL, "out of memory");
	err = describe_operator(v->input, policy, &cli->error);
	if (!err)
		err = edb_operator_policy_encode(policy, &payload, &size, &cli->error);
	err = description_hint(cli, v, err);
	if (!err)
		err = document_file_sign(cli, v, EDB_DOCUMENT_OPERATOR_POLICY, payload, size);
	free(policy);
	free(payload);
	return err;
}

const struct cli_command cmd_operator = {
	.name = "operator",
	.summary = "make an operator policy, signed by the operator",
	.options = make_options,
	.values_bytes = sizeof(struct make_values),
	.run = run,
};
