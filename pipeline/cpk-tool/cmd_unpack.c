/* SPDX-License-Identifier: MIT
 *
 * cpk-tool unpack: one stream as it is, or the payload decrypted.
 */
#include <string.h>

#include <cpk/payload.h>
#include <openssl/crypto.h>

#include "file.h"
#include "tool.h"

struct unpack_values {
	const char *package, *output, *stream, *method, *store, *signer;
	const char *access_code_file, *ca_file;
	struct cli_list anchors;
	bool payload;
};

#define V struct unpack_values

static const struct cli_option options[] = {
	{'p', "package", "FILE", "the package", .required = true, CLI_INTO(CLI_TEXT, V, package)},
	{'o', "output", "FILE", "where to; -: standard output", .required = true,
		CLI_INTO(CLI_TEXT, V, output)},
	{0, "stream", "N", "this stream, as it is (cpk-tool inspect lists them)",
		CLI_INTO(CLI_TEXT, V, stream)},
	{0, "payload", NULL, "the payload, decrypted and checked", CLI_INTO(CLI_FLAG, V, payload)},
	{'e', "encryption-key-method", "METHOD", "where the class key comes from: http or file",
		.choices = "http file", CLI_INTO(CLI_TEXT, V, method)},
	{'k', "key-store", "URL|FILE",
		"the key service, or the file of keys (else\n"
		"$CP_CLOUD_KEY_SOURCE or $CP_FILE_KEY_SOURCE)",
		CLI_INTO(CLI_TEXT, V, store)},
	{0, "access-code-file", "FILE", "http: holds the access code",
		CLI_INTO(CLI_TEXT, V, access_code_file)},
	{0, "ca-file", "FILE", "http: PEM of the authorities that may vouch for the service",
		CLI_INTO(CLI_TEXT, V, ca_file)},
	{'A', "anchor", "FILE",
		"verify the package first, as cpk-tool verify does; may be\n"
		"repeated",
		CLI_INTO(CLI_LIST, V, anchors)},
	{'s', "signer", "FILE", "the signer's certificate, where the package does not embed it",
		CLI_INTO(CLI_TEXT, V, signer)},
	{0},
};

#undef V

/* Where what is unpacked goes. */
static enum edb_err sink(void *context, const uint8_t *data, size_t size, struct edb_error *error)
{
	const struct cli_output *to = context;

	return edb_write_all(to->fd, data, size, to->path, error);
}

static enum edb_err copy_stream(
	struct cli *cli, const struct cpk_raw *raw, const char *text, struct cli_output *to)
{
	struct cli_progress bar;
	struct cpk_progress progress = {.tell = cli_progress_tell, .context = &bar};
	unsigned long long index = 0;
	enum edb_err err;

	if (!cli_number(text, 0, UINT16_MAX, &index) || index >= cpk_raw_stream_count(raw))
		return cli_fail(cli, EDB_E_USAGE, NULL, "--stream: the package has streams 0 to %u",
			cpk_raw_stream_count(raw) - 1u);
	cli_progress_start(cli, "copying", &bar);
	err = cpk_raw_copy_stream(raw, (uint16_t)index, sink, to, &progress, &cli->error);
	cli_progress_end(&bar);
	return err;
}

/* pkg NULL: nobody was named whom to trust. */
static enum edb_err decrypt(struct cli *cli, const struct unpack_values *v,
	const struct cpk_raw *raw, const struct cpk_pkg *pkg, struct cli_output *to)
{
	struct key_source source = {.method = v->method,
		.store = v->store,
		.access_code_file = v->access_code_file,
		.ca_file = v->ca_file};
	const struct cpk_enc *enc = &cpk_raw_manifest_borrow(raw)->payload.enc;
	uint8_t key[CPK_CLASS_KEY_BYTES] = {0}; /* secret: wiped below */
	struct cli_progress bar;
	struct cpk_progress progress = {.tell = cli_progress_tell, .context = &bar};
	enum edb_err err;

	if (enc->scheme != CPK_ENC_AES_GCM)
		return cli_fail(cli, EDB_E_SCHEME, "--stream unpacks it as it is",
			"the payload is not encrypted");
	err = key_source_store(cli, &source);
	if (!err)
		err = class_key_get(cli, &source, enc->aes_gcm.key_name, key);
	cli_progress_start(cli, "unpacking", &bar);
	if (!err && pkg)
		err = cpk_decrypt(pkg, key, sink, to, &progress, &cli->error);
	else if (!err)
		err = cpk_decrypt_whoever_signed(raw, key, sink, to, &progress, &cli->error);
	cli_progress_end(&bar);
	OPENSSL_cleanse(key, sizeof key);
	if (!err && !pkg)
		cli_note(cli, "whoever has the class key made this payload; who signed it was not "
			      "checked (--anchor)");
	return err;
}

static enum edb_err unpack(struct cli *cli, const struct unpack_values *v,
	const struct cpk_raw *raw, struct cli_output *to)
{
	const struct package_trust trust = {.anchors = &v->anchors,
		.signer_file = v->signer,
		.hint_2021 = "a package of 2021 is not signed as a whole: cpk-tool verify "
			     "--allow-2021 checks the little that is, and without --anchor it is "
			     "unpacked, whoever signed"};
	struct cpk_pkg *pkg = NULL;
	enum edb_err err = EDB_OK;

	if (v->anchors.count)
		err = package_verify(cli, raw, &trust, &pkg);
	if (!err)
		err = v->payload ? decrypt(cli, v, raw, pkg, to)
				 : copy_stream(cli, raw, v->stream, to);
	cpk_pkg_free(pkg);
	return err;
}

static enum edb_err check(struct cli *cli, const struct unpack_values *v)
{
	const char *alone = v->method             ? "encryption-key-method"
			    : v->store            ? "key-store"
			    : v->access_code_file ? "access-code-file"
			    : v->ca_file          ? "ca-file"
						  : NULL;

	if (v->payload == (v->stream != NULL))
		return cli_fail(cli, EDB_E_USAGE, NULL, "either --payload or --stream N");
	if (v->stream && alone)
		return cli_fail(cli, EDB_E_USAGE, NULL,
			"--%s goes with --payload: a stream is unpacked as it is", alone);
	if (v->payload && !v->method)
		return cli_fail(
			cli, EDB_E_USAGE, NULL, "--encryption-key-method http|file is missing");
	if (v->signer && !v->anchors.count)
		return cli_fail(cli, EDB_E_USAGE, NULL,
			"--signer goes with --anchor, which says whom to trust");
	return EDB_OK;
}

static enum edb_err run(struct cli *cli, const void *values)
{
	const struct unpack_values *v = values;
	struct package_file package = {.fd = -1};
	struct cli_output output = {0};
	enum edb_err err = check(cli, v);

	if (err)
		return err;
	if (v->payload && !strcmp(v->output, "-"))
		cli_note(cli,
			"what comes out counts only if this command succeeds: the check comes last");
	err = package_open(cli, v->package, &package);
	if (!err) /* plaintext is for its owner alone */
		err = cli_output_open(cli, v->output, v->payload ? 0600 : 0644, &output);
	if (!err)
		err = cli_about(cli, unpack(cli, v, package.raw, &output), "%s", v->package);
	if (!err)
		err = cli_output_commit(cli, &output);
	cli_output_drop(&output);
	package_close(&package);
	return err;
}

const struct cli_command cmd_unpack = {
	.name = "unpack",
	.summary = "take one stream, or the decrypted payload, out of a package",
	.options = options,
	.values_bytes = sizeof(struct unpack_values),
	.run = run,
};
