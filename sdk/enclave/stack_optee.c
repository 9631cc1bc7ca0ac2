/* SPDX-License-Identifier: MIT
 *
 * On OP-TEE: pages of its own, between two that nobody can touch, so that an overrun ends the
 * instance at once. Through the system pseudo-TA (pta_system.h).
 */
#include <pta_system.h>
#include <tee_internal_api.h>

#include "stack.h"

#define PAGE_BYTES 4096u

static TEE_Result ask_system(uint32_t command, uint32_t types, TEE_Param params[4])
{
	static const TEE_UUID system = PTA_SYSTEM_UUID;
	TEE_TASessionHandle session = TEE_HANDLE_NULL;
	TEE_Param none[4] = {0};
	uint32_t origin = 0;
	TEE_Result res =
		TEE_OpenTASession(&system, TEE_TIMEOUT_INFINITE, 0, none, &session, &origin);

	if (!res)
		res = TEE_InvokeTACommand(
			session, TEE_TIMEOUT_INFINITE, command, types, params, &origin);
	TEE_CloseTASession(session);
	return res;
}

uint64_t *edb_stack_new(size_t bytes)
{
	TEE_Param p[4] = {0};

	p[0].value.a = (uint32_t)bytes;
	p[2].value.a = p[2].value.b = PAGE_BYTES; /* the two guards */
	if (ask_system(PTA_SYSTEM_MAP_ZI,
		    TEE_PARAM_TYPES(TEE_PARAM_TYPE_VALUE_INPUT, TEE_PARAM_TYPE_VALUE_INOUT,
			    TEE_PARAM_TYPE_VALUE_INPUT, TEE_PARAM_TYPE_NONE),
		    p))
		return NULL;
	return (uint64_t *)(uintptr_t)((uint64_t)p[1].value.a << 32 | p[1].value.b);
}

void edb_stack_free(uint64_t *stack, size_t bytes)
{
	TEE_Param p[4] = {0};

	p[0].value.a = (uint32_t)bytes;
	p[1].value.a = (uint32_t)((uint64_t)(uintptr_t)stack >> 32);
	p[1].value.b = (uint32_t)(uintptr_t)stack;
	/* What cannot be unmapped goes with the instance. */
	(void)ask_system(PTA_SYSTEM_UNMAP,
		TEE_PARAM_TYPES(TEE_PARAM_TYPE_VALUE_INPUT, TEE_PARAM_TYPE_VALUE_INPUT,
			TEE_PARAM_TYPE_NONE, TEE_PARAM_TYPE_NONE),
		p);
}
