/* SPDX-License-Identifier: MIT
 *
 * cpk-tool bundle: what a key service does, for development: wraps a class key to one device and
 * signs the bundle. The key itself never comes near the device's normal world.
 */
#include <stdlib.h>
#include <string.h>

#include <jansson.h>
#include <openssl/crypto.h>

#include "device.h"
#include "file.h"
#include "text.h"

#define DEVICE_FILE_MAX 4096 /* bytes; two keys in base64 are 700 */

struct values {
	struct bundle_values bundle;
	struct key_source source;
	const char *device, *output;
};

static const struct cli_option options[] = {
	{'a', "application-id", "ID", "the application or data that the key is for",
		.required = true, CLI_INTO(CLI_TEXT, struct values, bundle.id)},
	{'d', "device", "FILE", "what cpk-tool pub-key --format device printed on the device",
		.required = true, CLI_INTO(CLI_TEXT, struct values, device)},
	{'k', "key-store", "FILE", "FILE of keys (else $CP_FILE_KEY_SOURCE)",
		CLI_INTO(CLI_TEXT, struct values, source.store)},
	{'s', "service-key", "KEY", "the key service's signing key (PEM file or pkcs11: URI)",
		.required = true, CLI_INTO(CLI_TEXT, struct values, bundle.service_key)},
	{'v', "vendor-key", "FILE",
		"the vendor whose packages the key opens: certificate,\n"
		"public key, or key id in hex",
		.required = true, CLI_INTO(CLI_TEXT, struct values, bundle.vendor_key)},
	{'o', "output", "FILE", "the bundle; cpk-tool sync -m bundle hands it over",
		.required = true, CLI_INTO(CLI_TEXT, struct values, output)},
	{0, "key-version", "N", "version of the class key (default: 1)",
		CLI_INTO(CLI_TEXT, struct values, bundle.key_version)},
	{0, "lowest-version", "N", "the device wipes lower versions (default: 0)",
		CLI_INTO(CLI_TEXT, struct values, bundle.lowest_version)},
	{0, "number", "EPOCH.COUNTER", "the bundle's number, which must grow (default: the time)",
		CLI_INTO(CLI_TEXT, struct values, bundle.number)},
	{0},
};

static enum edb_err read_key(struct cli *cli, const char *file, const json_t *json,
	const char *name, struct edb_public_key **key)
{
	const char *text = json_string_value(json_object_get(json, name));
	uint8_t *spki = NULL;
	size_t size = 0;
	enum edb_err err;

	if (!text || !edb_base64_decode(text, &spki, &size))
		return cli_fail(cli, EDB_E_ARG,
			"make it on the device: cpk-tool pub-key --format device",
			"%s: has no key '%s'", file, name);
	err = edb_public_key_from_spki(spki, size, key, &cli->error);
	free(spki);
	return err;
}

/* The device's id follows from its identity key: nobody can claim another one. */
static enum edb_err read_device(struct cli *cli, const char *file, struct bundle_device *device,
	struct edb_public_key **wrapping)
{
	struct edb_public_key *identity = NULL;
	uint8_t id[EDB_KEY_ID_BYTES];
	uint8_t *text = NULL;
	json_t *json = NULL;
	size_t size = 0;
	enum edb_err err = edb_read_file(file, DEVICE_FILE_MAX, &text, &size, &cli->error);

	if (err)
		return err;
	json = json_loadb((const char *)text, size, JSON_REJECT_DUPLICATES, NULL);
	free(text);
	err = read_key(cli, file, json, "identity", &identity);
	if (!err)
		err = read_key(cli, file, json, "wrapping", wrapping);
	json_decref(json);
	if (!err) {
		edb_public_key_id(identity, id);
		memcpy(device->id, id, sizeof device->id);
		device->wrapping = *wrapping;
	}
	edb_public_key_free(identity);
	return err;
}

static enum edb_err run(struct cli *cli, const void *values)
{
	const struct values *v = values;
	struct key_source source = {.method = "file", .store = v->source.store};
	uint8_t key[CPK_CLASS_KEY_BYTES] = {0}; /* secret: wiped below */
	struct edb_public_key *wrapping = NULL;
	struct bundle_request request = {0};
	struct bundle_device device = {0};
	uint8_t *document = NULL;
	size_t size = 0;
	enum edb_err err = bundle_request_fill(cli, &v->bundle, &request);

	if (!err)
		err = read_device(cli, v->device, &device, &wrapping);
	if (!err)
		err = key_source_store(cli, &source);
	if (!err)
		err = class_key_get(cli, &source, v->bundle.id, key);
	if (!err)
		err = bundle_make(cli, &device, &request, key, &document, &size);
	OPENSSL_cleanse(key, sizeof key);
	edb_public_key_free(wrapping);
	if (!err)
		err = cli_write(cli, v->output, 0644, document, size);
	free(document);
	return err;
}

const struct cli_command cmd_bundle = {
	.name = "bundle",
	.summary = "wrap a class key to a device, as a key service does",
	.options = options,
	.values_bytes = sizeof(struct values),
	.run = run,
	.notes =
		"For development: a key service does this for whole fleets, and asks for evidence\n"
		"that the device is a genuine one. This command believes the file.",
};
