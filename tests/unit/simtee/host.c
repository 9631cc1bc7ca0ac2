/* SPDX-License-Identifier: MIT */
#include "host.h"

#include <string.h>

struct device device;
TEEC_Context context;

int host_set_up(void **state)
{
	(void)state;
	device_make(&device);
	device_start_probes(&device);
	return (int)TEEC_InitializeContext(NULL, &context);
}

int host_tear_down(void **state)
{
	(void)state;
	TEEC_FinalizeContext(&context);
	if (device.pid)
		assert_int_equal(device_stop(&device), 0);
	device_remove(&device);
	return 0;
}

TEEC_UUID probe(uint32_t number)
{
	return (TEEC_UUID)PROBE_UUID(number);
}

TEEC_Result try_open(TEEC_Session *session, uint32_t number)
{
	const TEEC_UUID uuid = probe(number);

	return TEEC_OpenSession(&context, session, &uuid, TEEC_LOGIN_PUBLIC, NULL, NULL, NULL);
}

void open_probe(TEEC_Session *session, uint32_t number)
{
	assert_int_equal(try_open(session, number), TEEC_SUCCESS);
}

TEEC_Result simple(TEEC_Session *session, uint32_t command)
{
	return TEEC_InvokeCommand(session, command, NULL, NULL);
}

TEEC_Result with_value(TEEC_Session *session, uint32_t command, uint32_t value)
{
	TEEC_Operation operation = {.paramTypes = TEEC_VALUE_INPUT, .params[0].value.a = value};

	return TEEC_InvokeCommand(session, command, &operation, NULL);
}

uint32_t count_of(TEEC_Session *session)
{
	TEEC_Operation operation = {.paramTypes = TEEC_VALUE_OUTPUT};

	assert_int_equal(TEEC_InvokeCommand(session, PROBE_COUNT, &operation, NULL), TEEC_SUCCESS);
	return operation.params[0].value.a;
}

void allocate(TEEC_SharedMemory *memory, size_t size)
{
	*memory = (TEEC_SharedMemory){.size = size, .flags = TEEC_MEM_INPUT | TEEC_MEM_OUTPUT};
	assert_int_equal(TEEC_AllocateSharedMemory(&context, memory), TEEC_SUCCESS);
}
