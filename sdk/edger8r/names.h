/* SPDX-License-Identifier: MIT
 *
 * Names that an EDL file cannot have, since C, its library or the headers of a TEE have them.
 */
#ifndef EDGER8R_NAMES_H
#define EDGER8R_NAMES_H

#include <stdbool.h>

/** A keyword of C11 or C23, or what every header of ours makes one. */
bool name_is_word(const char *name);

/** A macro of <stdint.h>, <limits.h> or <errno.h>, of a compiler, or some header's guard. */
bool name_is_macro(const char *name);

/** A function or variable of the C library, POSIX's most used ones included. */
bool name_is_library(const char *name);

/** A structure that the generated code's headers declare: tags share one scope. */
bool name_is_structure(const char *name);

bool name_starts_with(const char *name, const char *prefix);
bool name_ends_with(const char *name, const char *suffix);

#endif
