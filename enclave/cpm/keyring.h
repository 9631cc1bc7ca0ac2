/* SPDX-License-Identifier: MIT
 *
 * Class keys: what opens the packages of one vendor under one application id. One record per (id,
 * vendor), with all live key versions and the number of the last bundle of each key service, so
 * that a key and the number that came with it change in one step.
 *
 * 2021 keys have no vendor and the version 0: their ring's vendor is all zeros, which is the
 * SHA-256 of nothing anybody has.
 *
 * Errors. A bundle: EDB_E_LIMIT, EDB_E_DOCUMENT (malformed, or for another device),
 * EDB_E_DOCUMENT_SIGNER (no service that may send keys of this id, or its signature is wrong),
 * EDB_E_DOCUMENT_VERSION (its number, or the key's version, is not high enough), EDB_E_KEY (does
 * not unwrap), EDB_E_QUOTA, EDB_E_NOT_PROVISIONED. A 2021 key: EDB_E_QUOTA.
 */
#ifndef CPM_KEYRING_H
#define CPM_KEYRING_H

#include "ledger.h"

/** Load the index, at start. */
enum edb_err keyring_load(void);

/** All live key versions of all rings. */
uint32_t keyring_key_count(void);

/** Fetch the class key of an id's payload; the caller wipes it. EDB_E_KEY_MISSING. */
enum edb_err keyring_get(const uint8_t id[static UUID_BYTES], const struct ledger_payload *payload,
	uint8_t key[static CLASS_KEY_BYTES]);

/** Wipe every class key (change of operator). The services' numbers stay: no old bundle comes back.
 */
enum edb_err keyring_erase_all(void);

#endif
