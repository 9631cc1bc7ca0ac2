/* SPDX-License-Identifier: MIT
 *
 * Processes of applications: started, given calls, listened to, buried.
 */
#include "core.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#ifdef SIMTEE_INSTRUMENTED
extern char **environ; /* says where sanitizers and coverage write */
#define PROCESS_ENVIRONMENT environ
#else
static char *no_environment[] = {NULL};
#define PROCESS_ENVIRONMENT no_environment
#endif

#define PROCESS_SOCKET 3

void instance_fail(struct instance *instance)
{
	instance->state = INSTANCE_DEAD;
	instance->core->something_died = true;
}

void instance_send(
	struct instance *instance, const struct wire_down *message, const int *fds, size_t count)
{
	/* It reads whatever is sent to it before anything new is sent; one that does not is broken.
	 */
	if (instance->state != INSTANCE_DEAD &&
		wire_send(instance->source.fd, message, sizeof *message, fds, count, MSG_DONTWAIT))
		instance_fail(instance);
}

uint32_t instance_count(const struct core *core, const TEE_UUID *uuid)
{
	uint32_t count = 0;

	for (const struct instance *i = core->instances; i; i = i->next)
		count += core_same_uuid(&i->uuid, uuid);
	return count;
}

uint32_t instance_memory(const struct core *core)
{
	uint32_t bytes = 0; /* at most SIMTEE_MEMORY_MAX: instance_start sees to that */

	for (const struct instance *i = core->instances; i; i = i->next)
		bytes += i->memory_bytes;
	return bytes;
}

static pid_t spawn(const char *program, int socket)
{
	static char name[] = "simtee-ta";
	char *arguments[] = {name, NULL};
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t signals;
	pid_t pid;
	int err;

	if (posix_spawn_file_actions_init(&actions))
		return -1;
	if (posix_spawnattr_init(&attributes)) {
		posix_spawn_file_actions_destroy(&actions);
		return -1;
	}
	sigemptyset(&signals);
	err = posix_spawn_file_actions_adddup2(&actions, socket, PROCESS_SOCKET);
	if (!err)
		err = posix_spawnattr_setsigmask(&attributes, &signals);
	if (!err)
		err = posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
	if (!err)
		err = posix_spawn(
			&pid, program, &actions, &attributes, arguments, PROCESS_ENVIRONMENT);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	return err ? -1 : pid;
}

static void on_done(struct instance *instance, const struct wire_up *message)
{
	struct core *core = instance->core;

	switch (instance->state) {
	case INSTANCE_STARTING:
		if (message->result) {
			instance->failure = message->result;
			instance_fail(instance);
			return;
		}
		instance->state = INSTANCE_IDLE;
		session_settle(instance);
		break;
	case INSTANCE_BUSY:
		if (instance->waits_for) { /* it cannot be done while it waits */
			instance_fail(instance);
			return;
		}
		cpu_call_ends(core);
		session_call_done(instance, message->result, message->params);
		break;
	case INSTANCE_ENDING:
		instance->state = INSTANCE_LEAVING;
		if (!message->heap_bytes)
			break;
		core->seen.leaking++;
		core->seen.leaked_bytes += message->heap_bytes;
		core_log(core, "an application ended without freeing %llu bytes",
			(unsigned long long)message->heap_bytes);
		break;
	default: instance_fail(instance); break;
	}
}

static void on_system_call(struct instance *instance, const struct wire_up *message)
{
	if (instance->waits_for || instance->state == INSTANCE_IDLE ||
		instance->state >= INSTANCE_LEAVING)
		instance_fail(instance);
	else if (message->sys >= WIRE_TA_OPEN)
		ta_call(instance, message);
	else
		object_call(instance, message);
}

static void on_message(struct source *source)
{
	struct instance *instance = (struct instance *)source;
	struct core *core = instance->core;
	struct wire_up message;
	size_t size = sizeof message, fd_count;
	int fds[WIRE_FDS_MAX], err;

	err = wire_receive(source->fd, &message, &size, fds, &fd_count, MSG_DONTWAIT);
	if (err == EAGAIN)
		return;
	for (size_t i = 0; !err && i < fd_count; i++)
		close(fds[i]);
	if (!err && !size) {
		/* It ends, and SIGCHLD will say how; one that only closed its socket ends, too. */
		epoll_ctl(core->epoll, EPOLL_CTL_DEL, source->fd, NULL);
		if (instance->pid)
			kill(instance->pid, SIGKILL);
		return;
	}
	if (err || size != sizeof message || fd_count) {
		instance_fail(instance);
		return;
	}
	switch (message.kind) {
	case WIRE_DONE: on_done(instance, &message); break;
	case WIRE_SYS: on_system_call(instance, &message); break;
	case WIRE_PANIC:
		core->seen.panics++;
		core_log(core, "an application panicked: 0x%08x", message.result);
		instance->state = INSTANCE_LEAVING; /* its callers hear when it is gone */
		break;
	default: instance_fail(instance); break;
	}
}

static bool connect_process(struct instance *instance, int *other)
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair))
		return false;
	instance->source = (struct source){.fd = pair[0], .ready = on_message};
	*other = pair[1];
	if (core_watch(instance->core, &instance->source))
		return true;
	close(pair[0]);
	close(pair[1]);
	return false;
}

/* Its first message: image and buffer. */
static void send_start(struct instance *instance, int image_fd, uint64_t image_size, int buffer_fd)
{
	const struct wire_down start = {.kind = WIRE_START,
		.flags = instance->core->start_flags,
		.size = (uint32_t)image_size,
		.self = instance->uuid};
	const int fds[] = {image_fd, buffer_fd};

	instance_send(instance, &start, fds, 2);
}

static TEE_Result start_process(struct instance *instance, int image_fd, uint64_t image_size)
{
	int buffer_fd = wire_memory_make(WIRE_BUFFER_SIZE), socket;
	void *buffer;

	if (buffer_fd < 0)
		return TEE_ERROR_OUT_OF_MEMORY;
	buffer = mmap(NULL, WIRE_BUFFER_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, buffer_fd, 0);
	if (buffer == MAP_FAILED || !connect_process(instance, &socket)) {
		if (buffer != MAP_FAILED)
			munmap(buffer, WIRE_BUFFER_SIZE);
		close(buffer_fd);
		return TEE_ERROR_OUT_OF_MEMORY;
	}
	instance->buffer = buffer;
	instance->pid = spawn(instance->core->loader, socket);
	close(socket);
	if (instance->pid > 0)
		send_start(instance, image_fd, image_size, buffer_fd);
	close(buffer_fd);
	if (instance->pid > 0)
		return TEE_SUCCESS;
	core_log(instance->core, "%s cannot be started", instance->core->loader);
	munmap(buffer, WIRE_BUFFER_SIZE);
	close(instance->source.fd);
	return TEE_ERROR_OUT_OF_MEMORY;
}

TEE_Result instance_start(struct core *core, const TEE_UUID *uuid, const struct image_ref *image,
	struct instance **instance)
{
	struct instance *fresh;
	uint64_t size = 0;
	TEE_Result res;
	int fd = -1;

	if (image->memory_bytes > SIMTEE_MEMORY_MAX - instance_memory(core))
		return TEE_ERROR_OUT_OF_MEMORY;
	res = image_open(core, uuid, &fd, &size);
	if (res)
		return res;
	fresh = calloc(1, sizeof *fresh);
	if (!fresh) {
		close(fd);
		return TEE_ERROR_OUT_OF_MEMORY;
	}
	fresh->core = core;
	fresh->cpu = core->is_bound ? sched_getcpu() : CPU_ANY; /* inherited */
	fresh->uuid = *uuid;
	fresh->flags = image->flags;
	fresh->memory_bytes = image->memory_bytes;
	fresh->generation = image->generation;
	res = start_process(fresh, fd, size);
	close(fd);
	if (res) {
		free(fresh);
		return res;
	}
	fresh->next = core->instances;
	core->instances = fresh;
	*instance = fresh;
	return TEE_SUCCESS;
}

static bool is_referred_to(const struct memory *memory, const struct call *call)
{
	for (int i = 0; i < 4; i++)
		if (call->params[i].memory == memory)
			return true;
	return false;
}

static void forget_at(struct instance *instance, size_t place)
{
	const struct wire_down message = {
		.kind = WIRE_FORGET, .memory = instance->known[place].memory->key};

	instance->known[place].memory = NULL;
	instance_send(instance, &message, NULL, 0);
}

void instance_forget(struct instance *instance, const struct memory *memory)
{
	for (size_t i = 0; i < KNOWN_MAX; i++)
		if (instance->known[i].memory == memory)
			forget_at(instance, i);
}

/* Does the process have it mapped? If not, it will, in place of what was not used for longest. */
static bool knows(struct instance *instance, struct memory *memory, const struct call *call)
{
	size_t place = 0;

	for (size_t i = 0; i < KNOWN_MAX; i++) {
		if (instance->known[i].memory != memory)
			continue;
		instance->known[i].used = instance->core->clock;
		return true;
	}
	for (size_t i = 0; i < KNOWN_MAX; i++) {
		if (!instance->known[i].memory) {
			place = i;
			break;
		}
		if (!is_referred_to(instance->known[i].memory, call) &&
			(is_referred_to(instance->known[place].memory, call) ||
				instance->known[i].used < instance->known[place].used))
			place = i;
	}
	if (instance->known[place].memory)
		forget_at(instance, place);
	instance->known[place].memory = memory;
	instance->known[place].used = instance->core->clock;
	return false;
}

void instance_run(struct instance *instance, const struct call *call)
{
	struct wire_down message = {.kind = call->kind,
		.session = call->session->slot,
		.command = call->command,
		.types = call->types,
		.client = call->session->identity};
	int fds[WIRE_FDS_MAX];

	instance->core->clock++;
	for (int i = 0; i < 4; i++) {
		const struct call_param *p = &call->params[i];

		message.params[i] = (struct wire_param){
			.a = p->a, .b = p->b, .offset = p->offset, .size = p->size};
		if (!p->memory)
			continue;
		message.params[i].memory = p->memory->key;
		if (knows(instance, p->memory, call))
			continue;
		fds[message.fresh_count] = p->memory->fd;
		message.fresh[message.fresh_count].memory = p->memory->key;
		message.fresh[message.fresh_count++].size = p->memory->size;
	}
	cpu_call_begins(instance);
	instance->state = INSTANCE_BUSY;
	instance_send(instance, &message, fds, message.fresh_count);
}

void instance_destroy(struct instance *instance)
{
	const struct wire_down message = {.kind = WIRE_CALL_DESTROY};

	instance->state = INSTANCE_ENDING;
	instance_send(instance, &message, NULL, 0);
}

void instance_bury(struct instance *instance)
{
	struct core *core = instance->core;
	struct instance **at = &core->instances;

	while (*at != instance)
		at = &(*at)->next;
	*at = instance->next;
	cpu_call_ends(core);
	object_close_all(instance);
	session_instance_gone(instance);
	close(instance->source.fd);
	if (instance->pid)
		kill(instance->pid, SIGKILL);
	explicit_bzero(instance->buffer, WIRE_BUFFER_SIZE);
	munmap(instance->buffer, WIRE_BUFFER_SIZE);
	free(instance);
}
