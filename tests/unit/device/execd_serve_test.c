/* SPDX-License-Identifier: MIT
 *
 * The guest's daemon behind a socket pair, with real commands. The other end is played by hand.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "exec_frame.h"
#include "serve.h"

#define PATIENCE_MS 20000

static int host;
static pid_t guest;
static struct exec_reader reader;

static int up(void **state)
{
	int ends[2];

	(void)state;
	signal(SIGPIPE, SIG_IGN);
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends))
		return -1;
	guest = fork();
	if (!guest) {
		close(ends[0]);
		/* What the test itself was started with. */
		for (int fd = 3; fd < 1024; fd++)
			fcntl(fd, F_SETFD, FD_CLOEXEC);
		fcntl(ends[1], F_SETFL, O_NONBLOCK);
		_exit(serve_host(ends[1]));
	}
	close(ends[1]);
	host = ends[0];
	exec_reader_reset(&reader, EXEC_FROM_GUEST);
	return 0;
}

/* It ends when its host hangs up, and reports no failure. */
static int down(void **state)
{
	int status = -1;

	(void)state;
	if (host >= 0)
		close(host);
	if (waitpid(guest, &status, 0) != guest)
		return -1;
	return status;
}

static void say(enum exec_type type, const void *payload, size_t size)
{
	uint8_t head[EXEC_HEAD_BYTES];

	exec_frame_head(type, size, head);
	assert_int_equal(write(host, head, sizeof head), sizeof head);
	if (size)
		assert_int_equal(write(host, payload, size), size);
}

#define SAY(type, text) say(type, text, sizeof text - 1)

static bool readable(int ms)
{
	struct pollfd p = {.fd = host, .events = POLLIN};

	return poll(&p, 1, ms) == 1;
}

static void listen_once(void)
{
	size_t room;
	uint8_t *at = exec_reader_room(&reader, &room);
	ssize_t got;

	assert_true(readable(PATIENCE_MS));
	got = read(host, at, room);
	assert_true(got > 0);
	exec_reader_filled(&reader, (size_t)got);
}

static struct exec_frame hear(void)
{
	struct exec_frame frame = {0};
	enum exec_parsed parsed;

	while ((parsed = exec_reader_next(&reader, &frame)) == EXEC_MORE)
		listen_once();
	assert_int_equal(parsed, EXEC_WHOLE);
	return frame;
}

static void greet(const char nonce[EXEC_NONCE_BYTES])
{
	say(EXEC_HELLO, nonce, EXEC_NONCE_BYTES);
	while (!exec_reader_find(&reader, (const uint8_t *)nonce))
		listen_once();
}

static const char first[] = "0123456789abcdef", second[] = "0123456789ABCDEF";

/* Everything up to the end, standard output and error told apart. */
static void expect(const char *out, const char *err, enum exec_end end, int value)
{
	char text[2][4096] = {{0}, {0}};
	size_t size[2] = {0, 0};

	for (;;) {
		struct exec_frame f = hear();
		int which = f.type == EXEC_ERROR;

		if (f.type == EXEC_ACK)
			continue;
		if (f.type == EXEC_EXIT) {
			assert_int_equal(f.payload[0], end);
			assert_int_equal(f.payload[1], value);
			break;
		}
		assert_true(f.size < sizeof text[0] - size[which]);
		memcpy(&text[which][size[which]], f.payload, f.size);
		size[which] += f.size;
	}
	assert_string_equal(text[0], out);
	assert_string_equal(text[1], err);
}

static void test_runs(void **state)
{
	(void)state;
	greet(first);
	SAY(EXEC_RUN, "sh\0-c\0echo \"$1\"; echo err >&2; exit 7\0sh\0two words\0");
	expect("two words\n", "err\n", EXEC_EXITED, 7);
	greet(second);
	SAY(EXEC_RUN, "true\0");
	expect("", "", EXEC_EXITED, 0);
}

static void test_input(void **state)
{
	(void)state;
	greet(first);
	SAY(EXEC_RUN, "cat\0");
	SAY(EXEC_INPUT, "one ");
	SAY(EXEC_INPUT, "two");
	SAY(EXEC_END, "");
	expect("one two", "", EXEC_EXITED, 0);
	greet(second);
	SAY(EXEC_RUN, "sh\0-c\0cat; echo end\0");
	assert_false(readable(200)); /* it waits; and nothing but the end wakes anybody */
	SAY(EXEC_END, "");
	expect("end\n", "", EXEC_EXITED, 0);
}

static void test_what_cannot_run(void **state)
{
	(void)state;
	greet(first);
	SAY(EXEC_RUN, "no-such-program\0");
	expect("", "", EXEC_IMPOSSIBLE, ENOENT);
	greet(second);
	SAY(EXEC_RUN, "/etc/passwd\0");
	expect("", "", EXEC_IMPOSSIBLE, EACCES);
}

static void test_signals(void **state)
{
	uint8_t number = SIGTERM;

	(void)state;
	greet(first);
	SAY(EXEC_RUN, "sh\0-c\0echo ready; sleep 1000; echo not reached\0");
	assert_int_equal(hear().type, EXEC_OUTPUT);
	say(EXEC_SIGNAL, &number, 1); /* to the sleep, too: it is a process group */
	expect("", "", EXEC_SIGNALLED, SIGTERM);
	greet(first);
	SAY(EXEC_RUN,
		"sh\0-c\0trap 'echo got; exit 3' INT; echo ready; while :; do sleep 0.1; done\0");
	assert_int_equal(hear().type, EXEC_OUTPUT);
	number = SIGINT;
	say(EXEC_SIGNAL, &number, 1);
	expect("got\n", "", EXEC_EXITED, 3);
}

/* The signal arrives although the command reads nothing of what it is sent. */
static void test_signal_behind_unread_input(void **state)
{
	static uint8_t zeros[EXEC_PAYLOAD_MAX];
	uint8_t number = SIGKILL;

	(void)state;
	greet(first);
	SAY(EXEC_RUN, "sleep\0"
		      "1000\0");
	say(EXEC_INPUT, zeros, sizeof zeros);
	say(EXEC_INPUT, zeros, sizeof zeros); /* all that the window allows */
	say(EXEC_SIGNAL, &number, 1);
	expect("", "", EXEC_SIGNALLED, SIGKILL);
}

/* Both directions full: the guest waits, keeps no more than it said, and goes on afterwards. */
static void test_both_directions_full(void **state)
{
	static uint8_t block[EXEC_PAYLOAD_MAX];
	size_t credit = EXEC_WINDOW, sent = 0, back = 0;
	const size_t total = 8u << 20;

	(void)state;
	memset(block, 'x', sizeof block);
	greet(first);
	SAY(EXEC_RUN, "cat\0");
	/* Not reading: what is sent at most is the window. */
	say(EXEC_INPUT, block, sizeof block);
	say(EXEC_INPUT, block, sizeof block);
	sent = 2 * sizeof block;
	credit = 0;
	while (back < total) {
		struct exec_frame f = hear();

		if (f.type == EXEC_ACK)
			credit += exec_get_u32(f.payload);
		else
			back += f.size;
		while (sent < total && credit >= 30000) {
			size_t some = total - sent < 30000 ? total - sent : 30000;

			say(EXEC_INPUT, block, some);
			sent += some;
			credit -= some;
		}
		if (sent == total) {
			SAY(EXEC_END, "");
			sent++;
		}
	}
	assert_int_equal(back, total);
	expect("", "", EXEC_EXITED, 0);
}

/* A command that reads nothing does not keep its host from sending. */
static void test_input_that_nobody_reads(void **state)
{
	static uint8_t block[EXEC_PAYLOAD_MAX];
	size_t acknowledged = 0;

	(void)state;
	greet(first);
	SAY(EXEC_RUN, "sh\0-c\0exec <&-; echo closed; sleep 0.2; echo end\0");
	assert_int_equal(hear().type, EXEC_OUTPUT);
	say(EXEC_INPUT, block, sizeof block);
	while (acknowledged < sizeof block) {
		struct exec_frame f = hear();

		if (f.type == EXEC_ACK)
			acknowledged += exec_get_u32(f.payload);
		else
			assert_int_equal(f.type, EXEC_OUTPUT);
	}
}

static void test_hello_ends_what_runs(void **state)
{
	struct exec_frame f;
	pid_t pid;

	(void)state;
	greet(first);
	SAY(EXEC_RUN, "sh\0-c\0echo $$; exec sleep 1000\0");
	f = hear();
	assert_int_equal(f.type, EXEC_OUTPUT);
	pid = (pid_t)strtol((const char *)f.payload, NULL, 10);
	assert_int_equal(kill(pid, 0), 0);
	greet(second);
	assert_int_equal(kill(pid, 0), -1);
	SAY(EXEC_RUN, "echo\0again\0");
	expect("again\n", "", EXEC_EXITED, 0);
}

/* The host goes in the middle of everything: the command's whole group goes, too. */
static void test_hang_up_ends_what_runs(void **state)
{
	char fifo[] = "/tmp/edb-execd-XXXXXX", run[256];
	int size, alive, status = -1;
	char byte;

	(void)state;
	size = mkstemp(fifo); /* a name of our own */
	assert_true(size >= 0);
	close(size);
	unlink(fifo);
	assert_int_equal(mkfifo(fifo, 0600), 0);
	greet(first);
	/* The inner one ignores the hang-up: it is ended nevertheless. */
	size = snprintf(
		run, sizeof run, "sh%c-c%c(trap '' HUP; sleep 1000) >%s & wait", 0, 0, fifo);
	say(EXEC_RUN, run, (size_t)size + 1);
	alive = open(fifo, O_RDONLY); /* waits for the inner one */
	assert_true(alive >= 0);
	close(host);
	host = -1;
	assert_int_equal(waitpid(guest, &status, 0), guest);
	assert_int_equal(status, 0);
	assert_int_equal(read(alive, &byte, 1), 0); /* nobody has the other end any more */
	close(alive);
	unlink(fifo);
	guest = fork(); /* for down() */
	if (!guest)
		_exit(0);
}

static void test_nonsense_ends_what_runs(void **state)
{
	(void)state;
	greet(first);
	SAY(EXEC_RUN, "sh\0-c\0echo ready; sleep 1000\0");
	assert_int_equal(hear().type, EXEC_OUTPUT);
	assert_int_equal(write(host, "\xff", 1), 1);
	SAY(EXEC_RUN, "echo\0not run\0"); /* without a hello */
	greet(second);
	SAY(EXEC_RUN, "echo\0run\0");
	expect("run\n", "", EXEC_EXITED, 0);
	SAY(EXEC_RUN, "echo\0one hello, one command\0");
	assert_false(readable(200));
}

/* What came before the hello, and half a frame, is not obeyed. */
static void test_half_a_frame(void **state)
{
	static uint8_t padding[EXEC_FRAME_MAX];

	(void)state;
	memset(padding, EXEC_PADDING, sizeof padding);
	SAY(EXEC_RUN, "echo\0not run\0");
	greet(first);
	assert_int_equal(write(host, "R\x40\0\0\0touch\0/", 13), 13);
	assert_int_equal(write(host, padding, sizeof padding), sizeof padding);
	greet(second);
	SAY(EXEC_RUN, "echo\0run\0");
	expect("run\n", "", EXEC_EXITED, 0);
}

static void test_too_much_input(void **state)
{
	static uint8_t block[EXEC_PAYLOAD_MAX];

	(void)state;
	greet(first);
	SAY(EXEC_RUN, "sleep\0"
		      "1000\0");
	for (int i = 0; i < 4; i++) /* twice the window, and what a pipe holds */
		say(EXEC_INPUT, block, sizeof block);
	greet(second); /* it was ended, the rest skipped */
	SAY(EXEC_RUN, "echo\0run\0");
	expect("run\n", "", EXEC_EXITED, 0);
}

/* A grandchild that writes for ever does not hold up the end. */
static void test_grandchild(void **state)
{
	(void)state;
	greet(first);
	SAY(EXEC_RUN, "sh\0-c\0sleep 5 & echo started\0");
	expect("started\n", "", EXEC_EXITED, 0);
	greet(second);
	SAY(EXEC_RUN, "sh\0-c\0yes >&2 & exit 4\0");
	for (;;) {
		struct exec_frame f = hear();

		if (f.type != EXEC_EXIT)
			continue;
		assert_int_equal(f.payload[1], 4);
		break;
	}
}

static void test_inherits_nothing(void **state)
{
	(void)state;
	greet(first);
	SAY(EXEC_RUN, "sh\0-c\0ls /proc/self/fd; trap\0");
	SAY(EXEC_END, "");
	expect("0\n1\n2\n3\n", "", EXEC_EXITED, 0); /* 3 is ls' own */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(f) cmocka_unit_test_setup_teardown(f, up, down)
		TEST(test_runs),
		TEST(test_input),
		TEST(test_what_cannot_run),
		TEST(test_signals),
		TEST(test_signal_behind_unread_input),
		TEST(test_both_directions_full),
		TEST(test_input_that_nobody_reads),
		TEST(test_hello_ends_what_runs),
		TEST(test_hang_up_ends_what_runs),
		TEST(test_nonsense_ends_what_runs),
		TEST(test_half_a_frame),
		TEST(test_too_much_input),
		TEST(test_grandchild),
		TEST(test_inherits_nothing),
#undef TEST
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
