/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <openssl/crypto.h>

#include "commands.h"
#include "device_call.h"
#include "file.h"
#include "key_store.h"
#include "policy.h"

static enum edb_err hand_over(struct edb_enclave *cpm, const uint8_t *document, size_t size,
	const char *what, struct edb_error *error)
{
	int answer = -1;

	return device_answer(ecall_install_key_bundle(cpm, &answer, document, (uint32_t)size),
		&answer, what, error);
}

static enum edb_err wrap_for_device(struct edb_enclave *cpm, const uint8_t key[CLASS_KEY_BYTES],
	uint8_t wrapped[EDB_WRAPPED_KEY_BYTES], struct edb_error *error)
{
	struct edb_public_key *wrapping = NULL;
	uint8_t spki[600], out[EDB_SIGNATURE_MAX];
	uint32_t spki_size = 0;
	size_t size = 0;
	int answer = -1;
	enum edb_err err = device_answer(
		ecall_export_key(cpm, &answer, EDB_KEY_WRAPPING, spki, sizeof spki, &spki_size),
		&answer, "the device's wrapping key", error);

	if (!err)
		err = edb_public_key_from_spki(spki, spki_size, &wrapping, error);
	if (!err)
		err = edb_wrap_key(wrapping, true, key, CLASS_KEY_BYTES, out, &size, error);
	if (!err && size != EDB_WRAPPED_KEY_BYTES)
		err = edb_fail(error, EDB_E_TEE, EDB_NO_OFFSET,
			"the device's wrapping key is not RSA-3072");
	if (!err)
		memcpy(wrapped, out, EDB_WRAPPED_KEY_BYTES);
	edb_public_key_free(wrapping);
	return err;
}

/* A development key service has no memory: the clock is its number, which grows. */
static void number_from_clock(struct edb_key_bundle *bundle)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	bundle->epoch = (uint32_t)now.tv_sec;
	bundle->counter = (uint32_t)now.tv_nsec;
}

static enum edb_err fill_bundle(struct cli *cli, struct edb_enclave *cpm,
	struct edb_key_bundle *bundle, struct edb_error *error)
{
	const char *id, *vendor, *version = cli_get(cli, "key-version"),
				 *lowest = cli_get(cli, "lowest-version"), *store;
	uint8_t key[CLASS_KEY_BYTES] = {0}; /* secret: wiped below */
	struct edb_public_key *vendor_key = NULL;
	enum edb_err err = cli_need(cli, "application-id", &id, error);

	if (!err)
		err = cli_need(cli, "vendor-key", &vendor, error);
	if (!err)
		err = cli_need(cli, "key-store", &store, error);
	if (!err && !edb_uuid_decode(id, bundle->id))
		err = edb_fail(
			error, EDB_E_USAGE, EDB_NO_OFFSET, "%s is not a UUID in lower case", id);
	if (!err)
		err = edb_public_key_load(vendor, &vendor_key, error);
	if (!err) {
		edb_public_key_id(vendor_key, bundle->vendor);
		err = key_store_get(store, id, key, error);
	}
	if (!err)
		err = device_id(cpm, bundle->device, error);
	if (!err)
		err = wrap_for_device(cpm, key, bundle->wrapped, error);
	bundle->key_version = version ? (uint32_t)strtoul(version, NULL, 10) : 1;
	bundle->lowest_version = lowest ? (uint32_t)strtoul(lowest, NULL, 10) : 0;
	number_from_clock(bundle);
	OPENSSL_cleanse(key, sizeof key);
	edb_public_key_free(vendor_key);
	return err;
}

/* From a key store, signed by a development key service. */
static enum edb_err sync_file(struct cli *cli, struct edb_enclave *cpm, struct edb_error *error)
{
	struct edb_key_bundle bundle = {0};
	struct edb_signer *service = NULL;
	uint8_t *payload = NULL, *document = NULL;
	size_t payload_size = 0, size = 0;
	const char *key;
	enum edb_err err = cli_need(cli, "service-key", &key, error);

	if (!err)
		err = edb_signer_open(key, &service, error);
	if (!err)
		err = fill_bundle(cli, cpm, &bundle, error);
	if (!err)
		err = edb_key_bundle_encode(&bundle, &payload, &payload_size, error);
	if (!err)
		err = edb_document_sign(EDB_DOCUMENT_KEY_BUNDLE, payload, payload_size, service,
			&document, &size, error);
	if (!err)
		err = hand_over(cpm, document, size, "class key", error);
	free(payload);
	free(document);
	edb_signer_free(service);
	return err;
}

/* A bundle that a key service made. */
static enum edb_err sync_bundle(struct cli *cli, struct edb_enclave *cpm, struct edb_error *error)
{
	uint8_t *document = NULL;
	size_t size = 0;
	const char *path;
	enum edb_err err = cli_need(cli, "key-store", &path, error);

	if (!err)
		err = edb_read_file(path, EDB_DOCUMENT_MAX, &document, &size, error);
	if (!err)
		err = hand_over(cpm, document, size, path, error);
	free(document);
	return err;
}

/* 2021: a wrapped key, base64. */
static enum edb_err sync_commandline(
	struct cli *cli, struct edb_enclave *cpm, struct edb_error *error)
{
	const char *id, *text;
	uint8_t *wrapped = NULL;
	size_t size = 0;
	int answer = -1;
	enum edb_err err = cli_need(cli, "application-id", &id, error);

	if (!err)
		err = cli_need(cli, "key-store", &text, error);
	if (!err && !edb_base64_decode(text, &wrapped, &size))
		err = edb_fail(error, EDB_E_USAGE, EDB_NO_OFFSET, "the wrapped key is not base64");
	if (!err)
		err = device_answer(
			ecall_install_application_key(cpm, &answer, id, wrapped, (uint32_t)size),
			&answer, "class key", error);
	free(wrapped);
	return err;
}

enum edb_err cmd_sync(struct cli *cli, struct edb_error *error)
{
	static const struct {
		const char *name;
		enum edb_err (*run)(struct cli *, struct edb_enclave *, struct edb_error *);
	} methods[] = {
		{"file", sync_file}, {"bundle", sync_bundle}, {"commandline", sync_commandline}};
	struct edb_enclave *cpm = NULL;
	const char *method;
	enum edb_err err = cli_need(cli, "key-method", &method, error);

	for (size_t i = 0; !err && i < sizeof methods / sizeof methods[0]; i++) {
		if (strcmp(methods[i].name, method))
			continue;
		err = device_open(&cpm, error);
		if (!err)
			err = methods[i].run(cli, cpm, error);
		edb_enclave_close(cpm);
		return err;
	}
	return err ? err
		   : edb_fail(error, EDB_E_USAGE, EDB_NO_OFFSET,
			     "-m %s: there are file, bundle and commandline", method);
}
