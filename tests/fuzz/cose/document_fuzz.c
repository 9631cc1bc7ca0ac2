/* SPDX-License-Identifier: MIT
 *
 * Any bytes as a signed document: lib/cose and the CPM's reader must agree on whether it is one,
 * and what is accepted must encode to the same bytes again. Signatures are left out, since no
 * fuzzer guesses one.
 */
#include <stdlib.h>
#include <string.h>

#include "policy.h"
#include "trusted_judge.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
	if (!holds)
		abort();
}

static enum edb_err host_read(const uint8_t *data, size_t size)
{
	static struct edb_operator_policy operator_;
	struct edb_device_policy device;
	struct edb_key_bundle bundle;
	struct edb_document d;
	uint8_t *again = NULL;
	size_t again_size = 0;
	enum edb_err err = edb_document_parse(data, size, &d, NULL);

	if (err)
		return err;
	if (d.type == EDB_DOCUMENT_DEVICE_POLICY) {
		err = edb_device_policy_decode(d.payload, d.payload_size, &device, NULL);
		must(err || !edb_device_policy_encode(&device, &again, &again_size, NULL));
	} else if (d.type == EDB_DOCUMENT_OPERATOR_POLICY) {
		err = edb_operator_policy_decode(d.payload, d.payload_size, &operator_, NULL);
		must(err || !edb_operator_policy_encode(&operator_, &again, &again_size, NULL));
	} else {
		err = edb_key_bundle_decode(d.payload, d.payload_size, &bundle, NULL);
		must(err || !edb_key_bundle_encode(&bundle, &again, &again_size, NULL));
	}
	must(err || (again_size == d.payload_size && !memcmp(again, d.payload, again_size)));
	free(again);
	return err;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	must(host_read(data, size) == trusted_read(data, size));
	return 0;
}
