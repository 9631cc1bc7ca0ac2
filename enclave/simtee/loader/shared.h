/* SPDX-License-Identifier: MIT
 *
 * Memory of the normal world (or of a calling application) in this process: mapped when it is first
 * referred to, out of reach between calls, so that a reference that was kept is of no use, as on a
 * device.
 */
#ifndef SIMTEE_SHARED_H
#define SIMTEE_SHARED_H

#include "wire.h"

#define SHARED_MAX 32u /* the core sends WIRE_FORGET before it refers to more */

/** Map a memory; takes fd. false: no room, or the system refuses. */
bool shared_add(uint32_t memory, int fd, uint64_t size);

/** Unmap it. Not there is fine. */
void shared_remove(uint32_t memory);

/** `size` bytes from `offset`, in reach until shared_close. NULL: no such piece. */
void *shared_open(uint32_t memory, uint64_t offset, uint64_t size, bool writable);

/** Nothing is in reach any more. */
void shared_close(void);

/** Does any of these bytes belong to a mapped memory? */
bool shared_overlaps(const void *bytes, size_t size);

#endif
