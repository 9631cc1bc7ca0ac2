/* SPDX-License-Identifier: MIT
 *
 * What an image may import: the TEE Internal Core API, and the few functions of string.h that
 * compilers call by themselves.
 */
#include <string.h>

#include <tee_internal_api.h>

#include "loader.h"

#define IMPORT(name)                                                                               \
	{                                                                                          \
#name, (void *)(uintptr_t)name                                                     \
	}

static const struct {
	const char *name;
	void *address;
} imports[] = {
	IMPORT(TEE_AEDecryptFinal),
	IMPORT(TEE_AEEncryptFinal),
	IMPORT(TEE_AEInit),
	IMPORT(TEE_AEUpdate),
	IMPORT(TEE_AEUpdateAAD),
	IMPORT(TEE_AllocateOperation),
	IMPORT(TEE_AllocatePersistentObjectEnumerator),
	IMPORT(TEE_AllocateTransientObject),
	IMPORT(TEE_AsymmetricDecrypt),
	IMPORT(TEE_AsymmetricEncrypt),
	IMPORT(TEE_AsymmetricSignDigest),
	IMPORT(TEE_AsymmetricVerifyDigest),
	IMPORT(TEE_CheckMemoryAccessRights),
	IMPORT(TEE_CloseAndDeletePersistentObject1),
	IMPORT(TEE_CloseObject),
	IMPORT(TEE_CloseTASession),
	IMPORT(TEE_CopyObjectAttributes1),
	IMPORT(TEE_CopyOperation),
	IMPORT(TEE_CreatePersistentObject),
	IMPORT(TEE_DigestDoFinal),
	IMPORT(TEE_DigestUpdate),
	IMPORT(TEE_Free),
	IMPORT(TEE_FreeOperation),
	IMPORT(TEE_FreePersistentObjectEnumerator),
	IMPORT(TEE_FreeTransientObject),
	IMPORT(TEE_GenerateKey),
	IMPORT(TEE_GenerateRandom),
	IMPORT(TEE_GetCancellationFlag),
	IMPORT(TEE_GetInstanceData),
	IMPORT(TEE_GetNextPersistentObject),
	IMPORT(TEE_GetObjectBufferAttribute),
	IMPORT(TEE_GetObjectInfo1),
	IMPORT(TEE_GetObjectValueAttribute),
	IMPORT(TEE_GetOperationInfo),
	IMPORT(TEE_GetPropertyAsBool),
	IMPORT(TEE_GetPropertyAsIdentity),
	IMPORT(TEE_GetPropertyAsString),
	IMPORT(TEE_GetPropertyAsU32),
	IMPORT(TEE_GetPropertyAsUUID),
	IMPORT(TEE_GetREETime),
	IMPORT(TEE_GetSystemTime),
	IMPORT(TEE_InitRefAttribute),
	IMPORT(TEE_InitValueAttribute),
	IMPORT(TEE_InvokeTACommand),
	IMPORT(TEE_MACCompareFinal),
	IMPORT(TEE_MACComputeFinal),
	IMPORT(TEE_MACInit),
	IMPORT(TEE_MACUpdate),
	IMPORT(TEE_Malloc),
	IMPORT(TEE_MaskCancellation),
	IMPORT(TEE_MemCompare),
	IMPORT(TEE_MemFill),
	IMPORT(TEE_MemMove),
	IMPORT(TEE_OpenPersistentObject),
	IMPORT(TEE_OpenTASession),
	IMPORT(TEE_Panic),
	IMPORT(TEE_PopulateTransientObject),
	IMPORT(TEE_ReadObjectData),
	IMPORT(TEE_Realloc),
	IMPORT(TEE_RenamePersistentObject),
	IMPORT(TEE_ResetOperation),
	IMPORT(TEE_ResetPersistentObjectEnumerator),
	IMPORT(TEE_ResetTransientObject),
	IMPORT(TEE_RestrictObjectUsage1),
	IMPORT(TEE_SeekObjectData),
	IMPORT(TEE_SetInstanceData),
	IMPORT(TEE_SetOperationKey),
	IMPORT(TEE_StartPersistentObjectEnumerator),
	IMPORT(TEE_TruncateObjectData),
	IMPORT(TEE_UnmaskCancellation),
	IMPORT(TEE_Wait),
	IMPORT(TEE_WriteObjectData),
	IMPORT(memcmp),
	IMPORT(memcpy),
	IMPORT(memmove),
	IMPORT(memset),
	IMPORT(strcmp),
	IMPORT(strlen),
	IMPORT(strncmp),
};

void *import_find(const char *name)
{
	for (size_t i = 0; i < sizeof imports / sizeof imports[0]; i++)
		if (!strcmp(imports[i].name, name))
			return imports[i].address;
	return NULL;
}
