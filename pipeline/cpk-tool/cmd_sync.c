/* SPDX-License-Identifier: MIT
 *
 * cpk-tool sync: brings a class key to the device.
 */
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#include "device.h"
#include "document.h"
#include "file.h"
#include "text.h"

struct sync_values {
	struct bundle_values bundle; /* id: of every method's key */
	const char *method, *store, *access_code_file, *ca_file;
};

/* What the arguments say, read and checked before the device is asked anything. */
struct sync_job {
	struct key_source source;
	struct bundle_request request; /* with --service-key */
	uint8_t *bytes;                /* the document of bundle, the wrapped key of commandline */
	size_t size;
};

#define V struct sync_values

static const struct cli_option options[] = {
	{'a', "application-id", "ID",
		"the application or data that the key is for (not for -m bundle)",
		CLI_INTO(CLI_TEXT, V, bundle.id)},
	{'m', "key-method", "METHOD", "how the key comes: bundle, file, http, commandline",
		.required = true, .choices = "http file commandline azuretwin bundle",
		CLI_INTO(CLI_TEXT, V, method)},
	{'k', "key-store", "WHAT",
		"bundle: FILE that a key service signed for this device;\n"
		"file: FILE of keys (else $CP_FILE_KEY_SOURCE);\n"
		"http: URL of a key service (else $CP_CLOUD_KEY_SOURCE);\n"
		"commandline: the wrapped key in base64",
		CLI_INTO(CLI_TEXT, V, store)},
	{'s', "service-key", "KEY",
		"file: sign a bundle as this development key service (PEM file\n"
		"or pkcs11: URI)",
		CLI_INTO(CLI_TEXT, V, bundle.service_key)},
	{'v', "vendor-key", "FILE",
		"file: the vendor whose packages the key opens: certificate,\n"
		"public key, or key id in hex",
		CLI_INTO(CLI_TEXT, V, bundle.vendor_key)},
	{0, "key-version", "N", "file: version of the class key (default: 1)",
		CLI_INTO(CLI_TEXT, V, bundle.key_version)},
	{0, "lowest-version", "N", "file: the device wipes lower versions (default: 0)",
		CLI_INTO(CLI_TEXT, V, bundle.lowest_version)},
	{0, "number", "EPOCH.COUNTER",
		"file: the bundle's number, which must grow (default: the time)",
		CLI_INTO(CLI_TEXT, V, bundle.number)},
	{0, "access-code-file", "FILE", "http: holds the access code",
		CLI_INTO(CLI_TEXT, V, access_code_file)},
	{0, "ca-file", "FILE", "http: PEM of the authorities that may vouch for the service",
		CLI_INTO(CLI_TEXT, V, ca_file)},
	{0},
};

#undef V

static enum edb_err install_bundle(
	struct cli *cli, struct edb_enclave *cpm, const uint8_t *document, size_t size)
{
	int retval = 0;
	TEEC_Result result = ecall_install_key_bundle(cpm, &retval, document, (uint32_t)size);

	return device_answer(cli, result, retval, "handing over the key bundle");
}

/* All that a device tells about vendors is who owns an id. A key for another one is of no use yet.
 */
static void note_owner(struct cli *cli, struct edb_enclave *cpm, const char *id,
	const uint8_t vendor[EDB_KEY_ID_BYTES])
{
	uint8_t uuid[EDB_UUID_BYTES], entry[EDB_UUID_BYTES], digest[EDB_DIGEST_BYTES];
	uint8_t owner[EDB_KEY_ID_BYTES];
	char hex[2 * EDB_KEY_ID_BYTES + 1];
	uint32_t version[3], key_version = 0;
	enum edb_payload_type type;
	enum edb_app_state state;
	int retval = 0;

	if (!edb_uuid_decode(id, uuid))
		return;
	for (uint32_t i = 0; !retval; i++) {
		if (ecall_list(cpm, &retval, i, entry, version, digest, owner, &type, &state,
			    &key_version) ||
			retval)
			return;
		if (!memcmp(entry, uuid, sizeof uuid))
			break;
	}
	edb_hex_encode(owner, sizeof owner, hex);
	if (memcmp(owner, vendor, EDB_KEY_ID_BYTES))
		cli_note(cli,
			"on this device the id belongs to vendor %s: the key opens nothing "
			"unless the operator's policy has the new one succeed it",
			hex);
}

static enum edb_err sync_service(struct cli *cli, struct edb_enclave *cpm,
	const struct sync_values *v, const struct sync_job *job)
{
	uint8_t key[CPK_CLASS_KEY_BYTES] = {0}; /* secret: wiped below */
	struct edb_public_key *wrapping = NULL;
	struct bundle_device device = {0};
	struct device_state state = {0};
	uint8_t *document = NULL;
	size_t size = 0;
	enum edb_err err = class_key_get(cli, &job->source, v->bundle.id, key);

	if (!err)
		err = device_state(cli, cpm, &state);
	if (!err)
		err = device_key(cli, cpm, EDB_KEY_WRAPPING, &wrapping);
	memcpy(device.id, state.id, sizeof device.id);
	device.wrapping = wrapping;
	if (!err)
		err = bundle_make(cli, &device, &job->request, key, &document, &size);
	OPENSSL_cleanse(key, sizeof key);
	edb_public_key_free(wrapping);
	if (!err)
		err = install_bundle(cli, cpm, document, size);
	if (err == EDB_E_DOCUMENT_VERSION && !v->bundle.number)
		cli_hint(cli,
			"the number of a bundle is the time; was the clock set back? --number "
			"sets a higher one");
	if (!err)
		note_owner(cli, cpm, v->bundle.id, job->request.vendor);
	free(document);
	return err;
}

/* The call of 2021, with a key that was wrapped by PKCS#1 v1.5. */
static enum edb_err install_wrapped(struct cli *cli, struct edb_enclave *cpm, const char *id,
	const uint8_t *wrapped, size_t size)
{
	int retval = 0;
	TEEC_Result result =
		ecall_install_application_key(cpm, &retval, id, wrapped, (unsigned)size);

	return device_answer(cli, result, retval, "handing over the key");
}

static enum edb_err sync_2021(struct cli *cli, struct edb_enclave *cpm, const struct sync_values *v,
	const struct key_source *source)
{
	struct edb_public_key *device = NULL;
	uint8_t *wrapped = NULL;
	size_t size = 0;
	enum edb_err err = device_key(cli, cpm, EDB_KEY_LEGACY_WRAPPING, &device);

	if (!err)
		err = class_key_wrap_2021(cli, source, v->bundle.id, device, &wrapped, &size);
	if (!err)
		err = install_wrapped(cli, cpm, v->bundle.id, wrapped, size);
	free(wrapped);
	edb_public_key_free(device);
	return err;
}

static bool method_is(const struct sync_values *v, const char *method)
{
	return !strcmp(v->method, method);
}

static enum edb_err usage_check(struct cli *cli, const struct sync_values *v)
{
	if (method_is(v, "azuretwin"))
		return cli_fail(cli, EDB_E_USAGE,
			"use -m bundle, or -m commandline as a twin's agent",
			"azuretwin was never implemented, here neither");
	if (!v->bundle.id && !method_is(v, "bundle"))
		return cli_fail(cli, EDB_E_USAGE, NULL, "--application-id ID is missing");
	if (v->bundle.service_key && !method_is(v, "file"))
		return cli_fail(cli, EDB_E_USAGE, NULL, "--service-key goes with -m file");
	if (!v->store && method_is(v, "bundle"))
		return cli_fail(cli, EDB_E_USAGE, NULL, "bundle: --key-store FILE is missing");
	return EDB_OK;
}

static enum edb_err prepare(struct cli *cli, const struct sync_values *v, struct sync_job *job)
{
	enum edb_err err = usage_check(cli, v);

	if (err)
		return err;
	if (method_is(v, "bundle"))
		return edb_read_file(
			v->store, EDB_DOCUMENT_MAX, &job->bytes, &job->size, &cli->error);
	if (method_is(v, "commandline")) {
		if (v->store && edb_base64_decode(v->store, &job->bytes, &job->size))
			return EDB_OK;
		return cli_fail(cli, EDB_E_USAGE, NULL,
			"commandline: --key-store must be the wrapped key in base64");
	}
	job->source = (struct key_source){.method = v->method,
		.store = v->store,
		.access_code_file = v->access_code_file,
		.ca_file = v->ca_file};
	err = key_source_store(cli, &job->source);
	if (!err && v->bundle.service_key)
		err = bundle_request_fill(cli, &v->bundle, &job->request);
	return err;
}

static enum edb_err perform(struct cli *cli, struct edb_enclave *cpm, const struct sync_values *v,
	const struct sync_job *job)
{
	if (method_is(v, "bundle"))
		return install_bundle(cli, cpm, job->bytes, job->size);
	if (method_is(v, "commandline"))
		return install_wrapped(cli, cpm, v->bundle.id, job->bytes, job->size);
	if (v->bundle.service_key)
		return sync_service(cli, cpm, v, job);
	return sync_2021(cli, cpm, v, &job->source);
}

static void report(const struct sync_values *v, const struct sync_job *job)
{
	char hex[2 * EDB_KEY_ID_BYTES + 1];

	if (!v->bundle.service_key) {
		printf("the device has the key\n");
		return;
	}
	edb_hex_encode(job->request.vendor, sizeof job->request.vendor, hex);
	printf("the device has the key of %s, version %u, for packages of vendor %s\n",
		v->bundle.id, job->request.key_version, hex);
}

static enum edb_err run(struct cli *cli, const void *values)
{
	const struct sync_values *v = values;
	struct sync_job job = {0};
	struct edb_enclave *cpm = NULL;
	enum edb_err err = prepare(cli, v, &job);

	if (!err)
		err = device_open(cli, &cpm);
	if (!err)
		err = cli_about(cli, perform(cli, cpm, v, &job), "%s",
			method_is(v, "bundle") ? v->store : v->bundle.id);
	edb_enclave_close(cpm);
	edb_free_secret(job.bytes, job.size);
	if (err == EDB_E_LEGACY)
		cli_hint(cli, "use a key bundle: -m bundle, or -m file with --service-key and "
			      "--vendor-key; or have the device maker allow keys of 2021");
	if (!err && !cli->quiet)
		report(v, &job);
	return err;
}

const struct cli_command cmd_sync = {
	.name = "sync",
	.summary = "bring a class key to this device",
	.options = options,
	.values_bytes = sizeof(struct sync_values),
	.run = run,
	.notes =
		"With --service-key, -m file makes a key bundle as a key service does (development).\n"
		"Without it, and with http and commandline, the key goes the way of 2021, which a\n"
		"device refuses unless its policy allows it.",
};
