/* SPDX-License-Identifier: MIT
 *
 * Which files this run reads: no output may take the place of one, under whatever name. Whoever
 * reads does nothing for it: cli_open_input and edb_read_file report what they open.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"
#include "inside.h"

struct input {
	dev_t device;
	ino_t number;
};

static struct input *inputs; /* until the program ends */
static size_t count;
static bool lost; /* one of them found no room */

void cli_input_seen(int fd)
{
	struct input *more;
	struct stat s;

	if (fstat(fd, &s) || !S_ISREG(s.st_mode))
		return;
	more = reallocarray(inputs, count + 1, sizeof *inputs);
	if (!more) {
		lost = true;
		return;
	}
	inputs = more;
	inputs[count++] = (struct input){s.st_dev, s.st_ino};
}

void cli_inputs_watch(void)
{
	edb_file_watch(cli_input_seen);
}

static bool is_input(const struct stat *s)
{
	if (!S_ISREG(s->st_mode))
		return false;
	for (size_t i = 0; i < count; i++)
		if (inputs[i].device == s->st_dev && inputs[i].number == s->st_ino)
			return true;
	return lost; /* not known: then better not */
}

enum edb_err cli_spare_inputs(struct cli *cli, const char *path)
{
	struct stat s;
	int failed = strcmp(path, "-") ? stat(path, &s) : fstat(STDOUT_FILENO, &s);

	if (failed || !is_input(&s))
		return EDB_OK;
	return cli_fail(cli, EDB_E_ARG,
		"an output has to be a file of its own: another name after -o",
		"cannot write %s: this command reads it, or has just made it", path);
}
