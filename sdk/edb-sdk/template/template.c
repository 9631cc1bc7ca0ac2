/* SPDX-License-Identifier: MIT
 *
 * The host part of template.
 */
#include "template_id.h"
#include "template_u.h"

#include <stdio.h>

int main(void)
{
	static const TEEC_UUID uuid = TEMPLATE_UUID;
	struct edb_enclave *enclave = NULL;
	uint32_t sum = 0;
	TEEC_Result result = edb_enclave_open(NULL, &uuid, &enclave);

	if (!result)
		result = ecall_add(enclave, &sum, 2, 3);
	edb_enclave_close(enclave);
	if (result) {
		fprintf(stderr, "template: TEE error 0x%08x; is the application installed?\n",
			(unsigned int)result);
		return 1;
	}
	printf("2 + 3 = %u, says the enclave\n", (unsigned int)sum);
	return 0;
}
