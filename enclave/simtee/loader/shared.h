/* SPDX-License-Identifier: MIT
 *
 * Memory of the normal world (or of a calling application) in this process: mapped when it is first
 * referred to, out of reach of every call that is not given it, so that a reference that was kept
 * is of no use, as on a device. Nothing of the application runs between calls; so what one call
 * could reach is taken away only when the next one is not given it again.
 */
#ifndef SIMTEE_SHARED_H
#define SIMTEE_SHARED_H

#include "wire.h"

#define SHARED_MAX 32u /* the core sends WIRE_FORGET before it refers to more */

/** Map a memory; takes fd. false: no room, or the system refuses. */
bool shared_add(uint32_t memory, int fd, uint64_t size);

/** Unmap it. Not there is fine. */
void shared_remove(uint32_t memory);

/** A new call begins: it is given nothing yet. */
void shared_begin(void);

/** It is given `size` bytes from `offset`. NULL: no such piece. */
void *shared_give(uint32_t memory, uint64_t offset, uint64_t size, bool writable);

/** It is given all that it gets: put what was given in reach, nothing else. false: cannot. */
bool shared_apply(void);

/** Does any of these bytes belong to a mapped memory? */
bool shared_overlaps(const void *bytes, size_t size);

#endif
