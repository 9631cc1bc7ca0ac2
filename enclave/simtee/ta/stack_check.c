/* SPDX-License-Identifier: MIT
 *
 * What the compiler's stack protector calls when a function overran its array. On OP-TEE the
 * development kit brings it.
 */
#include <tee_internal_api.h>

void __stack_chk_fail(void) __attribute__((noreturn));

void __stack_chk_fail(void)
{
	TEE_Panic(TEE_ERROR_OVERFLOW);
}
