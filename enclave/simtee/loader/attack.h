/* SPDX-License-Identifier: MIT
 *
 * simtee --flip-after-copy: the normal world that changes its memory during a call, at the worst
 * moment. All bytes of parameter 0 are inverted right after the first TEE_MemMove out of it, so an
 * application that looks at them twice gives a wrong answer, every time.
 */
#ifndef SIMTEE_ATTACK_H
#define SIMTEE_ATTACK_H

#include "wire.h"

/** From now on all calls are attacked. */
void attack_enable(void);

/** A call comes; params are in reach. */
void attack_arm(const struct wire_down *call, const TEE_Param params[4]);
void attack_disarm(void);

#endif
