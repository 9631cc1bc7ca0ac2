/* SPDX-License-Identifier: MIT
 *
 * What the CPM knows of the simulator.
 */
#include "cpm.h"

const struct platform platform = {
	.tee_kind = "simtee",
#if defined(__x86_64__)
	.arch = "x86_64",
#elif defined(__aarch64__)
	.arch = "aarch64",
#else
#error "simtee does not know this architecture"
#endif
	.rollback_protection = false, /* its storage is a folder that anybody can put back */
	.is_development = true,       /* a simulator is never anything else */
};

bool platform_takes_root(const uint8_t root[static KEY_ID_BYTES])
{
	(void)root;
	return true;
}
