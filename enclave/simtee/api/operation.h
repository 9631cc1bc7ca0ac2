/* SPDX-License-Identifier: MIT
 *
 * A cryptographic operation, chapter 6 of the TEE Internal Core API, on OpenSSL.
 */
#ifndef SIMTEE_OPERATION_H
#define SIMTEE_OPERATION_H

#include "object.h"

struct simtee_operation {
	uint32_t algorithm, class, mode, max_bits, key_bits;
	bool key_set, active;
	uint8_t secret[128]; /* symmetric key; wiped */
	uint32_t secret_size;
	uint32_t tag_size; /* bytes; AE */
	EVP_MD_CTX *digest;
	EVP_MAC_CTX *mac;
	EVP_CIPHER_CTX *cipher;
	EVP_PKEY *pkey;
};

/** A panic reason of the specification, unless this holds. */
static inline void operation_require(bool condition)
{
	if (!condition)
		TEE_Panic(TEE_ERROR_BAD_STATE);
}

#endif
