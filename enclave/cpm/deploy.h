/* SPDX-License-Identifier: MIT
 *
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
#ifndef CPM_DEPLOY_H
#define CPM_DEPLOY_H

#include "cpm.h"

/** Is a deployment of this id open? */
bool deploy_is_open(const uint8_t id[static UUID_BYTES]);

#endif
