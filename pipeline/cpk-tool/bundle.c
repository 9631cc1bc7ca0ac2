/* SPDX-License-Identifier: MIT
 *
 * A key bundle from a development key service: contract/documents.cddl.
 */
#include <stdlib.h>
#include <string.h>

#include "device.h"
#include "policy.h"
#include "signer.h"

static enum edb_err wrap(struct cli *cli, struct edb_enclave *cpm,
	const uint8_t key[CPK_CLASS_KEY_BYTES], uint8_t wrapped[EDB_WRAPPED_KEY_BYTES])
{
	uint8_t out[EDB_SIGNATURE_MAX];
	struct edb_public_key *device = NULL;
	size_t size = 0;
	enum edb_err err = device_key(cli, cpm, EDB_KEY_WRAPPING, &device);

	if (!err)
		err = edb_wrap_key(device, true, key, CPK_CLASS_KEY_BYTES, out, &size, &cli->error);
	edb_public_key_free(device);
	if (!err && size != EDB_WRAPPED_KEY_BYTES)
		err = cli_fail(cli, EDB_E_TEE, NULL, "the device's wrapping key is not RSA-3072");
	if (!err)
		memcpy(wrapped, out, EDB_WRAPPED_KEY_BYTES);
	return err;
}

enum edb_err bundle_make(struct cli *cli, struct edb_enclave *cpm,
	const struct bundle_request *request, const uint8_t key[CPK_CLASS_KEY_BYTES],
	uint8_t **document, size_t *size)
{
	struct edb_key_bundle bundle = {.key_version = request->key_version,
		.lowest_version = request->lowest_version,
		.epoch = request->epoch,
		.counter = request->counter};
	struct edb_signer *service = NULL;
	struct device_state state = {0};
	uint8_t *payload = NULL;
	size_t payload_size = 0;
	enum edb_err err = EDB_OK;

	if (!edb_uuid_decode(request->application_id, bundle.id))
		return cli_fail(cli, EDB_E_ARG, NULL, "%s is not a UUID in lower case",
			request->application_id);
	memcpy(bundle.vendor, request->vendor, sizeof bundle.vendor);
	err = edb_signer_open(request->service_key, &service, &cli->error);
	if (!err)
		err = device_state(cli, cpm, &state);
	if (!err)
		err = wrap(cli, cpm, key, bundle.wrapped);
	if (!err) {
		memcpy(bundle.device, state.id, sizeof bundle.device);
		err = edb_key_bundle_encode(&bundle, &payload, &payload_size, &cli->error);
	}
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
