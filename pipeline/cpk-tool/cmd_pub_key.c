/* SPDX-License-Identifier: MIT
 *
 * cpk-tool pub-key: one of the device's public keys.
 */
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "device.h"
#include "text.h"

struct pub_key_values {
	const char *kind, *format;
};

static const struct cli_option options[] = {
	{0, "kind", "KIND",
		"legacy-wrapping (default, what 2021 called the device public key),\n"
		"wrapping or identity",
		.choices = "legacy-wrapping wrapping identity",
		CLI_INTO(CLI_TEXT, struct pub_key_values, kind)},
	{0, "format", "FORMAT",
		"base64 of the DER (default), pem, or id (SHA-256, hex);\n"
		"device: all that a key service needs to know of this device (JSON)",
		.choices = "base64 pem id device",
		CLI_INTO(CLI_TEXT, struct pub_key_values, format)},
	{0},
};

static enum edb_key_kind kind_of(const char *kind)
{
	if (kind && !strcmp(kind, "identity"))
		return EDB_KEY_IDENTITY;
	return kind && !strcmp(kind, "wrapping") ? EDB_KEY_WRAPPING : EDB_KEY_LEGACY_WRAPPING;
}

static void print_id(const struct edb_public_key *key)
{
	uint8_t id[EDB_KEY_ID_BYTES];
	char hex[2 * EDB_KEY_ID_BYTES + 1];

	edb_public_key_id(key, id);
	edb_hex_encode(id, sizeof id, hex);
	printf("%s\n", hex);
}

static enum edb_err print_base64(struct cli *cli, const struct edb_public_key *key)
{
	size_t size = 0;
	const uint8_t *spki = edb_public_key_spki_borrow(key, &size);
	char *text = edb_base64_encode(spki, size);

	if (!text)
		return cli_fail(cli, EDB_E_NOMEM, NULL, "out of memory");
	printf("%s\n", text);
	free(text);
	return EDB_OK;
}

static enum edb_err print_pem(struct cli *cli, const struct edb_public_key *key)
{
	uint8_t *text = NULL;
	size_t size = 0;
	enum edb_err err = certificate_make(cli, NULL, CPK_CERT_PUBLIC_KEY_PEM, key, &text, &size);

	if (!err)
		printf("%.*s", (int)size, (const char *)text);
	free(text);
	return err;
}

static enum edb_err add_key(struct cli *cli, struct edb_enclave *cpm, enum edb_key_kind kind,
	const char *name, json_t *to)
{
	struct edb_public_key *key = NULL;
	enum edb_err err = device_key(cli, cpm, kind, &key);
	const uint8_t *spki = NULL;
	char *text = NULL;
	size_t size = 0;

	if (err)
		return err;
	spki = edb_public_key_spki_borrow(key, &size);
	text = edb_base64_encode(spki, size);
	if (!text || json_object_set_new(to, name, json_string(text)))
		err = cli_fail(cli, EDB_E_NOMEM, NULL, "out of memory");
	free(text);
	edb_public_key_free(key);
	return err;
}

static enum edb_err print_device(struct cli *cli, struct edb_enclave *cpm)
{
	json_t *json = json_object();
	enum edb_err err = add_key(cli, cpm, EDB_KEY_IDENTITY, "identity", json);

	if (!err)
		err = add_key(cli, cpm, EDB_KEY_WRAPPING, "wrapping", json);
	if (!err && json_dumpf(json, stdout, JSON_INDENT(1)))
		err = cli_fail(cli, EDB_E_NOMEM, NULL, "out of memory");
	if (!err)
		printf("\n");
	json_decref(json);
	return err;
}

static enum edb_err run(struct cli *cli, const void *values)
{
	const struct pub_key_values *v = values;
	struct edb_public_key *key = NULL;
	struct edb_enclave *cpm = NULL;
	bool whole = v->format && !strcmp(v->format, "device");
	enum edb_err err = device_open(cli, &cpm);

	if (!err)
		err = whole ? print_device(cli, cpm) : device_key(cli, cpm, kind_of(v->kind), &key);
	edb_enclave_close(cpm);
	if (err == EDB_E_LEGACY)
		cli_hint(cli,
			"--kind wrapping gives the key that key services wrap to; the other one "
			"is there only where the device policy allows keys of 2021");
	if (err || whole)
		return err;
	if (v->format && !strcmp(v->format, "id"))
		print_id(key);
	else
		err = v->format && !strcmp(v->format, "pem") ? print_pem(cli, key)
							     : print_base64(cli, key);
	edb_public_key_free(key);
	return err;
}

const struct cli_command cmd_pub_key = {
	.name = "pub-key",
	.summary = "print a public key of this device",
	.options = options,
	.values_bytes = sizeof(struct pub_key_values),
	.run = run,
};
