/* SPDX-License-Identifier: MIT
 *
 * Secrets: gone for good, and compared without telling where they differ. And SHA-256, through the
 * TEE's cryptography: what fails is the TEE's memory, EDB_E_NOMEM.
 */
#ifndef EDB_CRYPTO_H
#define EDB_CRYPTO_H

#include <stdbool.h>
#include <tee_internal_api.h>

#include "edb_err.h"

/** Overwrite with zeros in a way that no compiler takes out. size 0 is fine. */
void wipe(void *memory, size_t size);

/** Equal? Takes the same time wherever the first difference lies. */
bool equal_ct(const void *a, const void *b, size_t size);

/** Digest piece by piece: start, TEE_DigestUpdate, finish; then it may go on with another message.
 *  The caller frees *operation, also where this fails. */
enum edb_err sha256_start(TEE_OperationHandle *operation);
enum edb_err sha256_finish(TEE_OperationHandle operation, uint8_t digest[static 32]);

/** All at once. */
enum edb_err sha256(const void *bytes, size_t size, uint8_t digest[static 32]);

#endif
