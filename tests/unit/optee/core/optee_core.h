/* SPDX-License-Identifier: MIT
 *
 * What enclave/optee/image_check.c takes from OP-TEE's core, so that it compiles here. The other
 * headers of this folder have the names of OP-TEE's and lead here.
 */
#ifndef OPTEE_CORE_FOR_TEST_H
#define OPTEE_CORE_FOR_TEST_H

#include <elf.h>
#include <stdint.h>
#include <string.h>

#include "tee_api_defines.h"
#include "tee_api_types.h"

#define __aligned(x) __attribute__((aligned(x)))

#define ROUNDUP(v, to) (((v) + (to)-1) / (to) * (to))

#define IS_ELF(header) (!memcmp((header).e_ident, ELFMAG, SELFMAG))

#define TA_FLAG_INSTANCE_KEEP_ALIVE (1u << 4)

struct ta_head {
	TEE_UUID uuid;
	uint32_t stack_size;
	uint32_t flags;
	uint64_t depr_entry;
};

static inline void tee_uuid_from_octets(TEE_UUID *d, const uint8_t *s)
{
	d->timeLow = (uint32_t)s[0] << 24 | (uint32_t)s[1] << 16 | (uint32_t)s[2] << 8 | s[3];
	d->timeMid = (uint16_t)(s[4] << 8 | s[5]);
	d->timeHiAndVersion = (uint16_t)(s[6] << 8 | s[7]);
	memcpy(d->clockSeqAndNode, &s[8], sizeof d->clockSeqAndNode);
}

#endif
