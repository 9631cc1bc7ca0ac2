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

enum edb_err package_signer_elsewhere(struct cli *cli, const struct cpk_raw *raw,
	const char *signer_file, struct edb_public_key **signer)
{
	const enum cpk_cert_scheme scheme = cpk_raw_manifest_borrow(raw)->payload.cert.scheme;

	if (cpk_cert_is_embedded(scheme) || scheme == CPK_CERT_NONE)
		return EDB_OK;
	return package_signer(cli, raw, signer_file, signer);
}

enum edb_err package_signer(struct cli *cli, const struct cpk_raw *raw, const char *signer_file,
	struct edb_public_key **signer)
{
	const struct cpk_manifest *m = cpk_raw_manifest_borrow(raw);

	if (cpk_cert_is_embedded(m->payload.cert.scheme))
		return cpk_raw_claimed_signer(raw, signer, &cli->error);
	if (m->payload.cert.scheme == CPK_CERT_NONE)
		return cli_fail(cli, EDB_E_UNSIGNED, NULL, "the package names no signer");
	if (signer_file)
		return edb_public_key_load(signer_file, signer, &cli->error);
	cli_hint(cli, "get it from there, and name the file with --signer");
	return cli_fail(cli, EDB_E_CERTIFICATE, NULL,
		"the signer's certificate is not in the package but at %.128s",
		m->payload.cert.location);
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

enum edb_err trust_load(struct cli *cli, const struct cli_list *files, struct cpk_anchors **anchors)
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
