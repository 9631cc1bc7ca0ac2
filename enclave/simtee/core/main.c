/* SPDX-License-Identifier: MIT
 *
 * simtee: the simulator's command line.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include "core.h"
#include "medium_fault.h"

#define NOTICE "a simulator: it protects nothing from whoever is root or this user here"

struct options {
	const char *dir;
	char dir_space[PATH_MAX];
	const char *early[8];
	int early_count;
	uint32_t stop_after; /* writes; 0: never */
};

static struct core core;

static const char usage[] =
	"simtee - the blueprint's TEE simulator, " NOTICE "\n"
	"\n"
	"usage: simtee run|start|stop|status|reset [--dir DIR] [--early-ta FILE]…\n"
	"\n"
	"  run     serve in the foreground\n"
	"  start   serve in the background; returns when it answers\n"
	"  stop    end it\n"
	"  status  say whether it runs; exit 0 if so, 1 if not\n"
	"  reset   delete all it keeps: every key, application and object; a new device\n"
	"\n"
	"  -d, --dir DIR           where it keeps everything (else $SIMTEE_DIR, else\n"
	"                          ~/.local/state/simtee)\n"
	"  -t, --early-ta FILE     a trusted application that belongs to the TEE, such as the CPM\n"
	"      --stop-after-writes N\n"
	"                          for tests: die like in a power cut at the N-th change of storage\n"
	"  -h, --help\n";

static void on_signal(int number)
{
	(void)number;
	core.stop = 1;
}

static bool path_in(const struct options *o, const char *name, char path[PATH_MAX])
{
	int n = snprintf(path, PATH_MAX, "%s/%s", o->dir, name);

	return n > 0 && n < PATH_MAX;
}

/* Every folder on the way; only the last one is made private. */
static int make_folder(const char *path)
{
	char part[PATH_MAX];

	for (size_t i = 1; path[i] && i < sizeof part; i++) {
		if (path[i] != '/')
			continue;
		memcpy(part, path, i);
		part[i] = 0;
		if (mkdir(part, 0755) && errno != EEXIST)
			return -1;
	}
	return mkdir(path, 0700) && errno != EEXIST ? -1 : 0;
}

/* One simulator per folder: whoever holds the lock. The descriptor stays open. */
static int lock_folder(const struct options *o, bool wait)
{
	char path[PATH_MAX];
	int fd = path_in(o, "lock", path) ? open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600) : -1;

	if (fd >= 0 && flock(fd, LOCK_EX | (wait ? 0 : LOCK_NB))) {
		close(fd);
		return -1;
	}
	return fd;
}

static int make_listener(const struct options *o)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	char path[PATH_MAX];
	int fd;

	if (!path_in(o, SIMTEE_SOCKET_NAME, path) || strlen(path) >= sizeof address.sun_path) {
		core_log("%s: the path is too long for a socket", o->dir);
		return -1;
	}
	memcpy(address.sun_path, path, strlen(path) + 1);
	(void)unlink(path); /* ours is the lock, so nobody listens there */
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) || chmod(path, 0600) ||
		listen(fd, 16)) {
		core_log("%s: %s", path, strerror(errno));
		return -1;
	}
	return fd;
}

static bool read_early(const char *path)
{
	struct early_ta *e = calloc(1, sizeof *e);
	FILE *file = fopen(path, "rbe");
	struct image image;
	const char *why = file ? "out of memory" : strerror(errno);

	if (e && file) {
		e->bytes = malloc(IMAGE_MAX + 1);
		e->size = e->bytes ? fread(e->bytes, 1, IMAGE_MAX + 1, file) : 0;
	}
	if (file)
		fclose(file);
	if (!e || !e->bytes || !image_read(e->bytes, e->size, &image, &why)) {
		core_log("%s: %s", path, why);
		return false;
	}
	e->uuid = image.uuid;
	e->next = core.early;
	core.early = e;
	return true;
}

/* simtee-ta lies beside this program, or in its build folder. */
static bool find_loader(void)
{
	static char path[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", path, sizeof path - 32);
	static const char *const places[] = {"simtee-ta", "../loader/simtee-ta"};
	char *name;

	if (n <= 0)
		return false;
	path[n] = 0;
	name = strrchr(path, '/') + 1;
	for (int i = 0; i < 2; i++) {
		memcpy(name, places[i], strlen(places[i]) + 1);
		if (!access(path, X_OK)) {
			core.loader = path;
			return true;
		}
	}
	core_log("simtee-ta is not where this program is");
	return false;
}

static void die_like_power(void *context)
{
	(void)context;
	_exit(9);
}

static bool start_storage(
	const struct options *o, struct medium **folder, struct medium_fault *fault)
{
	uint8_t key[STORAGE_KEY_BYTES];
	char path[PATH_MAX];
	TEE_Result res = TEE_ERROR_STORAGE_NOT_AVAILABLE;
	int error = path_in(o, "storage", path) ? medium_folder_open(path, folder) : ENAMETOOLONG;

	if (error) {
		core_log("%s: %s", path, strerror(error));
		return false;
	}
	medium_fault_init(fault, *folder);
	fault->hook = die_like_power;
	res = storage_device_key(&fault->medium, key);
	if (!res)
		res = storage_open(&fault->medium, key, &core.storage);
	OPENSSL_cleanse(key, sizeof key);
	if (!res)
		res = store_start(&core);
	if (res)
		core_log("%s: secure storage cannot be read: 0x%08x", path, res);
	/* Counted from here: what the start itself repairs is not part of what a test stops. */
	fault->changes = 0;
	fault->stop_at = o->stop_after;
	return !res;
}

/* Serve until told to stop. ready_fd: told when the socket answers; -1: nobody asks. */
static int serve(const struct options *o, int ready_fd)
{
	struct medium_fault fault;
	struct medium *folder = NULL;
	struct rlimit none = {0};
	int lock;

	(void)umask(0077);
	(void)setrlimit(RLIMIT_CORE, &none);
	(void)prctl(PR_SET_DUMPABLE, 0);
	if (make_folder(o->dir)) {
		core_log("%s: %s", o->dir, strerror(errno));
		return 1;
	}
	lock = lock_folder(o, false);
	if (lock < 0) {
		core_log("%s: another simulator runs there (simtee stop ends it)", o->dir);
		return 1;
	}
	for (int i = 0; i < o->early_count; i++)
		if (!read_early(o->early[i]))
			return 1;
	if (!find_loader() || !start_storage(o, &folder, &fault))
		return 1;
	core.listener = make_listener(o);
	if (core.listener < 0)
		return 1;
	signal(SIGPIPE, SIG_IGN);
	sigaction(SIGTERM, &(struct sigaction){.sa_handler = on_signal}, NULL);
	sigaction(SIGINT, &(struct sigaction){.sa_handler = on_signal}, NULL);
	core_log(NOTICE);
	if (ready_fd >= 0) {
		(void)!write(ready_fd, "r", 1);
		close(ready_fd);
	}
	core_run(&core);
	while (core.instances)
		instance_is_gone(core.instances);
	store_stop(&core);
	storage_free(core.storage);
	medium_free(folder);
	core_log("stopped; %u changes of storage, %llu bytes not freed by applications",
		fault.changes, (unsigned long long)core.leaked);
	close(lock);
	return 0;
}

/* The number of the process that holds the folder's lock; 0: none does. */
static pid_t holder(const struct options *o)
{
	char path[PATH_MAX], text[32] = "";
	int fd = path_in(o, "pid", path) ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	int lock = lock_folder(o, false);

	if (lock >= 0) {
		close(lock);
		if (fd >= 0)
			close(fd);
		return 0;
	}
	if (fd >= 0) {
		(void)!read(fd, text, sizeof text - 1);
		close(fd);
	}
	return (pid_t)strtol(text, NULL, 10);
}

static bool write_pid(const struct options *o)
{
	char path[PATH_MAX];
	FILE *file = path_in(o, "pid", path) ? fopen(path, "we") : NULL;

	if (!file)
		return false;
	fprintf(file, "%ld\n", (long)getpid());
	return !fclose(file);
}

static int command_run(const struct options *o)
{
	if (make_folder(o->dir) || holder(o)) {
		core_log("%s: cannot be used, or another simulator runs there", o->dir);
		return 1;
	}
	return write_pid(o) ? serve(o, -1) : 1;
}

static int command_start(const struct options *o)
{
	char path[PATH_MAX], byte;
	int pair[2], log_fd;
	pid_t pid;

	if (make_folder(o->dir) || pipe2(pair, O_CLOEXEC)) {
		core_log("%s: %s", o->dir, strerror(errno));
		return 1;
	}
	if (holder(o)) {
		core_log("%s: already running", o->dir);
		return 0;
	}
	log_fd = path_in(o, "log", path)
			 ? open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600)
			 : -1;
	pid = fork();
	if (!pid) {
		(void)setsid();
		(void)dup2(open("/dev/null", O_RDWR | O_CLOEXEC), 0);
		(void)dup2(log_fd, 1);
		(void)dup2(log_fd, 2);
		close(pair[0]);
		exit(write_pid(o) ? serve(o, pair[1]) : 1);
	}
	close(pair[1]);
	if (pid < 0 || read(pair[0], &byte, 1) != 1) {
		core_log("it did not start; %s/log says why", o->dir);
		return 1;
	}
	core_log("running, its folder is %s; " NOTICE, o->dir);
	return 0;
}

static int command_stop(const struct options *o)
{
	pid_t pid = holder(o);
	int lock;

	if (pid <= 0) {
		core_log("%s: not running", o->dir);
		return 0;
	}
	if (kill(pid, SIGTERM)) {
		core_log("process %ld: %s", (long)pid, strerror(errno));
		return 1;
	}
	lock = lock_folder(o, true); /* free when it has ended */
	if (lock >= 0)
		close(lock);
	return 0;
}

static int command_status(const struct options *o)
{
	pid_t pid = holder(o);

	printf("%s: %s\n" NOTICE "\n", o->dir, pid ? "running" : "not running");
	return pid ? 0 : 1;
}

/* A flat folder, and then the folder. */
static int remove_folder(const char *path)
{
	DIR *folder = opendir(path);
	struct dirent *entry;
	int failed = 0;

	if (!folder)
		return errno == ENOENT ? 0 : -1;
	while ((entry = readdir(folder)))
		if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, ".."))
			failed |= unlinkat(dirfd(folder), entry->d_name, 0);
	closedir(folder);
	return failed | rmdir(path);
}

static int command_reset(const struct options *o)
{
	char path[PATH_MAX], away[PATH_MAX];

	if (holder(o)) {
		core_log("%s: it runs; simtee stop ends it", o->dir);
		return 1;
	}
	if (!path_in(o, "storage", path) || !path_in(o, "storage.old", away))
		return 1;
	/* One step, so that half a device is never left. */
	if (rename(path, away) && errno != ENOENT) {
		core_log("%s: %s", path, strerror(errno));
		return 1;
	}
	return remove_folder(away) ? 1 : 0;
}

static const struct {
	const char *name;
	int (*run)(const struct options *);
} commands[] = {
	{"run", command_run},
	{"start", command_start},
	{"stop", command_stop},
	{"status", command_status},
	{"reset", command_reset},
};

static bool parse(int argc, char **argv, struct options *o)
{
	static const struct option known[] = {
		{"dir", required_argument, NULL, 'd'},
		{"early-ta", required_argument, NULL, 't'},
		{"stop-after-writes", required_argument, NULL, 'w'},
		{"help", no_argument, NULL, 'h'},
		{0},
	};
	const char *home = getenv("HOME");
	int c;

	while ((c = getopt_long(argc, argv, "d:t:h", known, NULL)) >= 0) {
		if (c == 'd') {
			o->dir = optarg;
		} else if (c == 't' && o->early_count < 8) {
			o->early[o->early_count++] = optarg;
		} else if (c == 'w') {
			o->stop_after = (uint32_t)strtoul(optarg, NULL, 10);
		} else if (c == 'h') {
			fputs(usage, stdout);
			exit(0);
		} else {
			return false;
		}
	}
	if (!o->dir)
		o->dir = getenv("SIMTEE_DIR");
	if (!o->dir || !*o->dir) {
		snprintf(o->dir_space, sizeof o->dir_space, "%s/.local/state/simtee",
			home ? home : "");
		o->dir = o->dir_space;
	}
	return optind + 1 == argc;
}

int main(int argc, char **argv)
{
	static struct options o;

	if (!parse(argc, argv, &o)) {
		fputs(usage, stderr);
		return 2;
	}
	for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
		if (!strcmp(argv[optind], commands[i].name))
			return commands[i].run(&o);
	core_log("no such command: %s", argv[optind]);
	fputs(usage, stderr);
	return 2;
}
