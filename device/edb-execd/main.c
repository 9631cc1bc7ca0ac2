/* SPDX-License-Identifier: MIT
 *
 * edb-execd: runs commands in a device for edb-device on its host, over virtio-serial ports; one
 * process a port.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ports.h"
#include "serve.h"

#ifndef EDB_VERSION
#define EDB_VERSION "unknown"
#endif
#define AGAIN_MS                                                                                   \
	1000 /* until a port whose process ended, or that is not there yet, is tried again */

struct port {
	char path[PORT_PATH_BYTES];
	pid_t pid; /* 0: nobody serves it */
};

struct daemon {
	struct port ports[PORTS_MAX];
	size_t count;
};

static int complain(const char *what, int number)
{
	fprintf(stderr, "edb-execd: %s: %s\n", what, strerror(number));
	return 1;
}

static int serve_port(const char *path)
{
	int port = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC), failed;

	if (port < 0)
		return complain(path, errno);
	do {
		failed = serve_wait_for_host(port);
		if (!failed)
			failed = serve_host(port);
	} while (!failed);
	return complain(path, failed);
}

static void start(struct port *port)
{
	pid_t daemon_ = getpid(), pid = fork();
	sigset_t none;

	if (pid > 0)
		port->pid = pid;
	if (pid)
		return;
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != daemon_) /* it ended before */
		_exit(0);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	_exit(serve_port(port->path));
}

static void look(struct daemon *d)
{
	static char paths[PORTS_MAX][PORT_PATH_BYTES];
	size_t found = ports_find(paths);

	for (size_t i = 0; i < found; i++) {
		size_t at = 0;

		while (at < d->count && strcmp(d->ports[at].path, paths[i]))
			at++;
		if (at == d->count && d->count < PORTS_MAX) {
			memcpy(d->ports[at].path, paths[i], PORT_PATH_BYTES);
			d->ports[d->count++].pid = 0;
		}
	}
}

static void reap(struct daemon *d)
{
	pid_t pid;

	while ((pid = waitpid(-1, NULL, WNOHANG)) > 0)
		for (size_t i = 0; i < d->count; i++)
			if (d->ports[i].pid == pid)
				d->ports[i].pid = 0;
}

/* Ports come, and a process may end: both are told, not looked for. */
static int supervise(struct daemon *d, int watch, bool search)
{
	struct pollfd p[2] = {{.fd = -1, .events = POLLIN}, {.fd = watch, .events = POLLIN}};
	sigset_t child;

	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	sigprocmask(SIG_BLOCK, &child, NULL);
	p[0].fd = signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK);
	if (p[0].fd < 0)
		return complain("signalfd", errno);
	for (;;) {
		struct signalfd_siginfo info;
		bool idle = !d->count;

		if (search)
			look(d);
		for (size_t i = 0; i < d->count; i++)
			if (!d->ports[i].pid)
				start(&d->ports[i]);
		if (poll(p, 2, idle ? AGAIN_MS : -1) < 0 && errno != EINTR)
			return complain("poll", errno);
		while (read(p[0].fd, &info, sizeof info) > 0)
			;
		if (p[1].revents)
			ports_watched(watch);
		reap(d);
		/* Whoever ended at once would do so again, many times a second. */
		for (size_t i = 0; p[0].revents && i < d->count; i++)
			if (!d->ports[i].pid) {
				poll(NULL, 0, AGAIN_MS);
				break;
			}
	}
}

static int usage(FILE *to, int code)
{
	fputs("Usage: edb-execd [PORT...]\n"
	      "       edb-execd --socket FD\n\n"
	      "Runs commands in a device for edb-device on its host.\n"
	      "Without PORT: all virtio-serial ports named edb.exec.*\n\n"
	      "  -s, --socket FD  serve one host on this socket, then end\n"
	      "  -h, --help       this text\n"
	      "  -V, --version    the version\n\n"
	      "Manual page: edb-execd(8).\n",
		to);
	return code;
}

static int serve_socket(const char *text)
{
	char *end = NULL;
	long fd = strtol(text, &end, 10);
	int failed;

	if (*end || end == text || fd < 0 || fd > 1 << 20)
		return usage(stderr, 2);
	if (fcntl((int)fd, F_SETFL, O_NONBLOCK) || fcntl((int)fd, F_SETFD, FD_CLOEXEC))
		return complain(text, errno);
	failed = serve_host((int)fd);
	return failed ? complain(text, failed) : 0;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {{"socket", required_argument, NULL, 's'},
		{"help", no_argument, NULL, 'h'}, {"version", no_argument, NULL, 'V'}, {0}};
	static struct daemon d;
	const char *socket_text = NULL;
	int answer;

	while ((answer = getopt_long(argc, argv, "s:hV", options, NULL)) >= 0) {
		switch (answer) {
		case 's': socket_text = optarg; break;
		case 'h': return usage(stdout, 0);
		case 'V': puts("edb-execd " EDB_VERSION); return 0;
		default: return usage(stderr, 2);
		}
	}
	signal(SIGPIPE, SIG_IGN);
	signal(SIGCHLD, SIG_DFL); /* who was started with it ignored could wait for no child */
	if (socket_text && optind < argc)
		return usage(stderr, 2);
	if (socket_text)
		return serve_socket(socket_text);
	for (; optind < argc && d.count < PORTS_MAX; optind++)
		if (snprintf(d.ports[d.count++].path, PORT_PATH_BYTES, "%s", argv[optind]) >=
			PORT_PATH_BYTES)
			return complain(argv[optind], ENAMETOOLONG);
	return supervise(&d, d.count ? -1 : ports_watch(), !d.count);
}
