/* SPDX-License-Identifier: MIT
 *
 * What an application does not say itself; its own definitions take the place of these. The
 * constants must not lie in a file that uses them: a compiler may believe a constant that it sees,
 * weak or not.
 */
#include "call.h"

const uint32_t __attribute__((weak)) edb_call_input_max = 64 * 1024;
const uint32_t __attribute__((weak)) edb_call_output_max = 64 * 1024;

TEE_Result __attribute__((weak)) edb_enclave_create(void)
{
	return TEE_SUCCESS;
}

void __attribute__((weak)) edb_enclave_destroy(void)
{
}

TEE_Result __attribute__((weak)) edb_session_open(void **slot)
{
	(void)slot;
	return TEE_SUCCESS;
}

void __attribute__((weak)) edb_session_close(void *slot)
{
	(void)slot;
}
