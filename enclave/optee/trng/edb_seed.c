/* SPDX-License-Identifier: MIT
 *
 * Board hook for platforms whose OP-TEE has a driver for a hardware generator
 * (hw_get_random_bytes). Where all random numbers come from it there is nothing to seed; where
 * OP-TEE's software generator stands behind it, the seed comes from it. With CFG_INSECURE=n nothing
 * else would be linked.
 */
#include <crypto/crypto.h>
#include <kernel/panic.h>
#include <rng_support.h>
#include <string_ext.h>
#include <tee/tee_cryp_utl.h>

#define SEED_BYTES 32

void plat_rng_init(void)
{
#ifdef CFG_WITH_SOFTWARE_PRNG
	uint8_t seed[SEED_BYTES] = {0};

	if (hw_get_random_bytes(seed, sizeof seed) || crypto_rng_init(seed, sizeof seed))
		panic();
	memzero_explicit(seed, sizeof seed);
#endif
}
