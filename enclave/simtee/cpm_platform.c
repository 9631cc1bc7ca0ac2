/* SPDX-License-Identifier: MIT
 *
 * What the CPM knows of the simulator.
 */
#include "platform.h"

const char *platform_tee_kind(void)
{
	return "simtee";
}

const char *platform_arch(void)
{
#if defined(__x86_64__)
	return "x86_64";
#elif defined(__aarch64__)
	return "aarch64";
#else
#error "simtee does not know this architecture"
#endif
}

bool platform_rollback_protection(void)
{
	return false; /* its storage is a folder that anybody can put back */
}

bool platform_is_development(void)
{
	return true; /* a simulator is never anything else */
}

bool platform_takes_root(const uint8_t root[static KEY_ID_BYTES])
{
	(void)root;
	return true;
}
