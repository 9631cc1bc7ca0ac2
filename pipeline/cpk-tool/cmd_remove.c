/* SPDX-License-Identifier: MIT
 *
 * cpk-tool remove
 */
#include "device.h"
#include "text.h"

struct remove_values {
	const char *id;
};

static const struct cli_option options[] = {
	{'a', "application-id", "ID", "the application or data", .required = true,
		CLI_INTO(CLI_TEXT, struct remove_values, id)},
	{0},
};

static enum edb_err run(struct cli *cli, const void *values)
{
	const struct remove_values *v = values;
	struct edb_enclave *cpm = NULL;
	uint8_t uuid[EDB_UUID_BYTES];
	TEEC_Result result;
	int retval = 0;
	enum edb_err err;

	if (!edb_uuid_decode(v->id, uuid))
		return cli_fail(cli, EDB_E_ARG, "cpk-tool list shows what is installed",
			"%s: not a UUID", v->id);
	err = device_open(cli, &cpm);
	if (err)
		return err;
	result = ecall_remove(cpm, &retval, v->id);
	err = device_answer(cli, result, retval, v->id);
	if (err == EDB_E_NOT_FOUND)
		cli_hint(cli, "cpk-tool list shows what is installed");
	edb_enclave_close(cpm);
	if (!err && !cli->quiet)
		printf("removed %s\n", v->id);
	return err;
}

const struct cli_command cmd_remove = {
	.name = "remove",
	.summary = "erase an application or data from this device",
	.options = options,
	.values_bytes = sizeof(struct remove_values),
	.run = run,
	.notes =
		"What it had stored goes, too. The device remembers its owner and highest version.",
};
