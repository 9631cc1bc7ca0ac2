/* SPDX-License-Identifier: MIT
 *
 * May this payload come in? Asked when a deployment begins, so as to refuse early, and again at the
 * moment of the switch, since policy, ledger and keys may have changed in between.
 */
#ifndef CPM_ADMISSION_H
#define CPM_ADMISSION_H

#include "ledger.h"

/** Is this a vendor that the operator lists, and that nobody has succeeded? EDB_E_SIGNER. */
enum edb_err admission_signer_check(const uint8_t vendor[static KEY_ID_BYTES]);

/** Signer, owner, version, 2021 rules, quota, class key: the first that refuses says so. */
enum edb_err admission_check(
	const uint8_t id[static UUID_BYTES], const struct ledger_payload *want);

#endif
