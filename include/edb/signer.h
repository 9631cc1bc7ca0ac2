/* SPDX-License-Identifier: MIT
 *
 * Private keys that sign: from a file, or in a PKCS#11 token that never gives them away.
 */
#ifndef EDB_SIGNER_H
#define EDB_SIGNER_H

#include <edb/public_key.h>

struct edb_signer; /* one thread at a time */

/**
 * Open a signing key.
 *
 * @param where  a PEM file (PKCS#8, not encrypted), or a PKCS#11 URI (RFC 7512; `module-path` names
 *               the module, otherwise the system's registered ones are asked; the PIN comes from
 *               `pin-source` or, without it, from the environment variable EDB_PKCS11_PIN, never
 *               from `pin-value`, which would stand in the process list: refused)
 * EDB_E_IO (file), EDB_E_TOKEN (token, PIN or key), EDB_E_CERTIFICATE (a key no scheme takes).
 */
enum edb_err edb_signer_open(
	const char *where, struct edb_signer **signer, struct edb_error *error);

/** NULL is fine; wipes. */
void edb_signer_free(struct edb_signer *signer);

/** Borrowed: lives as long as the signer. */
const struct edb_public_key *edb_signer_public_borrow(const struct edb_signer *signer);

#endif
