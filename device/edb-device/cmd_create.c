/* SPDX-License-Identifier: MIT
 *
 * edb-device create
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "commands.h"
#include "device.h"
#include "flash.h"
#include "image.h"
#include "text.h"

#define DISK_DEFAULT "256"
#define DISK_MIN_MIB 16
#define DISK_MAX_MIB (1u << 20)

struct create_values {
	const char *profile, *image, *disk;
};

static const struct cli_option options[] = {
	{'p', "profile", "PROFILE", "production (the default) or test",
		.choices = "production test", CLI_INTO(CLI_TEXT, struct create_values, profile)},
	{'i', "image", "FOLDER", "the image; else the profile's, of device/image/build",
		CLI_INTO(CLI_TEXT, struct create_values, image)},
	{'d', "disk", "MIB", "size of the disk, else " DISK_DEFAULT,
		CLI_INTO(CLI_TEXT, struct create_values, disk)},
	{0},
};

static enum edb_err io_failed(struct cli *cli, const char *what)
{
	bool full = errno == ENOSPC || errno == EDQUOT;

	return cli_fail(cli, full ? EDB_E_STORAGE_FULL : EDB_E_IO, NULL, "cannot make the %s: %s",
		what, strerror(errno));
}

/* In the child. mke2fs lies where only root looks. */
__attribute__((noreturn)) static void become_mke2fs(int dir, int said)
{
	static const char *const arguments[] = {
		"mke2fs", "-q", "-F", "-t", "ext4", "-L", "edb-data", DEVICE_DISK, NULL};
	const char *path = getenv("PATH");
	char more[4096];
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);

	snprintf(more, sizeof more, "%s:/usr/sbin:/sbin", path ? path : "/usr/bin:/bin");
	if (null >= 0 && dup2(null, STDIN_FILENO) >= 0 && dup2(said, STDOUT_FILENO) >= 0 &&
		dup2(said, STDERR_FILENO) >= 0 && !fchdir(dir) && !setenv("PATH", more, 1) &&
		!setenv("LC_ALL", "C", 1))
		execvp(arguments[0], (char *const *)arguments);
	_exit(errno == ENOENT ? 127 : 126);
}

static void read_words(int fd, char *words, size_t room)
{
	size_t size = 0;
	ssize_t got;
	char rest[256];

	while (size < room - 1 && (got = read(fd, &words[size], room - 1 - size)) > 0)
		size += (size_t)got;
	while (read(fd, rest, sizeof rest) > 0) /* so that it can say all and end */
		;
	words[size] = 0;
	words[strcspn(words, "\n")] = 0;
}

static enum edb_err make_file_system(struct cli *cli, int dir)
{
	char words[400] = "";
	int said[2], status = 0;
	pid_t pid;

	if (pipe2(said, O_CLOEXEC))
		return io_failed(cli, "disk");
	pid = fork();
	if (!pid)
		become_mke2fs(dir, said[1]);
	close(said[1]);
	if (pid > 0)
		read_words(said[0], words, sizeof words);
	close(said[0]);
	if (pid < 0)
		return io_failed(cli, "disk");
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (WIFEXITED(status) && !WEXITSTATUS(status))
		return EDB_OK;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
		return cli_fail(cli, EDB_E_NOT_FOUND, "apt-get install e2fsprogs",
			"cannot make the disk's file system: mke2fs is not installed");
	if (strstr(words, strerror(ENOSPC))) {
		errno = ENOSPC;
		return io_failed(cli, "disk's file system");
	}
	return cli_fail(cli, EDB_E_IO, NULL, "cannot make the disk's file system: %s",
		*words ? words : "mke2fs failed");
}

static enum edb_err make_disk(struct cli *cli, int dir, unsigned long long mib)
{
	int disk = openat(dir, DEVICE_DISK, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	enum edb_err err = EDB_OK;

	if (disk < 0 || ftruncate(disk, (off_t)mib << 20))
		err = io_failed(cli, "disk");
	if (!err)
		err = make_file_system(cli, dir);
	if (!err && fsync(disk))
		err = io_failed(cli, "disk");
	if (disk >= 0)
		close(disk);
	return err;
}

/* What edb-device list tells. The key is not among it. */
static enum edb_err write_facts(struct cli *cli, const struct image *image, int dir,
	const uint8_t serial[FLASH_SERIAL_BYTES])
{
	char text[2 * FLASH_SERIAL_BYTES + 1];
	json_t *facts;
	int fd = openat(dir, DEVICE_FACTS, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	enum edb_err err = EDB_OK;

	edb_hex_encode(serial, FLASH_SERIAL_BYTES, text);
	facts = json_pack("{s:s, s:s, s:O}", "profile", image->profile, "serial", text, "image",
		image->facts);
	if (fd < 0 || !facts || json_dumpfd(facts, fd, JSON_INDENT(2)) || fsync(fd))
		err = io_failed(cli, "device's description");
	json_decref(facts);
	if (fd >= 0)
		close(fd);
	return err;
}

static enum edb_err fill(
	struct cli *cli, const struct image *image, unsigned long long disk_mib, int dir)
{
	uint8_t serial[FLASH_SERIAL_BYTES];
	enum edb_err err = flash_make(cli, image, dir, serial);

	if (!err)
		err = make_disk(cli, dir, disk_mib);
	if (!err)
		err = image_take(cli, image, dir, DEVICE_KERNEL);
	if (!err)
		err = image_take(cli, image, dir, DEVICE_INITRAMFS);
	if (!err)
		err = write_facts(cli, image, dir, serial);
	if (!err && fsync(dir) && errno != EINVAL)
		err = io_failed(cli, "device");
	if (cli_interrupted())
		err = cli_fail(cli, EDB_E_STATE, "nothing of it remains", "interrupted");
	return err;
}

static enum edb_err taken(struct cli *cli, const char *name)
{
	return cli_fail(cli, EDB_E_BUSY, "take another name, or edb-device destroy it first",
		"there is a device %s already", name);
}

/* All of it under another name first: a device is there whole or not at all. */
static enum edb_err create(struct cli *cli, const char *name, const struct image *image,
	unsigned long long disk_mib, int parent)
{
	char temporary[DEVICE_NAME_MAX + 32];
	enum edb_err err = EDB_OK;
	int dir = -1;

	if (!faccessat(parent, name, F_OK, AT_SYMLINK_NOFOLLOW))
		return taken(cli, name);
	snprintf(temporary, sizeof temporary, ".new-%s-%ld", name, (long)getpid());
	if (!mkdirat(parent, temporary, 0700))
		dir = openat(parent, temporary, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0 || flock(dir, LOCK_EX | LOCK_NB))
		err = io_failed(cli, "device's folder");
	if (!err)
		err = fill(cli, image, disk_mib, dir);
	if (!err && renameat(parent, temporary, parent, name))
		err = errno == EEXIST || errno == ENOTEMPTY ? taken(cli, name)
							    : io_failed(cli, "device's folder");
	if (err)
		device_remove(parent, temporary);
	else
		fsync(parent); /* some file systems cannot */
	if (dir >= 0)
		close(dir);
	return err;
}

static enum edb_err run(struct cli *cli, const void *values)
{
	const struct create_values *v = values;
	const char *name = cli->operands[0];
	unsigned long long disk_mib = 0;
	struct image image = {.dir = -1};
	int parent = -1;
	enum edb_err err;

	if (!device_is_name(name))
		return cli_fail(cli, EDB_E_ARG, "1 to 32 of a-z, 0-9 and -",
			"'%s' is no name of a device", name);
	if (!cli_number(v->disk ? v->disk : DISK_DEFAULT, DISK_MIN_MIB, DISK_MAX_MIB, &disk_mib))
		return cli_fail(
			cli, EDB_E_ARG, NULL, "--disk: %u to %u MiB", DISK_MIN_MIB, DISK_MAX_MIB);
	cli_interrupt_catch();
	err = image_open(cli, v->image, v->profile, &image);
	if (!err)
		err = device_folder_open(cli, true, &parent);
	if (!err) {
		device_sweep(parent);
		err = create(cli, name, &image, disk_mib, parent);
	}
	if (!err && !cli->quiet)
		printf("%s: created, profile %s, image %s\n", name, image.profile,
			json_string_value(json_object_get(image.facts, "id")));
	if (parent >= 0)
		close(parent);
	image_close(&image);
	return err;
}

const struct cli_command cmd_create = {
	.name = "create",
	.summary = "make a device, with keys, flash and disk of its own",
	.operand = "NAME",
	.operands_min = 1,
	.operands_max = 1,
	.options = options,
	.values_bytes = sizeof(struct create_values),
	.run = run,
	.notes = "A later build of the image does not change the device.",
};
