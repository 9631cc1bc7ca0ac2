/* SPDX-License-Identifier: MIT
 *
 * An application with the CPM's UUID that hands a host's calls on to the image store. For tests
 * only: nothing that decides may ever do that.
 */
#include <tee_internal_api.h>

#include "image_store.h"

TEE_Result TA_CreateEntryPoint(void)
{
	return TEE_SUCCESS;
}

void TA_DestroyEntryPoint(void)
{
}

/* A session of the host's is one of the store's. */
TEE_Result TA_OpenSessionEntryPoint(uint32_t types, TEE_Param p[4], void **context)
{
	static const TEE_UUID store = EDB_IMAGE_STORE_UUID;
	TEE_TASessionHandle session = TEE_HANDLE_NULL;
	TEE_Param none[4] = {0};
	uint32_t origin;
	TEE_Result res;

	(void)types;
	(void)p;
	res = TEE_OpenTASession(&store, TEE_TIMEOUT_INFINITE, 0, none, &session, &origin);
	*context = session;
	return res;
}

void TA_CloseSessionEntryPoint(void *context)
{
	TEE_CloseTASession(context);
}

TEE_Result TA_InvokeCommandEntryPoint(
	void *context, uint32_t command, uint32_t types, TEE_Param p[4])
{
	uint32_t origin;

	return TEE_InvokeTACommand(context, TEE_TIMEOUT_INFINITE, command, types, p, &origin);
}
