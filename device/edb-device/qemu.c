/* SPDX-License-Identifier: MIT
 *
 * All names in the command line are those of files in the device's folder, which is QEMU's working
 * folder; sockets are made here and inherited. So no name is too long for a socket or has a comma
 * in it, and whoever connects finds somebody listening from the beginning.
 */
#include "qemu.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "exec_frame.h"

/* docs of the machine: TF-A starts the kernel here, and hands over what the append line says. */
#define KERNEL_AT    "0x44000000"
#define INITRAMFS_AT "0x48000000"

#define ARGUMENTS_MAX 96
#define TEXT_BYTES    8192

enum {
	SOCKET_CONSOLE,
	SOCKET_QMP,
	SOCKET_EXEC,
	SOCKETS = SOCKET_EXEC + EXEC_PORTS
};

struct launch {
	const struct device *device;
	const struct qemu_options *options;
	int sockets[SOCKETS];
	int running, log, report[2];
	char *facts; /* of the file "running", after the pid */
	const char *arguments[ARGUMENTS_MAX + 1];
	size_t count;
	char text[TEXT_BYTES];
	size_t used;
	bool full;
};

__attribute__((format(printf, 2, 3))) static void add(struct launch *l, const char *format, ...)
{
	va_list values;
	int size;

	va_start(values, format);
	size = vsnprintf(&l->text[l->used], sizeof l->text - l->used, format, values);
	va_end(values);
	if (l->count == ARGUMENTS_MAX || size < 0 || (size_t)size >= sizeof l->text - l->used) {
		l->full = true;
		return;
	}
	l->arguments[l->count++] = &l->text[l->used];
	l->used += (size_t)size + 1;
}

/* "-NAME" and its value. */
#define ADD(l, name, ...) (add(l, "-%s", name), add(l, __VA_ARGS__))

static void machine(struct launch *l, off_t initramfs_bytes)
{
	add(l, QEMU_PROGRAM);
	ADD(l, "name", "edb-%s", l->device->name);
	ADD(l, "M", "virt,secure=on,gic-version=3");
	ADD(l, "cpu", "cortex-a57");
	ADD(l, "smp", "%u", l->options->cpus);
	ADD(l, "m", "%u", l->options->memory_mib);
	add(l, "-nodefaults");
	ADD(l, "display", "none");
	ADD(l, "drive", "if=pflash,unit=0,format=raw,file=" DEVICE_FLASH);
	ADD(l, "device", "loader,file=" DEVICE_KERNEL ",addr=" KERNEL_AT ",force-raw=on");
	ADD(l, "device", "loader,file=" DEVICE_INITRAMFS ",addr=" INITRAMFS_AT ",force-raw=on");
	ADD(l, "kernel", DEVICE_KERNEL); /* only because of append */
	ADD(l, "append", "console=ttyAMA0 quiet initrd=" INITRAMFS_AT ",%lld",
		(long long)initramfs_bytes);
}

/*
 * cache=writeback: what the guest has flushed is in the host's page cache, which outlives QEMU.
 * werror=report: the guest is told when this host's disk is full; QEMU would stop it without a
 * word.
 */
static void peripherals(struct launch *l)
{
	char forwards[CLI_LIST_MAX * 48] = "";
	size_t used = 0;

	for (size_t i = 0; i < l->options->forward_count; i++)
		used += (size_t)snprintf(&forwards[used], sizeof forwards - used,
			",hostfwd=tcp:127.0.0.1:%u-:%u", l->options->forwards[i].host,
			l->options->forwards[i].guest);
	ADD(l, "chardev", "socket,id=normal,fd=%d,server=on,wait=off,logfile=" DEVICE_NORMAL,
		l->sockets[SOCKET_CONSOLE]);
	ADD(l, "serial", "chardev:normal");
	ADD(l, "serial", "file:" DEVICE_SECURE);
	ADD(l, "chardev", "socket,id=qmp,fd=%d,server=on,wait=off", l->sockets[SOCKET_QMP]);
	ADD(l, "mon", "chardev=qmp,mode=control");
	ADD(l, "drive",
		"if=none,id=disk,format=raw,cache=writeback,werror=report,file=" DEVICE_DISK);
	ADD(l, "device", "virtio-blk-pci,drive=disk,romfile=");
	ADD(l, "netdev", "user,id=net%s", forwards);
	ADD(l, "device", "virtio-net-pci,netdev=net,romfile=");
	ADD(l, "device", "virtio-serial-pci,romfile=");
	for (unsigned i = 0; i < EXEC_PORTS; i++) {
		ADD(l, "chardev", "socket,id=exec%u,fd=%d,server=on,wait=off", i,
			l->sockets[SOCKET_EXEC + i]);
		ADD(l, "device", "virtserialport,chardev=exec%u,name=" EXEC_PORT_NAME "%u", i, i);
	}
}

static enum edb_err io_failed(struct cli *cli, const struct device *device, const char *what)
{
	bool full = errno == ENOSPC || errno == EDQUOT;

	return cli_fail(cli, full ? EDB_E_STORAGE_FULL : EDB_E_IO, NULL, "cannot make %s of %s: %s",
		what, device->name, strerror(errno));
}

static int listen_at(int dir, const char *name)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd;

	unlinkat(dir, name, 0);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	snprintf(address.sun_path, sizeof address.sun_path, "/proc/self/fd/%d/%s", dir, name);
	if (fd < 0 || (!bind(fd, (struct sockaddr *)&address, sizeof address) && !listen(fd, 4)))
		return fd;
	close(fd);
	return -1;
}

static enum edb_err open_sockets(struct cli *cli, struct launch *l)
{
	char name[32];

	for (unsigned i = 0; i < SOCKETS; i++) {
		if (i < SOCKET_EXEC)
			snprintf(name, sizeof name, "%s",
				i == SOCKET_QMP ? DEVICE_QMP : DEVICE_CONSOLE);
		else
			snprintf(name, sizeof name, DEVICE_EXEC "%u", i - SOCKET_EXEC);
		l->sockets[i] = listen_at(l->device->dir, name);
		if (l->sockets[i] < 0)
			return io_failed(cli, l->device, name);
	}
	return EDB_OK;
}

/* QEMU says it as well, but among other things, and only later. All at once: each may be named
 * twice. */
static enum edb_err check_forwards(struct cli *cli, const struct qemu_options *o)
{
	int fds[CLI_LIST_MAX];
	size_t count = 0;
	enum edb_err err = EDB_OK;

	for (; !err && count < o->forward_count; count++) {
		struct sockaddr_in a = {.sin_family = AF_INET,
			.sin_port = htons((uint16_t)o->forwards[count].host),
			.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
		int yes = 1;

		fds[count] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
		setsockopt(fds[count], SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
		if (bind(fds[count], (struct sockaddr *)&a, sizeof a) || listen(fds[count], 1))
			err = cli_fail(cli, errno == EADDRINUSE ? EDB_E_BUSY : EDB_E_IO,
				errno == EADDRINUSE
					? "take another one: --forward HOSTPORT:GUESTPORT"
					: NULL,
				"cannot forward port %u of this host: %s", o->forwards[count].host,
				strerror(errno));
	}
	while (count)
		close(fds[--count]);
	return err;
}

static char *describe(const struct qemu_options *o)
{
	json_t *list = json_array(), *facts;
	char *text;

	for (size_t i = 0; i < o->forward_count; i++)
		json_array_append_new(
			list, json_sprintf("%u:%u", o->forwards[i].host, o->forwards[i].guest));
	facts = json_pack("{s:i, s:i, s:o}", "cpus", (int)o->cpus, "memory_mib", (int)o->memory_mib,
		"forward", list);
	text = facts ? json_dumps(facts, 0) : NULL;
	json_decref(facts);
	return text;
}

static bool keep(int fd)
{
	return !fcntl(fd, F_SETFD, 0);
}

/* In the child, up to QEMU. */
static bool prepare(const struct launch *l)
{
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	sigset_t none;
	bool good;

	setsid();
	/* Whoever reads a pipe that was ours would wait for it. */
	close_range(3, ~0u, CLOSE_RANGE_CLOEXEC);
	for (int number = 1; number < NSIG; number++)
		signal(number, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	good = null >= 0 && dup2(null, STDIN_FILENO) >= 0 && dup2(l->log, STDOUT_FILENO) >= 0 &&
	       dup2(l->log, STDERR_FILENO) >= 0 && !fchdir(l->device->dir) && keep(l->running);
	for (size_t i = 0; i < SOCKETS; i++)
		good = good && keep(l->sockets[i]);
	/* The lock's owner is known from now on. */
	return good && dprintf(l->running, "{\"pid\": %ld, %s\n", (long)getpid(), &l->facts[1]) > 0;
}

__attribute__((noreturn)) static void become_qemu(const struct launch *l)
{
	int failed;

	if (prepare(l))
		execvp(l->arguments[0], (char *const *)l->arguments);
	failed = errno;
	if (write(l->report[1], &failed, sizeof failed) < 0)
		_exit(126);
	_exit(127);
}

static enum edb_err spawn(struct cli *cli, struct launch *l, pid_t *pid)
{
	int failed = 0;
	ssize_t got;

	*pid = fork();
	if (!*pid)
		become_qemu(l);
	if (*pid < 0)
		return io_failed(cli, l->device, "a process");
	close(l->report[1]);
	l->report[1] = -1;
	do /* nothing comes once QEMU runs */
		got = read(l->report[0], &failed, sizeof failed);
	while (got < 0 && errno == EINTR);
	if (!got)
		return EDB_OK;
	waitpid(*pid, NULL, 0);
	if (failed == ENOENT)
		return cli_fail(cli, EDB_E_NOT_FOUND, "apt-get install qemu-system-arm",
			"cannot start %s: " QEMU_PROGRAM " is not installed", l->device->name);
	return cli_fail(cli, EDB_E_IO, NULL, "cannot start " QEMU_PROGRAM ": %s", strerror(failed));
}

static enum edb_err open_files(struct cli *cli, struct launch *l, off_t *initramfs_bytes)
{
	int dir = l->device->dir;
	struct stat s;

	if (fstatat(dir, DEVICE_INITRAMFS, &s, 0))
		return cli_fail(cli, EDB_E_IO, "destroy the device and create it anew",
			"cannot read " DEVICE_INITRAMFS " of %s: %s", l->device->name,
			strerror(errno));
	*initramfs_bytes = s.st_size;
	l->running = openat(dir, DEVICE_RUNNING, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	/* Whoever looks whether it runs holds it for a moment; the device itself does not run. */
	if (l->running < 0 || flock(l->running, LOCK_EX) || ftruncate(l->running, 0))
		return io_failed(cli, l->device, "the lock");
	l->log =
		openat(dir, DEVICE_QEMU, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600);
	if (l->log < 0 || pipe2(l->report, O_CLOEXEC))
		return io_failed(cli, l->device, DEVICE_QEMU);
	/* Of this start only. */
	unlinkat(dir, DEVICE_NORMAL, 0);
	unlinkat(dir, DEVICE_SECURE, 0);
	l->facts = describe(l->options);
	return l->facts ? EDB_OK : cli_fail(cli, EDB_E_NOMEM, NULL, "out of memory");
}

static void close_all(struct launch *l)
{
	for (size_t i = 0; i < SOCKETS; i++)
		if (l->sockets[i] >= 0)
			close(l->sockets[i]);
	for (size_t i = 0; i < 2; i++)
		if (l->report[i] >= 0)
			close(l->report[i]);
	if (l->running >= 0)
		close(l->running); /* QEMU has it, too: the lock is QEMU's now */
	if (l->log >= 0)
		close(l->log);
	free(l->facts);
}

enum edb_err qemu_start(struct cli *cli, const struct device *device,
	const struct qemu_options *options, pid_t *pid)
{
	struct launch l = {
		.device = device, .options = options, .running = -1, .log = -1, .report = {-1, -1}};
	off_t initramfs_bytes = 0;
	enum edb_err err = check_forwards(cli, options);

	for (size_t i = 0; i < SOCKETS; i++)
		l.sockets[i] = -1;
	if (!err)
		err = open_files(cli, &l, &initramfs_bytes);
	if (!err)
		err = open_sockets(cli, &l);
	if (!err) {
		machine(&l, initramfs_bytes);
		peripherals(&l);
		if (l.full)
			err = cli_fail(cli, EDB_E_LIMIT, NULL, "too many forwarded ports");
	}
	if (!err)
		err = spawn(cli, &l, pid);
	close_all(&l);
	return err;
}
