/* SPDX-License-Identifier: MIT
 *
 * cpk-tool list: the CPM's ledger.
 */
#include <jansson.h>

#include "device.h"
#include "text.h"

#define VERSION_TEXT 40 /* room for three numbers */

struct list_values {
	bool json;
};

struct entry {
	uint8_t id[EDB_UUID_BYTES], digest[EDB_DIGEST_BYTES], vendor[EDB_KEY_ID_BYTES];
	uint32_t version[3], key_version;
	enum edb_payload_type type;
	enum edb_app_state state;
};

static const struct cli_option options[] = {
	{'j', "json", NULL, "for programs", CLI_INTO(CLI_FLAG, struct list_values, json)},
	{0},
};

static const char *state_name(enum edb_app_state state)
{
	switch (state) {
	case EDB_APP_REMOVED: return "removed";
	case EDB_APP_INSTALLED: return "installed";
	case EDB_APP_RESTART_NEEDED: return "restart needed";
	default: return "unknown";
	}
}

static const char *type_name(enum edb_payload_type type)
{
	return type == EDB_PAYLOAD_DATA ? "data" : "application";
}

static void version_text(const struct entry *e, char text[VERSION_TEXT])
{
	snprintf(text, VERSION_TEXT, "%u.%u.%u", e->version[0], e->version[1], e->version[2]);
}

static void print_entry(const struct entry *e)
{
	char id[EDB_UUID_TEXT_SIZE], vendor[2 * EDB_KEY_ID_BYTES + 1], version[VERSION_TEXT];

	edb_uuid_encode(e->id, id);
	edb_hex_encode(e->vendor, sizeof e->vendor, vendor);
	version_text(e, version);
	printf("%-36s  %-12s  %-11s  %-14s  %.16s\n", id, version, type_name(e->type),
		state_name(e->state), vendor);
}

static json_t *entry_json(const struct entry *e)
{
	char id[EDB_UUID_TEXT_SIZE], vendor[2 * EDB_KEY_ID_BYTES + 1],
		digest[2 * EDB_DIGEST_BYTES + 1], version[VERSION_TEXT];

	edb_uuid_encode(e->id, id);
	edb_hex_encode(e->vendor, sizeof e->vendor, vendor);
	edb_hex_encode(e->digest, sizeof e->digest, digest);
	version_text(e, version);
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:I}", "id", id, "version", version,
		"type", type_name(e->type), "state", state_name(e->state), "digest", digest,
		"vendor", vendor, "key_version", (json_int_t)e->key_version);
}

/* EDB_E_NOT_FOUND is how the list ends, and no failure. */
static enum edb_err get(
	struct cli *cli, struct edb_enclave *cpm, uint32_t index, struct entry *e, bool *end)
{
	int retval = 0;
	TEEC_Result result = ecall_list(cpm, &retval, index, e->id, e->version, e->digest,
		e->vendor, &e->type, &e->state, &e->key_version);

	*end = result == TEEC_SUCCESS && retval == EDB_E_NOT_FOUND;
	return *end ? EDB_OK : device_answer(cli, result, retval, "asking for the list");
}

static enum edb_err list(struct cli *cli, struct edb_enclave *cpm, json_t *json)
{
	struct entry entry = {0};
	bool end = false;
	enum edb_err err = EDB_OK;

	for (uint32_t i = 0;; i++) {
		err = get(cli, cpm, i, &entry, &end);
		if (err || end)
			return err;
		if (!json && i == 0)
			printf("%-36s  %-12s  %-11s  %-14s  %s\n", "APPLICATION ID", "VERSION",
				"TYPE", "STATE", "VENDOR");
		if (!json)
			print_entry(&entry);
		else if (json_array_append_new(json, entry_json(&entry)))
			return cli_fail(cli, EDB_E_NOMEM, NULL, "out of memory");
	}
}

static enum edb_err run(struct cli *cli, const void *values)
{
	const struct list_values *v = values;
	json_t *json = v->json ? json_array() : NULL;
	struct edb_enclave *cpm = NULL;
	enum edb_err err = device_open(cli, &cpm);

	if (!err)
		err = list(cli, cpm, json);
	if (!err && json) {
		json_dumpf(json, stdout, JSON_INDENT(2));
		putchar('\n');
	}
	json_decref(json);
	edb_enclave_close(cpm);
	return err;
}

const struct cli_command cmd_list = {
	.name = "list",
	.summary = "show what is installed on this device, and what was",
	.options = options,
	.values_bytes = sizeof(struct list_values),
	.run = run,
	.notes =
		"An id that was removed stays in the list: its owner and its highest version count.",
};
