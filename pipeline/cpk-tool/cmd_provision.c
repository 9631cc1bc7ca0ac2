/* SPDX-License-Identifier: MIT
 *
 * cpk-tool provision: from blank to provisioned, once.
 */
#include "device.h"
#include "document.h"
#include "file.h"

struct provision_values {
	const char *root, *policy;
};

static const struct cli_option options[] = {
	{'r', "root", "FILE", "the device maker's public key (root), PEM or DER", .required = true,
		CLI_INTO(CLI_TEXT, struct provision_values, root)},
	{'P', "policy", "FILE", "the first device policy, signed by the root", .required = true,
		CLI_INTO(CLI_TEXT, struct provision_values, policy)},
	{0},
};

static enum edb_err provision(struct cli *cli, const struct edb_public_key *root,
	const uint8_t *policy, size_t policy_size)
{
	size_t spki_size = 0;
	const uint8_t *spki = edb_public_key_spki_borrow(root, &spki_size);
	struct edb_enclave *cpm = NULL;
	TEEC_Result result;
	int retval = 0;
	enum edb_err err = device_open(cli, &cpm);

	if (err)
		return err;
	result = ecall_provision(
		cpm, &retval, spki, (uint32_t)spki_size, policy, (uint32_t)policy_size);
	err = device_answer(cli, result, retval, "provisioning");
	edb_enclave_close(cpm);
	return err;
}

static enum edb_err run(struct cli *cli, const void *values)
{
	const struct provision_values *v = values;
	struct edb_public_key *root = NULL;
	uint8_t *policy = NULL;
	size_t size = 0;
	enum edb_err err = edb_public_key_load(v->root, &root, &cli->error);

	if (!err)
		err = edb_read_file(v->policy, EDB_DOCUMENT_MAX, &policy, &size, &cli->error);
	if (!err)
		err = cli_about(cli, provision(cli, root, policy, size), "root %s, policy %s",
			v->root, v->policy);
	if (err == EDB_E_CERTIFICATE)
		cli_hint(cli, "a root is a P-256 public key or certificate, PEM or DER: edb-policy "
			      "keygen makes one");
	edb_free_secret(policy, size);
	edb_public_key_free(root);
	if (!err && !cli->quiet)
		printf("provisioned\n");
	return err;
}

const struct cli_command cmd_provision = {
	.name = "provision",
	.summary = "give a blank device its root and first policy, once",
	.options = options,
	.values_bytes = sizeof(struct provision_values),
	.run = run,
};
