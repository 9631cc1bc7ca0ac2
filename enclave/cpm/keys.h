/* SPDX-License-Identifier: MIT
 *
 * The device's own keys (device.c), and class keys (keyring.c).
 */
#ifndef CPM_KEYS_H
#define CPM_KEYS_H

#include "cpm_t.h"
#include "ledger.h"
#include "spki.h"

/*
 * The device's own keys: made here, kept in secure storage, their private halves never given out.
 *
 * Three keys, never one for two schemes: identity (P-256, signs evidence), wrapping (RSA-3072, OAEP
 * with SHA-256), legacy wrapping (RSA-2048, PKCS#1 v1.5: contract 0.1). Each is made when it is
 * first needed, since RSA takes seconds on small processors.
 *
 * Errors, but for those said below: storage's, and EDB_E_SPACE where a buffer is too small.
 */

#define WRAPPED_KEY_BYTES 384u /* RSA-3072 */
#define DEVICE_SPKI_MAX   512u /* bytes: RSA-3072's is 422 */

/** First half of the SHA-256 of the identity key's SPKI. */
enum edb_err device_id(uint8_t id[static DEVICE_ID_BYTES]);

/** Public half, as spki_write writes it; der: DEVICE_SPKI_MAX bytes. */
enum edb_err device_export(enum edb_key_kind which, bool bare, uint8_t *der, size_t *size);

/**
 * Unwrap a class key. What cannot be unwrapped gives a random one. With the wrapping key that is
 * EDB_E_KEY, whatever is wrong; with the legacy one it is success, since success or failure would
 * be a padding oracle.
 */
enum edb_err device_unwrap(enum edb_key_kind which, const uint8_t *wrapped, size_t size,
	uint8_t key[static CLASS_KEY_BYTES]);

/*
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
