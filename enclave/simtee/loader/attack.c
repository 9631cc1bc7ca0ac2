/* SPDX-License-Identifier: MIT */
#include "attack.h"

#include "heap.h"
#include "shared.h"

static struct {
	bool enabled;
	uint32_t memory; /* 0: nothing to attack */
	uint64_t offset, size;
	uintptr_t from;
} target;

static void strike(const void *source, size_t size)
{
	uintptr_t from = (uintptr_t)source;
	uint8_t *bytes;

	if (!target.memory || from + size <= target.from || from >= target.from + target.size)
		return;
	bytes = shared_give(target.memory, target.offset, target.size, true);
	if (bytes && shared_apply())
		for (uint64_t i = 0; i < target.size; i++)
			bytes[i] ^= 0xff;
	target.memory = 0;
}

void attack_enable(void)
{
	target.enabled = true;
	simtee_after_copy = strike;
}

void attack_arm(const struct wire_down *call, const TEE_Param params[4])
{
	if (!target.enabled || !wire_is_memref(TEE_PARAM_TYPE_GET(call->types, 0)) ||
		!wire_is_input(TEE_PARAM_TYPE_GET(call->types, 0)))
		return;
	target.memory = call->params[0].memory;
	target.offset = call->params[0].offset;
	target.size = call->params[0].size;
	target.from = (uintptr_t)params[0].memref.buffer;
}

void attack_disarm(void)
{
	target.memory = 0;
}
