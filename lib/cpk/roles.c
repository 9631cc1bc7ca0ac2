/* SPDX-License-Identifier: MIT
 *
 * Where manifest and stream table must agree: every stream that the manifest names exists, has one
 * role, and a size that fits it.
 */
#include "raw.h"

#define ROLES_MAX 10

struct role {
	const char *name;
	uint16_t index;
	uint64_t min, max; /* bytes */
};

struct roles {
	struct role role[ROLES_MAX];
	size_t count;
};

static void add(struct roles *r, const char *name, uint16_t index, uint64_t min, uint64_t max)
{
	r->role[r->count++] = (struct role){.name = name, .index = index, .min = min, .max = max};
}

static void add_signature(struct roles *r, const char *name, const struct cpk_sig *sig)
{
	uint64_t size =
		sig->scheme == EDB_SCHEME_ECDSA_P256 ? EDB_ECDSA_SIG_BYTES : sig->key_strength / 8u;

	if (sig->scheme != EDB_SCHEME_NONE)
		add(r, name, sig->data, size, size);
}

/* Both signatures are by one signer, so both may name one certificate, in one form. */
static bool same_certificate(const struct cpk_cert *a, const struct cpk_cert *b)
{
	return a->scheme == b->scheme && cpk_cert_is_embedded(a->scheme) && a->data == b->data;
}

static void collect(const struct cpk_raw *raw, struct roles *r)
{
	const struct cpk_manifest *m = &raw->manifest;
	bool encrypted = m->payload.enc.scheme == CPK_ENC_AES_GCM;

	add(r, "manifest", raw->manifest_index, 0, CPK_MANIFEST_MAX);
	add(r, "payload.data", m->payload.data, 0, encrypted ? CPK_PLAINTEXT_MAX : INT64_MAX);
	if (encrypted) {
		add(r, "nonce", m->payload.enc.aes_gcm.nonce, CPK_NONCE_BYTES, CPK_NONCE_BYTES);
		add(r, "tag", m->payload.enc.aes_gcm.tag, CPK_TAG_BYTES, CPK_TAG_BYTES);
	}
	if (m->payload.dig.scheme)
		add(r, "payload.dig", m->payload.dig.data, EDB_DIGEST_BYTES, EDB_DIGEST_BYTES);
	add_signature(r, "payload.sig", &m->payload.sig);
	if (cpk_cert_is_embedded(m->payload.cert.scheme))
		add(r, "payload.cert", m->payload.cert.data, 1, CPK_CERTIFICATE_MAX);
	if (m->package.dig.scheme)
		add(r, "package.dig", m->package.dig.data, EDB_DIGEST_BYTES, EDB_DIGEST_BYTES);
	add_signature(r, "package.sig", &m->package.sig);
	if (cpk_cert_is_embedded(m->package.cert.scheme) &&
		!same_certificate(&m->payload.cert, &m->package.cert))
		add(r, "package.cert", m->package.cert.data, 1, CPK_CERTIFICATE_MAX);
}

static enum edb_err check_index(
	const struct cpk_raw *raw, const struct roles *r, size_t i, struct edb_error *error)
{
	const struct role *role = &r->role[i];

	if (role->index >= raw->count)
		return edb_fail(error, EDB_E_STREAM_INDEX, EDB_NO_OFFSET,
			"%s names stream %u of %u", role->name, role->index, raw->count);
	for (size_t j = 0; j < i; j++)
		if (r->role[j].index == role->index)
			return edb_fail(error, EDB_E_STREAM_ROLE, EDB_NO_OFFSET,
				"stream %u is both %s and %s", role->index, r->role[j].name,
				role->name);
	return EDB_OK;
}

static enum edb_err check_size(
	const struct cpk_raw *raw, const struct role *role, struct edb_error *error)
{
	const struct stream *stream = &raw->table[role->index];

	if (stream->size >= role->min && stream->size <= role->max)
		return EDB_OK;
	return edb_fail(error, role->max == CPK_PLAINTEXT_MAX ? EDB_E_LIMIT : EDB_E_STREAM_SIZE,
		stream->offset, "%s has %llu bytes, which does not fit", role->name,
		(unsigned long long)stream->size);
}

static enum edb_err check_map(const struct cpk_raw *raw, struct edb_error *error)
{
	const struct cpk_manifest *m = &raw->manifest;

	for (size_t i = 0; i < m->package.map_count; i++)
		if (m->package.map[i] >= raw->count)
			return edb_fail(error, EDB_E_STREAM_INDEX, EDB_NO_OFFSET,
				"package.map names stream %u of %u", m->package.map[i], raw->count);
	for (size_t i = 0; i < m->package.sizes_count; i++)
		if (raw->table[m->package.map[i + 1]].size != m->package.sizes[i])
			return edb_fail(error, EDB_E_SIZES, EDB_NO_OFFSET,
				"stream %u has not the size that the manifest states",
				m->package.map[i + 1]);
	return EDB_OK;
}

enum edb_err cpk_check_roles(const struct cpk_raw *raw, struct edb_error *error)
{
	struct roles roles = {0};
	enum edb_err err = EDB_OK;

	collect(raw, &roles);
	for (size_t i = 0; !err && i < roles.count; i++)
		err = check_index(raw, &roles, i, error);
	for (size_t i = 0; !err && i < roles.count; i++)
		err = check_size(raw, &roles.role[i], error);
	return err ? err : check_map(raw, error);
}
