/* SPDX-License-Identifier: MIT
 *
 * OP-TEE, as device/image builds it. The maker's root is compiled in, so that the measured image
 * says who may provision the device; an image without one is for development. MAKER_ROOT is a
 * string: 64 hexadecimal digits (edb-policy id), or empty.
 */
#include "cpm.h"

#include "uuid.h"

const struct platform platform = {
	.tee_kind = "OP-TEE",
	.arch = "aarch64",
	.rollback_protection = true, /* the board's monotonic counter: docs/porting.md */
	.is_development = sizeof MAKER_ROOT == 1,
};

bool platform_takes_root(const uint8_t root[static KEY_ID_BYTES])
{
	uint8_t maker[KEY_ID_BYTES];

	if (platform.is_development)
		return true;
	return !hex_parse(MAKER_ROOT, maker, sizeof maker) && equal_ct(root, maker, sizeof maker);
}
