/* SPDX-License-Identifier: MIT */
#include "places.h"

#include <string.h>
#include <unistd.h>

/* The folder that this program lies in. */
static bool own_folder(char folder[static PATH_MAX])
{
	ssize_t size = readlink("/proc/self/exe", folder, PATH_MAX - 1);
	char *slash;

	if (size <= 0)
		return false;
	folder[size] = '\0';
	slash = strrchr(folder, '/');
	if (slash)
		*slash = '\0';
	return slash;
}

static bool find(
	const char *const list[static 2], const char *self, int mode, char path[static PATH_MAX])
{
	for (size_t i = 0; i < 2; i++)
		if (snprintf(path, PATH_MAX, "%s/%s", self, list[i]) < PATH_MAX &&
			!access(path, mode))
			return true;
	return false;
}

enum edb_err places_find(struct cli *cli, struct places *places)
{
	static const char *const files[] = {"edb-sdk-files", "../lib/edb-sdk-files"};
	static const char *const edger8r[] = {"../edger8r/edger8r", "edger8r"};
	char self[PATH_MAX];

	if (own_folder(self) && find(files, self, R_OK | X_OK, places->files) &&
		find(edger8r, self, X_OK, places->edger8r))
		return EDB_OK;
	return cli_fail(cli, EDB_E_NOT_FOUND, "install it whole, or use it in its build folder",
		"%s and %s are not where this program is", files[0], edger8r[1]);
}
