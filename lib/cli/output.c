/* SPDX-License-Identifier: MIT
 *
 * Files that a command reads and writes.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"
#include "inside.h"

enum edb_err cli_open_input(struct cli *cli, const char *path, int *fd)
{
	*fd = strcmp(path, "-") ? open(path, O_RDONLY | O_CLOEXEC) : STDIN_FILENO;
	if (*fd < 0)
		return cli_fail(cli, EDB_E_IO, NULL, "cannot open %s: %s", path, strerror(errno));
	cli_input_seen(*fd);
	return EDB_OK;
}

void cli_close_input(int fd)
{
	if (fd > STDIN_FILENO)
		close(fd);
}

static enum edb_err output_open(
	struct cli *cli, const char *path, unsigned mode, struct cli_output *output)
{
	struct stat s;
	enum edb_err err = output->update ? EDB_OK : cli_spare_inputs(cli, path);

	if (err)
		return err;
	if (!strcmp(path, "-")) {
		if (!isatty(STDOUT_FILENO))
			return EDB_OK;
		return cli_fail(cli, EDB_E_USAGE, "redirect it, or name a file with -o",
			"standard output is a terminal");
	}
	/* Renaming a file over a device would replace the device. */
	if (!stat(path, &s) && !S_ISREG(s.st_mode)) {
		output->fd = open(path, O_WRONLY | O_CLOEXEC);
		if (output->fd < 0)
			return cli_fail(
				cli, EDB_E_IO, NULL, "cannot write %s: %s", path, strerror(errno));
		return EDB_OK;
	}
	err = edb_output_open(path, (mode_t)mode, &output->file, &cli->error);
	if (err)
		return err;
	output->fd = edb_output_fd(output->file);
	cli_interrupt_removes(edb_output_temporary_borrow(output->file));
	return EDB_OK;
}

enum edb_err cli_output_open(
	struct cli *cli, const char *path, unsigned mode, struct cli_output *output)
{
	*output = (struct cli_output){.fd = STDOUT_FILENO, .path = path};
	return output_open(cli, path, mode, output);
}

enum edb_err cli_output_update(
	struct cli *cli, const char *path, unsigned mode, struct cli_output *output)
{
	*output = (struct cli_output){.fd = STDOUT_FILENO, .path = path, .update = true};
	return output_open(cli, path, mode, output);
}

enum edb_err cli_output_commit(struct cli *cli, struct cli_output *output)
{
	enum edb_err err = EDB_OK;

	if (output->file && !output->update)
		err = cli_spare_inputs(cli, output->path);
	if (err) {
		cli_output_drop(output);
		return err;
	}
	if (output->file) {
		cli_input_seen(output->fd);
		err = edb_output_commit(output->file, &cli->error);
		cli_interrupt_removes(NULL);
	} else if (output->fd > STDERR_FILENO && close(output->fd)) {
		err = cli_fail(cli, EDB_E_IO, NULL, "cannot write: %s", strerror(errno));
	}
	*output = (struct cli_output){0};
	return err;
}

void cli_output_drop(struct cli_output *output)
{
	if (output->file) {
		edb_output_drop(output->file);
		cli_interrupt_removes(NULL);
	} else if (output->fd > STDERR_FILENO) {
		close(output->fd);
	}
	*output = (struct cli_output){0};
}

enum edb_err cli_write(
	struct cli *cli, const char *path, unsigned mode, const void *bytes, size_t size)
{
	struct cli_output output = {0};
	enum edb_err err = EDB_OK;

	if (strcmp(path, "-"))
		err = cli_output_open(cli, path, mode, &output);
	else
		output.fd = STDOUT_FILENO; /* text may go to a terminal */
	if (!err)
		err = edb_write_all(output.fd, bytes, size, path, &cli->error);
	if (!err)
		err = cli_output_commit(cli, &output);
	cli_output_drop(&output);
	return err;
}
