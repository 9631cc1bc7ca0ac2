/* SPDX-License-Identifier: MIT
 *
 * The signer's key, from the bytes that a package embeds.
 */
#ifndef CPK_SIGNER_KEY_H
#define CPK_SIGNER_KEY_H

#include <cpk/reader.h>

/** EDB_E_CERTIFICATE: not of that form, unfit, or a scheme that embeds nothing. */
enum edb_err cpk_key_from_certificate(enum cpk_cert_scheme scheme, const uint8_t *bytes,
	size_t size, struct edb_public_key **key, struct edb_error *error);

#endif
