/* SPDX-License-Identifier: MIT
 *
 * SHA-256, through the TEE's cryptography. What fails is the TEE's memory: EDB_E_NOMEM.
 */
#ifndef EDB_SHA256_H
#define EDB_SHA256_H

#include <tee_internal_api.h>

#include "edb_err.h"

/** Digest piece by piece: start, TEE_DigestUpdate, finish; then it may go on with another message.
 *  The caller frees *operation, also where this fails. */
enum edb_err sha256_start(TEE_OperationHandle *operation);
enum edb_err sha256_finish(TEE_OperationHandle operation, uint8_t digest[static 32]);

/** All at once. */
enum edb_err sha256(const void *bytes, size_t size, uint8_t digest[static 32]);

#endif
