/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "commands.h"
#include "describe.h"
#include "file.h"

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

enum edb_err cmd_keygen(struct cli *cli, struct edb_error *error)
{
	struct edb_signer *signer = NULL;
	const char *path;
	char public_path[4096];
	enum edb_err err = cli_need(cli, "output", &path, error);

	if (!err && snprintf(public_path, sizeof public_path, "%s.pub", path) >=
			    (int)sizeof public_path)
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

static enum edb_err sign_and_write(struct cli *cli, enum edb_document_type type, uint8_t *payload,
	size_t payload_size, struct edb_error *error)
{
	struct edb_signer *signer = NULL;
	uint8_t *document = NULL;
	size_t size = 0;
	const char *key, *path;
	enum edb_err err = cli_need(cli, "signing-key", &key, error);

	if (!err)
		err = cli_need(cli, "output", &path, error);
	if (!err)
		err = edb_signer_open(key, &signer, error);
	if (!err)
		err = edb_document_sign(
			type, payload, payload_size, signer, &document, &size, error);
	if (!err)
		err = edb_write_file(path, 0644, document, size, error);
	free(document);
	free(payload);
	edb_signer_free(signer);
	return err;
}

enum edb_err cmd_device(struct cli *cli, struct edb_error *error)
{
	struct edb_device_policy policy = {0};
	uint8_t *payload = NULL;
	size_t size = 0;
	const char *input;
	enum edb_err err = cli_need(cli, "input", &input, error);

	if (!err)
		err = describe_device(input, &policy, error);
	if (!err)
		err = edb_device_policy_encode(&policy, &payload, &size, error);
	return err ? err : sign_and_write(cli, EDB_DOCUMENT_DEVICE_POLICY, payload, size, error);
}

enum edb_err cmd_operator(struct cli *cli, struct edb_error *error)
{
	struct edb_operator_policy *policy = calloc(1, sizeof *policy);
	uint8_t *payload = NULL;
	size_t size = 0;
	const char *input;
	enum edb_err err = cli_need(cli, "input", &input, error);

	if (!policy)
		return edb_fail(error, EDB_E_NOMEM, EDB_NO_OFFSET, "out of memory");
	if (!err)
		err = describe_operator(input, policy, error);
	if (!err)
		err = edb_operator_policy_encode(policy, &payload, &size, error);
	free(policy);
	return err ? err : sign_and_write(cli, EDB_DOCUMENT_OPERATOR_POLICY, payload, size, error);
}
