/* SPDX-License-Identifier: MIT */
#include "caller_t.h"

uint32_t ecall_nothing(void)
{
	return 0;
}

uint32_t ecall_count(uint32_t times)
{
	uint32_t right = 0;

	for (uint32_t n = 0; n < times; n++) {
		uint32_t next = 0;

		if (ocall_next(&next, n))
			break; /* the host is gone: whoever goes on calling keeps a thread busy */
		right += next == n + 1;
	}
	return right;
}

static uint32_t descend(uint32_t level)
{
	volatile uint32_t mine[16];
	uint32_t wrong = 0, next = 0;

	for (uint32_t i = 0; i < 16; i++)
		mine[i] = level * 16 + i;
	if (ocall_next(&next, level) || next != level + 1)
		wrong++;
	if (level)
		wrong += descend(level - 1);
	for (uint32_t i = 0; i < 16; i++)
		wrong += mine[i] != level * 16 + i;
	return wrong;
}

uint32_t ecall_deep(uint32_t levels)
{
	return descend(levels);
}

/* Without an end, for all that matters. Not a tail call: something is left to be done after it. */
static uint32_t fall(uint32_t n)
{
	volatile uint8_t here[512];

	here[0] = (uint8_t)n;
	here[511] = n == UINT32_MAX ? 0 : (uint8_t)fall(n + 1);
	return (uint32_t)here[0] + here[511];
}

void ecall_overrun(void)
{
	(void)fall(0);
}

void ecall_fill(uint8_t *bytes)
{
	for (uint32_t n = 0; n < 16; n++) {
		uint32_t next = 0;

		if (ocall_next(&next, n))
			break;
		bytes[n] = (uint8_t)next;
	}
}
