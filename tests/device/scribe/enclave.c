/* SPDX-License-Identifier: MIT
 *
 * An application of one MiB, whose commands write as much into secure storage, what an install of
 * it is compared with: 0 in pieces of 64 KiB, each of which OP-TEE commits alone; 1 all at once.
 */
#include <tee_internal_api.h>

#define PIECE_BYTES (64 * 1024)
#define PIECES      16

/* Most of the image; the rest is code. */
static const uint8_t ballast[PIECES * PIECE_BYTES - 32 * 1024] = {1};

TEE_Result TA_EXPORT TA_InvokeCommandEntryPoint(
	void *context, uint32_t command, uint32_t types, TEE_Param params[4])
{
	static const char name[] = "written";
	const uint8_t *volatile bytes = ballast;
	size_t at_once = command ? sizeof ballast : 0;
	TEE_ObjectHandle object = TEE_HANDLE_NULL;
	TEE_Result res = TEE_CreatePersistentObject(TEE_STORAGE_PRIVATE, name, sizeof name,
		TEE_DATA_FLAG_ACCESS_WRITE | TEE_DATA_FLAG_ACCESS_WRITE_META |
			TEE_DATA_FLAG_OVERWRITE,
		TEE_HANDLE_NULL, bytes, at_once, &object);

	(void)context;
	(void)types;
	(void)params;
	for (int i = 0; i < PIECES && !at_once && !res; i++)
		res = TEE_WriteObjectData(object, bytes, PIECE_BYTES);
	TEE_CloseObject(object);
	return res;
}
