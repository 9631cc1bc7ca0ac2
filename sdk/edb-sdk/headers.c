/* SPDX-License-Identifier: MIT
 *
 * The description as C: for the TEE's loader, and for the host.
 */
#include <ctype.h>
#include <string.h>

#include "file.h"
#include "target.h"

#define TEXT_BYTES 1024

static void upper_case(const char *name, char upper[static MANIFEST_NAME_BYTES])
{
	size_t i = 0;

	for (; name[i]; i++)
		upper[i] = (char)toupper((unsigned char)name[i]);
	upper[i] = '\0';
}

/* An initialiser of a TEE_UUID or TEEC_UUID, which have the same members. */
static void initialiser(const uint8_t u[static EDB_UUID_BYTES], char text[static 128])
{
	snprintf(text, 128,
		"{0x%02x%02x%02x%02x, 0x%02x%02x, 0x%02x%02x, "
		"{0x%02x, 0x%02x, 0x%02x, 0x%02x, 0x%02x, 0x%02x, 0x%02x, 0x%02x}}",
		u[0], u[1], u[2], u[3], u[4], u[5], u[6], u[7], u[8], u[9], u[10], u[11], u[12],
		u[13], u[14], u[15]);
}

static enum edb_err write_header(
	struct cli *cli, const char *folder, const char *name, const char *text)
{
	char path[PATH_MAX + 64];

	snprintf(path, sizeof path, "%s/%s", folder, name);
	return cli_about(
		cli, edb_write_file(path, 0644, text, strlen(text), &cli->error), "%s", path);
}

enum edb_err target_headers(struct cli *cli, const struct target *target)
{
	const struct manifest *app = &target->app;
	char upper[MANIFEST_NAME_BYTES], uuid[128], text[TEXT_BYTES], name[64], flags[128] = "0";
	size_t used = 1;
	enum edb_err err;

	upper_case(app->name, upper);
	initialiser(app->uuid, uuid);
	for (size_t i = 0; i < app->flag_count; i++)
		used += (size_t)snprintf(&flags[used], sizeof flags - used, " | %s", app->flags[i]);
	snprintf(text, sizeof text,
		"/* Made by edb-sdk from %s: what the TEE's loader is told. */\n"
		"#ifndef USER_TA_HEADER_DEFINES_H\n#define USER_TA_HEADER_DEFINES_H\n\n"
		"#define TA_UUID %s\n#define TA_FLAGS (%s)\n#define TA_STACK_SIZE %u\n"
		"#define TA_DATA_SIZE %u\n\n#endif\n",
		MANIFEST_FILE, uuid, flags, app->stack_bytes, app->heap_bytes);
	err = write_header(cli, target->work, "user_ta_header_defines.h", text);
	if (err)
		return err;
	snprintf(name, sizeof name, "%s_id.h", app->name);
	snprintf(text, sizeof text,
		"/* Made by edb-sdk from %s: the application's name for its host. */\n"
		"#ifndef %s_ID_H\n#define %s_ID_H\n\n"
		"/* Initialiser of a TEEC_UUID. */\n#define %s_UUID %s\n\n"
		"#define %s_UUID_TEXT \"%s\"\n\n#endif\n",
		MANIFEST_FILE, upper, upper, upper, uuid, upper, app->uuid_text);
	return write_header(cli, target->output, name, text);
}
