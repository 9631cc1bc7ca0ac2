/* SPDX-License-Identifier: MIT
 *
 * Any bytes as the PEM that a package embeds. What is taken is taken by OpenSSL's reader, too,
 * which knows more forms, and is the same key there.
 */
#include <stdlib.h>
#include <string.h>

#include "public_key.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
	if (!holds)
		abort();
}

static void judge(enum edb_pem label, const uint8_t *data, size_t size)
{
	struct edb_public_key *key = NULL, *other = NULL;
	uint8_t id[EDB_KEY_ID_BYTES], other_id[EDB_KEY_ID_BYTES];

	if (edb_public_key_from_pem_alone(label, data, size, &key, NULL))
		return;
	must(!edb_public_key_from_pem(data, size, &other, NULL));
	edb_public_key_id(key, id);
	edb_public_key_id(other, other_id);
	must(!memcmp(id, other_id, sizeof id));
	edb_public_key_free(key);
	edb_public_key_free(other);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	judge(EDB_PEM_CERTIFICATE, data, size);
	judge(EDB_PEM_PUBLIC_KEY, data, size);
	return 0;
}
