/* SPDX-License-Identifier: MIT */
#include "package_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

enum edb_err package_open(struct cli *cli, struct package_file *package, struct edb_error *error)
{
	const char *path;
	enum edb_err err = cli_need(cli, "package", &path, error);

	*package = (struct package_file){.fd = -1};
	if (err)
		return err;
	package->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (package->fd < 0)
		return edb_fail(error, EDB_E_IO, EDB_NO_OFFSET, "cannot open %s: %s", path,
			strerror(errno));
	err = cpk_open(package->fd, &package->raw, error);
	if (err)
		edb_error_prefix(error, "%s", path);
	return err;
}

void package_close(struct package_file *package)
{
	cpk_raw_free(package->raw);
	if (package->fd >= 0)
		close(package->fd);
}

enum edb_err anchors_load(
	struct cli *cli, struct cpk_anchors **anchors, int *count, struct edb_error *error)
{
	const char *path;
	int at = 0;
	enum edb_err err = cpk_anchors_new(anchors, error);

	*count = 0;
	while (!err && (path = cli_next(cli, "anchor", &at))) {
		struct edb_public_key *key = NULL;

		err = edb_public_key_load(path, &key, error);
		if (!err)
			err = cpk_anchors_add_key(*anchors, key, error);
		edb_public_key_free(key);
		(*count)++;
	}
	return err;
}
