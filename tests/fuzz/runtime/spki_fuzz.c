/* SPDX-License-Identifier: MIT
 *
 * Any bytes as a public key: what is taken is written as the same bytes again, so no key has two
 * encodings, and OpenSSL reads it, too (but for points off the curve, which are found in use).
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/x509.h>

#include "spki.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
	if (!holds)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t again[SPKI_MAX];
	size_t again_size = sizeof again;
	struct spki key;

	if (!spki_parse(data, size, false, &key)) {
		if (key.kind == SPKI_RSA) {
			const unsigned char *at = data;
			EVP_PKEY *other = d2i_PUBKEY(NULL, &at, (long)size);

			must(other != NULL && at == data + size);
			EVP_PKEY_free(other);
		}
		must(!spki_write(&key, false, again, &again_size));
		must(again_size == size && !memcmp(again, data, size));
	}
	again_size = sizeof again;
	if (!spki_parse(data, size, true, &key)) {
		must(!spki_write(&key, true, again, &again_size));
		must(again_size == size && !memcmp(again, data, size));
	}
	return 0;
}
