/* SPDX-License-Identifier: MIT
 *
 * Signing elsewhere. `build --signature DIR` leaves the two digests in DIR; whoever has the key
 * puts two signatures beside them; `build --signature DIR` without an input takes them in.
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <jansson.h>

#include "build_options.h"
#include "file.h"
#include "text.h"

#define SIGNATURE_FILE_MAX 1024 /* bytes */

static enum edb_err name_in(struct cli *cli, const char *folder, const char *name, char *path)
{
	if (snprintf(path, PATH_MAX, "%s/%s", folder, name) < PATH_MAX)
		return EDB_OK;
	return cli_fail(cli, EDB_E_ARG, NULL, "the folder's name is too long");
}

static enum edb_err put(
	struct cli *cli, const char *folder, const char *name, const void *bytes, size_t size)
{
	char path[PATH_MAX];
	enum edb_err err = name_in(cli, folder, name, path);

	return err ? err : cli_write(cli, path, 0644, bytes, size);
}

/* Signatures of an earlier round must not be taken for this one's. */
static enum edb_err drop_old(struct cli *cli, const char *folder, const char *name)
{
	char path[PATH_MAX];
	enum edb_err err = name_in(cli, folder, name, path);

	if (!err)
		err = cli_spare_inputs(cli, path);
	if (err || !unlink(path) || errno == ENOENT)
		return err;
	return cli_fail(cli, EDB_E_IO, NULL, "cannot remove %s: %s", path, strerror(errno));
}

static enum edb_err put_request(struct cli *cli, const char *folder, const char *package,
	const struct build_job *job, const struct cpk_build_result *result)
{
	char payload[2 * EDB_DIGEST_BYTES + 1], whole[2 * EDB_DIGEST_BYTES + 1];
	char key[2 * EDB_KEY_ID_BYTES + 1];
	uint8_t id[EDB_KEY_ID_BYTES];
	json_t *json;
	char *text;
	enum edb_err err;

	edb_public_key_id(job->signer_public, id);
	edb_hex_encode(id, sizeof id, key);
	edb_hex_encode(result->payload_digest, EDB_DIGEST_BYTES, payload);
	edb_hex_encode(result->package_digest, EDB_DIGEST_BYTES, whole);
	json = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s}", "package", package, "application_id",
		job->options.id, "key_id", key, "scheme", cpk_sig_name(job->options.scheme),
		"payload_digest", payload, "package_digest", whole);
	text = json ? json_dumps(json, JSON_INDENT(2)) : NULL;
	json_decref(json);
	if (!text)
		return cli_fail(cli, EDB_E_NOMEM, NULL, "cannot describe what is to be signed");
	err = put(cli, folder, "request.json", text, strlen(text));
	free(text);
	return err;
}

enum edb_err signature_request(struct cli *cli, const char *folder, const char *package,
	const struct build_job *job, const struct cpk_build_result *result)
{
	enum edb_err err;

	if (mkdir(folder, 0755) && errno != EEXIST)
		return cli_fail(cli, EDB_E_IO, NULL, "cannot make %s: %s", folder, strerror(errno));
	err = drop_old(cli, folder, "payload.sig");
	if (!err)
		err = drop_old(cli, folder, "package.sig");
	if (!err)
		err = put(cli, folder, "payload.digest", result->payload_digest, EDB_DIGEST_BYTES);
	if (!err)
		err = put(cli, folder, "package.digest", result->package_digest, EDB_DIGEST_BYTES);
	if (!err)
		err = put_request(cli, folder, package, job, result);
	if (!err)
		cli_note(cli,
			"%s waits for its signatures: sign %s/payload.digest into payload.sig "
			"and package.digest into package.sig there, then: cpk-tool build "
			"--signature %s -o %s",
			package, folder, folder, package);
	return err;
}

/* RSA as it is; ECDSA as r || s, or as the DER that other tools write. */
static enum edb_err take_signature(struct cli *cli, const char *folder, const char *name,
	enum edb_scheme scheme, uint8_t **bytes, size_t *size)
{
	char path[PATH_MAX];
	enum edb_err err = name_in(cli, folder, name, path);

	if (!err)
		err = edb_read_file(path, SIGNATURE_FILE_MAX, bytes, size, &cli->error);
	if (err || scheme != EDB_SCHEME_ECDSA_P256 || *size == EDB_ECDSA_SIG_BYTES)
		return err;
	uint8_t raw[EDB_ECDSA_SIG_BYTES];

	err = edb_ecdsa_from_der(*bytes, *size, raw, &cli->error);
	if (err || *size < sizeof raw) {
		edb_error_prefix(&cli->error, "%s", path);
		return err ? err : cli_fail(cli, EDB_E_SIGNATURE, NULL, "%s is too short", path);
	}
	memcpy(*bytes, raw, sizeof raw);
	*size = sizeof raw;
	return EDB_OK;
}

/* A copy to write into: the package itself is never half of one and half of another. */
static enum edb_err copy_package(struct cli *cli, const char *package, int to)
{
	uint8_t *block = malloc(CPK_BLOCK);
	ssize_t got = 1;
	int from = -1;
	enum edb_err err = block ? cli_open_input(cli, package, &from)
				 : cli_fail(cli, EDB_E_NOMEM, NULL, "out of memory");

	while (!err && got) {
		got = read(from, block, CPK_BLOCK);
		if (got < 0 && errno != EINTR)
			err = cli_fail(cli, EDB_E_IO, NULL, "cannot read %s: %s", package,
				strerror(errno));
		else if (got > 0)
			err = edb_write_all(to, block, (size_t)got, package, &cli->error);
	}
	cli_close_input(from);
	free(block);
	return err;
}

static enum edb_err scheme_of(struct cli *cli, const char *package, int fd, enum edb_scheme *scheme)
{
	struct cpk_raw *raw = NULL;
	enum edb_err err = cpk_open(fd, &raw, &cli->error);

	if (!err)
		*scheme = cpk_raw_manifest_borrow(raw)->package.sig.scheme;
	else
		edb_error_prefix(&cli->error, "%s", package);
	cpk_raw_free(raw);
	return err;
}

/* The package in fd, complete. */
static enum edb_err attach(
	struct cli *cli, const char *folder, const char *package, const char *signer_file, int fd)
{
	uint8_t *payload = NULL, *whole = NULL;
	size_t payload_size = 0, whole_size = 0;
	struct edb_public_key *signer = NULL;
	enum edb_scheme scheme = EDB_SCHEME_NONE;
	enum edb_err err = EDB_OK;

	if (signer_file)
		err = edb_public_key_load(signer_file, &signer, &cli->error);
	if (!err)
		err = scheme_of(cli, package, fd, &scheme);
	if (!err)
		err = take_signature(cli, folder, "payload.sig", scheme, &payload, &payload_size);
	if (!err)
		err = take_signature(cli, folder, "package.sig", scheme, &whole, &whole_size);
	if (!err) {
		err = cpk_attach_signatures(
			fd, signer, payload, payload_size, whole, whole_size, &cli->error);
		cli_about(cli, err, "%s", package);
	}
	if (err == EDB_E_SIGNATURE)
		cli_hint(cli,
			"each signature is of its 32-byte digest as it is, by the key that "
			"%s/request.json names",
			folder);
	if (err == EDB_E_CERTIFICATE && !signer_file)
		cli_hint(cli, "name the signer's certificate with --certificate");
	free(payload);
	free(whole);
	edb_public_key_free(signer);
	return err;
}

enum edb_err signature_attach(
	struct cli *cli, const char *folder, const char *package, const char *signer_file)
{
	struct cli_output output = {0};
	struct stat s;
	enum edb_err err;

	if (stat(package, &s))
		return cli_fail(
			cli, EDB_E_IO, NULL, "cannot open %s: %s", package, strerror(errno));
	if (!S_ISREG(s.st_mode))
		return cli_fail(cli, EDB_E_ARG,
			"-o names the package that waits for its signatures",
			"%s: not a regular file", package);
	err = cli_output_update(cli, package, 0644, &output);
	if (!err)
		err = copy_package(cli, package, output.fd);
	if (!err)
		err = attach(cli, folder, package, signer_file, output.fd);
	if (!err)
		err = cli_output_commit(cli, &output);
	cli_output_drop(&output);
	return err;
}
