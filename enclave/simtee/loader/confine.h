/* SPDX-License-Identifier: MIT
 *
 * Takes away from this process all that an application does not need: see docs/simtee.md.
 */
#ifndef SIMTEE_CONFINE_H
#define SIMTEE_CONFINE_H

#include <stdbool.h>

/** Before anything of the image is in memory: no core dumps, no debugger, nobody's files. */
void confine_early(void);

/** The last step: from here on only what the filter lists. false: it could not be put in place. */
bool confine_for_ever(void);

#endif
