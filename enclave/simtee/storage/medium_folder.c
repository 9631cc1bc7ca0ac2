/* SPDX-License-Identifier: MIT */
#include "medium.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

struct folder {
	struct medium medium; /* first */
	int fd;
};

struct medium_file {
	int fd;
};

void medium_free(struct medium *medium)
{
	if (medium)
		medium->ops->free(medium);
}

static int folder_of(struct medium *medium)
{
	return ((struct folder *)medium)->fd;
}

static int open_flags(struct medium *medium, const char *name, int flags, struct medium_file **file)
{
	struct medium_file *f = malloc(sizeof *f);
	int err;

	if (!f)
		return ENOMEM;
	f->fd = openat(folder_of(medium), name, flags | O_RDWR | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (f->fd < 0) {
		err = errno;
		free(f);
		return err;
	}
	*file = f;
	return 0;
}

static int folder_open(struct medium *medium, const char *name, struct medium_file **file)
{
	return open_flags(medium, name, 0, file);
}

static int folder_create(struct medium *medium, const char *name, struct medium_file **file)
{
	return open_flags(medium, name, O_CREAT | O_TRUNC, file);
}

static void folder_close(struct medium *medium, struct medium_file *file)
{
	(void)medium;
	close(file->fd);
	free(file);
}

static int folder_size(struct medium *medium, struct medium_file *file, uint64_t *bytes)
{
	struct stat st;

	(void)medium;
	if (fstat(file->fd, &st))
		return errno;
	*bytes = (uint64_t)st.st_size;
	return 0;
}

static int folder_read(
	struct medium *medium, struct medium_file *file, uint64_t offset, void *bytes, size_t size)
{
	uint8_t *at = bytes;

	(void)medium;
	while (size) {
		ssize_t got = pread(file->fd, at, size, (off_t)offset);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return got ? errno : EIO;
		at += got;
		offset += (size_t)got;
		size -= (size_t)got;
	}
	return 0;
}

static int folder_write(struct medium *medium, struct medium_file *file, uint64_t offset,
	const void *bytes, size_t size)
{
	const uint8_t *at = bytes;

	(void)medium;
	while (size) {
		ssize_t put = pwrite(file->fd, at, size, (off_t)offset);

		if (put < 0 && errno == EINTR)
			continue;
		if (put <= 0)
			return put ? errno : EIO;
		at += put;
		offset += (size_t)put;
		size -= (size_t)put;
	}
	return 0;
}

static int folder_truncate(struct medium *medium, struct medium_file *file, uint64_t size)
{
	(void)medium;
	return ftruncate(file->fd, (off_t)size) ? errno : 0;
}

static int folder_sync(struct medium *medium, struct medium_file *file)
{
	(void)medium;
	return fsync(file->fd) ? errno : 0;
}

static int folder_rename(struct medium *medium, const char *from, const char *to)
{
	return renameat(folder_of(medium), from, folder_of(medium), to) ? errno : 0;
}

static int folder_remove(struct medium *medium, const char *name)
{
	return unlinkat(folder_of(medium), name, 0) ? errno : 0;
}

static int folder_sync_folder(struct medium *medium)
{
	return fsync(folder_of(medium)) ? errno : 0;
}

static int folder_list(
	struct medium *medium, int (*each)(void *context, const char *name), void *context)
{
	int fd = openat(folder_of(medium), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	int err = 0;

	if (!dir) {
		err = errno;
		if (fd >= 0)
			close(fd);
		return err;
	}
	while (!err) {
		struct dirent *entry;

		errno = 0;
		entry = readdir(dir);
		if (!entry) {
			err = errno;
			break;
		}
		if (entry->d_name[0] != '.' && strlen(entry->d_name) <= MEDIUM_NAME_MAX)
			err = each(context, entry->d_name);
	}
	closedir(dir);
	return err;
}

static int folder_space(struct medium *medium, uint64_t *free_bytes)
{
	struct statvfs st;

	if (fstatvfs(folder_of(medium), &st))
		return errno;
	*free_bytes = (uint64_t)st.f_bavail * st.f_frsize;
	return 0;
}

static void folder_free(struct medium *medium)
{
	close(folder_of(medium));
	free(medium);
}

static const struct medium_ops folder_ops = {
	.open = folder_open,
	.create = folder_create,
	.close = folder_close,
	.size = folder_size,
	.read = folder_read,
	.write = folder_write,
	.truncate = folder_truncate,
	.sync = folder_sync,
	.rename = folder_rename,
	.remove = folder_remove,
	.sync_folder = folder_sync_folder,
	.list = folder_list,
	.space = folder_space,
	.free = folder_free,
};

int medium_folder_open(const char *path, struct medium **medium)
{
	struct folder *folder = malloc(sizeof *folder);
	int err;

	if (!folder)
		return ENOMEM;
	folder->medium.ops = &folder_ops;
	folder->fd = -1;
	if (!mkdir(path, 0700) || errno == EEXIST)
		folder->fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (folder->fd < 0) {
		err = errno;
		free(folder);
		return err;
	}
	*medium = &folder->medium;
	return 0;
}
