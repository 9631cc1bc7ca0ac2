/* SPDX-License-Identifier: MIT */
#include "image.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "device.h"
#include "file.h"

#define BLOCK (64u << 10)

static const char makes_it[] = "device/image/build makes it; or name another with --image";

static enum edb_err default_folder(struct cli *cli, const char *profile, char path[PATH_MAX])
{
	const char *own = getenv("EDB_CACHE"), *cache = getenv("XDG_CACHE_HOME"),
		   *home = getenv("HOME");
	int size;

	if (own && *own)
		size = snprintf(path, PATH_MAX, "%s/image/%s/current", own, profile);
	else if (cache && *cache == '/')
		size = snprintf(path, PATH_MAX, "%s/edb/image/%s/current", cache, profile);
	else if (home && *home)
		size = snprintf(path, PATH_MAX, "%s/.cache/edb/image/%s/current", home, profile);
	else
		return cli_fail(cli, EDB_E_ARG, "name the image's folder with --image",
			"no image: neither EDB_CACHE nor HOME is set");
	if (size >= PATH_MAX)
		return cli_fail(cli, EDB_E_ARG, NULL, "the name of the image's folder is too long");
	return EDB_OK;
}

static enum edb_err check(struct cli *cli, const char *path, const char *profile, struct image *i)
{
	static const char *const files[] = {IMAGE_FIRMWARE, DEVICE_KERNEL, DEVICE_INITRAMFS};

	for (size_t n = 0; n < sizeof files / sizeof files[0]; n++)
		if (faccessat(i->dir, files[n], R_OK, 0))
			return cli_fail(cli, errno == ENOENT ? EDB_E_NOT_FOUND : EDB_E_IO, makes_it,
				"cannot read %s of the image %s: %s", files[n], path,
				strerror(errno));
	i->facts = device_read_json(i->dir, "image.json");
	i->profile = json_string_value(json_object_get(i->facts, "profile"));
	if (!i->profile || !json_is_string(json_object_get(i->facts, "id")))
		return cli_fail(cli, EDB_E_ARG, makes_it,
			"%s is no image: image.json with \"profile\" and \"id\" is missing", path);
	if (profile && strcmp(profile, i->profile))
		return cli_fail(cli, EDB_E_ARG, NULL, "the image %s is of profile %s, not %s", path,
			i->profile, profile);
	return EDB_OK;
}

enum edb_err image_open(
	struct cli *cli, const char *folder, const char *profile, struct image *image)
{
	char path[PATH_MAX];
	enum edb_err err;

	*image = (struct image){.dir = -1};
	if (!folder) {
		profile = profile ? profile : "production";
		err = default_folder(cli, profile, path);
		if (err)
			return err;
		folder = path;
	}
	image->dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (image->dir < 0)
		return cli_fail(cli, errno == ENOENT ? EDB_E_NOT_FOUND : EDB_E_IO, makes_it,
			"cannot open the image %s: %s", folder, strerror(errno));
	return check(cli, folder, profile, image);
}

void image_close(struct image *image)
{
	if (image->dir >= 0)
		close(image->dir);
	json_decref(image->facts);
	*image = (struct image){.dir = -1};
}

static bool is_zero(const uint8_t *bytes, size_t size)
{
	return !size || (!bytes[0] && !memcmp(bytes, &bytes[1], size - 1));
}

enum edb_err image_copy(struct cli *cli, int from, int to, const char *name)
{
	uint8_t *block = malloc(BLOCK);
	enum edb_err err = EDB_OK;
	ssize_t got = 1;

	if (!block)
		return cli_fail(cli, EDB_E_NOMEM, NULL, "out of memory");
	while (!err && got > 0) {
		got = read(from, block, BLOCK);
		if (got < 0)
			err = cli_fail(cli, EDB_E_IO, NULL, "cannot read %s of the image: %s", name,
				strerror(errno));
		else if (got && is_zero(block, (size_t)got) && lseek(to, got, SEEK_CUR) >= 0)
			continue;
		else if (got)
			err = edb_write_all(to, block, (size_t)got, name, &cli->error);
		if (!err && cli_interrupted())
			err = cli_fail(cli, EDB_E_STATE, "nothing of it remains", "interrupted");
	}
	free(block);
	return err;
}

enum edb_err image_take(struct cli *cli, const struct image *image, int dir, const char *name)
{
	struct stat s = {0};
	enum edb_err err;
	int from, to = -1;

	/* Of a symbolic link the file itself; another file system, or another's file: a copy. */
	if (!linkat(image->dir, name, dir, name, AT_SYMLINK_FOLLOW))
		return EDB_OK;
	from = openat(image->dir, name, O_RDONLY | O_CLOEXEC);
	if (from >= 0 && !fstat(from, &s))
		to = openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (to < 0)
		err = cli_fail(cli, errno == ENOSPC ? EDB_E_STORAGE_FULL : EDB_E_IO, NULL,
			"cannot copy %s of the image: %s", name, strerror(errno));
	else
		err = image_copy(cli, from, to, name);
	if (!err && ftruncate(to, s.st_size)) /* it may end in a hole */
		err = cli_fail(cli, EDB_E_IO, NULL, "cannot copy %s of the image: %s", name,
			strerror(errno));
	if (from >= 0)
		close(from);
	if (to >= 0)
		close(to);
	return err;
}
