/* SPDX-License-Identifier: MIT
 *
 * cpk-tool install
 */
#include "device.h"

struct install_values {
	const char *package, *signer;
};

static const struct cli_option options[] = {
	{'p', "package", "FILE", "the package", .required = true,
		CLI_INTO(CLI_TEXT, struct install_values, package)},
	{'s', "signer", "FILE", "the signer's certificate, where the package does not embed it",
		CLI_INTO(CLI_TEXT, struct install_values, signer)},
	{0},
};

static enum edb_err install(struct cli *cli, const struct cpk_raw *raw, const char *signer_file)
{
	const struct cpk_manifest *m = cpk_raw_manifest_borrow(raw);
	struct edb_public_key *signer = NULL;
	struct edb_enclave *cpm = NULL;
	enum edb_err err = package_signer(cli, raw, signer_file, &signer);

	if (!err)
		err = device_open(cli, &cpm);
	if (!err) /* ended in the middle, the CPM would drop it, too; this way it is dropped now */
		cli_interrupt_catch();
	if (!err && m->package.sig.scheme == EDB_SCHEME_NONE)
		err = install_2021(cli, cpm, raw, signer);
	else if (!err)
		err = install_package(cli, cpm, raw, signer);
	edb_enclave_close(cpm);
	edb_public_key_free(signer);
	if (!err && !cli->quiet && m->package.sig.scheme == EDB_SCHEME_NONE)
		printf("installed %s, a package of 2021: its version is not signed, and does not "
		       "count\n",
			m->id);
	else if (!err && !cli->quiet)
		printf("installed %s, version %u.%u.%u\n", m->id, m->payload.ver.maj,
			m->payload.ver.min, m->payload.ver.rev);
	return cli_about(cli, err, "%s", m->id);
}

static enum edb_err run(struct cli *cli, const void *values)
{
	const struct install_values *v = values;
	struct package_file package = {.fd = -1};
	enum edb_err err = package_open(cli, v->package, &package);

	if (!err)
		err = cli_about(cli, install(cli, package.raw, v->signer), "%s", v->package);
	package_close(&package);
	return err;
}

const struct cli_command cmd_install = {
	.name = "install",
	.summary = "hand a package to this device's CPM",
	.options = options,
	.values_bytes = sizeof(struct install_values),
	.run = run,
	.notes =
		"The CPM decides. If it refuses, or this command is interrupted, the device is as\n"
		"before.",
};
