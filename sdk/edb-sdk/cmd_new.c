/* SPDX-License-Identifier: MIT
 *
 * edb-sdk new: a copy of sdk/edb-sdk/template, an application called "template", under another name
 * and with a UUID of its own.
 */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "commands.h"
#include "file.h"
#include "manifest.h"
#include "places.h"

#define TEMPLATE_BYTES_MAX (64 * 1024)

/* What is replaced, in this order. */
struct naming {
	const char *from;
	char to[EDB_UUID_TEXT_SIZE];
};
#define NAMINGS 3

static enum edb_err fresh_uuid(struct cli *cli, char text[static EDB_UUID_TEXT_SIZE])
{
	uint8_t uuid[EDB_UUID_BYTES];

	if (getrandom(uuid, sizeof uuid, 0) != sizeof uuid)
		return cli_fail(cli, EDB_E_IO, NULL, "no random numbers: %s", strerror(errno));
	uuid[6] = (uint8_t)((uuid[6] & 0x0f) | 0x40); /* RFC 9562, 5.4 */
	uuid[8] = (uint8_t)((uuid[8] & 0x3f) | 0x80);
	edb_uuid_encode(uuid, text);
	return EDB_OK;
}

/* To the stream, with all names replaced. */
static void write_named(FILE *to, const char *text, const struct naming *namings)
{
	while (*text) {
		size_t i = 0;

		while (i < NAMINGS && strncmp(text, namings[i].from, strlen(namings[i].from)) != 0)
			i++;
		if (i == NAMINGS) {
			fputc(*text++, to);
		} else {
			fputs(namings[i].to, to);
			text = &text[strlen(namings[i].from)];
		}
	}
}

static enum edb_err copy(
	struct cli *cli, const char *from, const char *to, const struct naming *namings)
{
	uint8_t *text = NULL;
	size_t size = 0;
	FILE *file;
	enum edb_err err = edb_read_file(from, TEMPLATE_BYTES_MAX, &text, &size, &cli->error);

	if (err)
		return cli_about(cli, err, "%s", from);
	file = fopen(to, "wx");
	if (file)
		write_named(file, (const char *)text, namings);
	if (!file || ferror(file) || fclose(file))
		err = cli_fail(cli, EDB_E_IO, NULL, "cannot write %s: %s", to, strerror(errno));
	free(text);
	return err;
}

static enum edb_err fill(
	struct cli *cli, const char *folder, const char *files, const struct naming *namings)
{
	static const char *const names[] = {
		"enclave.json", "template.edl", "enclave.c", "template.c"};
	char from[PATH_MAX + 64], to[PATH_MAX + 64];
	const char *name = namings[0].to;
	enum edb_err err = EDB_OK;

	for (size_t i = 0; !err && i < sizeof names / sizeof *names; i++) {
		bool named = !strncmp(names[i], "template", strlen("template"));

		snprintf(from, sizeof from, "%s/sdk/edb-sdk/template/%s", files, names[i]);
		snprintf(to, sizeof to, "%s/%s%s", folder, named ? name : names[i],
			named ? &names[i][strlen("template")] : "");
		err = copy(cli, from, to, namings);
	}
	return err;
}

static enum edb_err run(struct cli *cli, const void *values)
{
	struct naming namings[NAMINGS] = {
		{"template", ""}, {"TEMPLATE", ""}, {"00000000-0000-4000-8000-000000000000", ""}};
	const char *folder = cli->operands[0], *slash = strrchr(folder, '/');
	const char *name = slash ? &slash[1] : folder;
	struct places places;
	enum edb_err err;

	(void)values;
	if (!manifest_is_name(name))
		return cli_fail(cli, EDB_E_ARG, "1 to 31 of a-z, 0-9 and _, the first a letter",
			"'%s' is no name of an application", name);
	for (size_t i = 0; i <= strlen(name); i++) {
		namings[0].to[i] = name[i];
		namings[1].to[i] = (char)toupper((unsigned char)name[i]);
	}
	err = places_find(cli, &places);
	if (!err)
		err = fresh_uuid(cli, namings[2].to);
	if (!err && mkdir(folder, 0777))
		err = cli_fail(cli, EDB_E_IO,
			"a new folder is made; nothing that is there is changed",
			"cannot make the folder %s: %s", folder, strerror(errno));
	if (!err)
		err = fill(cli, folder, places.files, namings);
	if (!err && !cli->quiet)
		printf("%s: an application that adds two numbers in its enclave\n"
		       "next: edb-sdk build %s\n",
			folder, folder);
	return err;
}

const struct cli_command cmd_new = {
	.name = "new",
	.summary = "make the folder of a small application that builds and runs",
	.operand = "FOLDER",
	.operands_min = 1,
	.operands_max = 1,
	.run = run,
	.notes = "The folder's name becomes the application's: 1 to 31 of a-z, 0-9 and _.",
};
