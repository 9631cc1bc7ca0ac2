/* SPDX-License-Identifier: MIT */
#include "document_file.h"

#include <stdlib.h>
#include <string.h>

#include "file.h"

#define V struct make_values
const struct cli_option make_options[] = {
	{'i', "input", "FILE", "what it is to say, in JSON (docs/policies.md); -: standard input",
		.required = true, CLI_INTO(CLI_TEXT, V, input)},
	{'s', "signing-key", "KEY", "PEM file, or pkcs11: URI; P-256", .required = true,
		CLI_INTO(CLI_TEXT, V, signing_key)},
	{'o', "output", "FILE", "the signed policy; -: standard output", .required = true,
		CLI_INTO(CLI_TEXT, V, output)},
	{0},
};
#undef V

static enum edb_err decode(struct document_file *f, struct edb_error *error)
{
	const struct edb_document *d = &f->document;

	if (d->type == EDB_DOCUMENT_DEVICE_POLICY)
		return edb_device_policy_decode(d->payload, d->payload_size, &f->device, error);
	if (d->type == EDB_DOCUMENT_OPERATOR_POLICY)
		return edb_operator_policy_decode(
			d->payload, d->payload_size, &f->operator_, error);
	return edb_key_bundle_decode(d->payload, d->payload_size, &f->bundle, error);
}

static enum edb_err load(const char *path, struct document_file **file, struct edb_error *error)
{
	struct document_file *f = calloc(1, sizeof *f);
	size_t size = 0;
	enum edb_err err;

	if (!f)
		return edb_fail(error, EDB_E_NOMEM, EDB_NO_OFFSET, "out of memory");
	err = edb_read_file(path, EDB_DOCUMENT_MAX, &f->bytes, &size, error);
	if (err)
		goto out;
	err = edb_document_parse(f->bytes, size, &f->document, error);
	if (!err)
		err = decode(f, error);
	if (err)
		edb_error_prefix(error, "%s", path);
out:
	if (err) {
		document_file_free(f);
		return err;
	}
	*file = f;
	return EDB_OK;
}

enum edb_err document_file_load(struct cli *cli, const char *path, struct document_file **file)
{
	enum edb_err err = load(path, file, &cli->error);

	if (err == EDB_E_DOCUMENT)
		cli_hint(cli, "it is no signed policy or key bundle, or not all of one: fetch it "
			      "again, or make it again");
	return cli_about(cli, err, "%s", path);
}

void document_file_free(struct document_file *file)
{
	if (!file)
		return;
	free(file->bytes);
	free(file);
}

enum edb_err description_hint(struct cli *cli, const struct make_values *values, enum edb_err err)
{
	if (err == EDB_E_ARG || err == EDB_E_LIMIT)
		cli_hint(cli, "docs/policies.md has the members, and what each of them may be");
	if (err == EDB_E_CERTIFICATE)
		cli_hint(cli, "public keys or certificates in PEM or DER: P-256 (edb-policy keygen "
			      "makes them), for vendors RSA, too");
	return cli_about(cli, err, "%s", values->input);
}

enum edb_err document_file_sign(struct cli *cli, const struct make_values *values,
	enum edb_document_type type, const uint8_t *payload, size_t size)
{
	struct edb_signer *signer = NULL;
	uint8_t *document = NULL;
	size_t document_size = 0;
	enum edb_err err = edb_signer_open(values->signing_key, &signer, &cli->error);

	if (!err) /* up to the query: what stands there is about PINs */
		err = cli_about(cli,
			edb_document_sign(type, payload, size, signer, &document, &document_size,
				&cli->error),
			"%.*s", (int)strcspn(values->signing_key, "?"), values->signing_key);
	if (err == EDB_E_ARG || err == EDB_E_CERTIFICATE)
		cli_hint(cli, "a P-256 key: in a file, PEM without a password (edb-policy keygen "
			      "makes one), or in a token, a pkcs11: URI with the PIN in pin-source "
			      "or EDB_PKCS11_PIN");
	if (!err)
		err = cli_write(cli, values->output, 0644, document, document_size);
	free(document);
	edb_signer_free(signer);
	return err;
}

enum edb_err any_key_load(const char *path, struct edb_public_key **key, struct edb_error *error)
{
	struct edb_error as_public = {0}, as_private = {0};
	struct edb_signer *signer = NULL;
	const uint8_t *spki;
	size_t size = 0;
	enum edb_err err = edb_public_key_load(path, key, &as_public);

	if (!err)
		return EDB_OK;
	if (err == EDB_E_CERTIFICATE && !edb_signer_open(path, &signer, &as_private)) {
		spki = edb_public_key_spki_borrow(edb_signer_public_borrow(signer), &size);
		err = edb_public_key_from_spki(spki, size, key, &as_public);
		edb_signer_free(signer);
	}
	if (err && error)
		*error = as_public;
	return err;
}
