/* SPDX-License-Identifier: MIT
 *
 * cpk-tool build: encrypt, sign, pack.
 */
#include <string.h>

#include "build_options.h"
#include "text.h"

#define V struct build_values

static const struct cli_option options[] = {
	{'i', "input-payload", "FILE", "the application or data to pack; -: standard input",
		CLI_INTO(CLI_TEXT, V, input)},
	{'o', "output-package", "FILE", "the package; -: standard output", .required = true,
		CLI_INTO(CLI_TEXT, V, output)},
	{'a', "application-id", "ID", "a UUID; also the class key's name",
		CLI_INTO(CLI_TEXT, V, id)},
	{'e', "encryption-key-method", "METHOD", "where the class key comes from: http or file",
		.choices = "http file", CLI_INTO(CLI_TEXT, V, method)},
	{'k', "key-store", "URL|FILE",
		"the key service, or the file of keys (else\n"
		"$CP_CLOUD_KEY_SOURCE or $CP_FILE_KEY_SOURCE)",
		CLI_INTO(CLI_TEXT, V, store)},
	{'w', "wrapping-key-method", "METHOD", "http: how the key is wrapped on its way: local",
		.choices = "local parsec", CLI_INTO(CLI_TEXT, V, wrapping)},
	{0, "access-code-file", "FILE", "http: holds the access code",
		CLI_INTO(CLI_TEXT, V, access_code_file)},
	{0, "ca-file", "FILE", "http: PEM of the authorities that may vouch for the service",
		CLI_INTO(CLI_TEXT, V, ca_file)},
	{'n', "application-name", "NAME", "for people (default: Unknown)",
		CLI_INTO(CLI_TEXT, V, name)},
	{'v', "vendor", "NAME", "for people (default: Unknown)", CLI_INTO(CLI_TEXT, V, vendor)},
	{'V', "app-version", "MAJ.MIN.REV", "version (default: 1.0.0)",
		CLI_INTO(CLI_TEXT, V, version)},
	{'t', "type", "TYPE", "application (default) or data", .choices = "application data",
		CLI_INTO(CLI_TEXT, V, type)},
	{0, "reader", "ID:VENDOR",
		"data: an application that may read it, and its vendor's\n"
		"certificate or key id in hex; may be repeated",
		CLI_INTO(CLI_LIST, V, readers)},
	{0, "target-os", "TEE", "simtee (default) or OP-TEE; data: any", CLI_INTO(CLI_TEXT, V, os)},
	{0, "target-arch", "ARCH",
		"default: aarch64 for OP-TEE, this machine's for simtee, any\nfor data",
		CLI_INTO(CLI_TEXT, V, arch)},
	{0, "key-version", "N", "version of the class key (default: 1); 0: none, as in 2021",
		CLI_INTO(CLI_TEXT, V, key_version)},
	{'s', "signing-key", "KEY", "PEM file, or pkcs11: URI", .environment = "CP_SIGNING_KEY",
		CLI_INTO(CLI_TEXT, V, signing_key)},
	{'c', "certificate", "FILE", "the signer's X.509 certificate or public key, PEM or DER",
		.environment = "CP_CERTIFICATE", CLI_INTO(CLI_TEXT, V, certificate)},
	{0, "certificate-form", "FORM",
		"how the package has it (default: as in its file): x509-pem,\nx509-der, "
		"public-key-pem, public-key-der, url, target",
		.choices = "x509-pem x509-der public-key-pem public-key-der url target",
		CLI_INTO(CLI_TEXT, V, form)},
	{0, "certificate-location", "WHERE", "url, target: the address or the domain",
		CLI_INTO(CLI_TEXT, V, location)},
	{0, "pss", NULL, "sign with RSA-PSS in place of PKCS#1 v1.5", CLI_INTO(CLI_FLAG, V, pss)},
	{0, "signature", "DIR",
		"sign elsewhere: leave the digests in DIR; later, without -i,\n"
		"take the signatures from there",
		CLI_INTO(CLI_TEXT, V, signature)},
	{0},
};

#undef V

static enum edb_err check(struct cli *cli, const struct build_values *v)
{
	const char *missing = !v->id       ? "application-id ID"
			      : !v->method ? "encryption-key-method http|file"
					   : NULL;

	if (missing)
		return cli_fail(cli, EDB_E_USAGE, NULL, "--%s is missing", missing);
	if (v->wrapping && !strcmp(v->wrapping, "parsec"))
		return cli_fail(cli, EDB_E_USAGE, "leave -w out, or -w local",
			"wrapping keys in a Parsec service are not supported");
	if (v->signature && !strcmp(v->output, "-"))
		return cli_fail(cli, EDB_E_USAGE, NULL,
			"--signature: the package must be a file, it is completed later");
	return EDB_OK;
}

static void report(
	const struct cli *cli, const struct build_values *v, const struct cpk_build_result *result)
{
	char digest[2 * EDB_DIGEST_BYTES + 1];

	if (cli->quiet || !strcmp(v->output, "-"))
		return;
	edb_hex_encode(result->package_digest, EDB_DIGEST_BYTES, digest);
	printf("%s: %llu bytes, package digest %s\n", v->output,
		(unsigned long long)result->package_bytes, digest);
}

static enum edb_err pack(struct cli *cli, const struct build_values *v, const struct build_job *job,
	int in, int out, const struct cpk_progress *progress, struct cpk_build_result *result)
{
	enum edb_err err = cpk_build(in, out, &job->options, progress, result, &cli->error);

	if (err == EDB_E_MEMBER_VALUE || err == EDB_E_ARG)
		cli_hint(cli,
			"docs/format.md has the limits of names, target and readers; and payload or "
			"package has to be a file");
	return cli_about(cli, err, "%s into %s", v->input, v->output);
}

static enum edb_err write_package(struct cli *cli, const struct build_values *v,
	const struct build_job *job, struct cpk_build_result *result)
{
	struct cli_progress bar;
	struct cpk_progress progress = {.tell = cli_progress_tell, .context = &bar};
	struct cli_output output = {0};
	int in = -1;
	enum edb_err err = cli_open_input(cli, v->input, &in);

	if (err)
		return err;
	err = cli_output_open(cli, v->output, 0644, &output);
	cli_progress_start(cli, "packing", &bar);
	if (!err)
		err = pack(cli, v, job, in, output.fd, &progress, result);
	cli_progress_end(&bar);
	if (!err)
		err = cli_output_commit(cli, &output);
	cli_output_drop(&output);
	cli_close_input(in);
	return err;
}

static enum edb_err build(struct cli *cli, const struct build_values *v)
{
	struct key_source source = {.method = v->method,
		.store = v->store,
		.access_code_file = v->access_code_file,
		.ca_file = v->ca_file};
	struct cpk_build_result result = {0};
	struct build_job job = {0}; /* holds a secret: cleared at out */
	enum edb_err err = check(cli, v);

	if (!err)
		err = key_source_store(cli, &source);
	if (!err)
		err = build_job_fill(cli, v, &job);
	if (!err)
		err = class_key_get(cli, &source, v->id, job.class_key);
	if (!err)
		err = write_package(cli, v, &job, &result);
	if (!err && v->signature)
		err = signature_request(cli, v->signature, v->output, &job, &result);
	if (!err)
		report(cli, v, &result);
	build_job_clear(&job);
	return err;
}

static enum edb_err run(struct cli *cli, const void *values)
{
	const struct build_values *v = values;

	if (v->input)
		return build(cli, v);
	if (v->signature)
		return signature_attach(cli, v->signature, v->output, v->certificate);
	return cli_fail(cli, EDB_E_USAGE, NULL, "--input-payload FILE is missing");
}

const struct cli_command cmd_build = {
	.name = "build",
	.summary = "encrypt, sign and pack an application or data",
	.options = options,
	.values_bytes = sizeof(struct build_values),
	.run = run,
	.notes = "The signature's scheme follows from the key: RSA-2048 to RSA-4096 PKCS#1 v1.5\n"
		 "(RSA-PSS with --pss), or ECDSA P-256.\n"
		 "A PIN for PKCS#11 comes from the URI's pin-source, or $EDB_PKCS11_PIN.",
};
