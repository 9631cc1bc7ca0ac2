/* SPDX-License-Identifier: MIT */
#include "secret.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <openssl/crypto.h>

static size_t whole_pages(size_t size)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	return (size + page - 1) / page * page;
}

int secret_reserve(struct secret *secret, size_t capacity)
{
	size_t size = secret->size;
	uint8_t *fresh;

	if (capacity <= secret->capacity)
		return 0;
	if (capacity > SIZE_MAX / 2)
		return ENOMEM;
	if (secret->capacity && capacity < 2 * secret->capacity)
		capacity = 2 * secret->capacity; /* an appending writer copies seldom */
	capacity = whole_pages(capacity);
	fresh = mmap(NULL, capacity, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (fresh == MAP_FAILED)
		return ENOMEM;
	/* Both may be refused, for want of privilege; the work goes on all the same. */
	(void)mlock(fresh, capacity);
	(void)madvise(fresh, capacity, MADV_DONTDUMP);
	if (size)
		memcpy(fresh, secret->bytes, size);
	secret_clear(secret);
	*secret = (struct secret){.bytes = fresh, .size = size, .capacity = capacity};
	return 0;
}

int secret_resize(struct secret *secret, size_t size)
{
	int err = secret_reserve(secret, size);

	if (err)
		return err;
	if (size < secret->size)
		OPENSSL_cleanse(secret->bytes + size, secret->size - size);
	secret->size = size;
	return 0;
}

void secret_clear(struct secret *secret)
{
	if (secret->capacity) {
		OPENSSL_cleanse(secret->bytes, secret->size);
		munmap(secret->bytes, secret->capacity);
	}
	*secret = (struct secret){0};
}
