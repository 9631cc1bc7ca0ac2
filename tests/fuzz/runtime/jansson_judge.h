/* SPDX-License-Identifier: MIT
 *
 * jansson's verdict, apart: it and the trusted side's reader use the same names.
 */
#ifndef FUZZ_JANSSON_JUDGE_H
#define FUZZ_JANSSON_JUDGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** One JSON object without a member twice, and nothing behind it? */
bool jansson_takes(const uint8_t *text, size_t size);

#endif
