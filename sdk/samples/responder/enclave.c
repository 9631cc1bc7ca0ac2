/* SPDX-License-Identifier: MIT
 *
 * The trusted part of the responder: the secret, and the one thing that is done with it.
 */
#include <tee_internal_api.h>

#include "responder_t.h"
#include "secret.h" /* made at build time; see meson.build */

#define HMAC_SHA256_BYTES 32

static const uint8_t secret[] = RESPONDER_SECRET;

_Static_assert(sizeof secret == HMAC_SHA256_BYTES, "as long as the digest");

/* TEE_SUCCESS, or what the TEE's cryptography says. */
static TEE_Result make_key(TEE_ObjectHandle *key)
{
	TEE_Attribute attribute;
	TEE_Result res = TEE_AllocateTransientObject(TEE_TYPE_HMAC_SHA256, sizeof secret * 8, key);

	if (res)
		return res;
	TEE_InitRefAttribute(&attribute, TEE_ATTR_SECRET_VALUE, secret, sizeof secret);
	return TEE_PopulateTransientObject(*key, &attribute, 1);
}

int ecall_respond(uint8_t *challenge, uint8_t *answer)
{
	TEE_ObjectHandle key = TEE_HANDLE_NULL;
	TEE_OperationHandle mac = TEE_HANDLE_NULL;
	size_t answer_size = HMAC_SHA256_BYTES;
	TEE_Result res = make_key(&key);

	if (res)
		goto out;
	res = TEE_AllocateOperation(&mac, TEE_ALG_HMAC_SHA256, TEE_MODE_MAC, sizeof secret * 8);
	if (res)
		goto out;
	res = TEE_SetOperationKey(mac, key);
	if (res)
		goto out;
	TEE_MACInit(mac, NULL, 0);
	res = TEE_MACComputeFinal(mac, challenge, 32, answer, &answer_size);
out:
	TEE_FreeOperation(mac);
	TEE_FreeTransientObject(key);
	return (int)res;
}
