/* SPDX-License-Identifier: MIT
 *
 * edb-device list
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "commands.h"
#include "device.h"

struct list_values {
	bool json;
};

static const struct cli_option options[] = {
	{0, "json", NULL, "as JSON", CLI_INTO(CLI_FLAG, struct list_values, json)},
	{0},
};

/* NULL: it is no device, or not any more. */
static json_t *describe(int parent, const char *name)
{
	struct device_process process;
	struct device d = {.dir = openat(parent, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
	json_t *facts = d.dir < 0 ? NULL : device_read_json(d.dir, DEVICE_FACTS);
	json_t *device = NULL;

	if (facts && device_find_process(&d, &process)) {
		device = json_pack(
			"{s:s, s:s}", "name", name, "state", process.pid ? "running" : "starting");
		json_object_update_missing(device, process.facts);
		device_process_clear(&process);
	} else if (facts) {
		device = json_pack("{s:s, s:s}", "name", name, "state", "off");
	}
	json_object_update_missing(device, facts);
	json_decref(facts);
	if (d.dir >= 0)
		close(d.dir);
	return device;
}

static int is_device(const struct dirent *entry)
{
	return device_is_name(entry->d_name);
}

static const char *text(const json_t *object, const char *name)
{
	const char *value = json_string_value(json_object_get(object, name));

	return value ? value : "-";
}

static void print_forwards(const json_t *device)
{
	const json_t *list = json_object_get(device, "forward");

	for (size_t i = 0; i < json_array_size(list); i++)
		printf(" %s", json_string_value(json_array_get(list, i)));
}

static void print_device(const json_t *device)
{
	printf("%-20s %-9s %-11s %s", text(device, "name"), text(device, "state"),
		text(device, "profile"), text(json_object_get(device, "image"), "id"));
	print_forwards(device);
	putchar('\n');
}

static enum edb_err print(struct cli *cli, const json_t *list, bool json)
{
	if (json && json_dumpf(list, stdout, JSON_INDENT(2)))
		return cli_fail(cli, EDB_E_NOMEM, NULL, "cannot write JSON");
	if (json)
		putchar('\n');
	else if (json_array_size(list))
		printf("%-20s %-9s %-11s %s\n", "NAME", "STATE", "PROFILE", "IMAGE, FORWARDS");
	for (size_t i = 0; !json && i < json_array_size(list); i++)
		print_device(json_array_get(list, i));
	return EDB_OK;
}

static enum edb_err run(struct cli *cli, const void *values)
{
	const struct list_values *v = values;
	struct dirent **entries = NULL;
	json_t *list = json_array();
	int parent = -1, count = 0;
	enum edb_err err = device_folder_open(cli, false, &parent);

	if (!err && parent >= 0)
		count = scandirat(parent, ".", &entries, is_device, alphasort);
	for (int i = 0; i < count; i++) {
		json_t *device = describe(parent, entries[i]->d_name);

		if (device)
			json_array_append_new(list, device);
		free(entries[i]);
	}
	free(entries);
	if (count < 0)
		err = cli_fail(cli, EDB_E_IO, NULL, "cannot read the devices' folder: %s",
			strerror(errno));
	if (!err)
		err = print(cli, list, v->json);
	if (parent >= 0)
		close(parent);
	json_decref(list);
	return err;
}

const struct cli_command cmd_list = {
	.name = "list",
	.summary = "which devices there are, and which run",
	.options = options,
	.values_bytes = sizeof(struct list_values),
	.run = run,
};
