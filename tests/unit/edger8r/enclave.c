/* SPDX-License-Identifier: MIT
 *
 * The enclave of the round-trip test: what comes in is noted down or comes back changed, so that
 * the test can tell that each value took its own way. Compiled with enclave_names.h.
 */
#include "enclave.h"

#include "all_t.h"
#include "call.h"

#include <stdlib.h>
#include <string.h>

struct enclave_seen seen;

const uint32_t edb_call_input_max = 100 * 1024;
const uint32_t edb_call_output_max = 80 * 1024;

TEE_Result edb_enclave_create(void)
{
	seen.creates++;
	return seen.refuse_create ? TEE_ERROR_BAD_STATE : TEE_SUCCESS;
}

void edb_enclave_destroy(void)
{
	seen.destroys++;
}

TEE_Result edb_session_open(void **slot)
{
	seen.slot_is_slot = slot == edb_session_slot() && !*slot;
	*slot = &seen;
	return seen.refuse_open ? TEE_ERROR_BAD_STATE : TEE_SUCCESS;
}

void edb_session_close(void *slot)
{
	seen.slot_at_close = slot == &seen;
}

void ecall_empty(void)
{
	seen.calls++;
	seen.slot_in_call = *edb_session_slot() == &seen;
}

int ecall_words(char a, signed char b, unsigned char c, short d, unsigned short e, int f,
	unsigned int g, long h, unsigned long i, long long j, unsigned long long k, size_t l,
	bool m, enum color n)
{
	int64_t values[] = {a, b, c, d, e, f, g, h, (int64_t)i, j, (int64_t)k, (int64_t)l, m, n};

	seen.calls++;
	memcpy(seen.values, values, sizeof values);
	return -14;
}

uint64_t ecall_fixed(
	int8_t a, uint8_t b, int16_t c, uint16_t d, int32_t e, uint32_t f, int64_t g, uint64_t h)
{
	int64_t values[] = {a, b, c, d, e, f, g, (int64_t)h};

	seen.calls++;
	memcpy(seen.values, values, sizeof values);
	return UINT64_C(0xfedcba9876543210);
}

bool ecall_pointed(int16_t *a, uint64_t *b, bool *c, enum color *d, bool *e, const enum color *f)
{
	seen.calls++;
	seen.out_was_zero = !*c;
	*b += (uint64_t)*a;
	*c = true;
	*d = *d == RED ? CYAN : *f;
	*e = !*e;
	*a = 0; /* a private copy: the caller's stays */
	return true;
}

enum color ecall_color(enum color a)
{
	seen.calls++;
	return a;
}

int8_t ecall_small(int8_t a)
{
	seen.calls++;
	return (int8_t)-a;
}

bool ecall_bool(bool a)
{
	seen.calls++;
	return !a;
}

uint32_t ecall_strings(char *a, char *b, const char *c)
{
	size_t size = strlen(b) + 1;

	seen.calls++;
	for (size_t i = 0; i < size; i++)
		b[i] = 'x'; /* forgets the NUL */
	return (uint32_t)(strlen(a) * 1000 + strlen(c));
}

int ecall_arrays(uint32_t *a, uint32_t n, uint64_t *b, uint16_t *c, uint8_t *d, size_t m,
	const char *e, int k)
{
	seen.calls++;
	seen.aligned = !((uintptr_t)a % 4) && !((uintptr_t)b % 8) && !((uintptr_t)c % 2);
	seen.out_was_zero = true;
	for (uint32_t i = 0; i < n; i++) {
		seen.out_was_zero &= !b[i];
		b[i] = (uint64_t)a[i] << 32 | a[i];
	}
	for (size_t i = 0; i < 3; i++)
		c[i] = (uint16_t)(c[i] + 1);
	seen.sum = 0;
	for (size_t i = 0; i < m; i++)
		seen.sum += d[i];
	for (int i = 0; i < k * 6; i++)
		seen.sum += (unsigned char)e[i];
	return k;
}

int64_t ecall_big_out(uint8_t *a, uint64_t n)
{
	seen.calls++;
	seen.out_was_zero = true;
	for (uint64_t i = 0; i < n; i++) {
		seen.out_was_zero &= !a[i];
		a[i] = (uint8_t)(i * 7);
	}
	return INT64_MIN;
}

void ecall_swap(uint8_t *a, uint8_t *b, uint16_t n)
{
	seen.calls++;
	for (uint16_t i = 0; i < n; i++) {
		uint8_t keep = a[i];

		a[i] = b[i];
		b[i] = keep;
	}
}
