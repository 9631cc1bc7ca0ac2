/* SPDX-License-Identifier: MIT
 *
 * The trusted part of template.
 */
#include "template_t.h"

uint32_t ecall_add(uint32_t a, uint32_t b)
{
	return a + b;
}
