/* SPDX-License-Identifier: MIT
 *
 * The quote: what the TEE itself says about the CPM, signed with a key that never leaves the TEE's
 * core. Two more commands of the image store's pseudo trusted application (image_store.h says whom
 * it serves, and how parameters are checked), on OP-TEE; simtee has none, it would prove nothing.
 *
 * The key is made when first asked for. Where secure storage does not give it back, that is the
 * answer (TEE_ERROR_CORRUPT_OBJECT, TEE_ERROR_SECURITY, …): it is never replaced. Only storage that
 * begins anew, as a blank device with another identity, gets another one.
 * Source: documents.cddl, quote; docs/trustzone.md says what a quote proves. Our own interface.
 */
#ifndef EDB_QUOTE_H
#define EDB_QUOTE_H

#define EDB_QUOTE_NONCE_BYTES 32u  /* SHA-256 of what the quote stands beside */
#define EDB_QUOTE_BYTES_MAX   256u /* of a quote */
#define EDB_QUOTE_SPKI_BYTES  91u  /* of P-256's SubjectPublicKeyInfo, the point uncompressed */

enum edb_quote_cmd {
	/* p0 memref in: nonce; p1 memref out, EDB_QUOTE_BYTES_MAX: the quote, and its size */
	EDB_QUOTE_MAKE = 16,
	/* p0 memref out, EDB_QUOTE_SPKI_BYTES: the public key, for enrolment */
	EDB_QUOTE_PUBLIC_KEY = 17,
};

#endif
