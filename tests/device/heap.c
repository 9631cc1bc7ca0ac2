/* SPDX-License-Identifier: MIT
 *
 * heap: bytes of OP-TEE's own heap that are taken now, and the most that were since the last time
 * this ran. Asks OP-TEE's statistics (lib/libutee/include/pta_stats.h), which profile test alone
 * has.
 */
#include <inttypes.h>
#include <stdio.h>

#include <tee_client_api.h>

#define COMMAND_ALLOC 1
#define POOL_HEAP     1

static const TEEC_UUID statistics = {
	0xd96a5b40, 0xe2c7, 0xb1af, {0x87, 0x94, 0x10, 0x02, 0xa5, 0xd5, 0xc6, 0x1b}};

struct pool {
	char name[32];
	uint64_t free_squares;
	uint32_t now, most, size, failures, failed, failed_when;
};

int main(void)
{
	struct pool pool = {0};
	TEEC_Operation operation = {.paramTypes = TEEC_PARAM_TYPES(TEEC_VALUE_INPUT,
					    TEEC_MEMREF_TEMP_OUTPUT, TEEC_NONE, TEEC_NONE)};
	TEEC_Context context;
	TEEC_Session session;

	operation.params[0].value.a = POOL_HEAP;
	operation.params[0].value.b = 1; /* count the most anew from here */
	operation.params[1].tmpref.buffer = &pool;
	operation.params[1].tmpref.size = sizeof pool;
	if (TEEC_InitializeContext(NULL, &context) ||
		TEEC_OpenSession(
			&context, &session, &statistics, TEEC_LOGIN_PUBLIC, NULL, NULL, NULL) ||
		TEEC_InvokeCommand(&session, COMMAND_ALLOC, &operation, NULL))
		return 1;
	printf("%" PRIu32 " %" PRIu32 "\n", pool.now, pool.most);
	TEEC_CloseSession(&session);
	TEEC_FinalizeContext(&context);
	return 0;
}
