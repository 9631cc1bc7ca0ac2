/* SPDX-License-Identifier: MIT
 *
 * Read strictly: what is misspelt must not become a default.
 */
#include "manifest.h"

#include <ctype.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "file.h"

#define FILE_BYTES_MAX (64 * 1024)
#define PAGE_KIB       4
#define STACK_MAX_KIB  1024
#define HEAP_MAX_KIB   (12 * 1024) /* all applications of a device share 13 MiB */

static const char *const members[] = {
	"name", "uuid", "stack_kib", "heap_kib", "flags", "edl", "enclave", "host"};

#define COUNT_OF(list) (sizeof(list) / sizeof *(list))

static const char page[] = "docs/sdk.md has the members, and what each of them may be";

__attribute__((format(printf, 2, 3))) static enum edb_err wrong(
	struct cli *cli, const char *format, ...)
{
	char text[400];
	va_list values;

	va_start(values, format);
	vsnprintf(text, sizeof text, format, values);
	va_end(values);
	return cli_fail(cli, EDB_E_ARG, page, "%s: %s", MANIFEST_FILE, text);
}

bool manifest_is_name(const char *name)
{
	size_t length = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_");

	return length && !name[length] && length < MANIFEST_NAME_BYTES &&
	       islower((unsigned char)*name);
}

static enum edb_err only_members(struct cli *cli, json_t *json)
{
	const char *key;
	json_t *value;

	json_object_foreach(json, key, value)
	{
		size_t i = 0;

		while (i < COUNT_OF(members) && strcmp(key, members[i]) != 0)
			i++;
		if (i == COUNT_OF(members))
			return wrong(cli, "no such member: \"%s\"", key);
	}
	return EDB_OK;
}

/* NULL and EDB_OK: it is not there, and may be. */
static enum edb_err get_text(struct cli *cli, const struct manifest *m, const char *name,
	bool required, const char **text)
{
	json_t *value = json_object_get(m->json, name);

	*text = json_string_value(value);
	if (!value)
		return required ? wrong(cli, "\"%s\" is missing", name) : EDB_OK;
	return *text && **text ? EDB_OK : wrong(cli, "\"%s\" is no text", name);
}

static enum edb_err get_kib(struct cli *cli, const struct manifest *m, const char *name,
	unsigned int max_kib, unsigned int *bytes)
{
	json_t *value = json_object_get(m->json, name);
	json_int_t kib = json_integer_value(value);

	if (!value)
		return wrong(cli, "\"%s\" is missing", name);
	if (!json_is_integer(value) || kib < PAGE_KIB || kib > max_kib || kib % PAGE_KIB)
		return wrong(cli,
			"\"%s\" is no multiple of %d from %d to %u: it counts KiB, in pages", name,
			PAGE_KIB, PAGE_KIB, max_kib);
	*bytes = (unsigned int)kib * 1024;
	return EDB_OK;
}

/* A name that leaves no doubt which file it is, and that is no option to anybody. */
static bool is_file_name(const char *name)
{
	return name && *name && *name != '/' && *name != '-';
}

static bool is_edl_name(const char *name)
{
	size_t length = strlen(name);

	return is_file_name(name) && length > 4 && !strcmp(&name[length - 4], ".edl") &&
	       !strchr(name, '/');
}

static enum edb_err get_files(struct cli *cli, const struct manifest *m, const char *name,
	bool required, struct manifest_files *files)
{
	json_t *list = json_object_get(m->json, name), *item;
	size_t i;

	if (!list)
		return required ? wrong(cli, "\"%s\" is missing", name) : EDB_OK;
	if (!json_array_size(list) || json_array_size(list) > MANIFEST_FILES_MAX)
		return wrong(cli, "\"%s\" is no list of 1 to %d C files", name, MANIFEST_FILES_MAX);
	json_array_foreach(list, i, item)
	{
		const char *file = json_string_value(item);
		size_t length = file ? strlen(file) : 0;

		if (!is_file_name(file) || length < 3 || strcmp(&file[length - 2], ".c") != 0)
			return wrong(
				cli, "\"%s\": item %zu is no C file in this folder", name, i + 1);
		files->items[files->count++] = file;
	}
	return EDB_OK;
}

static enum edb_err get_flags(struct cli *cli, struct manifest *m)
{
	static const struct {
		const char *name, *constant;
	} known[MANIFEST_FLAGS] = {{"single_instance", "TA_FLAG_SINGLE_INSTANCE"},
		{"multi_session", "TA_FLAG_MULTI_SESSION"},
		{"keep_alive", "TA_FLAG_INSTANCE_KEEP_ALIVE"}};
	json_t *list = json_object_get(m->json, "flags"), *item;
	bool given[MANIFEST_FLAGS] = {false};
	size_t i;

	if (list && !json_is_array(list))
		return wrong(cli, "\"flags\" is no list");
	json_array_foreach(list, i, item)
	{
		const char *flag = json_string_value(item);
		size_t k = 0;

		while (k < MANIFEST_FLAGS && (!flag || strcmp(flag, known[k].name) != 0))
			k++;
		if (k == MANIFEST_FLAGS)
			return wrong(cli,
				"\"flags\": there are single_instance, multi_session, keep_alive");
		if (given[k])
			return wrong(cli, "\"flags\": %s is there twice", flag);
		given[k] = true;
		m->flags[m->flag_count++] = known[k].constant;
	}
	if ((given[1] || given[2]) && !given[0])
		return wrong(cli,
			"\"flags\": multi_session and keep_alive say something of the one "
			"instance that single_instance asks for");
	return EDB_OK;
}

static enum edb_err check(struct cli *cli, struct manifest *m)
{
	const char *uuid = NULL;
	enum edb_err err = only_members(cli, m->json);

	if (!err)
		err = get_text(cli, m, "name", true, &m->name);
	if (!err && !manifest_is_name(m->name))
		err = wrong(cli, "\"name\" is not 1 to 31 of a-z, 0-9 and _, the first a letter");
	if (!err)
		err = get_text(cli, m, "uuid", true, &uuid);
	if (!err && !edb_uuid_decode(uuid, m->uuid))
		err = wrong(
			cli, "\"uuid\" is no UUID such as 01234567-89ab-4cde-8f01-23456789abcd");
	if (!err)
		err = get_kib(cli, m, "stack_kib", STACK_MAX_KIB, &m->stack_bytes);
	if (!err)
		err = get_kib(cli, m, "heap_kib", HEAP_MAX_KIB, &m->heap_bytes);
	if (!err)
		err = get_flags(cli, m);
	if (!err)
		err = get_text(cli, m, "edl", false, &m->edl);
	if (!err && m->edl && !is_edl_name(m->edl))
		err = wrong(
			cli, "\"edl\" is no name such as %s.edl of a file in this folder", m->name);
	if (!err)
		err = get_files(cli, m, "enclave", true, &m->enclave);
	if (!err)
		err = get_files(cli, m, "host", false, &m->host);
	if (!err)
		edb_uuid_encode(m->uuid, m->uuid_text);
	return err;
}

enum edb_err manifest_read(struct cli *cli, const char *folder, struct manifest *manifest)
{
	char path[4096];
	uint8_t *text = NULL;
	size_t size = 0;
	json_error_t where;
	enum edb_err err;

	snprintf(path, sizeof path, "%s/%s", folder, MANIFEST_FILE);
	err = edb_read_file(path, FILE_BYTES_MAX, &text, &size, &cli->error);
	if (err) {
		cli_hint(cli,
			"FOLDER is an application's, with a description %s in it; edb-sdk new "
			"makes one",
			MANIFEST_FILE);
		return cli_about(cli, err, "%s", path);
	}
	manifest->json = json_loadb((const char *)text, size, JSON_REJECT_DUPLICATES, &where);
	free(text);
	if (!manifest->json)
		return cli_about(
			cli, wrong(cli, "line %d: %s", where.line, where.text), "%s", folder);
	if (!json_is_object((json_t *)manifest->json))
		return cli_about(cli, wrong(cli, "no JSON object"), "%s", folder);
	return cli_about(cli, check(cli, manifest), "%s", folder);
}

void manifest_clear(struct manifest *manifest)
{
	json_decref(manifest->json);
	*manifest = (struct manifest){0};
}
