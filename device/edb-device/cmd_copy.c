/* SPDX-License-Identifier: MIT
 *
 * edb-device copy: a file into a device, or out of one.
 */
#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "channel.h"
#include "commands.h"

/*
 * In the device. $1: path, $2: the file's name, for a path that is a folder, $3: mode. What is
 * interrupted leaves nothing: edb-execd hangs up before it closes standard input, and a shell hears
 * of that only while it waits, not while a cat that is built into it reads.
 */
static const char take[] = "p=$1\n"
			   "case $p in */) mkdir -p \"$p\" || exit ;; esac\n"
			   "if [ -d \"$p\" ]; then\n"
			   "  [ -n \"$2\" ] || { echo \"$p is a folder\" >&2; exit 1; }\n"
			   "  p=${p%/}/$2\n"
			   "fi\n"
			   "umask 077\n"
			   "t=$p.edb-$$\n"
			   "trap 'rm -f \"$t\"; exit 1' HUP INT TERM\n"
			   "exec 3<&0\n"
			   "cat <&3 >\"$t\" &\n"
			   "wait $! && chmod \"$3\" \"$t\" && mv -f \"$t\" \"$p\" && exit\n"
			   "rm -f \"$t\"\n"
			   "exit 1\n";

/* "NAME:PATH"; NULL: a file of this host. */
static const char *path_in_device(const char *operand, char name[DEVICE_NAME_MAX + 1])
{
	size_t size = strcspn(operand, ":/");

	if (operand[size] != ':' || size > DEVICE_NAME_MAX || !operand[size + 1])
		return NULL;
	snprintf(name, DEVICE_NAME_MAX + 1, "%.*s", (int)size, operand);
	return device_is_name(name) ? &operand[size + 1] : NULL;
}

struct transfer {
	struct cli_progress bar;
	uint64_t total; /* bytes; 0: not known */
};

static void tell(void *context, uint64_t moved)
{
	struct transfer *t = context;

	cli_progress_tell(&t->bar, moved, t->total);
}

static enum edb_err transfer(struct cli *cli, const char *name, const char *const *command, int in,
	int out, uint64_t total)
{
	struct transfer t = {.total = total};
	struct channel_streams streams = {
		.in = in, .out = out, .err = -1, .tell = tell, .context = &t};
	struct channel_end end = {0};
	struct channel *channel = NULL;
	struct device device;
	enum edb_err err = device_open(cli, name, &device);

	if (!err)
		err = channel_open(cli, &device, -1, &channel);
	cli_progress_start(cli, "copying", &t.bar);
	if (!err)
		err = channel_run(cli, channel, command, &streams, &end);
	cli_progress_end(&t.bar);
	if (!err && end.how == EXEC_IMPOSSIBLE)
		err = cli_fail(cli, EDB_E_IO, NULL, "device %s has no %s", name, command[0]);
	else if (!err && (end.how || end.value))
		err = cli_fail(cli,
			strstr(streams.words, "No space left") ? EDB_E_STORAGE_FULL : EDB_E_IO,
			NULL, "device %s: %s", name,
			*streams.words ? streams.words : "the copy was ended there");
	channel_close(channel);
	device_close(&device);
	return err;
}

static enum edb_err copy_into(struct cli *cli, const char *file, const char *name, const char *path)
{
	char copy[PATH_MAX], mode[8] = "644";
	bool is_stdin = !strcmp(file, "-");
	const char *command[] = {"sh", "-c", take, "edb-device-copy", path, "", mode, NULL};
	struct stat s = {0};
	int fd = -1;
	enum edb_err err = cli_open_input(cli, file, &fd);

	if (!err && fstat(fd, &s))
		err = cli_fail(cli, EDB_E_IO, NULL, "cannot read %s: %s", file, strerror(errno));
	if (!err && S_ISDIR(s.st_mode))
		err = cli_fail(cli, EDB_E_ARG, "tar -c FOLDER | edb-device run NAME -- tar -x",
			"%s is a folder", file);
	if (!err && !is_stdin) {
		if (S_ISREG(s.st_mode))
			snprintf(mode, sizeof mode, "%o", s.st_mode & 0777u);
		snprintf(copy, sizeof copy, "%s", file);
		command[5] = basename(copy);
	}
	if (!err)
		err = transfer(
			cli, name, command, fd, -1, S_ISREG(s.st_mode) ? (uint64_t)s.st_size : 0);
	cli_close_input(fd);
	return err;
}

static enum edb_err copy_out(struct cli *cli, const char *name, const char *path, const char *file)
{
	const char *command[] = {"cat", "--", path, NULL};
	struct cli_output output = {.fd = -1};
	char inside[PATH_MAX];
	struct stat s;
	mode_t mask = umask(0);
	enum edb_err err = EDB_OK;

	umask(mask);
	if (!stat(file, &s) && S_ISDIR(s.st_mode)) {
		char copy[PATH_MAX];

		snprintf(copy, sizeof copy, "%s", path);
		if (snprintf(inside, sizeof inside, "%s/%s", file, basename(copy)) >=
			(int)sizeof inside)
			return cli_fail(cli, EDB_E_ARG, NULL, "the file's name is too long");
		file = inside;
	}
	if (!strcmp(file, "-")) /* a terminal, too: it is asked for by name */
		return transfer(cli, name, command, -1, STDOUT_FILENO, 0);
	err = cli_output_open(cli, file, 0666 & ~mask, &output);
	if (!err)
		err = transfer(cli, name, command, -1, output.fd, 0);
	if (!err)
		err = cli_output_commit(cli, &output);
	cli_output_drop(&output);
	return err;
}

static enum edb_err run(struct cli *cli, const void *values)
{
	char from_name[DEVICE_NAME_MAX + 1], to_name[DEVICE_NAME_MAX + 1];
	const char *from = cli->operands[0], *to = cli->operands[1];
	const char *from_path = path_in_device(from, from_name);
	const char *to_path = path_in_device(to, to_name);

	(void)values;
	if (from_path && !to_path)
		return copy_out(cli, from_name, from_path, to);
	if (to_path && !from_path)
		return copy_into(cli, from, to_name, to_path);
	return cli_fail(cli, EDB_E_USAGE, "a file here whose name has a colon: ./a:b",
		"one of the two must be NAME:PATH, of a device");
}

const struct cli_command cmd_copy = {
	.name = "copy",
	.summary = "copy a file into a device, or out of one",
	.operand = "FILE NAME:PATH | NAME:PATH FILE",
	.operands_min = 2,
	.operands_max = 2,
	.run = run,
	.notes =
		"- is standard input or output. What was there is replaced once the copy is whole.",
};
