/* SPDX-License-Identifier: MIT
 *
 * Quotes of contract/edb_quote.h: always of whoever calls the pseudo-TA that asks.
 */
#ifndef EDB_OPTEE_QUOTE_H
#define EDB_OPTEE_QUOTE_H

#include <tee_api_types.h>

#include "edb_quote.h"

/**
 * To be called by a pseudo-TA in a call by a trusted application; not by two at once.
 *
 * @param size  bytes of the quote
 * @return TEE_SUCCESS; TEE_ERROR_ACCESS_DENIED: the caller is no trusted application;
 *         what storage says of the key
 */
TEE_Result quote_make(const uint8_t nonce[EDB_QUOTE_NONCE_BYTES],
	uint8_t quote[EDB_QUOTE_BYTES_MAX], size_t *size);
TEE_Result quote_public_key(uint8_t spki[EDB_QUOTE_SPKI_BYTES]);

#endif
