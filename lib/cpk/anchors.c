/* SPDX-License-Identifier: MIT
 *
 * A set of trusted signing keys.
 */
#include <cpk/verify.h>

#include "bytes.h"

#include <openssl/crypto.h>
#include <stdlib.h>

struct anchor {
	uint8_t id[EDB_KEY_ID_BYTES];
};

struct cpk_anchors {
	struct anchor *anchor;
	size_t count;
};

enum edb_err cpk_anchors_new(struct cpk_anchors **anchors, struct edb_error *error)
{
	struct cpk_anchors *made = calloc(1, sizeof *made);

	if (!made)
		return edb_fail(error, EDB_E_NOMEM, EDB_NO_OFFSET, "no memory");
	*anchors = made;
	return EDB_OK;
}

void cpk_anchors_free(struct cpk_anchors *anchors)
{
	if (!anchors)
		return;
	free(anchors->anchor);
	free(anchors);
}

bool cpk_anchors_has(const struct cpk_anchors *anchors, const uint8_t id[EDB_KEY_ID_BYTES])
{
	for (size_t i = 0; i < anchors->count; i++)
		if (CRYPTO_memcmp(anchors->anchor[i].id, id, EDB_KEY_ID_BYTES) == 0)
			return true;
	return false;
}

enum edb_err cpk_anchors_add(
	struct cpk_anchors *anchors, const uint8_t id[EDB_KEY_ID_BYTES], struct edb_error *error)
{
	if (cpk_anchors_has(anchors, id))
		return EDB_OK;
	struct anchor *more =
		reallocarray(anchors->anchor, anchors->count + 1, sizeof *anchors->anchor);
	if (!more)
		return edb_fail(error, EDB_E_NOMEM, EDB_NO_OFFSET, "no memory");
	anchors->anchor = more;
	bytes_copy(more[anchors->count++].id, id, EDB_KEY_ID_BYTES);
	return EDB_OK;
}

enum edb_err cpk_anchors_add_key(
	struct cpk_anchors *anchors, const struct edb_public_key *key, struct edb_error *error)
{
	uint8_t id[EDB_KEY_ID_BYTES];

	edb_public_key_id(key, id);
	return cpk_anchors_add(anchors, id, error);
}
