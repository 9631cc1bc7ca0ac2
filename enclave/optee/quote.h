/* SPDX-License-Identifier: MIT
 *
 * Quotes of contract/edb_quote.h: always of whoever calls the pseudo-TA that asks.
 */
#ifndef EDB_OPTEE_QUOTE_H
#define EDB_OPTEE_QUOTE_H

#include <tee_api_types.h>

#include "edb_quote.h"

struct session; /* whichever the pseudo-TA has: not looked at */

/**
 * Commands of a pseudo-TA, EDB_QUOTE_MAKE and EDB_QUOTE_PUBLIC_KEY, their parameters as said there;
 * not two at once.
 *
 * @return TEE_SUCCESS; TEE_ERROR_ACCESS_DENIED: the caller is no trusted application;
 *         what storage says of the key
 */
TEE_Result quote_make(struct session *session, TEE_Param p[TEE_NUM_PARAMS]);
TEE_Result quote_public_key(struct session *session, TEE_Param p[TEE_NUM_PARAMS]);

#endif
