/* SPDX-License-Identifier: MIT
 *
 * simtee: the simulated TEE's command line. Manual page: docs/man/simtee.1.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "place.h"
#include "service.h"
#include "wire.h"

#define EXIT_USAGE 2

#define NOTICE "a simulator: it protects nothing from root, nor from this user"

static int complain(const char *what, const char *why)
{
	fprintf(stderr, "simtee: %s: %s\n", what, why);
	return EXIT_FAILURE;
}

static void say_ready(void *context)
{
	printf("simtee: ready in %s\nsimtee: " NOTICE "\n", (const char *)context);
	fflush(stdout);
}

static int cmd_run(const struct service_options *options)
{
	return service_run(options, say_ready, (void *)(uintptr_t)options->folder);
}

/* In the background: errors went to who started it; from now on they go to the log. */
struct background {
	const char *folder;
	int report; /* the pipe */
};

static void detach(void *context)
{
	const struct background *background = context;
	char path[PATH_MAX];
	int log = -1;

	if (snprintf(path, sizeof path, "%s/log", background->folder) < (int)sizeof path)
		log = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (log < 0)
		log = open("/dev/null", O_WRONLY | O_CLOEXEC);
	(void)!write(background->report, "", 1);
	(void)dup2(log, STDERR_FILENO);
	close(background->report);
	close(log);
	fputs("simtee: started, " NOTICE "\n", stderr);
}

static _Noreturn void be_background(const struct service_options *options, int report)
{
	struct background background = {.folder = options->folder, .report = report};
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	(void)setsid();
	(void)dup2(null, STDIN_FILENO);
	(void)dup2(null, STDOUT_FILENO);
	(void)dup2(report, STDERR_FILENO);
	close(null);
	/* Whoever started it may wait for other descriptors to be closed. */
	if (report > STDERR_FILENO + 1)
		(void)close_range(STDERR_FILENO + 1, (unsigned int)report - 1, 0);
	(void)close_range((unsigned int)report + 1, ~0u, 0);
	exit(service_run(options, detach, &background));
}

/* What comes through the pipe is for people, up to a NUL: then it is ready. */
static bool wait_until_ready(int report)
{
	char c;

	while (read(report, &c, 1) == 1) {
		if (!c)
			return true;
		fputc(c, stderr);
	}
	return false;
}

static int cmd_start(const struct service_options *options)
{
	int report[2];
	pid_t pid;
	bool ready;

	if (pipe2(report, O_CLOEXEC))
		return complain("start", strerror(errno));
	fflush(NULL);
	pid = fork();
	if (pid < 0)
		return complain("start", strerror(errno));
	if (!pid) {
		close(report[0]);
		be_background(options, report[1]);
	}
	close(report[1]);
	ready = wait_until_ready(report[0]);
	close(report[0]);
	if (!ready)
		return EXIT_FAILURE;
	say_ready((void *)(uintptr_t)options->folder);
	return EXIT_SUCCESS;
}

/* Ask the one that runs; the answer's text, if any. errno if there is nobody. */
static bool ask(const char *folder, uint32_t kind, char text[static WIRE_TEXT_MAX])
{
	struct {
		struct wire_reply reply;
		char text[WIRE_TEXT_MAX];
	} answer = {0};
	const struct wire_request request = {.kind = kind, .tag = 1};
	size_t size = sizeof answer, fd_count;
	int fd = place_connect(folder), fds[WIRE_FDS_MAX], err;

	if (fd < 0)
		return false;
	err = wire_send(fd, &request, sizeof request, NULL, 0, 0);
	if (!err)
		err = wire_receive(fd, &answer, &size, fds, &fd_count, 0);
	close(fd);
	memcpy(text, answer.text, WIRE_TEXT_MAX);
	text[WIRE_TEXT_MAX - 1] = '\0';
	errno = err;
	return !err || (kind == WIRE_STOP && err == ECONNRESET);
}

static int cmd_stop(const struct service_options *options)
{
	int fd = open(options->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC), lock;
	char text[WIRE_TEXT_MAX];

	if (fd < 0)
		return errno == ENOENT ? EXIT_SUCCESS : complain(options->folder, strerror(errno));
	if (!ask(options->folder, WIRE_STOP, text) && errno != ENOENT && errno != ECONNREFUSED) {
		close(fd);
		return complain(options->folder, strerror(errno));
	}
	lock = service_lock(fd, true); /* free when it has ended */
	if (lock >= 0)
		close(lock);
	close(fd);
	return EXIT_SUCCESS;
}

static int cmd_status(const struct service_options *options)
{
	char text[WIRE_TEXT_MAX];
	bool runs = ask(options->folder, WIRE_STATUS, text);

	printf("simtee: " NOTICE "\nfolder: %s\nrunning: %s\n", options->folder,
		runs ? "yes" : "no");
	if (runs)
		fputs(text, stdout);
	return runs ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int cmd_reset(const struct service_options *options)
{
	int err = service_reset(options->folder);

	if (err == EWOULDBLOCK)
		return complain(options->folder, "it is running; simtee stop ends it");
	return err ? complain(options->folder, strerror(err)) : EXIT_SUCCESS;
}

static const struct {
	const char *name;
	int (*run)(const struct service_options *options);
	const char *help;
} commands[] = {
	{"run", cmd_run, "serve in the foreground until a signal comes"},
	{"start", cmd_start, "serve in the background; returns when it answers"},
	{"stop", cmd_stop, "end it; returns when it has ended"},
	{"status", cmd_status, "say whether it runs, and what it does; exit code 1 if it does not"},
	{"reset", cmd_reset, "delete all that it keeps: a new device"},
};

static int usage(FILE *to)
{
	fputs("Usage: simtee COMMAND [--dir DIR] [--early-ta FILE]...\n\n"
	      "A simulated Trusted Execution Environment. It is " NOTICE ".\n\n",
		to);
	for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
		fprintf(to, "  %-8s%s\n", commands[i].name, commands[i].help);
	fputs("\n"
	      "  -d, --dir DIR       where it keeps everything; else $SIMTEE_DIR, else\n"
	      "                      $XDG_STATE_HOME/simtee, else ~/.local/state/simtee\n"
	      "  -t, --early-ta FILE an application that belongs to the TEE, such as the CPM\n"
	      "  -h, --help          this text\n"
	      "  -V, --version\n\n"
	      "For tests:\n"
	      "  --stop-after-writes N  end as in a power cut after N changes of storage\n"
	      "  --flip-after-copy      change parameter 0 after it has been copied, in every call\n",
		to);
	return to == stderr ? EXIT_USAGE : EXIT_SUCCESS;
}

static bool take_number(const char *text, uint32_t *number)
{
	unsigned long long value;
	char *end;

	errno = 0;
	value = strtoull(text, &end, 10);
	if (errno || end == text || *end || *text == '-' || value >= UINT32_MAX)
		return false;
	*number = (uint32_t)value;
	return true;
}

enum {
	OPTION_STOP = 256,
	OPTION_FLIP
};

/* false: not understood. */
static bool take_option(int option, struct service_options *options)
{
	switch (option) {
	case 'd': options->folder = optarg; return true;
	case 't':
		if (options->early_count == SERVICE_EARLY_MAX)
			return false;
		options->early[options->early_count++] = optarg;
		return true;
	case OPTION_STOP:
		options->stops = true;
		return take_number(optarg, &options->stop_after_writes);
	case OPTION_FLIP: options->flip_after_copy = true; return true;
	default: return false;
	}
}

int main(int argc, char **argv)
{
	static const struct option known[] = {{"dir", required_argument, NULL, 'd'},
		{"early-ta", required_argument, NULL, 't'}, {"help", no_argument, NULL, 'h'},
		{"version", no_argument, NULL, 'V'},
		{"stop-after-writes", required_argument, NULL, OPTION_STOP},
		{"flip-after-copy", no_argument, NULL, OPTION_FLIP}, {0}};
	struct service_options options = {0};
	char folder[PATH_MAX];
	int option;

	while ((option = getopt_long(argc, argv, "d:t:hV", known, NULL)) != -1) {
		if (option == 'h')
			return usage(stdout);
		if (option == 'V')
			return printf("simtee %s\n", EDB_VERSION) < 0;
		if (take_option(option, &options))
			continue;
		if (option != '?') /* of those, getopt has complained */
			complain(optarg, option == 't' ? "one early application too many"
						       : "is not a number of changes");
		return usage(stderr);
	}
	if (optind + 1 != argc)
		return usage(stderr);
	if (place_find(options.folder, folder, sizeof folder))
		return complain("--dir", "neither it nor SIMTEE_DIR nor HOME says where");
	options.folder = folder;
	for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
		if (!strcmp(argv[optind], commands[i].name))
			return commands[i].run(&options);
	complain(argv[optind], "no such command (simtee --help)");
	return EXIT_USAGE;
}
