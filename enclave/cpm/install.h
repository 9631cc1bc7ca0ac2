/* SPDX-License-Identifier: MIT
 *
 * How a payload comes in, and goes: admission.c, deploy.c, install.c.
 */
#ifndef CPM_INSTALL_H
#define CPM_INSTALL_H

#include "ledger.h"

/*
 * May this payload come in? Asked when a deployment begins, so as to refuse early, and again at the
 * moment of the switch, since policy, ledger and keys may have changed in between.
 */

/** Is this a vendor that the operator lists, and that nobody has succeeded? EDB_E_SIGNER. */
enum edb_err admission_signer_check(const uint8_t vendor[static KEY_ID_BYTES]);

/** Signer, owner, version, 2021 rules, quota, class key: the first that refuses says so. */
enum edb_err admission_check(
	const uint8_t id[static UUID_BYTES], const struct ledger_payload *want);

/*
 * Deployments: one package each on its way in, by calls of the session that began it
 * (contract/cpm.edl).
 *
 * Until its end nothing of the package is proven. Begin refuses what can be refused early; the end
 * checks everything again and only then makes the payload visible, in one atomic step.
 *
 * Errors. Begin: EDB_E_LIMIT, those of the manifest (docs/format.md, "What a CPM sees of it"),
 * EDB_E_CERTIFICATE, EDB_E_SIGNER, EDB_E_SIGNATURE, EDB_E_TARGET, EDB_E_BUSY (the id, or all four
 * deployments), and admission's: EDB_E_OWNER, EDB_E_LEGACY, EDB_E_ROLLBACK, EDB_E_STATE (another
 * type is installed), EDB_E_QUOTA, EDB_E_KEY_MISSING. Add: EDB_E_LIMIT, EDB_E_STATE, EDB_E_SIZES.
 * End: EDB_E_SIZES, EDB_E_DIGEST, EDB_E_TAG, EDB_E_UNSIGNED (2021: nothing was claimed),
 * EDB_E_IMAGE, admission's once more, EDB_E_BUSY.
 */

/** Is a deployment of this id open? */
bool deploy_is_open(const uint8_t id[static UUID_BYTES]);

/*
 * The steps of installing and removing as the ledger sees them, each one atomic write, so that
 * power may go between any two: see recovery in docs/contract.md.
 *
 * Errors of all of them: EDB_E_STATE (there is no intent), EDB_E_QUOTA (the ledger is full),
 * EDB_E_BUSY (an instance is loaded, or the image store cannot be asked).
 */

/** Note what is about to come in. *want* gets its generation. */
enum edb_err install_intend(const uint8_t id[static UUID_BYTES], struct ledger_payload *want);

/** All checks have passed: note what is known only now (memory; a 2021 package's digest), so that
 *  a power cut right after the image store's commit can be finished from the intent alone. */
enum edb_err install_confirm(
	const uint8_t id[static UUID_BYTES], const struct ledger_payload *want);

/** Everything is in place: make the intent current, then delete what it replaced. */
enum edb_err install_switch(const uint8_t id[static UUID_BYTES]);

/**
 * Whatever became of an install, and of what it replaced: finish it if it was confirmed and the
 * image store holds its image; otherwise drop the intent and whatever data came with it (the image
 * store drops images by itself). Then delete every leftover. At start that is done for all ids.
 */
enum edb_err install_resolve(const uint8_t id[static UUID_BYTES]);

/** Take away what is installed; owner and version stay. EDB_E_NOT_FOUND; EDB_E_BUSY: an
 *  instance is loaded, or a deployment of the id is open. */
enum edb_err install_remove(const uint8_t id[static UUID_BYTES]);

#endif
