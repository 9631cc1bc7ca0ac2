/* SPDX-License-Identifier: MIT
 *
 * One command: its streams and signals, both ways, without one waiting for another.
 */
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "channel_inside.h"

#define INPUT_MAX   32768u /* of one frame */
#define PATIENCE_MS 30000  /* for a guest that takes nothing */
#define ENOUGH      3      /* signals, then the command is left alone and ends by that */

static const int passed[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};

struct session {
	struct cli *cli;
	struct channel *channel;
	struct channel_streams *streams;
	struct channel_end *end;
	int signals; /* a signalfd */
	sigset_t before;
	unsigned signal_count;
	long long deadline; /* 0: none */
	uint64_t moved;     /* bytes of input and output */

	size_t credit;   /* bytes of input that the guest has room for */
	bool input_open; /* EXEC_END has not been sent */
	uint8_t out[EXEC_HEAD_BYTES + INPUT_MAX + 64]; /* for the guest; some signals, too */
	size_t out_start, out_end;

	struct exec_frame frame; /* what the guest sent and has not been written yet */
	size_t frame_done;
	bool closed[2]; /* nobody reads standard output, error */
	bool ended;
};

static enum edb_err run_frame(struct cli *cli, struct channel *c, const char *const *arguments)
{
	uint8_t head[EXEC_HEAD_BYTES];
	size_t count = 0, size = 0;

	for (; arguments[count]; count++)
		size += strlen(arguments[count]) + 1;
	if (count > EXEC_ARGUMENTS_MAX || size > EXEC_PAYLOAD_MAX)
		return cli_fail(cli, EDB_E_LIMIT, "copy a script there and run that",
			"more than %u arguments, or %u bytes of them", EXEC_ARGUMENTS_MAX,
			EXEC_PAYLOAD_MAX);
	if (!count || !**arguments)
		return cli_fail(cli, EDB_E_ARG, NULL, "the command is empty");
	exec_frame_head(EXEC_RUN, size, head);
	if (!channel_send(c, head, sizeof head, PATIENCE_MS))
		return channel_went_off(cli, c);
	for (size_t i = 0; i < count; i++)
		if (!channel_send(c, arguments[i], strlen(arguments[i]) + 1, PATIENCE_MS))
			return channel_went_off(cli, c);
	return EDB_OK;
}

static void queue(struct session *s, enum exec_type type, const void *payload, size_t size)
{
	if (s->out_start == s->out_end)
		s->out_start = s->out_end = 0;
	if (sizeof s->out - s->out_end < EXEC_HEAD_BYTES + size)
		return; /* the tenth signal that nobody takes */
	exec_frame_head(type, size, &s->out[s->out_end]);
	if (size)
		memcpy(&s->out[s->out_end + EXEC_HEAD_BYTES], payload, size);
	s->out_end += EXEC_HEAD_BYTES + size;
}

static void queue_signal(struct session *s, int number)
{
	uint8_t byte = (uint8_t)number;

	queue(s, EXEC_SIGNAL, &byte, 1);
}

static bool queue_is_empty(const struct session *s)
{
	return s->out_start == s->out_end;
}

static enum edb_err take_signal(struct session *s)
{
	struct signalfd_siginfo info;

	if (read(s->signals, &info, sizeof info) != sizeof info)
		return EDB_OK;
	s->end->signal = (int)info.ssi_signo;
	if (!s->streams->pass_signals || ++s->signal_count >= ENOUGH)
		return cli_fail(s->cli, EDB_E_STATE, "what ran in the device was ended, too",
			"interrupted");
	queue_signal(s, s->end->signal);
	return EDB_OK;
}

static void told(struct session *s, size_t bytes)
{
	s->moved += bytes;
	if (s->streams->tell)
		s->streams->tell(s->streams->context, s->moved);
}

static enum edb_err take_input(struct session *s)
{
	uint8_t bytes[INPUT_MAX];
	size_t room = s->credit < sizeof bytes ? s->credit : sizeof bytes;
	ssize_t got = read(s->streams->in, bytes, room);

	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return EDB_OK;
	if (got < 0)
		return cli_fail(
			s->cli, EDB_E_IO, NULL, "cannot read standard input: %s", strerror(errno));
	if (!got) {
		s->input_open = false;
		queue(s, EXEC_END, NULL, 0);
		return EDB_OK;
	}
	queue(s, EXEC_INPUT, bytes, (size_t)got);
	s->credit -= (size_t)got;
	told(s, (size_t)got);
	return EDB_OK;
}

static bool send_queue(struct session *s)
{
	ssize_t gone = write(s->channel->fd, &s->out[s->out_start], s->out_end - s->out_start);

	if (gone < 0)
		return errno == EAGAIN || errno == EINTR;
	s->out_start += (size_t)gone;
	return true;
}

/* The first line of what it complains about. */
static void keep_words(struct channel_streams *streams, const uint8_t *bytes, size_t size)
{
	for (size_t i = 0; i < size && streams->words_size < sizeof streams->words - 1; i++) {
		if (bytes[i] == '\n')
			streams->words_size = sizeof streams->words - 1;
		else
			streams->words[streams->words_size++] = (char)bytes[i];
	}
}

static int stream_of(const struct session *s)
{
	return s->frame.type == EXEC_ERROR ? s->streams->err : s->streams->out;
}

/* False: the guest makes no sense. */
static bool take_frame(struct session *s)
{
	struct exec_frame *f = &s->frame;

	switch (f->type) {
	case EXEC_ACK:
		s->credit += exec_get_u32(f->payload);
		f->size = 0;
		return s->credit <= EXEC_WINDOW;
	case EXEC_EXIT:
		s->end->how = (enum exec_end)f->payload[0];
		s->end->value = f->payload[1];
		s->ended = true;
		f->size = 0;
		return true;
	case EXEC_OUTPUT:
	case EXEC_ERROR:
		if (stream_of(s) >= 0 && !s->closed[f->type == EXEC_ERROR])
			return true; /* to be written */
		if (f->type == EXEC_ERROR && s->streams->err < 0)
			keep_words(s->streams, f->payload, f->size);
		f->size = 0;
		return true;
	case EXEC_HELLO: /* of the first of two */ f->size = 0; return true;
	default: return false;
	}
}

/* Frames, up to one that has to be written, or the end. */
static enum edb_err take_frames(struct session *s)
{
	while (s->frame_done == s->frame.size && !s->ended) {
		s->frame = (struct exec_frame){0};
		s->frame_done = 0;
		switch (exec_reader_next(&s->channel->reader, &s->frame)) {
		case EXEC_MORE: return EDB_OK;
		case EXEC_WHOLE:
			if (take_frame(s))
				break;
			/* fall through */
		case EXEC_BAD:
			return cli_fail(s->cli, EDB_E_TEE,
				"do edb-device and the image's edb-execd have the same version?",
				"device %s answers what makes no sense", s->channel->name);
		}
	}
	return EDB_OK;
}

/* Never more than surely fits: a full pipe must not keep signals from being heard. */
static enum edb_err write_frame(struct session *s)
{
	int fd = stream_of(s);
	bool error = s->frame.type == EXEC_ERROR;
	size_t some = s->frame.size - s->frame_done;
	struct stat st;
	ssize_t gone;

	if (some > PIPE_BUF && (fstat(fd, &st) || !S_ISREG(st.st_mode)))
		some = PIPE_BUF;
	gone = write(fd, &s->frame.payload[s->frame_done], some);
	if (gone >= 0) {
		s->frame_done += (size_t)gone;
		told(s, (size_t)gone);
		return EDB_OK;
	}
	if (errno == EAGAIN || errno == EINTR)
		return EDB_OK;
	if (errno != EPIPE)
		return cli_fail(s->cli, errno == ENOSPC ? EDB_E_STORAGE_FULL : EDB_E_IO, NULL,
			"cannot write standard %s: %s", error ? "error" : "output",
			strerror(errno));
	/* As it would be here: who writes to nobody is told so. */
	s->closed[error] = true;
	s->frame_done = s->frame.size;
	queue_signal(s, SIGPIPE);
	return EDB_OK;
}

static int time_left(const struct session *s)
{
	long long left = s->deadline - device_now_ms();

	if (!s->deadline)
		return -1;
	return left < 0 ? 0 : (int)left;
}

static enum edb_err step(struct session *s)
{
	bool writing = s->frame_done < s->frame.size, empty = queue_is_empty(s);
	struct pollfd p[] = {
		{.fd = writing && empty ? -1 : s->channel->fd,
			.events = (short)((writing ? 0 : POLLIN) | (empty ? 0 : POLLOUT))},
		{.fd = s->input_open && s->credit && empty ? s->streams->in : -1, .events = POLLIN},
		{.fd = writing ? stream_of(s) : -1, .events = POLLOUT},
		{.fd = s->signals, .events = POLLIN},
	};
	enum edb_err err = EDB_OK;
	int ready = poll(p, sizeof p / sizeof p[0], time_left(s));

	if (ready < 0)
		return errno == EINTR
			       ? EDB_OK
			       : cli_fail(s->cli, EDB_E_IO, NULL, "poll: %s", strerror(errno));
	if (!ready && s->deadline)
		return cli_fail(
			s->cli, EDB_E_STATE, NULL, "device %s took too long", s->channel->name);
	if (p[3].revents)
		err = take_signal(s);
	if (!err && p[2].revents)
		err = write_frame(s);
	if (!err && p[1].revents)
		err = take_input(s);
	if (!err && p[0].revents & POLLOUT && !send_queue(s))
		err = channel_went_off(s->cli, s->channel);
	if (!err && !writing && p[0].revents & ~POLLOUT && !channel_receive(s->channel))
		err = channel_went_off(s->cli, s->channel);
	if (!err && s->frame_done == s->frame.size)
		err = take_frames(s);
	return err;
}

/* Signals that this process ignores (nohup) stay ignored: they are never told. */
static enum edb_err catch_signals(struct session *s)
{
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < sizeof passed / sizeof passed[0]; i++) {
		struct sigaction action;

		if (!sigaction(passed[i], NULL, &action) && action.sa_handler != SIG_IGN)
			sigaddset(&set, passed[i]);
	}
	sigprocmask(SIG_BLOCK, &set, &s->before);
	s->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (s->signals >= 0)
		return EDB_OK;
	return cli_fail(s->cli, EDB_E_IO, NULL, "signalfd: %s", strerror(errno));
}

enum edb_err channel_run(struct cli *cli, struct channel *channel, const char *const *arguments,
	struct channel_streams *streams, struct channel_end *end)
{
	struct session *s = calloc(1, sizeof *s);
	enum edb_err err;

	if (!s)
		return cli_fail(cli, EDB_E_NOMEM, NULL, "out of memory");
	*s = (struct session){.cli = cli,
		.channel = channel,
		.streams = streams,
		.end = end,
		.credit = EXEC_WINDOW,
		.input_open = streams->in >= 0,
		.deadline = streams->end_ms ? device_now_ms() + streams->end_ms : 0};
	*end = (struct channel_end){0};
	err = catch_signals(s);
	if (!err)
		err = run_frame(cli, channel, arguments);
	if (!err && streams->in < 0)
		queue(s, EXEC_END, NULL, 0);
	if (!err) /* some may have come with the greeting */
		err = take_frames(s);
	while (!err && !s->ended)
		err = step(s);
	if (s->signals >= 0)
		close(s->signals);
	sigprocmask(SIG_SETMASK, &s->before, NULL);
	free(s);
	return err;
}
