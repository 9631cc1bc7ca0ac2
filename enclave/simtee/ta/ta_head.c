/* SPDX-License-Identifier: MIT
 *
 * What a TEE's loader reads of an application before anything of it runs. Compiled once for each
 * application, with the application's own user_ta_header_defines.h: the file, and the names in it,
 * that OP-TEE's development kit asks for, too.
 *
 *	TA_UUID		initialiser of a TEE_UUID
 *	TA_FLAGS	TA_FLAG_SINGLE_INSTANCE, TA_FLAG_MULTI_SESSION, … ; 0
 *	TA_STACK_SIZE	bytes
 *	TA_DATA_SIZE	bytes of heap: what TEE_Malloc may give in all
 */
#include "ta_head.h"

#include "user_ta_header_defines.h"

const struct ta_head TA_EXPORT ta_head __attribute__((section(".ta_head"))) = {
	.uuid = TA_UUID,
	.stack_size = TA_STACK_SIZE,
	.flags = TA_FLAGS,
	.depr_entry = UINT64_MAX,
};

const uint64_t TA_EXPORT ta_heap_size = TA_DATA_SIZE;
