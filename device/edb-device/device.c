/* SPDX-License-Identifier: MIT */
#include "device.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define JSON_MAX (64u << 10)

long long device_now_ms(void)
{
	struct timespec t = {0};

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (long long)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

bool device_is_name(const char *name)
{
	size_t size = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-");

	return size >= 1 && size <= DEVICE_NAME_MAX && !name[size];
}

static enum edb_err folder_path(struct cli *cli, char path[PATH_MAX])
{
	const char *own = getenv("EDB_DEVICES"), *data = getenv("XDG_DATA_HOME"),
		   *home = getenv("HOME");
	int size;

	if (own && *own)
		size = snprintf(path, PATH_MAX, "%s", own);
	else if (data && *data == '/')
		size = snprintf(path, PATH_MAX, "%s/edb/devices", data);
	else if (home && *home)
		size = snprintf(path, PATH_MAX, "%s/.local/share/edb/devices", home);
	else
		return cli_fail(cli, EDB_E_ARG, "set EDB_DEVICES to a folder",
			"no place for devices: neither EDB_DEVICES nor HOME is set");
	if (size >= PATH_MAX)
		return cli_fail(
			cli, EDB_E_ARG, NULL, "the name of the devices' folder is too long");
	return EDB_OK;
}

/* What fails here is seen when the folder is opened. */
static void make_folders(char *path)
{
	for (size_t i = 1; path[i]; i++) {
		if (path[i] != '/')
			continue;
		path[i] = 0;
		mkdir(path, 0777);
		path[i] = '/';
	}
	mkdir(path, 0700);
}

enum edb_err device_folder_open(struct cli *cli, bool make, int *dir)
{
	char path[PATH_MAX] = "";
	enum edb_err err = folder_path(cli, path);

	*dir = -1;
	if (err)
		return err;
	if (make)
		make_folders(path);
	*dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (*dir < 0 && (make || errno != ENOENT))
		return cli_fail(cli, errno == ENOSPC ? EDB_E_STORAGE_FULL : EDB_E_IO, NULL,
			"cannot open the devices' folder %s: %s", path, strerror(errno));
	return EDB_OK;
}

enum edb_err device_open(struct cli *cli, const char *name, struct device *device)
{
	int parent = -1;
	enum edb_err err;

	*device = (struct device){.dir = -1};
	if (!device_is_name(name))
		return cli_fail(cli, EDB_E_ARG, "1 to 32 of a-z, 0-9 and -",
			"'%s' is no name of a device", name);
	err = device_folder_open(cli, false, &parent);
	if (err)
		return err;
	snprintf(device->name, sizeof device->name, "%s", name);
	errno = ENOENT;
	if (parent >= 0) {
		device->dir = openat(parent, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		close(parent);
	}
	if (device->dir >= 0)
		return EDB_OK;
	if (errno == ENOENT)
		return cli_fail(cli, EDB_E_NOT_FOUND,
			"edb-device list tells which there are, edb-device create makes one",
			"no device '%s'", name);
	return cli_fail(cli, EDB_E_IO, NULL, "cannot open device %s: %s", name, strerror(errno));
}

void device_close(struct device *device)
{
	if (device->dir > 0)
		close(device->dir);
	device->dir = -1;
}

enum edb_err device_lock(struct cli *cli, const struct device *device)
{
	struct stat s;

	if (flock(device->dir, LOCK_EX | LOCK_NB))
		return cli_fail(cli, errno == EWOULDBLOCK ? EDB_E_BUSY : EDB_E_IO,
			"wait until that has ended; power-cut ends a start",
			"another edb-device starts, stops or destroys %s", device->name);
	if (fstat(device->dir, &s) || !s.st_nlink)
		return cli_fail(
			cli, EDB_E_NOT_FOUND, NULL, "device %s was just destroyed", device->name);
	return EDB_OK;
}

json_t *device_read_json(int dir, const char *name)
{
	int fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	char *text = fd < 0 ? NULL : malloc(JSON_MAX);
	json_t *json = NULL;
	ssize_t got = 0, some = 1;

	while (text && got < (ssize_t)JSON_MAX && some > 0) {
		some = pread(fd, &text[got], JSON_MAX - (size_t)got, got);
		got += some > 0 ? some : 0;
	}
	if (text && !some)
		json = json_loadb(text, (size_t)got, JSON_REJECT_DUPLICATES, NULL);
	if (fd >= 0)
		close(fd);
	free(text);
	if (json_is_object(json))
		return json;
	json_decref(json);
	return NULL;
}

/* The lock is shared: two who look do not take each other for a running device. */
static bool is_locked(int fd)
{
	if (flock(fd, LOCK_SH | LOCK_NB))
		return errno == EWOULDBLOCK;
	flock(fd, LOCK_UN);
	return false;
}

bool device_find_process(const struct device *device, struct device_process *p)
{
	int fd = openat(device->dir, DEVICE_RUNNING, O_RDONLY | O_CLOEXEC);
	json_int_t pid;
	bool runs;

	*p = (struct device_process){.process = -1};
	if (fd < 0)
		return false;
	runs = is_locked(fd);
	if (runs)
		p->facts = device_read_json(device->dir, DEVICE_RUNNING);
	pid = json_integer_value(json_object_get(p->facts, "pid"));
	if (pid > 1 && pid <= INT_MAX) {
		p->process = pidfd_open((pid_t)pid, 0);
		/* Still locked: so the number was that of the lock's owner when it was opened. */
		runs = p->process >= 0 && is_locked(fd);
		p->pid = (pid_t)pid;
	}
	close(fd);
	if (!runs)
		device_process_clear(p);
	return runs;
}

enum edb_err device_process_open(
	struct cli *cli, const struct device *device, struct device_process *process)
{
	char hint[64];

	snprintf(hint, sizeof hint, "edb-device start %s", device->name);
	if (!device_find_process(device, process))
		return cli_fail(cli, EDB_E_STATE, hint, "device %s does not run", device->name);
	if (process->pid)
		return EDB_OK;
	device_process_clear(process);
	return cli_fail(cli, EDB_E_BUSY, "try again in a moment", "device %s is just being started",
		device->name);
}

void device_process_clear(struct device_process *process)
{
	if (process->process >= 0)
		close(process->process);
	json_decref(process->facts);
	*process = (struct device_process){.process = -1};
}

bool device_process_wait(const struct device_process *process, int ms)
{
	struct pollfd p = {.fd = process->process, .events = POLLIN};
	long long end = device_now_ms() + ms, left;
	int ready;

	do {
		left = end - device_now_ms();
		ready = poll(&p, 1, left > 0 ? (int)left : 0);
	} while (ready < 0 && errno == EINTR && !cli_interrupted());
	return ready > 0;
}

int device_connect(int dir, const char *name)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), saved;

	if (fd < 0)
		return -1;
	snprintf(address.sun_path, sizeof address.sun_path, "/proc/self/fd/%d/%s", dir, name);
	if (!connect(fd, (struct sockaddr *)&address, sizeof address))
		return fd;
	saved = errno;
	close(fd);
	errno = saved;
	return -1;
}

/* A device's folder has only files in it: one level. */
bool device_remove(int parent, const char *name)
{
	int dir = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *folder = dir < 0 ? NULL : fdopendir(dir);
	struct dirent *entry;
	int failed = 0;

	if (!folder) {
		if (dir >= 0)
			close(dir);
		return errno == ENOENT;
	}
	while ((entry = readdir(folder)))
		if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, "..") &&
			unlinkat(dir, entry->d_name, 0) && errno != ENOENT)
			failed = errno;
	closedir(folder);
	if (!failed && !unlinkat(parent, name, AT_REMOVEDIR))
		return true;
	errno = failed ? failed : errno;
	return false;
}

/* Whoever still works on one has it locked. */
void device_sweep(int parent)
{
	int own = openat(parent, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *folder = own < 0 ? NULL : fdopendir(own);
	struct dirent *entry;

	while (folder && (entry = readdir(folder))) {
		int dir;

		if (strncmp(entry->d_name, ".new-", 5) && strncmp(entry->d_name, ".old-", 5))
			continue;
		dir = openat(parent, entry->d_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (dir >= 0 && !flock(dir, LOCK_EX | LOCK_NB))
			device_remove(parent, entry->d_name);
		if (dir >= 0)
			close(dir);
	}
	if (folder)
		closedir(folder);
}
