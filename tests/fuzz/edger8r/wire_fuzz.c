/* SPDX-License-Identifier: MIT
 *
 * Any bytes as an ecall: the first is the command, the next two the size of parameter 1, the rest
 * is parameter 0. The enclave behind it is that of tests/unit/edger8r/roundtrip_test.
 */
#include "fake_tee.h"

#include <stdlib.h>
#include <string.h>

#include "call.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	TEE_Param params[4] = {0};
	void *session = NULL;

	if (size < 3 || TA_OpenSessionEntryPoint(0, params, &session))
		return 0;

	uint32_t command = data[0] % (edb_ecall_count + 1);
	uint32_t types = command < edb_ecall_count ? edb_ecalls[command].param_types : 0;
	size_t in_size = size - 3, out_size = data[1] | (size_t)data[2] << 8;
	uint8_t *in_ns = malloc(in_size ? in_size : 1);
	uint8_t *out_ns = malloc(out_size ? out_size : 1);

	if (!in_ns || !out_ns)
		abort();
	memcpy(in_ns, &data[3], in_size);
	if (types & 0xf) {
		params[0].memref.buffer = in_ns;
		params[0].memref.size = in_size;
	}
	if (types & 0xf0) {
		params[1].memref.buffer = out_ns;
		params[1].memref.size = out_size;
	}
	(void)TA_InvokeCommandEntryPoint(session, command, types, params);
	TA_CloseSessionEntryPoint(session);
	if (fake.live_blocks || fake.unwiped)
		abort();
	free(in_ns);
	free(out_ns);
	return 0;
}
