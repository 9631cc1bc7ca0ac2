/* SPDX-License-Identifier: MIT
 *
 * cpk-tool status
 */
#include <string.h>

#include <jansson.h>

#include "device.h"
#include "text.h"

struct status_values {
	bool json;
};

static const struct cli_option options[] = {
	{'j', "json", NULL, "for programs", CLI_INTO(CLI_FLAG, struct status_values, json)},
	{0},
};

static const char *lifecycle_name(enum edb_lifecycle lifecycle)
{
	switch (lifecycle) {
	case EDB_LIFECYCLE_BLANK: return "blank";
	case EDB_LIFECYCLE_PROVISIONED: return "provisioned";
	case EDB_LIFECYCLE_DEBUG: return "debug";
	default: return "unknown";
	}
}

static bool is_simulated(const struct device_state *s)
{
	return !strcmp(s->tee_kind, "simtee");
}

static void version_text(char text[24], uint32_t version)
{
	snprintf(text, 24, "%u.%u.%u", version >> 16, version >> 8 & 0xff, version & 0xff);
}

static void print_text(const struct device_state *s, const char *id)
{
	char version[24];

	version_text(version, s->cpm_version);
	printf("device:            %s\n", id);
	printf("TEE:               %s%s\n", s->tee_kind,
		is_simulated(s) ? " (a simulator: it protects nothing)" : "");
	printf("CPM:               version %s, contract %u.%u\n", version,
		s->contract_version >> 16, s->contract_version & 0xffff);
	printf("lifecycle:         %s%s\n", lifecycle_name(s->lifecycle),
		s->lifecycle == EDB_LIFECYCLE_DEBUG
			? " (a development image: it took the first root that came)"
			: "");
	printf("rollback:          %s\n", s->rollback_protection
						  ? "storage is protected against it"
						  : "storage is not protected against it");
	printf("device policy:     version %llu\n", (unsigned long long)s->device_policy_version);
	printf("operator policy:   version %llu\n", (unsigned long long)s->operator_policy_version);
	printf("installed:         %u (%u ids in the ledger)\n", s->application_count,
		s->ledger_count);
	printf("class keys:        %u\n", s->class_key_count);
	if (s->free_bytes == UINT64_MAX)
		printf("free storage:      not known\n");
	else
		printf("free storage:      %llu MiB\n", (unsigned long long)(s->free_bytes >> 20));
}

static enum edb_err print_json(struct cli *cli, const struct device_state *s, const char *id)
{
	char version[24], contract[24];
	json_t *json;
	bool good;

	version_text(version, s->cpm_version);
	snprintf(contract, sizeof contract, "%u.%u", s->contract_version >> 16,
		s->contract_version & 0xffff);
	json = json_pack("{s:s, s:s, s:b, s:i, s:s, s:s, s:s, s:b, s:I, s:I, s:I, s:I, s:I}",
		"device", id, "tee", s->tee_kind, "simulated", is_simulated(s), "lifecycle",
		(int)s->lifecycle, "lifecycle_name", lifecycle_name(s->lifecycle), "contract",
		contract, "cpm", version, "rollback_protection", s->rollback_protection,
		"device_policy", (json_int_t)s->device_policy_version, "operator_policy",
		(json_int_t)s->operator_policy_version, "applications",
		(json_int_t)s->application_count, "ledger", (json_int_t)s->ledger_count,
		"class_keys", (json_int_t)s->class_key_count);
	good = json &&
	       !json_object_set_new(json, "free_bytes",
		       s->free_bytes == UINT64_MAX ? json_null()
						   : json_integer((json_int_t)s->free_bytes));
	good = good && !json_dumpf(json, stdout, JSON_INDENT(2));
	json_decref(json);
	putchar('\n');
	return good ? EDB_OK : cli_fail(cli, EDB_E_NOMEM, NULL, "cannot print JSON");
}

static enum edb_err run(struct cli *cli, const void *values)
{
	const struct status_values *v = values;
	char id[2 * DEVICE_ID_BYTES + 1];
	struct device_state state = {0};
	struct edb_enclave *cpm = NULL;
	enum edb_err err = device_open(cli, &cpm);

	if (!err)
		err = device_state(cli, cpm, &state);
	edb_enclave_close(cpm);
	if (err)
		return err;
	edb_hex_encode(state.id, sizeof state.id, id);
	if (v->json)
		return print_json(cli, &state, id);
	print_text(&state, id);
	return EDB_OK;
}

const struct cli_command cmd_status = {
	.name = "status",
	.summary = "show this device's state",
	.options = options,
	.values_bytes = sizeof(struct status_values),
	.run = run,
};
