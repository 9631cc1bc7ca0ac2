/* SPDX-License-Identifier: MIT
 *
 * Who may do what on this device: the root it was given, the device policy that root signed, the
 * operator policy that the operator named there signed. Kept in secure storage; versions only grow.
 */
#ifndef CPM_POLICY_H
#define CPM_POLICY_H

#include "policy_documents.h"

/* What the root decided. All zero: blank. It is stored as it lies here: no padding. */
struct device_state {
	struct device_policy policy; /* version 0: blank; any other: provisioned */
	struct p256_point root;
	uint64_t erase_pending; /* the operator changed: old keys and applications go first */
};

/** Load the state, at start. A device without one is blank. */
enum edb_err policy_load(void);

/** The state as last stored; borrowed, changes with provisioning and updates. */
const struct device_state *policy_device_borrow(void);

/** Clear the note that keys and applications of an earlier operator have to go. */
enum edb_err policy_erase_done(void);

/**
 * Ask the operator policy. The question's ids are in *view (see policy_documents.h); its answers
 * are filled. EDB_E_NOT_PROVISIONED: there is no operator policy.
 */
enum edb_err policy_ask(struct operator_view *view);

#endif
