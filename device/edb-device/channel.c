/* SPDX-License-Identifier: MIT
 *
 * Finding a port and greeting who listens there.
 */
#include "channel_inside.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#define AGAIN_MS 1000 /* of an answer that does not come, and of a port that should be free */

static void lock_name(unsigned port, char name[32])
{
	snprintf(name, 32, DEVICE_EXEC "%u.lock", port);
}

static int open_lock(const struct device *device, unsigned port)
{
	char name[32];

	lock_name(port, name);
	return openat(device->dir, name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
}

/* Takes the lock over. */
static enum edb_err connect_locked(struct cli *cli, const struct device *device, unsigned port,
	int lock, struct channel **channel)
{
	struct channel *c = calloc(1, sizeof *c);
	char name[32];

	snprintf(name, sizeof name, DEVICE_EXEC "%u", port);
	if (c) {
		c->lock = lock;
		snprintf(c->name, sizeof c->name, "%s", device->name);
		c->fd = device_connect(device->dir, name);
	}
	if (c && c->fd >= 0 && !fcntl(c->fd, F_SETFL, O_NONBLOCK)) {
		exec_reader_reset(&c->reader, EXEC_FROM_GUEST);
		*channel = c;
		return EDB_OK;
	}
	cli_fail(cli, EDB_E_TEE, "edb-device list tells whether it runs",
		"cannot connect to device %s: %s", device->name, strerror(errno));
	if (c)
		channel_close(c);
	else
		close(lock);
	return EDB_E_TEE;
}

void channel_close(struct channel *channel)
{
	if (!channel)
		return;
	if (channel->fd >= 0)
		close(channel->fd);
	flock(channel->lock, LOCK_UN); /* before it is closed: who waits sees that */
	close(channel->lock);
	free(channel);
}

int channel_fd(const struct channel *channel)
{
	return channel->fd;
}

/* All of it: the guest's end reads whatever it is doing. */
bool channel_send(struct channel *c, const void *bytes, size_t size, int ms)
{
	const uint8_t *at = bytes;

	while (size) {
		struct pollfd p = {.fd = c->fd, .events = POLLOUT};
		ssize_t gone = send(c->fd, at, size, MSG_NOSIGNAL);

		if (gone < 0 && errno != EAGAIN && errno != EINTR)
			return false;
		if (gone < 0 && poll(&p, 1, ms) == 0)
			return false;
		if (gone > 0) {
			at += gone;
			size -= (size_t)gone;
		}
	}
	return true;
}

enum edb_err channel_went_off(struct cli *cli, const struct channel *c)
{
	return cli_fail(cli, EDB_E_TEE, "edb-device logs tells what it said last",
		"device %s went off", c->name);
}

enum edb_err channel_hello(struct cli *cli, struct channel *c, bool padded)
{
	uint8_t hello[EXEC_HEAD_BYTES + EXEC_NONCE_BYTES], padding[1024];
	bool sent = true;

	/* Whatever a host before left half said ends with this, and never as a command. */
	memset(padding, EXEC_PADDING, sizeof padding);
	for (size_t size = 0; padded && sent && size < EXEC_FRAME_MAX; size += sizeof padding)
		sent = channel_send(c, padding, sizeof padding, AGAIN_MS);
	if (getrandom(c->nonce, sizeof c->nonce, 0) != sizeof c->nonce)
		return cli_fail(cli, EDB_E_IO, NULL, "no random numbers: %s", strerror(errno));
	c->nonce[EXEC_NONCE_BYTES - 1] |= 1;
	exec_frame_head(EXEC_HELLO, EXEC_NONCE_BYTES, hello);
	memcpy(&hello[EXEC_HEAD_BYTES], c->nonce, sizeof c->nonce);
	if (sent && channel_send(c, hello, sizeof hello, AGAIN_MS))
		return EDB_OK;
	return channel_went_off(cli, c);
}

/* False: closed. */
bool channel_receive(struct channel *c)
{
	size_t room;
	uint8_t *at = exec_reader_room(&c->reader, &room);
	ssize_t got = read(c->fd, at, room);

	if (got > 0)
		exec_reader_filled(&c->reader, (size_t)got);
	return got > 0 || (got < 0 && (errno == EAGAIN || errno == EINTR));
}

enum edb_err channel_take_answer(struct cli *cli, struct channel *c, bool *answered)
{
	if (!channel_receive(c))
		return channel_went_off(cli, c);
	*answered = exec_reader_find(&c->reader, c->nonce);
	return EDB_OK;
}

/* A first hello may have ended in what a host before began: then a second one, behind padding. */
static enum edb_err greet(struct cli *cli, struct channel *c, int wait_ms)
{
	long long end = device_now_ms() + wait_ms;
	bool answered = false, padded = false;
	enum edb_err err = channel_hello(cli, c, false);

	while (!err && !answered) {
		struct pollfd p = {.fd = c->fd, .events = POLLIN};
		long long left = end - device_now_ms();
		int ready = poll(&p, 1, left < 0 ? 0 : padded ? (int)left : AGAIN_MS);

		if (ready > 0)
			err = channel_take_answer(cli, c, &answered);
		else if (!ready && left <= 0)
			err = cli_fail(cli, EDB_E_TEE,
				"edb-device console and logs tell how it is; in it, edb-execd must run",
				"device %s does not answer", c->name);
		else if (!ready && !padded)
			err = channel_hello(cli, c, padded = true);
	}
	return err;
}

/* Readable when one of the locks was let go; -1: that is not told. */
static int watch_locks(const struct device *device)
{
	int watch = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	char path[80], name[32];

	for (unsigned i = 0; watch >= 0 && i < EXEC_PORTS; i++) {
		lock_name(i, name);
		snprintf(path, sizeof path, "/proc/self/fd/%d/%s", device->dir, name);
		inotify_add_watch(watch, path, IN_CLOSE);
	}
	return watch;
}

static void wait_for_lock(int watch, long long left)
{
	struct pollfd p = {.fd = watch, .events = POLLIN};
	char events[4096];

	/* The kernel tells of a close a moment before it drops the lock of who was killed. */
	poll(&p, 1, left >= 0 && left < AGAIN_MS ? (int)left : AGAIN_MS);
	while (watch >= 0 && read(watch, events, sizeof events) > 0)
		;
}

static int try_locks(const int locks[EXEC_PORTS])
{
	for (unsigned i = 0; i < EXEC_PORTS; i++)
		if (locks[i] >= 0 && !flock(locks[i], LOCK_EX | LOCK_NB))
			return (int)i;
	return -1;
}

static enum edb_err runs(struct cli *cli, const struct device *device)
{
	struct device_process process;
	enum edb_err err = device_process_open(cli, device, &process);

	if (!err)
		device_process_clear(&process);
	return err;
}

/* The port, or -1. */
static enum edb_err free_port(struct cli *cli, const struct device *device, int wait_ms,
	const int locks[EXEC_PORTS], int *port)
{
	long long end = device_now_ms() + wait_ms;
	int watch = -1;
	enum edb_err err = runs(cli, device);

	while (!err && (*port = try_locks(locks)) < 0) {
		long long left = wait_ms < 0 ? -1 : end - device_now_ms();

		if (wait_ms >= 0 && left <= 0) {
			err = cli_fail(cli, EDB_E_BUSY, "end one of them",
				"all %u ports of device %s are in use", EXEC_PORTS, device->name);
		} else if (watch < 0) { /* what ends meanwhile is told from now on */
			watch = watch_locks(device);
			cli_note(cli, "all %u ports of %s are in use; waiting for one", EXEC_PORTS,
				device->name);
			*port = try_locks(locks);
			if (*port >= 0)
				break;
		}
		if (!err)
			wait_for_lock(watch, left);
		if (!err)
			err = runs(cli, device);
	}
	if (watch >= 0)
		close(watch);
	return err;
}

enum edb_err channel_connect(
	struct cli *cli, const struct device *device, int wait_ms, struct channel **channel)
{
	int locks[EXEC_PORTS], port = -1;
	enum edb_err err;

	for (unsigned i = 0; i < EXEC_PORTS; i++)
		locks[i] = open_lock(device, i);
	err = locks[0] < 0 ? cli_fail(cli, EDB_E_IO, NULL, "cannot lock a port of device %s: %s",
				     device->name, strerror(errno))
			   : free_port(cli, device, wait_ms, locks, &port);
	for (unsigned i = 0; i < EXEC_PORTS; i++)
		if (locks[i] >= 0 && (int)i != port)
			close(locks[i]);
	return err ? err : connect_locked(cli, device, (unsigned)port, locks[port], channel);
}

enum edb_err channel_open(
	struct cli *cli, const struct device *device, int wait_ms, struct channel **channel)
{
	struct channel *c = NULL;
	enum edb_err err = channel_connect(cli, device, wait_ms, &c);

	if (!err)
		err = greet(cli, c, wait_ms < 0 ? CHANNEL_ANSWER_MS : wait_ms);
	if (err) {
		channel_close(c);
		return err;
	}
	*channel = c;
	return EDB_OK;
}
