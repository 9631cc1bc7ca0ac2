/* SPDX-License-Identifier: MIT
 *
 * What no application should do: commands that never return, and that read shared memory twice.
 */
#include <tee_internal_api.h>

#define COMMAND_LOOP  1
#define COMMAND_TWICE 2
#define TURNS         10000
#define LIMIT         100

static void loop(void)
{
	for (volatile bool always = true; always;)
		;
}

/* A size is checked and then read again to be used: how often it was another one by then. */
static uint32_t read_twice(const volatile uint32_t *size_ns)
{
	uint32_t wrong = 0;

	for (uint32_t turn = 0; turn < TURNS; turn++)
		if (*size_ns <= LIMIT && *size_ns > LIMIT)
			wrong++;
	return wrong;
}

TEE_Result TA_EXPORT TA_InvokeCommandEntryPoint(
	void *context, uint32_t command, uint32_t types, TEE_Param params[4])
{
	(void)context;
	if (command == COMMAND_LOOP)
		loop();
	if (command != COMMAND_TWICE ||
		types != TEE_PARAM_TYPES(TEE_PARAM_TYPE_MEMREF_INPUT, TEE_PARAM_TYPE_VALUE_OUTPUT,
				 TEE_PARAM_TYPE_NONE, TEE_PARAM_TYPE_NONE) ||
		params[0].memref.size < sizeof(uint32_t))
		return TEE_ERROR_BAD_PARAMETERS;
	params[1].value.a = read_twice(params[0].memref.buffer);
	return TEE_SUCCESS;
}
