/* SPDX-License-Identifier: MIT
 *
 * The loop, and the little that everything in it uses.
 */
#include "core.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define END_PATIENCE_MS 900 /* an application that does nothing for so long is not waited for */

bool core_watch(struct core *core, struct source *source)
{
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = source};

	return !epoll_ctl(core->epoll, EPOLL_CTL_ADD, source->fd, &event);
}

void core_log(struct core *core, const char *format, ...)
{
	va_list arguments;

	if (!core->log)
		return;
	fputs("simtee: ", core->log);
	va_start(arguments, format);
	vfprintf(core->log, format, arguments);
	va_end(arguments);
	fputc('\n', core->log);
	fflush(core->log);
}

uint32_t core_number(struct core *core)
{
	if (!++core->next_number) /* after four thousand million */
		core->next_number++;
	return core->next_number;
}

void core_uuid_text(const TEE_UUID *uuid, char text[static UUID_TEXT])
{
	const uint8_t *c = uuid->clockSeqAndNode;

	snprintf(text, UUID_TEXT, "%08x-%04x-%04x-%02x%02x-%02x%02x%02x%02x%02x%02x", uuid->timeLow,
		uuid->timeMid, uuid->timeHiAndVersion, c[0], c[1], c[2], c[3], c[4], c[5], c[6],
		c[7]);
}

bool core_same_uuid(const TEE_UUID *a, const TEE_UUID *b)
{
	return !memcmp(a, b, sizeof *a);
}

static struct core *core_of_listener(struct source *source)
{
	return (void *)((char *)source - offsetof(struct core, listener_source));
}

static struct core *core_of_signals(struct source *source)
{
	return (void *)((char *)source - offsetof(struct core, signal_source));
}

static void on_connection(struct source *source)
{
	int fd = accept4(source->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd >= 0)
		client_accept(core_of_listener(source), fd);
}

static void on_exit_of(struct core *core, pid_t pid, int status)
{
	for (struct instance *i = core->instances; i; i = i->next) {
		if (i->pid != pid)
			continue;
		i->pid = 0; /* its number may be somebody else's from now on */
		if (WIFSIGNALED(status) && i->state != INSTANCE_DEAD) {
			core->seen.crashes++;
			core_log(core, "an application crashed: signal %d", WTERMSIG(status));
		}
		if (i->state != INSTANCE_DEAD)
			instance_fail(i);
	}
}

static void on_signal(struct source *source)
{
	struct core *core = core_of_signals(source);
	struct signalfd_siginfo info;
	int status;
	pid_t pid;

	if (read(source->fd, &info, sizeof info) != (ssize_t)sizeof info)
		return;
	if (info.ssi_signo != SIGCHLD) {
		core->stop = true;
		return;
	}
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		on_exit_of(core, pid, status);
}

bool core_listen(struct core *core, int listener)
{
	sigset_t signals;

	sigemptyset(&signals);
	sigaddset(&signals, SIGCHLD);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGHUP);
	if (sigprocmask(SIG_BLOCK, &signals, NULL))
		return false;
	core->listener_source = (struct source){.fd = listener, .ready = on_connection};
	core->signal_source = (struct source){
		.fd = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK), .ready = on_signal};
	core->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (sched_getaffinity(0, sizeof core->cpus, &core->cpus))
		CPU_ZERO(&core->cpus);
	return core->epoll >= 0 && core->signal_source.fd >= 0 &&
	       core_watch(core, &core->listener_source) && core_watch(core, &core->signal_source);
}

static void bury(struct core *core)
{
	while (core->something_died) {
		bool instance_died = false;

		core->something_died = false;
		for (struct instance *i = core->instances, *next; i; i = next) {
			next = i->next;
			if (i->state != INSTANCE_DEAD)
				continue;
			instance_bury(i);
			instance_died = true;
		}
		for (struct client *c = core->clients, *next; c; c = next) {
			next = c->next;
			if (c->gone)
				client_bury(c);
		}
		if (instance_died)
			session_retry_waiting(core);
	}
}

/* Processes that lost the core's end of their socket end by themselves; or else are made to. */
static void wait_for_processes(void)
{
	const struct timespec patience = {.tv_nsec = END_PATIENCE_MS * 1000000L};
	sigset_t child;

	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	while (waitpid(-1, NULL, WNOHANG) >= 0)
		if (sigtimedwait(&child, NULL, &patience) < 0 && errno == EAGAIN)
			return; /* they die with this process: PR_SET_PDEATHSIG */
}

static void close_all(struct core *core)
{
	for (struct instance *i = core->instances; i; i = i->next)
		i->pid = 0; /* not killed: see above */
	for (struct client *c = core->clients; c; c = c->next)
		client_fail(c);
	for (struct instance *i = core->instances; i; i = i->next)
		instance_fail(i);
	bury(core);
	close(core->listener_source.fd);
	close(core->signal_source.fd);
	close(core->epoll);
	wait_for_processes();
}

/* false: nothing happened in that time, or nothing will any more. */
static bool turn(struct core *core, int patience_ms)
{
	struct epoll_event event; /* one: it may end any of the others */
	int got = epoll_wait(core->epoll, &event, 1, patience_ms);

	if (got == 1) {
		struct source *source = event.data.ptr;

		source->ready(source);
		bury(core);
	}
	return got > 0 || (got < 0 && errno == EINTR);
}

/* Applications that are kept alive get their TA_DestroyEntryPoint, too: what they leave is seen. */
static void end_instances(struct core *core)
{
	for (struct client *c = core->clients; c; c = c->next)
		client_fail(c);
	bury(core);
	do {
		for (struct instance *i = core->instances; i; i = i->next)
			if (i->state == INSTANCE_IDLE && !i->session_count)
				instance_destroy(i);
		bury(core);
	} while (core->instances && turn(core, END_PATIENCE_MS));
}

void core_run(struct core *core)
{
	while (!core->stop && turn(core, -1))
		;
	epoll_ctl(core->epoll, EPOLL_CTL_DEL, core->listener_source.fd, NULL);
	end_instances(core);
	close_all(core);
	core_log(core, "stopped; %u changes of storage, %llu bytes not freed by applications",
		*core->storage_changes, (unsigned long long)core->seen.leaked_bytes);
}

static const char *state_text(const struct instance *instance)
{
	switch (instance->state) {
	case INSTANCE_STARTING: return "starting";
	case INSTANCE_IDLE: return "idle";
	case INSTANCE_BUSY: return instance->waits_for ? "in a call of its own" : "in a call";
	default: return "ending";
	}
}

void core_describe(const struct core *core, char *text, size_t room)
{
	int at = snprintf(text, room,
		"pid: %ld\n"
		"storage changes: %u\n"
		"objects: %zu\n"
		"clients: %u\n"
		"memory of applications: %u of %u bytes\n"
		"panics: %llu\n"
		"crashes: %llu\n"
		"not freed: %llu bytes by %llu instances\n",
		(long)getpid(), *core->storage_changes, storage_count(core->storage),
		core->client_count, instance_memory(core), SIMTEE_MEMORY_MAX,
		(unsigned long long)core->seen.panics, (unsigned long long)core->seen.crashes,
		(unsigned long long)core->seen.leaked_bytes,
		(unsigned long long)core->seen.leaking);

	for (const struct instance *i = core->instances; i && at > 0 && (size_t)at < room;
		i = i->next) {
		char uuid[UUID_TEXT];

		core_uuid_text(&i->uuid, uuid);
		at += snprintf(text + at, room - (size_t)at, "application: %s, %s, %u sessions\n",
			uuid, state_text(i), i->session_count);
	}
}
