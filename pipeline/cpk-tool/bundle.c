/* SPDX-License-Identifier: MIT
 *
 * A key bundle from a development key service: contract/documents.cddl.
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "device.h"
#include "policy.h"
#include "signer.h"

/* Without a state to keep, the time grows by itself: seconds, then nanoseconds. */
static enum edb_err fill_number(struct cli *cli, const char *text, struct bundle_request *request)
{
	unsigned long long epoch = 0, counter = 0;
	const char *dot = text ? strchr(text, '.') : NULL;
	char first[16] = "";
	struct timespec now = {0};

	if (!text) {
		clock_gettime(CLOCK_REALTIME, &now);
		request->epoch = (uint32_t)now.tv_sec;
		request->counter = (uint32_t)now.tv_nsec;
		return EDB_OK;
	}
	if (dot && dot - text < (int)sizeof first)
		memcpy(first, text, (size_t)(dot - text));
	if (!dot || !cli_number(first, 0, UINT32_MAX, &epoch) ||
		!cli_number(dot + 1, 0, UINT32_MAX, &counter))
		return cli_fail(cli, EDB_E_USAGE, NULL, "--number is EPOCH.COUNTER, two numbers");
	request->epoch = (uint32_t)epoch;
	request->counter = (uint32_t)counter;
	return EDB_OK;
}

enum edb_err bundle_request_fill(
	struct cli *cli, const struct bundle_values *v, struct bundle_request *request)
{
	unsigned long long version = 1, lowest = 0;
	enum edb_err err;

	request->application_id = v->id;
	request->service_key = v->service_key;
	if ((v->key_version && !cli_number(v->key_version, 1, UINT32_MAX, &version)) ||
		(v->lowest_version && !cli_number(v->lowest_version, 0, version, &lowest)))
		return cli_fail(cli, EDB_E_USAGE, NULL,
			"--key-version is 1 or more, --lowest-version no higher");
	request->key_version = (uint32_t)version;
	request->lowest_version = (uint32_t)lowest;
	if (!v->vendor_key) {
		cli_hint(cli, "a class key opens only what one vendor signed: name the certificate "
			      "that the package was built with");
		return cli_fail(cli, EDB_E_USAGE, NULL, "--vendor-key FILE is missing");
	}
	err = key_id_load(cli, v->vendor_key, request->vendor);
	return err ? err : fill_number(cli, v->number, request);
}

static enum edb_err wrap(struct cli *cli, const struct edb_public_key *device,
	const uint8_t key[CPK_CLASS_KEY_BYTES], uint8_t wrapped[EDB_WRAPPED_KEY_BYTES])
{
	uint8_t out[EDB_SIGNATURE_MAX];
	size_t size = 0;
	enum edb_err err =
		edb_wrap_key(device, true, key, CPK_CLASS_KEY_BYTES, out, &size, &cli->error);

	if (!err && size != EDB_WRAPPED_KEY_BYTES)
		err = cli_fail(cli, EDB_E_TEE, NULL, "the device's wrapping key is not RSA-3072");
	if (!err)
		memcpy(wrapped, out, EDB_WRAPPED_KEY_BYTES);
	return err;
}

enum edb_err bundle_make(struct cli *cli, const struct bundle_device *device,
	const struct bundle_request *request, const uint8_t key[CPK_CLASS_KEY_BYTES],
	uint8_t **document, size_t *size)
{
	struct edb_key_bundle bundle = {.key_version = request->key_version,
		.lowest_version = request->lowest_version,
		.epoch = request->epoch,
		.counter = request->counter};
	struct edb_signer *service = NULL;
	uint8_t *payload = NULL;
	size_t payload_size = 0;
	enum edb_err err = EDB_OK;

	if (!edb_uuid_decode(request->application_id, bundle.id))
		return cli_fail(cli, EDB_E_ARG, NULL, "%s is not a UUID in lower case",
			request->application_id);
	memcpy(bundle.vendor, request->vendor, sizeof bundle.vendor);
	memcpy(bundle.device, device->id, sizeof bundle.device);
	err = edb_signer_open(request->service_key, &service, &cli->error);
	if (!err)
		err = wrap(cli, device->wrapping, key, bundle.wrapped);
	if (!err)
		err = edb_key_bundle_encode(&bundle, &payload, &payload_size, &cli->error);
	if (!err)
		err = cli_about(cli,
			edb_document_sign(EDB_DOCUMENT_KEY_BUNDLE, payload, payload_size, service,
				document, size, &cli->error),
			"%.*s", (int)strcspn(request->service_key, "?"), request->service_key);
	if (err == EDB_E_ARG)
		cli_hint(cli, "a key service has a P-256 key: cpk-tool keygen --service-key");
	free(payload);
	edb_signer_free(service);
	return err;
}
