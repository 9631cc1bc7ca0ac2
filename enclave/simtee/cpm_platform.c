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
	.maker_root = "",             /* a simulator is for development, never anything else */
};
