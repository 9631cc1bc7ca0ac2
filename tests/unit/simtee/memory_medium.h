/* SPDX-License-Identifier: MIT
 *
 * A folder in memory that knows what was synced, so that a power cut can lose the rest.
 */
#ifndef TEST_MEMORY_MEDIUM_H
#define TEST_MEMORY_MEDIUM_H

#include <stdbool.h>

#include "medium.h"

struct medium *memory_medium_new(void);

/** What was not synced may be there or not after a cut: bytes of files, names in the folder. */
void memory_medium_cut(struct medium *medium, bool lose_bytes, bool lose_names);

/** All bytes that files may hold together; SIZE_MAX: no limit. */
void memory_medium_limit(struct medium *medium, size_t bytes);

/** The bytes of a file, to look at and to damage. NULL: no such file. Borrowed. */
uint8_t *memory_medium_bytes(struct medium *medium, const char *name, size_t *size);
void memory_medium_put(struct medium *medium, const char *name, const void *bytes, size_t size);

/** The n-th name of the folder, NULL: no more. Borrowed. */
const char *memory_medium_name(struct medium *medium, size_t n);

/** Files opened and not closed. */
size_t memory_medium_open_files(const struct medium *medium);

#endif
