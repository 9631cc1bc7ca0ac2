/* SPDX-License-Identifier: MIT
 *
 * Processes of applications: started, listened to, and mourned.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include "core.h"

static const struct early_ta *early(const struct core *core, const TEE_UUID *uuid)
{
	const struct early_ta *e = core->early;

	while (e && !core_same_uuid(&e->uuid, uuid))
		e = e->next;
	return e;
}

/* The image as a sealed, anonymous file: no name by which anything could open it. */
static int image_fd(const uint8_t *bytes, size_t size)
{
	int fd = memfd_create("simtee-image", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	size_t at = 0;

	while (fd >= 0 && at < size) {
		ssize_t put = write(fd, bytes + at, size - at);

		if (put <= 0) {
			close(fd);
			return -1;
		}
		at += (size_t)put;
	}
	if (fd >= 0)
		(void)fcntl(
			fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL);
	return fd;
}

static uint64_t loaded_memory(const struct core *core)
{
	uint64_t sum = 0;

	for (const struct instance *i = core->instances; i; i = i->next)
		sum += i->memory;
	return sum;
}

/* In the child: descriptors 3, 4 and 5, no others, and the loader. */
static void __attribute__((noreturn))
become_loader(const char *path, int socket, int image, int buffer)
{
	char *const arguments[] = {(char *)(uintptr_t) "simtee-ta", NULL};
	char *const environment[] = {NULL};
	int high[3];

	high[0] = fcntl(socket, F_DUPFD, 64);
	high[1] = fcntl(image, F_DUPFD, 64);
	high[2] = fcntl(buffer, F_DUPFD, 64);
	for (int i = 0; i < 3; i++)
		if (high[i] < 0 || dup2(high[i], 3 + i) < 0)
			_exit(127);
	(void)close_range(6, ~0u, 0);
	execve(path, arguments, environment);
	_exit(127);
}

static bool spawn(struct instance *instance, int image)
{
	int pair[2], buffer = memfd_create("simtee-buffer", MFD_CLOEXEC);

	if (buffer < 0 || ftruncate(buffer, BUFFER_BYTES) ||
		socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair)) {
		if (buffer >= 0)
			close(buffer);
		return false;
	}
	instance->buffer = mmap(NULL, BUFFER_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, buffer, 0);
	instance->pid = instance->buffer == MAP_FAILED ? -1 : fork();
	if (!instance->pid)
		become_loader(instance->core->loader, pair[1], image, buffer);
	close(pair[1]);
	close(buffer);
	instance->fd = pair[0];
	if (instance->pid > 0)
		return true;
	close(pair[0]);
	return false;
}

TEE_Result instance_start(struct core *core, const TEE_UUID *uuid, struct instance **out)
{
	const struct early_ta *e = early(core, uuid);
	struct instance *instance = NULL;
	uint8_t *installed = NULL;
	size_t size = e ? e->size : 0;
	struct image image;
	const char *why;
	TEE_Result res = e ? TEE_SUCCESS : store_load(core, uuid, &installed, &size);
	int fd = -1;

	if (res)
		return res;
	res = TEE_ERROR_BAD_FORMAT;
	if (!image_read(e ? e->bytes : installed, size, &image, &why))
		goto out;
	res = TEE_ERROR_OUT_OF_MEMORY;
	if (loaded_memory(core) + image_memory(&image) > IMAGE_MAX)
		goto out;
	instance = calloc(1, sizeof *instance);
	fd = image_fd(e ? e->bytes : installed, size);
	if (!instance || fd < 0)
		goto out;
	instance->core = core;
	instance->uuid = *uuid;
	instance->flags = image.flags;
	instance->memory = image_memory(&image);
	if (!spawn(instance, fd))
		goto out;
	instance->next = core->instances;
	core->instances = instance;
	*out = instance;
	instance = NULL;
	res = TEE_SUCCESS;
out:
	free(instance);
	if (fd >= 0)
		close(fd);
	if (installed)
		OPENSSL_clear_free(installed, size);
	return res;
}

void instance_end(struct instance *instance)
{
	const struct call end = {.op = CALL_END};

	if (instance->ending)
		return;
	instance->ending = true;
	instance->running = true;
	if (message_send(instance->fd, &end, sizeof end, NULL, 0))
		instance_is_gone(instance);
}

static void unlink_instance(struct instance *instance)
{
	struct instance **at = &instance->core->instances;

	while (*at != instance)
		at = &(*at)->next;
	*at = instance->next;
}

/* Every session of it is dead; every call that waits for it hears so. */
void instance_is_gone(struct instance *instance)
{
	struct core *core = instance->core;

	unlink_instance(instance);
	syscall_forget(instance);
	for (struct session *s = core->sessions; s; s = s->next)
		if (s->instance == instance) {
			s->dead = true;
			s->instance = NULL;
		}
	while (instance->queue) {
		struct pending *pending = instance->queue;
		bool opening = pending->op == CALL_OPEN, closing = pending->op == CALL_CLOSE;
		struct session *session = pending->session;

		instance->queue = pending->next;
		call_answer(core, pending, TEE_ERROR_TARGET_DEAD, TEE_ORIGIN_TEE);
		if (opening || closing)
			call_close(core, session);
	}
	/* What it had open elsewhere closes; who waits for its answer was told above. */
	for (struct session *s = core->sessions, *next; s; s = next) {
		next = s->next;
		if (s->caller == instance)
			call_close(core, s);
	}
	for (struct instance *i = core->instances; i; i = i->next)
		for (struct pending *p = i->queue; p; p = p->next)
			if (p->caller == instance)
				p->caller = NULL;
	close(instance->fd);
	(void)kill(instance->pid, SIGKILL);
	while (waitpid(instance->pid, NULL, 0) < 0 && errno == EINTR)
		;
	OPENSSL_cleanse(instance->buffer, BUFFER_BYTES);
	munmap(instance->buffer, BUFFER_BYTES);
	free(instance->known);
	free(instance);
}

void instance_report(struct instance *instance)
{
	struct report report;

	if (message_receive(instance->fd, &report, sizeof report, NULL, 0, NULL) != 1) {
		instance_is_gone(instance);
		return;
	}
	switch (report.op) {
	case REPORT_READY:
		if (report.result) {
			core_log("an application did not start: 0x%08x", report.result);
			instance_is_gone(instance);
			return;
		}
		instance->ready = true;
		call_next(instance);
		break;
	case REPORT_DONE:
		if (instance->ending) {
			if (report.heap_left)
				core_log("an application ended with %u bytes not freed",
					report.heap_left);
			instance->core->leaked += report.heap_left;
			instance_is_gone(instance);
			return;
		}
		call_done(instance, &report);
		break;
	case REPORT_PANIC:
		core_log("an application panicked: 0x%08x", report.result);
		instance_is_gone(instance);
		break;
	default: syscall_serve(instance, &report); break;
	}
}
