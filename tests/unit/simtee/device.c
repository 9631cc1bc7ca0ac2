/* SPDX-License-Identifier: MIT */
#include "device.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "place.h"
#include "wire.h"

static const char *program, *ta_folder;

void device_programs(const char *simtee, const char *folder)
{
	program = simtee;
	ta_folder = folder;
}

const char *device_program(void)
{
	return program;
}

const char *device_ta(const char *name)
{
	static char path[1024];

	snprintf(path, sizeof path, "%s/%s.ta.elf", ta_folder, name);
	return path;
}

void device_make(struct device *device)
{
	const char *base = getenv("TMPDIR");

	snprintf(device->folder, sizeof device->folder, "%s/simtee-test.XXXXXX",
		base && strlen(base) < 128 ? base : "/tmp");
	assert_non_null(mkdtemp(device->folder));
	assert_int_equal(setenv("SIMTEE_DIR", device->folder, 1), 0);
	device->pid = 0;
}

static _Noreturn void become(const struct device *device, const char *const options[], int out)
{
	const char *arguments[32] = {"simtee", "run", "--dir", device->folder};
	size_t count = 4;

	while (options && *options && count < 31)
		arguments[count++] = *options++;
	dup2(out, STDOUT_FILENO);
	execv(program, (char **)(uintptr_t)arguments);
	_exit(127);
}

bool device_start(struct device *device, const char *const options[])
{
	bool ready = false;
	char line[512];
	FILE *out;
	int pipes[2];

	assert_int_equal(pipe2(pipes, O_CLOEXEC), 0);
	device->pid = fork();
	assert_true(device->pid >= 0);
	if (!device->pid)
		become(device, options, pipes[1]);
	close(pipes[1]);
	out = fdopen(pipes[0], "r");
	assert_non_null(out);
	while (!ready && fgets(line, sizeof line, out))
		ready = strstr(line, "ready in ") != NULL;
	fclose(out);
	return ready;
}

void device_start_probes(struct device *device)
{
	static const char *const names[] = {"probe_shared", "probe_other", "probe_solo",
		"probe_many", "probe_kept", "probe_large"};
	const char *options[2 * 6 + 1] = {0};
	char paths[6][1024];

	for (size_t i = 0; i < 6; i++) {
		snprintf(paths[i], sizeof paths[i], "%s", device_ta(names[i]));
		options[2 * i] = "--early-ta";
		options[2 * i + 1] = paths[i];
	}
	assert_true(device_start(device, options));
}

int device_wait(struct device *device)
{
	int status = 0;

	while (waitpid(device->pid, &status, 0) < 0)
		assert_int_equal(errno, EINTR);
	device->pid = 0;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int device_stop(struct device *device)
{
	kill(device->pid, SIGTERM);
	return device_wait(device);
}

static void empty(const char *path)
{
	DIR *folder = opendir(path);
	struct dirent *entry;

	while (folder && (entry = readdir(folder)))
		(void)unlinkat(dirfd(folder), entry->d_name, 0);
	if (folder)
		closedir(folder);
	rmdir(path);
}

void device_remove(struct device *device)
{
	char path[300];

	if (device->pid)
		(void)device_stop(device);
	snprintf(path, sizeof path, "%s/storage", device->folder);
	empty(path);
	empty(device->folder);
}

static bool get_status(const struct device *device, char text[static WIRE_TEXT_MAX])
{
	const struct wire_request request = {.kind = WIRE_STATUS, .tag = 1};
	struct {
		struct wire_reply reply;
		char text[WIRE_TEXT_MAX];
	} answer;
	size_t size = sizeof answer, fd_count;
	int fds[WIRE_FDS_MAX], fd = place_connect(device->folder);
	bool ok = fd >= 0 && !wire_send(fd, &request, sizeof request, NULL, 0, 0) &&
		  !wire_receive(fd, &answer, &size, fds, &fd_count, 0) && size == sizeof answer;

	if (fd >= 0)
		close(fd);
	if (ok)
		memcpy(text, answer.text, WIRE_TEXT_MAX);
	return ok;
}

long device_status(const struct device *device, const char *name)
{
	char text[WIRE_TEXT_MAX], *at;
	size_t size = strlen(name);

	if (!get_status(device, text))
		return -1;
	for (at = text; at; at = strchr(at, '\n')) {
		at += *at == '\n';
		if (!strncmp(at, name, size) && at[size] == ':')
			return strtol(at + size + 1, NULL, 10);
	}
	return -1;
}

bool device_status_has(const struct device *device, const char *wanted)
{
	char text[WIRE_TEXT_MAX];

	return get_status(device, text) && strstr(text, wanted);
}
