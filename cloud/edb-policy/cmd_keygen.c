/* SPDX-License-Identifier: MIT
 *
 * edb-policy keygen: the key of a root, an operator, a key service or a fleet.
 */
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "commands.h"
#include "signer.h"

struct keygen_values {
	const char *output;
};

static const struct cli_option options[] = {
	{'o', "output", "FILE", "the new private key, mode 0600; FILE.pub gets its public half",
		.required = true, CLI_INTO(CLI_TEXT, struct keygen_values, output)},
	{0},
};

static enum edb_err write_public(
	struct cli *cli, const struct edb_public_key *key, const char *path)
{
	size_t size = 0;
	const uint8_t *spki = edb_public_key_spki_borrow(key, &size);
	BIO *bio = BIO_new(BIO_s_mem());
	char *text = NULL;
	long length = 0;
	enum edb_err err;

	if (bio && PEM_write_bio(bio, PEM_STRING_PUBLIC, "", spki, (long)size) > 0)
		length = BIO_get_mem_data(bio, &text);
	err = length > 0 ? cli_write(cli, path, 0644, text, (size_t)length)
			 : cli_fail(cli, EDB_E_NOMEM, NULL, "out of memory");
	BIO_free(bio);
	return err;
}

static enum edb_err run(struct cli *cli, const void *values)
{
	const struct keygen_values *v = values;
	struct edb_signer *signer = NULL;
	char public_path[PATH_MAX];
	enum edb_err err;

	if (!strcmp(v->output, "-"))
		return cli_fail(cli, EDB_E_USAGE, NULL,
			"--output: a file, since there are two to write: a private key goes nowhere "
			"else");
	if (snprintf(public_path, sizeof public_path, "%s.pub", v->output) >=
		(int)sizeof public_path)
		return cli_fail(cli, EDB_E_ARG, NULL, "the name is too long");
	if (!access(public_path, F_OK))
		return cli_fail(cli, EDB_E_IO, "keys are never overwritten: take another name",
			"cannot create %s: it is there", public_path);
	err = edb_generate_key(v->output, 256, &cli->error);
	if (err) {
		if (!access(v->output, F_OK))
			cli_hint(cli, "keys are never overwritten: take another name");
		return err;
	}
	err = edb_signer_open(v->output, &signer, &cli->error);
	if (!err)
		err = write_public(cli, edb_signer_public_borrow(signer), public_path);
	if (err)
		unlink(v->output); /* nobody has used it yet */
	edb_signer_free(signer);
	return err;
}

const struct cli_command cmd_keygen = {
	.name = "keygen",
	.summary = "make a P-256 key for signing documents",
	.options = options,
	.values_bytes = sizeof(struct keygen_values),
	.run = run,
};
