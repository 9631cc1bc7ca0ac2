/* SPDX-License-Identifier: MIT
 *
 * The device's own keys: made here, kept in secure storage, their private halves never given out.
 *
 * Three keys, never one for two schemes: identity (P-256, signs evidence), wrapping (RSA-3072, OAEP
 * with SHA-256), legacy wrapping (RSA-2048, PKCS#1 v1.5: contract 0.1). Each is made when it is
 * first needed, since RSA takes seconds on small processors.
 *
 * Errors, but for those said below: storage's, and EDB_E_SPACE where a buffer is too small.
 */
#ifndef CPM_DEVICE_H
#define CPM_DEVICE_H

#include "cpm.h"
#include "cpm_t.h"
#include "spki.h"

#define WRAPPED_KEY_BYTES 384u /* RSA-3072 */
#define DEVICE_SPKI_MAX   512u /* bytes: RSA-3072's is 422 */

/** First half of the SHA-256 of the identity key's SPKI. */
enum edb_err device_id(uint8_t id[static DEVICE_ID_BYTES]);

/** Public half, written by spki_write or, of an RSA key, rsa_public_key_write; der: DEVICE_SPKI_MAX
 *  bytes. */
enum edb_err device_export(enum edb_key_kind which, key_writer *write, uint8_t *der, size_t *size);

/** Unwrap a class key with the wrapping key. EDB_E_KEY whatever is wrong with it. */
enum edb_err device_unwrap(
	const uint8_t wrapped[static WRAPPED_KEY_BYTES], uint8_t key[static CLASS_KEY_BYTES]);

/**
 * Unwrap a class key as contract 0.1 does. What cannot be unwrapped gives a random key and success:
 * success or failure would be a padding oracle.
 */
enum edb_err device_unwrap_legacy(
	const uint8_t *wrapped, size_t size, uint8_t key[static CLASS_KEY_BYTES]);

#endif
