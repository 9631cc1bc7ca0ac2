/* SPDX-License-Identifier: MIT */
#include <kernel/pseudo_ta.h>

#include "quote.h"
#include "quoter.h"

static TEE_Result invoke(
	void *context __unused, uint32_t command, uint32_t types, TEE_Param params[TEE_NUM_PARAMS])
{
	TEE_Param bounced[TEE_NUM_PARAMS] = {0}, *p = NULL;
	TEE_Result res = to_bounce_params(types, params, bounced, &p);

	if (res)
		return res;
	if (command == EDB_QUOTE_MAKE && p[0].memref.size == EDB_QUOTE_NONCE_BYTES &&
		p[1].memref.size == EDB_QUOTE_BYTES_MAX)
		res = quote_make(NULL, p);
	else if (command == EDB_QUOTE_PUBLIC_KEY && p[0].memref.size == EDB_QUOTE_SPKI_BYTES)
		res = quote_public_key(NULL, p);
	else
		res = TEE_ERROR_BAD_PARAMETERS;
	return res ? res : from_bounce_params(types, params, bounced, p);
}

pseudo_ta_register(.uuid = QUOTER_UUID, .name = "quoter of tests", .flags = PTA_DEFAULT_FLAGS,
	.invoke_command_entry_point = invoke);
