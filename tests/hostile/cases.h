/* SPDX-License-Identifier: MIT
 *
 * The tables that the set is made of.
 */
#ifndef CASES_H
#define CASES_H

#include "model.h"

/* Each: how many, and make one of them. `made` is zeros. */
size_t frame_count(void);
void frame_make(const struct hostile_kit *kit, size_t number, struct hostile_case *made);
size_t text_count(void);
void text_make(const struct hostile_kit *kit, size_t number, struct hostile_case *made);
size_t step_count(void);
void step_make(const struct hostile_kit *kit, size_t number, struct hostile_case *made);
size_t key_count(void);
void key_make(const struct hostile_kit *kit, size_t number, struct hostile_case *made);

#endif
