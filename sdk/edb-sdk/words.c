/* SPDX-License-Identifier: MIT */
#include "words.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <wordexp.h>

#include "file.h"

#define FLAGS_BYTES_MAX (64 * 1024)
#define PIECE_BYTES     4096

extern char **environ;

/* Takes the word over; NULL: there was no memory for it. */
static void take(struct words *words, char *word)
{
	char **items = NULL;

	if (word)
		items = realloc(words->items, (words->count + 2) * sizeof *items);
	if (!items) {
		free(word);
		words->failed = true;
		return;
	}
	items[words->count++] = word;
	items[words->count] = NULL;
	words->items = items;
}

void words_add(struct words *words, const char *format, ...)
{
	va_list values;
	char *word = NULL;

	va_start(values, format);
	if (vasprintf(&word, format, values) < 0)
		word = NULL;
	va_end(values);
	take(words, word);
}

void words_add_text(struct words *words, const char *text)
{
	wordexp_t found;

	if (!text || !*text)
		return;
	if (wordexp(text, &found, WRDE_NOCMD)) {
		words->failed = true;
		return;
	}
	for (size_t i = 0; i < found.we_wordc; i++)
		take(words, strdup(found.we_wordv[i]));
	wordfree(&found);
}

/* One line, its {NAME} replaced; a name that nobody gave stays as it is. */
static void add_line(struct words *words, const char *line, const struct words_value *values)
{
	char text[PIECE_BYTES];
	const char *open = strchr(line, '{'), *end = open ? strchr(open, '}') : NULL;

	for (; end && values->name; values++) {
		size_t length = strlen(values->name);
		int before = (int)(open - line);

		if (length != (size_t)(end - open) - 1 ||
			strncmp(&open[1], values->name, length) != 0)
			continue;
		if (snprintf(text, sizeof text, "%.*s%s%s", before, line, values->value, &end[1]) >=
			(int)sizeof text)
			words->failed = true;
		line = text;
		break;
	}
	words_add(words, "%s", line);
}

enum edb_err words_add_lines(
	struct cli *cli, struct words *words, const char *path, const struct words_value *values)
{
	uint8_t *text = NULL;
	size_t size = 0;
	enum edb_err err = edb_read_file(path, FLAGS_BYTES_MAX, &text, &size, &cli->error);
	char *rest = (char *)text, *line;

	while (!err && (line = strsep(&rest, "\n")))
		if (*line && *line != '#')
			add_line(words, line, values);
	free(text);
	return cli_about(cli, err, "%s", path);
}

void words_clear(struct words *words)
{
	for (size_t i = 0; i < words->count; i++)
		free(words->items[i]);
	free(words->items);
	*words = (struct words){0};
}

static void read_line(int fd, char *line, size_t bytes)
{
	size_t size = 0;
	ssize_t got;

	while (size < bytes - 1 && (got = read(fd, &line[size], bytes - 1 - size)) > 0)
		size += (size_t)got;
	line[size] = '\0';
	line[strcspn(line, "\n")] = '\0';
}

/* Standard output of the child: ours for errors, or the pipe. 0 or an error number. */
static int spawn(const struct words *words, int output, pid_t *pid)
{
	posix_spawn_file_actions_t actions;
	int err = posix_spawn_file_actions_init(&actions);

	if (err)
		return err;
	err = posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
	if (!err)
		err = posix_spawnp(pid, words->items[0], &actions, NULL, words->items, environ);
	posix_spawn_file_actions_destroy(&actions);
	return err;
}

enum edb_err words_run(struct cli *cli, const struct words *words, char *said, size_t said_bytes,
	const char *hint, const char *what)
{
	int ends[2] = {-1, -1}, status = 0, err = 0;
	pid_t pid;

	if (words->failed || !words->count)
		return cli_fail(cli, EDB_E_ARG,
			"CC, CFLAGS, LDFLAGS and ENCLAVE_CFLAGS are taken apart as a shell does it",
			"%s: its command line cannot be made", what);
	if (said && pipe2(ends, O_CLOEXEC))
		return cli_fail(cli, EDB_E_IO, NULL, "%s: %s", what, strerror(errno));
	err = spawn(words, said ? ends[1] : STDERR_FILENO, &pid);
	if (said) {
		close(ends[1]);
		if (!err)
			read_line(ends[0], said, said_bytes);
		close(ends[0]);
	}
	if (err)
		return cli_fail(cli, EDB_E_NOT_FOUND,
			err == ENOENT ? "install it, or name another one in CC" : NULL,
			"%s: cannot run %s: %s", what, words->items[0], strerror(err));
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (WIFEXITED(status) && !WEXITSTATUS(status))
		return EDB_OK;
	return cli_fail(cli, EDB_E_ARG, hint, "%s: %s", what,
		WIFEXITED(status) ? "refused, see above" : "ended by a signal");
}
