/* SPDX-License-Identifier: MIT
 *
 * Inside of lib/crypto: ECDSA signatures as r || s and as DER.
 */
#ifndef EDB_CRYPTO_ECDSA_H
#define EDB_CRYPTO_ECDSA_H

#include "public_key.h"

#define EDB_ECDSA_DER_MAX 80

/** DER of r || s; bytes written, 0: no memory. */
size_t edb_ecdsa_to_der(
	const uint8_t signature[EDB_ECDSA_SIG_BYTES], uint8_t der[EDB_ECDSA_DER_MAX]);

#endif
