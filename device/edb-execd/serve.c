/* SPDX-License-Identifier: MIT
 *
 * One thread, three directions, and none of them ever waits for another: the port is always read
 * (standard input comes on credit), and output is fetched from the command only once what was
 * fetched before has left.
 */
#include "serve.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "command.h"
#include "exec_frame.h"

#define OUTPUT_MAX 16384u /* of one frame */
#define NO_LIMIT   (-1)

struct conversation {
	int port;
	bool greeted;
	int failed; /* errno of the port */
	struct command command;
	struct exec_reader reader;

	uint8_t input[EXEC_WINDOW]; /* a ring: for the command */
	size_t input_start, input_size;
	bool input_ended; /* by the host */
	uint32_t owed;    /* bytes that the host has not been told of yet */

	bool ended; /* the command; what it wrote before is still on its way */
	enum exec_end end;
	uint8_t end_value;
	int left[2]; /* bytes of output that it left behind, NO_LIMIT while it runs */

	uint8_t out[EXEC_HEAD_BYTES + OUTPUT_MAX]; /* one frame: for the host */
	size_t out_start, out_end;
};

static void put(struct conversation *c, enum exec_type type, const void *payload, size_t size)
{
	exec_frame_head(type, size, c->out);
	if (size)
		memcpy(&c->out[EXEC_HEAD_BYTES], payload, size);
	c->out_start = 0;
	c->out_end = EXEC_HEAD_BYTES + size;
}

static bool out_is_empty(const struct conversation *c)
{
	return c->out_start == c->out_end;
}

/* Everything of the command that was. */
static void forget(struct conversation *c)
{
	command_end(&c->command);
	c->command = COMMAND_NONE;
	c->input_start = c->input_size = 0;
	c->input_ended = c->ended = false;
	c->owed = 0;
	c->out_start = c->out_end = 0;
}

static bool is_busy(const struct conversation *c)
{
	return c->command.pid || c->ended;
}

static void start(struct conversation *c, const struct exec_frame *frame)
{
	static const char *arguments[EXEC_ARGUMENTS_MAX + 1];
	int failed = exec_arguments(frame, arguments) ? 0 : E2BIG;

	if (!failed)
		failed = command_start(&c->command, arguments);
	c->left[0] = c->left[1] = NO_LIMIT;
	if (failed) {
		c->ended = true;
		c->end = EXEC_IMPOSSIBLE;
		c->end_value = (uint8_t)failed;
	}
}

/* False: more than the host had credit for. */
static bool keep(struct conversation *c, const struct exec_frame *frame)
{
	if (c->command.in < 0) { /* it does not read: as if it had */
		c->owed += (uint32_t)frame->size;
		return c->owed <= EXEC_WINDOW;
	}
	if (frame->size > sizeof c->input - c->input_size - c->owed)
		return false;
	for (size_t done = 0; done < frame->size;) {
		size_t at = (c->input_start + c->input_size) % sizeof c->input;
		size_t some = sizeof c->input - at;

		if (some > frame->size - done)
			some = frame->size - done;
		memcpy(&c->input[at], &frame->payload[done], some);
		c->input_size += some;
		done += some;
	}
	return true;
}

/* False: it makes no sense here. */
static bool obey(struct conversation *c, const struct exec_frame *frame)
{
	switch (frame->type) {
	case EXEC_HELLO:
		forget(c);
		put(c, EXEC_HELLO, frame->payload, frame->size);
		c->greeted = true;
		return true;
	case EXEC_RUN:
		if (!c->greeted || is_busy(c))
			return false;
		c->greeted = false; /* one command, then it ends or a new hello comes */
		start(c, frame);
		return true;
	case EXEC_INPUT: return !c->input_ended && keep(c, frame);
	case EXEC_END: c->input_ended = true; return true;
	case EXEC_SIGNAL: command_signal(&c->command, frame->payload[0]); return true;
	default: return false;
	}
}

static void obey_all(struct conversation *c)
{
	struct exec_frame frame;

	for (;;) {
		switch (exec_reader_next(&c->reader, &frame)) {
		case EXEC_MORE: return;
		case EXEC_WHOLE:
			if (obey(c, &frame))
				break;
			c->reader.lost = true;
			forget(c);
			break;
		case EXEC_BAD: forget(c); break;
		}
	}
}

/* False: the host has hung up. */
static bool listen_to_host(struct conversation *c)
{
	size_t room;
	uint8_t *at = exec_reader_room(&c->reader, &room);
	ssize_t got = read(c->port, at, room);

	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return true;
	if (got < 0 && errno != ECONNRESET)
		c->failed = errno;
	if (got <= 0)
		return false;
	exec_reader_filled(&c->reader, (size_t)got);
	obey_all(c);
	return true;
}

static bool tell_host(struct conversation *c)
{
	ssize_t gone = write(c->port, &c->out[c->out_start], c->out_end - c->out_start);

	if (gone < 0)
		return errno == EAGAIN || errno == EINTR;
	c->out_start += (size_t)gone;
	return true;
}

static void feed_command(struct conversation *c)
{
	size_t some = sizeof c->input - c->input_start;
	ssize_t gone;

	if (some > c->input_size)
		some = c->input_size;
	gone = write(c->command.in, &c->input[c->input_start], some);
	if (gone < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (gone < 0) { /* it reads no more */
		command_close(&c->command.in);
		gone = (ssize_t)c->input_size;
	}
	c->input_start = (c->input_start + (size_t)gone) % sizeof c->input;
	c->input_size -= (size_t)gone;
	c->owed += (uint32_t)gone;
}

/* One frame of its output, if there is any. */
static void fetch(struct conversation *c, int *fd, int *left, enum exec_type type)
{
	uint8_t *at = &c->out[EXEC_HEAD_BYTES];
	size_t room = OUTPUT_MAX;
	ssize_t got;

	if (*left >= 0 && (size_t)*left < room)
		room = (size_t)*left;
	got = room ? read(*fd, at, room) : 0;
	if (got < 0 && (errno == EAGAIN || errno == EINTR) && *left < 0)
		return;
	if (got <= 0) {
		command_close(fd);
		return;
	}
	if (*left >= 0)
		*left -= (int)got;
	exec_frame_head(type, (size_t)got, c->out);
	c->out_start = 0;
	c->out_end = EXEC_HEAD_BYTES + (size_t)got;
}

/* A child of the command may go on writing for ever: only what is there now belongs to it. */
static void note_end(struct conversation *c)
{
	c->end = command_reap(&c->command, &c->end_value);
	c->ended = true;
	if (c->command.out < 0 || ioctl(c->command.out, FIONREAD, &c->left[0]))
		c->left[0] = 0;
	if (c->command.err < 0 || ioctl(c->command.err, FIONREAD, &c->left[1]))
		c->left[1] = 0;
}

/* What the host is told next, now that there is room for it. */
static void next_frame(struct conversation *c, bool out, bool err)
{
	uint8_t number[4];

	if (c->owed) {
		exec_put_u32(c->owed, number);
		c->owed = 0;
		put(c, EXEC_ACK, number, sizeof number);
		return;
	}
	if (c->command.err >= 0 && (err || c->ended))
		fetch(c, &c->command.err, &c->left[1], EXEC_ERROR);
	if (out_is_empty(c) && c->command.out >= 0 && (out || c->ended))
		fetch(c, &c->command.out, &c->left[0], EXEC_OUTPUT);
	if (out_is_empty(c) && c->ended && c->command.out < 0 && c->command.err < 0) {
		uint8_t end[2] = {(uint8_t)c->end, c->end_value};

		forget(c);
		put(c, EXEC_EXIT, end, sizeof end);
	}
}

static int when(int fd, bool wanted)
{
	return wanted ? fd : -1;
}

/* Once all that the host had is through; nothing else would tell of it. */
static void end_input(struct conversation *c)
{
	if (c->input_ended && !c->input_size)
		command_close(&c->command.in);
}

static bool step(struct conversation *c)
{
	bool empty = out_is_empty(c);
	struct pollfd p[] = {
		{.fd = c->port, .events = (short)(POLLIN | (empty ? 0 : POLLOUT))},
		{.fd = when(c->command.in, c->input_size), .events = POLLOUT},
		{.fd = when(c->command.out, empty && !c->ended), .events = POLLIN},
		{.fd = when(c->command.err, empty && !c->ended), .events = POLLIN},
		{.fd = when(c->command.process, c->command.pid), .events = POLLIN},
	};

	if (poll(p, sizeof p / sizeof p[0], empty && (c->ended || c->owed) ? 0 : -1) < 0)
		return errno == EINTR;
	/* A host that has hung up is not heard any more: its last words may be half a frame. */
	if (p[0].revents & (POLLHUP | POLLERR | POLLNVAL))
		return false;
	if (p[1].revents && c->command.in >= 0)
		feed_command(c);
	if (p[4].revents && c->command.pid)
		note_end(c);
	if (out_is_empty(c))
		next_frame(c, p[2].revents, p[3].revents);
	if (!out_is_empty(c) && !tell_host(c))
		return false;
	return !(p[0].revents & POLLIN) || listen_to_host(c);
}

int serve_host(int port)
{
	struct conversation *c = calloc(1, sizeof *c);
	int failed;

	if (!c)
		return ENOMEM;
	c->port = port;
	c->command = COMMAND_NONE;
	exec_reader_reset(&c->reader, EXEC_FROM_HOST);
	c->reader.lost = true; /* what an earlier host left may come first */
	while (step(c))
		end_input(c);
	forget(c);
	failed = c->failed;
	free(c);
	return failed;
}

/*
 * A port without a host is always "readable", so waiting for that would never sleep; the driver
 * wakes whoever waits when a host comes, and epoll's edges tell of that.
 */
int serve_wait_for_host(int port)
{
	struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLET};
	struct pollfd now = {.fd = port, .events = POLLIN};
	int watch = epoll_create1(EPOLL_CLOEXEC), failed = 0;

	if (watch < 0 || epoll_ctl(watch, EPOLL_CTL_ADD, port, &event))
		failed = errno;
	while (!failed && poll(&now, 1, 0) >= 0 && now.revents & POLLHUP)
		if (epoll_wait(watch, &event, 1, -1) < 0 && errno != EINTR)
			failed = errno;
	if (!failed && now.revents & (POLLERR | POLLNVAL))
		failed = ENODEV;
	if (watch >= 0)
		close(watch);
	return failed;
}
