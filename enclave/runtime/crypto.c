/* SPDX-License-Identifier: MIT */
#include "crypto.h"

void wipe(void *memory, size_t size)
{
	TEE_MemFill(memory, 0, size);
	/* The memory is "read" here, so the stores above must happen. */
	__asm__ volatile("" : : "r"(memory) : "memory");
}

bool equal_ct(const void *a, const void *b, size_t size)
{
	return TEE_MemCompare(a, b, size) == 0; /* constant-time by the API's specification */
}

enum edb_err sha256_start(TEE_OperationHandle *operation)
{
	*operation = TEE_HANDLE_NULL;
	return TEE_AllocateOperation(operation, TEE_ALG_SHA256, TEE_MODE_DIGEST, 0) ? EDB_E_NOMEM
										    : EDB_OK;
}

enum edb_err sha256_finish(TEE_OperationHandle operation, uint8_t digest[static 32])
{
	size_t size = 32;

	return TEE_DigestDoFinal(operation, NULL, 0, digest, &size) ? EDB_E_NOMEM : EDB_OK;
}

enum edb_err sha256(const void *bytes, size_t size, uint8_t digest[static 32])
{
	TEE_OperationHandle operation;
	enum edb_err err = sha256_start(&operation);

	if (!err) {
		TEE_DigestUpdate(operation, bytes, size);
		err = sha256_finish(operation, digest);
	}
	TEE_FreeOperation(operation);
	return err;
}
