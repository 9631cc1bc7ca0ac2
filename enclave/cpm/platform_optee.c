/* SPDX-License-Identifier: MIT
 *
 * OP-TEE, as device/image builds it. The maker's root is compiled in, so that the measured image
 * says who may provision the device; an image without one is for development. MAKER_ROOT is a
 * string: 64 hexadecimal digits (edb-policy id), or empty.
 */
#include "platform.h"

#include "uuid.h"

const char *platform_tee_kind(void)
{
	return "OP-TEE";
}

const char *platform_arch(void)
{
	return "aarch64";
}

bool platform_rollback_protection(void)
{
	return true; /* the board's monotonic counter: docs/porting.md */
}

bool platform_is_development(void)
{
	return sizeof MAKER_ROOT == 1;
}

bool platform_takes_root(const uint8_t root[static KEY_ID_BYTES])
{
	uint8_t maker[KEY_ID_BYTES];

	if (platform_is_development())
		return true;
	return !hex_parse(MAKER_ROOT, maker, sizeof maker) && equal_ct(root, maker, sizeof maker);
}
