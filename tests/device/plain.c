/* SPDX-License-Identifier: MIT
 *
 * Four of the five entry points of the applications here that have no EDL file: they do nothing.
 */
#include <tee_internal_api.h>

TEE_Result TA_EXPORT TA_CreateEntryPoint(void)
{
	return TEE_SUCCESS;
}

void TA_EXPORT TA_DestroyEntryPoint(void)
{
}

TEE_Result TA_EXPORT TA_OpenSessionEntryPoint(uint32_t types, TEE_Param params[4], void **context)
{
	(void)types;
	(void)params;
	(void)context;
	return TEE_SUCCESS;
}

void TA_EXPORT TA_CloseSessionEntryPoint(void *context)
{
	(void)context;
}
