/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "commands.h"
#include "describe.h"
#include "file.h"

struct make_values {
	const char *input, *signing_key, *output;
};

#define V struct make_values

static const struct cli_option keygen_options[] = {
	{'o', "output", "FILE", "the new private key; FILE.pub gets its public half",
		.required = true, CLI_INTO(CLI_TEXT, V, output)},
	{0},
};

static const struct cli_option policy_options[] = {
	{'i', "input", "FILE", "what it is to say, in JSON", .required = true,
		CLI_INTO(CLI_TEXT, V, input)},
	{'s', "signing-key", "KEY", "PEM file, or pkcs11: URI; P-256", .required = true,
		CLI_INTO(CLI_TEXT, V, signing_key)},
	{'o', "output", "FILE", "the signed policy; -: standard output", .required = true,
		CLI_INTO(CLI_TEXT, V, output)},
	{0},
};

#undef V

/* -----BEGIN PUBLIC KEY----- around base64 in lines of 64 */
static enum edb_err write_public_pem(
	const struct edb_public_key *key, const char *path, struct edb_error *error)
{
	char pem[2048];
	size_t size = 0, at = 0;
	const uint8_t *spki = edb_public_key_spki_borrow(key, &size);
	char *text = edb_base64_encode(spki, size);

	if (!text)
		return edb_fail(error, EDB_E_NOMEM, EDB_NO_OFFSET, "out of memory");
	at += (size_t)snprintf(pem, sizeof pem, "-----BEGIN PUBLIC KEY-----\n");
	for (const char *line = text; *line; line += strnlen(line, 64))
		at += (size_t)snprintf(pem + at, sizeof pem - at, "%.64s\n", line);
	at += (size_t)snprintf(pem + at, sizeof pem - at, "-----END PUBLIC KEY-----\n");
	free(text);
	return edb_write_file(path, 0644, pem, at, error);
}

static enum edb_err run_keygen(struct cli *cli, const void *values)
{
	const struct make_values *v = values;
	const char *path = v->output;
	struct edb_error *error = &cli->error;
	struct edb_signer *signer = NULL;
	char public_path[4096];
	enum edb_err err = EDB_OK;

	if (snprintf(public_path, sizeof public_path, "%s.pub", path) >= (int)sizeof public_path)
		err = edb_fail(error, EDB_E_ARG, EDB_NO_OFFSET, "the name is too long");
	if (!err)
		err = edb_generate_key(path, 256, error);
	if (!err)
		err = edb_signer_open(path, &signer, error);
	if (!err)
		err = write_public_pem(edb_signer_public_borrow(signer), public_path, error);
	edb_signer_free(signer);
	return err;
}

static enum edb_err sign_and_write(const struct make_values *v, enum edb_document_type type,
	uint8_t *payload, size_t payload_size, struct edb_error *error)
{
	struct edb_signer *signer = NULL;
	uint8_t *document = NULL;
	size_t size = 0;
	enum edb_err err = edb_signer_open(v->signing_key, &signer, error);
	if (!err)
		err = edb_document_sign(
			type, payload, payload_size, signer, &document, &size, error);
	if (!err)
		err = edb_write_file(v->output, 0644, document, size, error);
	free(document);
	free(payload);
	edb_signer_free(signer);
	return err;
}

static enum edb_err run_device(struct cli *cli, const void *values)
{
	const struct make_values *v = values;
	struct edb_error *error = &cli->error;
	struct edb_device_policy policy = {0};
	uint8_t *payload = NULL;
	size_t size = 0;
	enum edb_err err = describe_device(v->input, &policy, error);
	if (!err)
		err = edb_device_policy_encode(&policy, &payload, &size, error);
	return err ? err : sign_and_write(v, EDB_DOCUMENT_DEVICE_POLICY, payload, size, error);
}

static enum edb_err run_operator(struct cli *cli, const void *values)
{
	const struct make_values *v = values;
	struct edb_error *error = &cli->error;
	struct edb_operator_policy *policy = calloc(1, sizeof *policy);
	uint8_t *payload = NULL;
	size_t size = 0;
	enum edb_err err;

	if (!policy)
		return edb_fail(error, EDB_E_NOMEM, EDB_NO_OFFSET, "out of memory");
	err = describe_operator(v->input, policy, error);
	if (!err)
		err = edb_operator_policy_encode(policy, &payload, &size, error);
	free(policy);
	return err ? err : sign_and_write(v, EDB_DOCUMENT_OPERATOR_POLICY, payload, size, error);
}

const struct cli_command cmd_keygen = {
	.name = "keygen",
	.summary = "make a P-256 key for signing documents",
	.options = keygen_options,
	.values_bytes = sizeof(struct make_values),
	.run = run_keygen,
};

const struct cli_command cmd_device = {
	.name = "device",
	.summary = "make a device policy, signed by the root",
	.options = policy_options,
	.values_bytes = sizeof(struct make_values),
	.run = run_device,
};

const struct cli_command cmd_operator = {
	.name = "operator",
	.summary = "make an operator policy, signed by the operator",
	.options = policy_options,
	.values_bytes = sizeof(struct make_values),
	.run = run_operator,
};
