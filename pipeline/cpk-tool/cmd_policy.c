/* SPDX-License-Identifier: MIT
 *
 * cpk-tool policy: hands over signed policies.
 */
#include "device.h"
#include "document.h"
#include "file.h"

#define FILES_MAX 16

static enum edb_err update(struct cli *cli, struct edb_enclave *cpm, const char *file)
{
	uint8_t *document = NULL;
	size_t size = 0;
	TEEC_Result result;
	int retval = 0;
	enum edb_err err = edb_read_file(file, EDB_DOCUMENT_MAX, &document, &size, &cli->error);

	if (err)
		return err;
	result = ecall_update_policy(cpm, &retval, document, (uint32_t)size);
	edb_free_secret(document, size);
	err = device_answer(cli, result, retval, file);
	if (!err && !cli->quiet)
		printf("%s: taken\n", file);
	return err;
}

static enum edb_err run(struct cli *cli, const void *values)
{
	struct edb_enclave *cpm = NULL;
	enum edb_err err = device_open(cli, &cpm);

	(void)values;
	for (size_t i = 0; i < cli->operand_count && !err; i++)
		err = update(cli, cpm, cli->operands[i]);
	edb_enclave_close(cpm);
	return err;
}

const struct cli_command cmd_policy = {
	.name = "policy",
	.summary = "hand signed policies to this device",
	.operand = "FILE...",
	.operands_min = 1,
	.operands_max = FILES_MAX,
	.run = run,
	.notes =
		"Device or operator policies, in the order in which they are named; edb-policy makes\n"
		"them. The first that is refused ends the command.",
};
