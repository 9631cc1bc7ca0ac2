/* SPDX-License-Identifier: MIT */
#include "command.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define HANG_UP_MS 1000

void command_close(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/* What was started has no business with the daemon's descriptors: all are O_CLOEXEC. */
__attribute__((noreturn)) static void become(
	const char *const *arguments, const int ends[3], int report)
{
	sigset_t none;
	int failed;

	setsid();
	prctl(PR_SET_PDEATHSIG, SIGHUP); /* nobody is left to talk to */
	for (int number = 1; number < NSIG; number++)
		signal(number, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	setenv("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", 0);
	setenv("HOME", "/root", 0);
	if (chdir("/root") && chdir("/"))
		goto out;
	for (int i = 0; i < 3; i++)
		if (dup2(ends[i], i) < 0)
			goto out;
	execvp(arguments[0], (char *const *)arguments);
out:
	failed = errno;
	if (write(report, &failed, sizeof failed) < 0)
		_exit(126);
	_exit(127);
}

/* Above the standard descriptors, which dup2 is going to replace. */
static int high_pipe(int ends[2])
{
	int low[2];

	if (pipe2(low, O_CLOEXEC))
		return -1;
	for (int i = 0; i < 2; i++) {
		ends[i] = fcntl(low[i], F_DUPFD_CLOEXEC, 3);
		close(low[i]);
	}
	return ends[0] < 0 || ends[1] < 0 ? -1 : 0;
}

static int not_blocking(int fd)
{
	return fcntl(fd, F_SETFL, O_NONBLOCK);
}

/* Nothing comes once the program runs: its end of the pipe closes. */
static int wait_for_report(int report)
{
	int failed = 0;
	ssize_t got;

	do
		got = read(report, &failed, sizeof failed);
	while (got < 0 && errno == EINTR);
	return got == sizeof failed ? failed : 0;
}

int command_start(struct command *command, const char *const *arguments)
{
	int pipes[4][2] = {{-1, -1}, {-1, -1}, {-1, -1}, {-1, -1}}, failed = 0;
	struct command c = COMMAND_NONE;

	for (int i = 0; i < 4; i++)
		if (high_pipe(pipes[i]))
			goto out;
	if (not_blocking(pipes[0][1]) || not_blocking(pipes[1][0]) || not_blocking(pipes[2][0]))
		goto out;
	c.pid = fork();
	if (c.pid < 0)
		goto out;
	if (!c.pid)
		become(arguments, (int[]){pipes[0][0], pipes[1][1], pipes[2][1]}, pipes[3][1]);
	command_close(&pipes[3][1]);
	failed = wait_for_report(pipes[3][0]);
	c.process = failed ? -1 : (int)syscall(SYS_pidfd_open, c.pid, 0);
	if (c.process < 0) {
		failed = failed ? failed : errno;
		kill(c.pid, SIGKILL);
		waitpid(c.pid, NULL, 0);
		errno = failed;
		goto out;
	}
	c.in = pipes[0][1];
	c.out = pipes[1][0];
	c.err = pipes[2][0];
	pipes[0][1] = pipes[1][0] = pipes[2][0] = -1;
	*command = c;
	errno = 0;
out:
	failed = errno;
	for (int i = 0; i < 4; i++) {
		command_close(&pipes[i][0]);
		command_close(&pipes[i][1]);
	}
	return failed;
}

void command_signal(const struct command *command, int number)
{
	if (command->pid)
		kill(-command->pid, number);
}

enum exec_end command_reap(struct command *command, unsigned char *value)
{
	int status = 0;

	while (waitpid(command->pid, &status, 0) < 0 && errno == EINTR)
		;
	command->pid = 0;
	command_close(&command->process);
	*value = (unsigned char)(WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
	return WIFSIGNALED(status) ? EXEC_SIGNALLED : EXEC_EXITED;
}

void command_end(struct command *command)
{
	unsigned char value;

	if (command->pid) {
		struct pollfd ended = {.fd = command->process, .events = POLLIN};

		command_signal(command, SIGHUP);
		command_signal(command, SIGCONT);
		while (poll(&ended, 1, HANG_UP_MS) < 0 && errno == EINTR)
			;
		/* Until it is reaped, its number belongs to its group alone. */
		command_signal(command, SIGKILL);
		command_reap(command, &value);
	}
	/* Not before: who copies to a file would take this for the end of it, and who says a last
	 * word while it tidies up would die of that. */
	command_close(&command->in);
	command_close(&command->out);
	command_close(&command->err);
}
