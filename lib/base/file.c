/* SPDX-License-Identifier: MIT */
#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/crypto.h>

#define READ_STEP (64u << 10)

struct edb_output {
	int fd;
	char path[PATH_MAX];
	char temporary[PATH_MAX];
};

static void (*watcher)(int fd);

void edb_file_watch(void (*opened)(int fd))
{
	watcher = opened;
}

static enum edb_err io_error(struct edb_error *error, const char *what, const char *path)
{
	bool full = errno == ENOSPC || errno == EDQUOT;

	return edb_fail(error, full ? EDB_E_STORAGE_FULL : EDB_E_IO, EDB_NO_OFFSET, "%s %s: %s",
		what, path, strerror(errno));
}

void edb_free_secret(void *memory, size_t size)
{
	if (memory)
		OPENSSL_cleanse(memory, size);
	free(memory);
}

/* Twice the room, the old place wiped: it may hold a secret. */
static uint8_t *grow(uint8_t *bytes, size_t size, size_t *capacity)
{
	size_t more = *capacity ? 2 * *capacity : READ_STEP;
	uint8_t *fresh = malloc(more + 1);

	if (fresh && size)
		memcpy(fresh, bytes, size);
	edb_free_secret(bytes, size);
	*capacity = more;
	return fresh;
}

static enum edb_err read_all(int fd, const char *path, size_t max, uint8_t **bytes, size_t *size,
	struct edb_error *error)
{
	uint8_t *all = NULL;
	size_t used = 0, capacity = 0;
	ssize_t got;

	do {
		if (used == capacity) {
			all = grow(all, used, &capacity);
			if (!all)
				return edb_fail(error, EDB_E_NOMEM, EDB_NO_OFFSET,
					"reading %s: out of memory", path);
		}
		got = read(fd, all + used, capacity - used);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0) {
			edb_free_secret(all, used);
			return io_error(error, "cannot read", path);
		}
		used += (size_t)got;
		if (used > max) {
			edb_free_secret(all, used);
			return edb_fail(
				error, EDB_E_LIMIT, max, "%s is larger than %zu bytes", path, max);
		}
	} while (got);
	all[used] = 0;
	*bytes = all;
	*size = used;
	return EDB_OK;
}

enum edb_err edb_read_file(
	const char *path, size_t max, uint8_t **bytes, size_t *size, struct edb_error *error)
{
	int fd = strcmp(path, "-") ? open(path, O_RDONLY | O_CLOEXEC) : STDIN_FILENO;
	enum edb_err err;

	if (fd < 0)
		return io_error(error, "cannot open", path);
	if (watcher)
		watcher(fd);
	err = read_all(fd, path, max, bytes, size, error);
	if (fd != STDIN_FILENO)
		close(fd);
	return err;
}

enum edb_err edb_write_all(
	int fd, const void *bytes, size_t size, const char *what, struct edb_error *error)
{
	const uint8_t *at = bytes;

	while (size) {
		ssize_t put = write(fd, at, size);

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return io_error(error, "cannot write", what);
		at += put;
		size -= (size_t)put;
	}
	return EDB_OK;
}

/*
 * The name that is to be replaced: links are followed. What is there and is no file stays: a rename
 * over /dev/null would leave the system without it.
 */
static enum edb_err resolve(const char *path, char resolved[PATH_MAX], struct edb_error *error)
{
	struct stat st;

	if (lstat(path, &st) && errno != ENOENT)
		return io_error(error, "cannot create", path);
	if (realpath(path, resolved)) {
		if (!stat(resolved, &st) && !S_ISREG(st.st_mode))
			return edb_fail(error, EDB_E_ARG, EDB_NO_OFFSET,
				"cannot write %s: it is there, and no ordinary file", path);
		return EDB_OK;
	}
	if (errno != ENOENT || !lstat(path, &st)) /* a link that leads nowhere */
		return io_error(error, "cannot create", path);
	if (strlen(path) >= PATH_MAX)
		return edb_fail(error, EDB_E_ARG, EDB_NO_OFFSET, "a file's name is too long");
	memcpy(resolved, path, strlen(path) + 1);
	return EDB_OK;
}

/* New: as asked, less the umask. Over what is there: its mode; but what is asked to be for the
 * owner alone is a secret, and gets no wider. */
static mode_t mode_for(const char *path, mode_t asked)
{
	struct stat st;
	mode_t mask;

	if (!stat(path, &st))
		return st.st_mode & 0777 & (asked & 077 ? 0777 : asked);
	mask = umask(077);
	umask(mask);
	return asked & ~mask;
}

enum edb_err edb_output_open(
	const char *path, mode_t mode, struct edb_output **output, struct edb_error *error)
{
	struct edb_output *o = calloc(1, sizeof *o);
	enum edb_err err;
	size_t length;

	if (!o)
		return edb_fail(error, EDB_E_NOMEM, EDB_NO_OFFSET, "out of memory");
	err = resolve(path, o->path, error);
	if (err) {
		free(o);
		return err;
	}
	length = strlen(o->path);
	if (length + sizeof ".XXXXXX" > sizeof o->temporary) {
		free(o);
		return edb_fail(error, EDB_E_ARG, EDB_NO_OFFSET, "a file's name is too long");
	}
	memcpy(o->temporary, o->path, length);
	memcpy(o->temporary + length, ".XXXXXX", sizeof ".XXXXXX");
	o->fd = mkostemp(o->temporary, O_CLOEXEC);
	if (o->fd < 0) {
		free(o);
		return io_error(error, "cannot create", path);
	}
	if (fchmod(o->fd, mode_for(o->path, mode))) {
		edb_output_drop(o);
		return io_error(error, "cannot set the mode of", path);
	}
	*output = o;
	return EDB_OK;
}

int edb_output_fd(const struct edb_output *output)
{
	return output->fd;
}

const char *edb_output_temporary_borrow(const struct edb_output *output)
{
	return output->temporary;
}

/* The new name is on disk only when the folder is. */
static int sync_folder(const char *path)
{
	char copy[PATH_MAX];
	int fd, result;

	memcpy(copy, path, strlen(path) + 1);
	fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	result = fsync(fd);
	close(fd);
	return result;
}

enum edb_err edb_output_commit(struct edb_output *output, struct edb_error *error)
{
	enum edb_err err = EDB_OK;

	if (fsync(output->fd) && errno != EINVAL)
		err = io_error(error, "cannot write", output->path);
	else if (rename(output->temporary, output->path))
		err = io_error(error, "cannot create", output->path);
	if (err) {
		edb_output_drop(output);
		return err;
	}
	(void)sync_folder(output->path); /* some file systems cannot; the file itself is whole */
	close(output->fd);
	free(output);
	return EDB_OK;
}

void edb_output_drop(struct edb_output *output)
{
	int saved = errno;

	if (!output)
		return;
	unlink(output->temporary);
	close(output->fd);
	free(output);
	errno = saved;
}

enum edb_err edb_write_file(
	const char *path, mode_t mode, const void *bytes, size_t size, struct edb_error *error)
{
	struct edb_output *output = NULL;
	enum edb_err err;

	if (!strcmp(path, "-"))
		return edb_write_all(STDOUT_FILENO, bytes, size, "standard output", error);
	err = edb_output_open(path, mode, &output, error);
	if (err)
		return err;
	err = edb_write_all(output->fd, bytes, size, path, error);
	if (err) {
		edb_output_drop(output);
		return err;
	}
	return edb_output_commit(output, error);
}
