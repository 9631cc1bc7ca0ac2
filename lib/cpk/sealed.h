/* SPDX-License-Identifier: MIT
 *
 * The small streams that opening a payload needs.
 */
#ifndef CPK_SEALED_H
#define CPK_SEALED_H

#include "raw.h"

/** Nonce, tag and plaintext digest, as far as the manifest names them. EDB_E_TRUNCATED, EDB_E_IO.
 */
enum edb_err cpk_sealed_read(
	const struct cpk_raw *raw, struct sealed *sealed, struct edb_error *error);

#endif
