/* SPDX-License-Identifier: MIT
 *
 * The four files that edger8r writes. What they look like: docs/edl.md, tests/unit/edger8r/golden/.
 */
#ifndef EDGER8R_GEN_H
#define EDGER8R_GEN_H

#include "emit.h"

void gen_untrusted_h(struct gen *gen);
void gen_untrusted_c(struct gen *gen);
void gen_trusted_h(struct gen *gen);
void gen_trusted_c(struct gen *gen);

/* The side that is called: one call's way in and out. Shared by both worlds. */
void gen_serve(struct gen *gen, const struct edl_call *call);

#endif
