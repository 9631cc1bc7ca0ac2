/* SPDX-License-Identifier: MIT
 *
 * The steps of installing and removing as the ledger sees them, each one atomic write, so that
 * power may go between any two: see recovery in docs/contract.md.
 *
 * Errors of all of them: EDB_E_STATE (there is no intent), EDB_E_QUOTA (the ledger is full),
 * EDB_E_BUSY (an instance is loaded, or the image store cannot be asked).
 */
#ifndef CPM_INSTALL_H
#define CPM_INSTALL_H

#include "ledger.h"

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
