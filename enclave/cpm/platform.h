/* SPDX-License-Identifier: MIT
 *
 * All that the CPM knows of the TEE it runs on. One file per TEE implements it.
 */
#ifndef CPM_PLATFORM_H
#define CPM_PLATFORM_H

#include "cpm.h"

/** Name of the TEE, at most 31 characters: what a manifest's target calls "os". */
const char *platform_tee_kind(void);

/** Architecture of its applications: what a manifest's target calls "arch". */
const char *platform_arch(void);

/** Does secure storage notice when it is replaced by an older copy of itself? */
bool platform_rollback_protection(void);

/** A development image: takes the first root that comes, and says so for ever. */
bool platform_is_development(void);

/** May this root (SHA-256 of its SPKI) provision the device? */
bool platform_takes_root(const uint8_t root[static KEY_ID_BYTES]);

#endif
