/* SPDX-License-Identifier: MIT
 *
 * Decrypting a payload, for who holds the class key.
 */
#ifndef CPK_PAYLOAD_H
#define CPK_PAYLOAD_H

#include <cpk/verify.h>

/**
 * Decrypt the payload of a verified package to a sink, block by block.
 *
 * @param pkg   not changed
 * @param key   AES-256 class key; borrowed; no copy of it remains
 * @param sink  what it got counts only if this function returns EDB_OK: the tag comes last
 * @return EDB_E_TAG (wrong key or changed ciphertext), EDB_E_DIGEST (not the signed plaintext),
 *         EDB_E_SCHEME (not encrypted with aes-gcm), EDB_E_TRUNCATED, EDB_E_IO, the sink's
 * Threads: one per raw handle. Source: docs/format.md, "Payload"; NIST SP 800-38D.
 */
enum edb_err cpk_decrypt(const struct cpk_pkg *pkg, const uint8_t key[CPK_CLASS_KEY_BYTES],
	cpk_sink_fn sink, void *context, const struct cpk_progress *progress,
	struct edb_error *error);

/**
 * The same without asking who signed: the tag shows only that a holder of the class key made the
 * payload. For such a holder's own use; no installer may call it.
 */
enum edb_err cpk_decrypt_whoever_signed(const struct cpk_raw *raw,
	const uint8_t key[CPK_CLASS_KEY_BYTES], cpk_sink_fn sink, void *context,
	const struct cpk_progress *progress, struct edb_error *error);

#endif
