/* SPDX-License-Identifier: MIT
 *
 * An application with something to hide: 64 bytes in its code, 64 in its data. A test replaces both
 * by random ones in the image before it packs it, and looks for them in memory while this runs.
 */
#include <tee_internal_api.h>

static char in_data[] = "*** here be 64 bytes that the test will replace: in the data ***";

/* Uses both, and gives nothing of them away. */
TEE_Result TA_EXPORT TA_InvokeCommandEntryPoint(
	void *context, uint32_t command, uint32_t types, TEE_Param params[4])
{
	char *data = in_data;

	(void)context;
	(void)command;
	(void)types;
	(void)params;
	__asm__ volatile(
		"b 1f\n\t"
		".ascii \"*** here be 64 bytes that the test will replace: in the code ***\"\n"
		"1:"
		: "+r"(data)
		:
		: "memory");
	return *data ? TEE_SUCCESS : TEE_ERROR_GENERIC;
}
