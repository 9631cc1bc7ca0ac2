/* SPDX-License-Identifier: MIT
 *
 * The enclave of the ocall test. Compiled with back_names.h.
 */
#include "back_t.h"
#include "call.h"

#include <string.h>

TEE_Result back_last_result; /* what the last ocall said */
unsigned int back_finished;  /* functions that came to their end */

int ecall_sum(uint8_t *a, uint32_t n, uint8_t *tail)
{
	uint8_t state[4] = {1, 2, 3, 4}; /* on the second stack: survives every ocall */
	void *held = TEE_Malloc(100, 0); /* freed when the session is closed in the middle, too */
	int sum = 0;

	for (uint32_t i = 0; i < n; i++) {
		back_last_result = ocall_add(&sum, sum, a[i]);
		if (back_last_result)
			break;
		state[i % 4] = (uint8_t)(state[i % 4] + a[i]);
	}
	TEE_Free(held);
	memcpy(tail, state, 4);
	back_finished++;
	return sum;
}

void ecall_note(char *text)
{
	back_last_result = ocall_note(text);
	back_finished++;
}

uint32_t ecall_kinds(void)
{
	const uint32_t wide[3] = {1, 0xffffffff, 3};
	uint32_t back[3] = {0};
	char text[] = "from inside";
	enum flag flag = NO;
	int64_t big = 0;
	uint8_t bytes[3] = {1, 2, 3};
	bool retval = false;

	back_last_result = ocall_kinds(&retval, wide, 3, back, text, &flag, &big, bytes);
	back_finished++;
	if (back_last_result)
		return !retval && !back[0] && text[0] == 'f' && flag == NO && !big ? 1000 : 2000;
	return retval && back[0] == 2 && back[1] == 0 && back[2] == 4 && flag == YES &&
			       big == INT64_MIN &&
			       !TEE_MemCompare(text, "FROM INSIDE", sizeof text) && bytes[0] == 3 &&
			       bytes[2] == 1
		       ? 1
		       : 0;
}

int ecall_none(int a)
{
	back_finished++;
	return -a;
}
