/* SPDX-License-Identifier: MIT
 *
 * What the enclave of the round-trip test noted down.
 */
#ifndef TEST_ENCLAVE_H
#define TEST_ENCLAVE_H

#include <stdbool.h>
#include <stdint.h>

struct enclave_seen {
	unsigned int creates, destroys, calls;
	bool refuse_create, refuse_open;
	bool slot_is_slot, slot_in_call, slot_at_close;
	bool out_was_zero, aligned;
	int64_t values[14];
	uint64_t sum;
};

extern struct enclave_seen seen;

#endif
