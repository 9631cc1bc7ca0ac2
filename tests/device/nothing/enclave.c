/* SPDX-License-Identifier: MIT
 *
 * An application without generated code: its command does nothing, for comparison.
 */
#include <tee_internal_api.h>

TEE_Result TA_EXPORT TA_InvokeCommandEntryPoint(
	void *context, uint32_t command, uint32_t types, TEE_Param params[4])
{
	(void)context;
	(void)command;
	(void)types;
	(void)params;
	return TEE_SUCCESS;
}
