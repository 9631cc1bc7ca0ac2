/* SPDX-License-Identifier: MIT */
#include "logs.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PIECE     4096
#define END_BYTES 1500
#define END_LINES 12

/* One line or a part of one; serial lines end in \r\n. */
static void print_text(FILE *to, char *text, bool terminal)
{
	char *out = text;

	if (!terminal) {
		fputs(text, to);
		return;
	}
	for (const char *at = text; *at; at++) {
		if (*at == '\r')
			continue;
		*out = *at;
		if (*at == '\t')
			*out = ' ';
		out++;
	}
	*out = 0;
	cli_print(to, text);
}

static void print_piece(struct log *log, FILE *to, char *piece, size_t size)
{
	bool terminal = isatty(fileno(to));
	char line[PIECE + 1];

	for (size_t start = 0; start < size;) {
		const char *end = memchr(&piece[start], '\n', size - start);
		size_t length = end ? (size_t)(end - &piece[start]) + 1 : size - start;

		memcpy(line, &piece[start], length);
		line[length] = 0;
		for (size_t i = 0; i < length; i++) /* a NUL ends no line */
			if (!line[i])
				line[i] = '?';
		if (!log->in_line)
			fputs(log->prefix, to);
		print_text(to, line, terminal);
		log->in_line = !end;
		start += length;
	}
}

bool log_print(struct log *log, int dir, FILE *to)
{
	char piece[PIECE];
	bool any = false;
	ssize_t got;

	if (log->fd < 0)
		log->fd = openat(dir, log->file, O_RDONLY | O_CLOEXEC);
	while (log->fd >= 0 && (got = read(log->fd, piece, sizeof piece)) > 0) {
		print_piece(log, to, piece, (size_t)got);
		any = true;
	}
	return any;
}

/* Where its last lines begin. */
static size_t last_lines(const char *text, size_t size)
{
	size_t start = size;

	for (unsigned lines = 0; start > 0; start--)
		if (text[start - 1] == '\n' && start < size && ++lines == END_LINES)
			break;
	return start;
}

static void print_end(int dir, const char *name, const char *heading)
{
	struct log log = {.prefix = "  "};
	char text[END_BYTES];
	int fd = openat(dir, name, O_RDONLY | O_CLOEXEC);
	off_t size = fd < 0 ? 0 : lseek(fd, 0, SEEK_END);
	off_t from = size > END_BYTES ? size - END_BYTES : 0;
	ssize_t got = fd < 0 ? 0 : pread(fd, text, sizeof text, from);

	if (got > 0) {
		size_t start = last_lines(text, (size_t)got);

		fprintf(stderr, "%s, its end:\n", heading);
		print_piece(&log, stderr, &text[start], (size_t)got - start);
		if (log.in_line)
			fputc('\n', stderr);
	}
	if (fd >= 0)
		close(fd);
}

void logs_print_ends(const struct device *device)
{
	print_end(device->dir, DEVICE_QEMU, "QEMU's messages");
	print_end(device->dir, DEVICE_SECURE, "the secure world's log");
	print_end(device->dir, DEVICE_NORMAL, "the normal world's log");
}
