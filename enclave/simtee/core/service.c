/* SPDX-License-Identifier: MIT */
#include "service.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include "core.h"
#include "medium_fault.h"
#include "place.h"
#include "store.h"

#define STORAGE_FOLDER "storage"
#define STORAGE_GOING  "storage.going"
#define LOCK           "lock"

static int complain(const char *folder, const char *what)
{
	fprintf(stderr, "simtee: %s: %s\n", folder, what);
	return 1;
}

/* All folders on the way, nobody else's business. */
static int make_folders(const char *folder)
{
	char path[PATH_MAX];
	size_t size = strlen(folder);

	if (!size || size >= sizeof path)
		return size ? ENAMETOOLONG : ENOENT;
	memcpy(path, folder, size + 1);
	for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(path, 0700) && errno != EEXIST)
			return errno;
		*slash = '/';
	}
	return mkdir(path, 0700) && errno != EEXIST ? errno : 0;
}

/* Is there anything in it, and was it not a simulator that put it there? */
static bool is_of_others(int folder_fd)
{
	int fd = openat(folder_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *folder = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;
	bool others = false;

	if (!folder) {
		if (fd >= 0)
			close(fd);
		return true;
	}
	while (!others && (entry = readdir(folder)))
		others = strcmp(entry->d_name, ".") && strcmp(entry->d_name, "..");
	closedir(folder);
	return others && faccessat(folder_fd, LOCK, F_OK, AT_SYMLINK_NOFOLLOW);
}

/* Closed to others. Not a folder that somebody else uses as well: /tmp, a home. 0 or errno. */
static int close_to_others(int folder_fd)
{
	struct stat st;

	if (fstat(folder_fd, &st))
		return errno;
	if (st.st_uid != geteuid())
		return EPERM;
	if (!(st.st_mode & 077))
		return 0;
	if (is_of_others(folder_fd))
		return ENOTEMPTY;
	return fchmod(folder_fd, 0700) ? errno : 0;
}

/* The folder, made if need be, ours and closed to others. -1: *err. */
static int open_folder(const char *folder, int *err)
{
	int fd = -1;

	*err = make_folders(folder);
	if (!*err && (fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0)
		*err = errno;
	if (*err)
		return -1;
	*err = close_to_others(fd);
	if (!*err)
		return fd;
	close(fd);
	return -1;
}

int service_lock(int folder_fd, bool wait)
{
	int fd = openat(folder_fd, LOCK, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600), err;

	if (fd < 0)
		return -1;
	if (!flock(fd, LOCK_EX | (wait ? 0 : LOCK_NB)))
		return fd;
	err = errno;
	close(fd);
	errno = err;
	return -1;
}

static int empty_folder(int parent_fd, const char *name)
{
	int fd = openat(parent_fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW), err = 0;
	struct dirent *entry;
	DIR *folder;

	if (fd < 0)
		return errno == ENOENT ? 0 : errno;
	folder = fdopendir(fd);
	if (!folder) {
		err = errno;
		close(fd);
		return err;
	}
	while (!err && (entry = readdir(folder)))
		if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, "..") &&
			unlinkat(fd, entry->d_name, 0))
			err = errno;
	closedir(folder);
	return !err && unlinkat(parent_fd, name, AT_REMOVEDIR) ? errno : err;
}

/* One rename takes all away; what comes after it is finished by the next start. */
int service_reset(const char *folder)
{
	int err = 0, fd = open_folder(folder, &err), lock;

	if (fd < 0)
		return err;
	lock = service_lock(fd, false);
	if (lock < 0)
		err = errno;
	else
		err = empty_folder(fd, STORAGE_GOING);
	if (!err && renameat(fd, STORAGE_FOLDER, fd, STORAGE_GOING) && errno != ENOENT)
		err = errno;
	if (!err)
		err = empty_folder(fd, STORAGE_GOING);
	if (lock >= 0)
		close(lock);
	close(fd);
	return err;
}

static void power_cut(void *context)
{
	(void)context;
	_exit(SERVICE_POWER_CUT);
}

/* Only what is damaged is worth the loss of every key. */
static const char *storage_trouble(TEE_Result res)
{
	switch (res) {
	case TEE_ERROR_STORAGE_NO_SPACE: return "no space for its storage";
	case TEE_ERROR_OUT_OF_MEMORY: return "no memory for its storage";
	case TEE_ERROR_CORRUPT_OBJECT:
		return "its storage is damaged (simtee reset makes a new device)";
	default: return "its storage cannot be read or written";
	}
}

static const char *start_storage(struct core *core, const struct service_options *options,
	struct medium_fault *fault, struct medium **medium)
{
	uint8_t key[STORAGE_KEY_BYTES] = {0};
	char path[PATH_MAX];
	TEE_Result res;

	if (snprintf(path, sizeof path, "%s/" STORAGE_FOLDER, options->folder) >= (int)sizeof path)
		return "the folder's name is too long";
	if (medium_folder_open(path, medium))
		return "its storage cannot be opened";
	medium_fault_init(fault, *medium);
	fault->hook = power_cut;
	if (options->stops)
		fault->stop_at = options->stop_after_writes + 1;
	core->storage_changes = &fault->changes;
	res = storage_device_key(&fault->medium, key);
	if (!res)
		res = storage_open(&fault->medium, key, &core->storage);
	OPENSSL_cleanse(key, sizeof key);
	if (!res)
		res = store_start(core);
	return res ? storage_trouble(res) : NULL;
}

static const char *start_early(struct core *core, const struct service_options *options)
{
	for (size_t i = 0; i < options->early_count; i++) {
		const char *wrong = early_add(core, options->early[i]);

		if (!wrong)
			continue;
		complain(options->early[i], wrong);
		return "an early application cannot be loaded";
	}
	return NULL;
}

/* simtee-ta: beside this program, where it is built, where it is installed. */
static const char *find_loader(char path[static PATH_MAX])
{
	static const char *const places[] = {
		"simtee-ta", "../loader/simtee-ta", "../libexec/simtee/simtee-ta"};
	char self[PATH_MAX];
	ssize_t size = readlink("/proc/self/exe", self, sizeof self - 1);
	char *slash;

	if (size <= 0)
		return NULL;
	self[size] = '\0';
	slash = strrchr(self, '/');
	if (!slash)
		return NULL;
	*slash = '\0';
	for (size_t i = 0; i < sizeof places / sizeof places[0]; i++)
		if (snprintf(path, PATH_MAX, "%s/%s", self, places[i]) < PATH_MAX &&
			!access(path, X_OK))
			return path;
	return NULL;
}

static void prepare_process(void)
{
	struct rlimit limit;

	umask(077);
#ifndef SIMTEE_INSTRUMENTED
	(void)prctl(PR_SET_DUMPABLE, 0); /* it has the device key in memory */
#endif
	limit = (struct rlimit){0};
	(void)setrlimit(RLIMIT_CORE, &limit);
	if (!getrlimit(RLIMIT_NOFILE, &limit)) {
		limit.rlim_cur = limit.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &limit);
	}
}

static const char *start(struct core *core, const struct service_options *options, int folder_fd,
	struct medium_fault *fault, struct medium **medium)
{
	const char *wrong = start_early(core, options);
	int listener;

	if (!wrong && empty_folder(folder_fd, STORAGE_GOING))
		wrong = "what was reset cannot be deleted";
	if (!wrong)
		wrong = start_storage(core, options, fault, medium);
	if (wrong)
		return wrong;
	listener = place_listen(folder_fd);
	if (listener < 0)
		return strerror(errno);
	if (core_listen(core, listener))
		return NULL;
	close(listener);
	return "cannot listen";
}

int service_run(const struct service_options *options, void (*ready)(void *context), void *context)
{
	struct core core = {.epoll = -1, .log = stderr};
	struct medium_fault fault = {0};
	struct medium *medium = NULL;
	char loader[PATH_MAX];
	int err, folder_fd, lock = -1, status = 0;
	const char *wrong = NULL;

	prepare_process();
	core.loader = find_loader(loader);
	core.start_flags = options->flip_after_copy ? WIRE_START_FLIP : 0;
	if (!core.loader)
		return complain("simtee-ta", "is not where this program is");
	folder_fd = open_folder(options->folder, &err);
	if (folder_fd < 0)
		return complain(options->folder,
			err == ENOTEMPTY
				? "has other files in it; name a folder for the simulator alone"
				: strerror(err));
	lock = service_lock(folder_fd, false);
	if (lock < 0)
		wrong = errno == EWOULDBLOCK ? "another simulator runs there (simtee stop ends it)"
					     : strerror(errno);
	if (!wrong)
		wrong = start(&core, options, folder_fd, &fault, &medium);
	if (wrong) {
		status = complain(options->folder, wrong);
	} else {
		ready(context);
		core_run(&core);
		(void)unlinkat(folder_fd, PLACE_SOCKET, 0);
	}
	store_stop(&core);
	early_free(&core);
	storage_free(core.storage);
	medium_free(medium);
	close(folder_fd);
	if (lock >= 0)
		close(lock);
	return status;
}
