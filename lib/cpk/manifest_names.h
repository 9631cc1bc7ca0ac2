/* SPDX-License-Identifier: MIT
 *
 * Names in the manifest that parser and encoder share.
 */
#ifndef CPK_MANIFEST_NAMES_H
#define CPK_MANIFEST_NAMES_H

/* By enum cpk_enc_scheme, cpk_dig_scheme, edb_scheme, cpk_cert_scheme, cpk_type; NULL ends. */
extern const char *const cpk_enc_names[];
extern const char *const cpk_dig_names[];
extern const char *const cpk_sig_names[];
extern const char *const cpk_cert_names[];
extern const char *const cpk_type_names[];

#endif
