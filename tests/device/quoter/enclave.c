/* SPDX-License-Identifier: MIT */
#include <tee_internal_api.h>

#include "edb_quote.h"
#include "image_store.h"
#include "quoter.h"
#include "quoter_t.h"

static TEE_Result ask(const TEE_UUID *pta, uint32_t command, uint32_t types, TEE_Param p[4])
{
	TEE_TASessionHandle session = TEE_HANDLE_NULL;
	TEE_Param none[4] = {0};
	uint32_t origin = 0;
	TEE_Result res = TEE_OpenTASession(pta, TEE_TIMEOUT_INFINITE, 0, none, &session, &origin);

	if (!res)
		res = TEE_InvokeTACommand(
			session, TEE_TIMEOUT_INFINITE, command, types, p, &origin);
	TEE_CloseTASession(session);
	return res;
}

static TEE_Result quote_of(const TEE_UUID *pta, uint8_t nonce[32], uint8_t *quote, uint32_t *size)
{
	TEE_Param p[4] = {{.memref = {nonce, EDB_QUOTE_NONCE_BYTES}},
		{.memref = {quote, EDB_QUOTE_BYTES_MAX}}};
	TEE_Result res = ask(pta, EDB_QUOTE_MAKE,
		TEE_PARAM_TYPES(TEE_PARAM_TYPE_MEMREF_INPUT, TEE_PARAM_TYPE_MEMREF_OUTPUT, 0, 0),
		p);

	*size = (uint32_t)p[1].memref.size;
	return res;
}

uint32_t ecall_quote(uint8_t *nonce, uint8_t *quote, uint32_t *size)
{
	static const TEE_UUID pta = QUOTER_UUID;

	return quote_of(&pta, nonce, quote, size);
}

uint32_t ecall_public_key(uint8_t *spki)
{
	static const TEE_UUID pta = QUOTER_UUID;
	TEE_Param p[4] = {{.memref = {spki, EDB_QUOTE_SPKI_BYTES}}};

	return ask(&pta, EDB_QUOTE_PUBLIC_KEY,
		TEE_PARAM_TYPES(TEE_PARAM_TYPE_MEMREF_OUTPUT, 0, 0, 0), p);
}

uint32_t ecall_knock(void)
{
	static const TEE_UUID pta = EDB_IMAGE_STORE_UUID;
	uint8_t nonce[EDB_QUOTE_NONCE_BYTES] = {0}, quote[EDB_QUOTE_BYTES_MAX];
	uint32_t size = 0;

	return quote_of(&pta, nonce, quote, &size);
}
