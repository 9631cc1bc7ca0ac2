/* SPDX-License-Identifier: MIT
 *
 * Secrets: gone for good, and compared without telling where they differ.
 */
#ifndef EDB_WIPE_H
#define EDB_WIPE_H

#include <stdbool.h>
#include <stddef.h>

/** Overwrite with zeros in a way that no compiler takes out. size 0 is fine. */
void wipe(void *memory, size_t size);

/** Equal? Takes the same time wherever the first difference lies. */
bool equal_ct(const void *a, const void *b, size_t size);

#endif
