/* SPDX-License-Identifier: MIT
 *
 * edb-policy device: what the maker of devices signs.
 */
#include <stdlib.h>

#include "commands.h"
#include "describe.h"
#include "document_file.h"

static enum edb_err run(struct cli *cli, const void *values)
{
	const struct make_values *v = values;
	struct edb_device_policy policy = {0};
	uint8_t *payload = NULL;
	size_t size = 0;
	enum edb_err err = describe_device(v->input, &policy, &cli->error);

	if (!err)
		err = edb_device_policy_encode(&policy, &payload, &size, &cli->error);
	err = description_hint(cli, v, err);
	if (!err)
		err = document_file_sign(cli, v, EDB_DOCUMENT_DEVICE_POLICY, payload, size);
	free(payload);
	return err;
}

const struct cli_command cmd_device = {
	.name = "device",
	.summary = "make a device policy, signed by the root",
	.options = make_options,
	.values_bytes = sizeof(struct make_values),
	.run = run,
};
