/* SPDX-License-Identifier: MIT
 *
 * The small calls to the device: provision, policy, status, list, remove, pub-key.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "commands.h"
#include "device_call.h"
#include "file.h"
#include "public_key.h"
#include "text.h"

#define DOCUMENT_MAX (16u << 10)

enum edb_err cmd_provision(struct cli *cli, struct edb_error *error)
{
	struct edb_public_key *root = NULL;
	struct edb_enclave *cpm = NULL;
	const char *root_path, *policy_path;
	const uint8_t *spki;
	uint8_t *policy = NULL;
	size_t spki_size = 0, policy_size = 0;
	int answer = -1;
	enum edb_err err = cli_need(cli, "root", &root_path, error);

	if (!err)
		err = cli_need(cli, "policy", &policy_path, error);
	if (!err)
		err = edb_public_key_load(root_path, &root, error);
	if (!err)
		err = edb_read_file(policy_path, DOCUMENT_MAX, &policy, &policy_size, error);
	if (!err)
		err = device_open(&cpm, error);
	if (!err) {
		spki = edb_public_key_spki_borrow(root, &spki_size);
		err = device_answer(ecall_provision(cpm, &answer, spki, (uint32_t)spki_size, policy,
					    (uint32_t)policy_size),
			&answer, policy_path, error);
	}
	edb_enclave_close(cpm);
	edb_public_key_free(root);
	free(policy);
	return err;
}

enum edb_err cmd_policy(struct cli *cli, struct edb_error *error)
{
	struct edb_enclave *cpm = NULL;
	enum edb_err err = EDB_OK;

	if (!cli_argument_count(cli))
		return edb_fail(
			error, EDB_E_USAGE, EDB_NO_OFFSET, "which policy? a file is needed");
	err = device_open(&cpm, error);
	for (int i = 0; !err && i < cli_argument_count(cli); i++) {
		const char *path = cli_argument(cli, i);
		uint8_t *document = NULL;
		size_t size = 0;
		int answer = -1;

		err = edb_read_file(path, DOCUMENT_MAX, &document, &size, error);
		if (!err)
			err = device_answer(
				ecall_update_policy(cpm, &answer, document, (uint32_t)size),
				&answer, path, error);
		free(document);
	}
	edb_enclave_close(cpm);
	return err;
}

enum edb_err cmd_status(struct cli *cli, struct edb_error *error)
{
	static const char *const lives[] = {"blank", "provisioned", "debug (development image)"};
	uint32_t contract, version, applications, entries, keys;
	uint64_t device_version, operator_version, free_bytes;
	enum edb_lifecycle life;
	struct edb_enclave *cpm = NULL;
	uint8_t id[16];
	char kind[33] = "", hex[33];
	bool rollback;
	int answer = -1;
	enum edb_err err = device_open(&cpm, error);

	if (!err)
		err = device_answer(ecall_get_state(cpm, &answer, &contract, &version, kind, &life,
					    &rollback, &device_version, &operator_version, id,
					    &applications, &entries, &keys, &free_bytes),
			&answer, "status", error);
	edb_enclave_close(cpm);
	if (err)
		return err;
	edb_hex_encode(id, sizeof id, hex);
	if (cli_has(cli, "json"))
		printf("{\"device\":\"%s\",\"tee\":\"%s\",\"lifecycle\":%d,\"contract\":\"%u.%u\","
		       "\"cpm\":\"%u.%u.%u\",\"rollback_protection\":%s,"
		       "\"device_policy\":%" PRIu64 ",\"operator_policy\":%" PRIu64
		       ",\"applications\":%u,\"ledger\":%u,\"class_keys\":%u,\"free_bytes\":%" PRIu64
		       "}\n",
			hex, kind, (int)life, contract >> 16, contract & 0xffff, version >> 16,
			version >> 8 & 255, version & 255, rollback ? "true" : "false",
			device_version, operator_version, applications, entries, keys, free_bytes);
	else
		printf("device            %s\nTEE               %s\nlifecycle         %s\n"
		       "contract          %u.%u, CPM %u.%u.%u\nrollback          %s\n"
		       "device policy     %" PRIu64 "\noperator policy   %" PRIu64
		       "\napplications      %u installed, %u ids known\nclass keys        %u\n"
		       "free              %" PRIu64 " MiB\n",
			hex, kind, lives[life], contract >> 16, contract & 0xffff, version >> 16,
			version >> 8 & 255, version & 255,
			rollback ? "noticed" : "not noticed by this TEE", device_version,
			operator_version, applications, entries, keys, free_bytes >> 20);
	return EDB_OK;
}

static void print_entry(bool json, uint32_t index, const uint8_t id[16], const uint32_t version[3],
	const uint8_t digest[32], const uint8_t vendor[32], enum edb_payload_type type,
	enum edb_app_state state)
{
	static const char *const states[] = {"removed", "installed", "restart needed"};
	static const char *const types[] = {"application", "data"};
	char uuid[EDB_UUID_TEXT_SIZE], digest_text[65], vendor_text[65];

	edb_uuid_encode(id, uuid);
	edb_hex_encode(digest, 32, digest_text);
	edb_hex_encode(vendor, 32, vendor_text);
	if (json)
		printf("%s{\"id\":\"%s\",\"version\":\"%u.%u.%u\",\"type\":\"%s\",\"state\":\"%s\","
		       "\"digest\":\"%s\",\"vendor\":\"%s\"}",
			index ? "," : "", uuid, version[0], version[1], version[2], types[type],
			states[state], digest_text, vendor_text);
	else
		printf("%s  %u.%u.%u  %-11s  %-14s  vendor %.16s…\n", uuid, version[0], version[1],
			version[2], types[type], states[state], vendor_text);
}

enum edb_err cmd_list(struct cli *cli, struct edb_error *error)
{
	struct edb_enclave *cpm = NULL;
	bool json = cli_has(cli, "json");
	enum edb_err err = device_open(&cpm, error);

	if (!err && json)
		putchar('[');
	for (uint32_t i = 0; !err; i++) {
		uint8_t id[16], digest[32], vendor[32];
		uint32_t version[3], key_version;
		enum edb_payload_type type;
		enum edb_app_state state;
		int answer = -1;

		err = device_answer(ecall_list(cpm, &answer, i, id, version, digest, vendor, &type,
					    &state, &key_version),
			&answer, "list", error);
		if (!err)
			print_entry(json, i, id, version, digest, vendor, type, state);
	}
	if (json)
		puts("]");
	edb_enclave_close(cpm);
	return err == EDB_E_NOT_FOUND ? EDB_OK : err;
}

enum edb_err cmd_remove(struct cli *cli, struct edb_error *error)
{
	struct edb_enclave *cpm = NULL;
	const char *id;
	int answer = -1;
	enum edb_err err = cli_need(cli, "application-id", &id, error);

	if (!err)
		err = device_open(&cpm, error);
	if (!err)
		err = device_answer(ecall_remove(cpm, &answer, id), &answer, id, error);
	edb_enclave_close(cpm);
	return err;
}

enum edb_err cmd_pub_key(struct cli *cli, struct edb_error *error)
{
	struct edb_enclave *cpm = NULL;
	uint8_t spki[600];
	uint32_t size = 0;
	char *text = NULL;
	int answer = -1;
	enum edb_err err = device_open(&cpm, error);

	(void)cli;
	if (!err)
		err = device_answer(ecall_export_key(cpm, &answer, EDB_KEY_LEGACY_WRAPPING, spki,
					    sizeof spki, &size),
			&answer, "pub-key", error);
	edb_enclave_close(cpm);
	if (err)
		return err;
	text = edb_base64_encode(spki, size);
	if (!text)
		return edb_fail(error, EDB_E_NOMEM, EDB_NO_OFFSET, "out of memory");
	puts(text);
	free(text);
	return EDB_OK;
}
