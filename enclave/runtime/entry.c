/* SPDX-License-Identifier: MIT
 *
 * The five entry points of a trusted application, on top of the application's hooks.
 */
#include <string.h>

#include "call.h"

struct session {
	void *slot; /* the application's */
	struct edb_fiber *fiber;
};

/* The session that is being served; a TEE serves one of an instance at a time. */
static struct session *current;

void **edb_session_slot(void)
{
	return &current->slot;
}

bool edb_is_ecall(const char *name)
{
	size_t length = strlen(name);

	for (uint32_t i = 0; i < edb_ecall_count; i++)
		if (strlen(edb_ecalls[i].name) == length &&
			!TEE_MemCompare(edb_ecalls[i].name, name, length))
			return true;
	return false;
}

TEE_Result TA_EXPORT TA_CreateEntryPoint(void)
{
	return edb_enclave_create();
}

void TA_EXPORT TA_DestroyEntryPoint(void)
{
	edb_enclave_destroy();
}

TEE_Result TA_EXPORT TA_OpenSessionEntryPoint(
	uint32_t param_types, TEE_Param params[4], void **session_context)
{
	TEE_Result res;

	(void)params;
	if (param_types) /* TEE_PARAM_TYPE_NONE is 0 */
		return TEE_ERROR_BAD_PARAMETERS;
	current = TEE_Malloc(sizeof *current, TEE_MALLOC_FILL_ZERO);
	if (!current)
		return TEE_ERROR_OUT_OF_MEMORY;
	res = edb_session_open(&current->slot);
	if (res)
		TEE_Free(current);
	else
		*session_context = current;
	current = NULL;
	return res;
}

void TA_EXPORT TA_CloseSessionEntryPoint(void *session_context)
{
	current = session_context;
	if (edb_dispatch.close)
		edb_dispatch.close(&current->fiber);
	edb_session_close(current->slot);
	current = NULL;
	TEE_Free(session_context);
}

TEE_Result TA_EXPORT TA_InvokeCommandEntryPoint(
	void *session_context, uint32_t command, uint32_t param_types, TEE_Param params[4])
{
	current = session_context;

	TEE_Result res = edb_dispatch.invoke(&current->fiber, command, param_types, params);

	current = NULL;
	return res;
}
