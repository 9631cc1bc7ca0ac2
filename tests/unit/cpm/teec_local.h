/* SPDX-License-Identifier: MIT */
#ifndef TEST_TEEC_LOCAL_H
#define TEST_TEEC_LOCAL_H

#include <tee_internal_api.h>

/* One call on its way in, as a fuzzer may change it: command, types, and what the references point
 * to. A buffer is replaced by freeing it and allocating another, of exactly its size. */
struct teec_local_call {
	uint32_t command, types;
	TEE_Param params[4];
};

/** From now on: asked before every call, and told what came of it. NULL: nobody. */
void teec_local_set_hooks(void (*before)(struct teec_local_call *call),
	void (*after)(const struct teec_local_call *call, TEE_Result res));

/** The application's instance and its sessions are gone, without a word to it. */
void teec_local_power_cut(void);

#endif
