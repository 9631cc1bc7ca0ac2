/* SPDX-License-Identifier: MIT
 *
 * OP-TEE, as device/image builds it. The maker's root is compiled in, so that the measured image
 * says who may provision the device; an image without one is for development. MAKER_ROOT is a
 * string: 64 hexadecimal digits (edb-policy id), or empty.
 */
#include "cpm.h"

const struct platform platform = {
	.tee_kind = "OP-TEE",
	.arch = "aarch64",
	.rollback_protection = true, /* the board's monotonic counter: docs/porting.md */
	.maker_root = MAKER_ROOT,
};
