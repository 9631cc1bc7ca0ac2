/* SPDX-License-Identifier: MIT
 *
 * An application that has OP-TEE's loader map another vendor's image, the sample's, into its own
 * memory: as a library that it asks for, and, in its other image, as one that it says it needs.
 */
#include <pta_system.h>
#include <tee_internal_api.h>

#define RTLD_NOW_GLOBAL_NODELETE 0x1102u /* dlfcn.h; nothing else is taken */

#ifdef THIEF_NEEDS
extern int victim; /* stub.c */
#endif

static const TEE_UUID sample = {
	0x5f3c1d6e, 0x2b74, 0x4c8f, {0x9a, 0x51, 0x7d, 0x0e, 0x6b, 0x3f, 0x8c, 0x24}};

/* Command: the number of one of OP-TEE's for applications. What it answered is in the value. */
TEE_Result TA_EXPORT TA_InvokeCommandEntryPoint(
	void *context, uint32_t command, uint32_t types, TEE_Param params[4])
{
	static const TEE_UUID system = PTA_SYSTEM_UUID;
	TEE_UUID uuid = sample;
	TEE_Param asked[4] = {{.memref = {&uuid, sizeof uuid}},
		{.value = {command == PTA_SYSTEM_DLOPEN ? RTLD_NOW_GLOBAL_NODELETE : 0, 0}}};
	uint32_t second = command == PTA_SYSTEM_DLOPEN ? TEE_PARAM_TYPE_VALUE_INPUT
						       : TEE_PARAM_TYPE_VALUE_OUTPUT;
	TEE_TASessionHandle session = TEE_HANDLE_NULL;
	TEE_Result res;

	(void)context;
	if (types != TEE_PARAM_TYPES(TEE_PARAM_TYPE_VALUE_OUTPUT, 0, 0, 0))
		return TEE_ERROR_BAD_PARAMETERS;
#ifdef THIEF_NEEDS
	asked[1].value.b = (uint32_t)victim;
#endif
	res = TEE_OpenTASession(&system, TEE_TIMEOUT_INFINITE, 0, NULL, &session, NULL);
	if (res)
		return res;
	params[0].value.a = TEE_InvokeTACommand(session, TEE_TIMEOUT_INFINITE, command,
		TEE_PARAM_TYPES(TEE_PARAM_TYPE_MEMREF_INPUT, second, 0, 0), asked, NULL);
	TEE_CloseTASession(session);
	return TEE_SUCCESS;
}
