/* SPDX-License-Identifier: MIT
 *
 * The start of a trusted application's section .ta_head, as OP-TEE lays it out. Plain data; the
 * loader and the image store read it, too.
 */
#ifndef EDB_TA_HEAD_H
#define EDB_TA_HEAD_H

#include <stdint.h>
#include <tee_internal_api.h>

/* Bits of flags; OP-TEE's values. */
#define TA_FLAG_SINGLE_INSTANCE     (1u << 2)
#define TA_FLAG_MULTI_SESSION       (1u << 3)
#define TA_FLAG_INSTANCE_KEEP_ALIVE (1u << 4)

struct ta_head {
	TEE_UUID uuid;
	uint32_t stack_size; /* bytes */
	uint32_t flags;
	uint64_t depr_entry; /* all ones: entered through exported symbols */
};

#endif
