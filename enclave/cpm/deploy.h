/* SPDX-License-Identifier: MIT
 *
 * Deployments: one package each on its way in, by calls of the session that began it
 * (contract/cpm.edl).
 *
 * Until its end nothing of the package is proven. Begin refuses what can be refused early; the end
 * checks everything again and only then makes the payload visible, in one atomic step.
 */
#ifndef CPM_DEPLOY_H
#define CPM_DEPLOY_H

#include <stdbool.h>
#include <stdint.h>

#include "limits.h"

struct deployment;

/** Is a deployment of this id open? */
bool deploy_is_open(const uint8_t id[static UUID_BYTES]);

/** Drop what lies in a session's slot; nothing remains of it but what was installed. NULL is fine.
 */
void deploy_close(struct deployment *deployment);

#endif
