/* SPDX-License-Identifier: MIT
 *
 * Opening packages, and whom to trust.
 */
#include <string.h>

#include "text.h"
#include "tool.h"

enum edb_err package_open(struct cli *cli, const char *path, struct package_file *package)
{
	enum edb_err err;

	*package = (struct package_file){.fd = -1};
	err = cli_open_input(cli, path, &package->fd);
	if (err)
		return err;
	err = cpk_open(package->fd, &package->raw, &cli->error);
	if (err) {
		edb_error_prefix(&cli->error, "%s", path);
		if (err == EDB_E_ARG)
			cli_hint(cli,
				"a package is read at many places: it must be a file, no pipe");
		package_close(package);
	}
	return err;
}

void package_close(struct package_file *package)
{
	cpk_raw_free(package->raw);
	cli_close_input(package->fd);
	*package = (struct package_file){.fd = -1};
}

enum edb_err key_id_load(struct cli *cli, const char *file_or_hex, uint8_t id[EDB_KEY_ID_BYTES])
{
	struct edb_public_key *key = NULL;
	enum edb_err err;

	if (edb_hex_decode(file_or_hex, id, EDB_KEY_ID_BYTES))
		return EDB_OK;
	err = edb_public_key_load(file_or_hex, &key, &cli->error);
	if (err)
		return err;
	edb_public_key_id(key, id);
	edb_public_key_free(key);
	return EDB_OK;
}

static enum edb_err trust_load(
	struct cli *cli, const struct cli_list *files, struct cpk_anchors **anchors)
{
	uint8_t id[EDB_KEY_ID_BYTES];
	enum edb_err err = cpk_anchors_new(anchors, &cli->error);

	for (size_t i = 0; i < files->count && !err; i++) {
		err = key_id_load(cli, files->items[i], id);
		if (!err)
			err = cpk_anchors_add(*anchors, id, &cli->error);
	}
	return err;
}

/* Whoever names a certificate means it: where the package has one, it has to be the same key. */
static enum edb_err check_named(
	struct cli *cli, const struct edb_public_key *embedded, const char *signer_file)
{
	uint8_t id[EDB_KEY_ID_BYTES], named_id[EDB_KEY_ID_BYTES];
	struct edb_public_key *named = NULL;
	enum edb_err err = edb_public_key_load(signer_file, &named, &cli->error);

	if (err)
		return err;
	edb_public_key_id(embedded, id);
	edb_public_key_id(named, named_id);
	edb_public_key_free(named);
	if (!memcmp(id, named_id, sizeof id))
		return EDB_OK;
	return cli_fail(cli, EDB_E_CERTIFICATE,
		"leave --signer out: it is for packages that do not embed their signer's key",
		"%s has another key than the package embeds", signer_file);
}

static enum edb_err embedded_signer(struct cli *cli, const struct cpk_raw *raw,
	const char *signer_file, struct edb_public_key **signer)
{
	struct edb_public_key *key = NULL;
	enum edb_err err = cpk_raw_claimed_signer(raw, &key, &cli->error);

	if (!err && signer_file)
		err = check_named(cli, key, signer_file);
	if (err) {
		edb_public_key_free(key);
		return err;
	}
	*signer = key;
	return EDB_OK;
}

enum edb_err package_signer(struct cli *cli, const struct cpk_raw *raw, const char *signer_file,
	struct edb_public_key **signer)
{
	const struct cpk_manifest *m = cpk_raw_manifest_borrow(raw);

	if (cpk_cert_is_embedded(m->payload.cert.scheme))
		return embedded_signer(cli, raw, signer_file, signer);
	if (m->payload.cert.scheme == CPK_CERT_NONE)
		return cli_fail(cli, EDB_E_UNSIGNED, NULL, "the package names no signer");
	if (signer_file)
		return edb_public_key_load(signer_file, signer, &cli->error);
	cli_hint(cli, "get it from there, and name the file with --signer");
	return cli_fail(cli, EDB_E_CERTIFICATE, NULL,
		"the signer's certificate is not in the package but at %.128s",
		m->payload.cert.location);
}

/* NULL where the package embeds it or has none: libcpk finds that out by itself, in its order. */
static enum edb_err signer_elsewhere(struct cli *cli, const struct cpk_raw *raw,
	const char *signer_file, struct edb_public_key **signer)
{
	const enum cpk_cert_scheme scheme = cpk_raw_manifest_borrow(raw)->payload.cert.scheme;

	if (scheme == CPK_CERT_NONE || (cpk_cert_is_embedded(scheme) && !signer_file))
		return EDB_OK;
	return package_signer(cli, raw, signer_file, signer);
}

enum edb_err package_verify(struct cli *cli, const struct cpk_raw *raw,
	const struct package_trust *trust, struct cpk_pkg **pkg)
{
	bool is_2021 = cpk_raw_manifest_borrow(raw)->package.sig.scheme == EDB_SCHEME_NONE;
	struct cli_progress bar;
	struct cpk_progress progress = {.tell = cli_progress_tell, .context = &bar};
	struct edb_public_key *signer = NULL;
	struct cpk_anchors *anchors = NULL;
	enum edb_err err = trust_load(cli, trust->anchors, &anchors);

	if (!err)
		err = signer_elsewhere(cli, raw, trust->signer_file, &signer);
	cli_progress_start(cli, "verifying", &bar);
	if (!err && is_2021 && trust->allow_2021)
		err = cpk_verify_2021_plaintext_only(raw, anchors, signer, pkg, &cli->error);
	else if (!err)
		err = cpk_verify(raw, anchors, signer, &progress, pkg, &cli->error);
	cli_progress_end(&bar);
	cpk_anchors_free(anchors);
	edb_public_key_free(signer);
	if (err == EDB_E_SIGNER)
		cli_hint(cli, "if this signer is to be trusted, name its certificate with --anchor "
			      "(cpk-tool inspect shows whom the package names)");
	if (err == EDB_E_UNSIGNED && is_2021 && trust->hint_2021)
		cli_hint(cli, "%s", trust->hint_2021);
	return err;
}
