/* SPDX-License-Identifier: MIT
 *
 * Proving who made a package, and that no byte of it changed.
 */
#include <cpk/verify.h>

#include "bytes.h"
#include "raw.h"
#include "sealed.h"
#include "sha256.h"

#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

static bool same_cert(const struct cpk_cert *a, const struct cpk_cert *b)
{
	if (a->scheme != b->scheme)
		return false;
	if (cpk_cert_is_embedded(a->scheme))
		return a->data == b->data;
	return a->scheme == CPK_CERT_NONE || strcmp(a->location, b->location) == 0;
}

static bool in_map(const struct cpk_manifest *m, uint16_t index)
{
	for (size_t i = 0; i < m->package.map_count; i++)
		if (m->package.map[i] == index)
			return true;
	return false;
}

/* Manifest first, payload last, between them exactly what an installer uses; docs/format.md, S2,
 * S3. */
static enum edb_err check_map(const struct cpk_raw *raw, struct edb_error *error)
{
	const struct cpk_manifest *m = &raw->manifest;
	bool encrypted = m->payload.enc.scheme == CPK_ENC_AES_GCM;
	bool embedded = cpk_cert_is_embedded(m->payload.cert.scheme);
	size_t count = m->package.map_count, want = 3u + (encrypted ? 2 : 0) + (embedded ? 1 : 0);

	if (count < 2 || m->package.map[0] != raw->manifest_index ||
		m->package.map[count - 1] != m->payload.data)
		return edb_fail(error, EDB_E_MAP, EDB_NO_OFFSET,
			"package.map does not go from the manifest to the payload");
	if (count != want || !in_map(m, m->payload.dig.data) ||
		(encrypted && !in_map(m, m->payload.enc.aes_gcm.nonce)) ||
		(encrypted && !in_map(m, m->payload.enc.aes_gcm.tag)) ||
		(embedded && !in_map(m, m->payload.cert.data)))
		return edb_fail(error, EDB_E_MAP, EDB_NO_OFFSET,
			"package.map names too few streams, or others than an installer uses");
	return EDB_OK;
}

/* What makes a package a strong one, before any cryptography. docs/format.md, S1-S5. */
static enum edb_err check_strong(const struct cpk_raw *raw, struct edb_error *error)
{
	const struct cpk_manifest *m = &raw->manifest;
	enum edb_err err;

	if (m->package.sig.scheme == EDB_SCHEME_NONE)
		return edb_fail(error, EDB_E_UNSIGNED, EDB_NO_OFFSET,
			"no package signature: nothing vouches for name, version and target");
	if (m->payload.sig.scheme == EDB_SCHEME_NONE)
		return edb_fail(error, EDB_E_UNSIGNED, EDB_NO_OFFSET, "no payload signature");
	if (m->package.cert.scheme == CPK_CERT_NONE ||
		!same_cert(&m->payload.cert, &m->package.cert))
		return edb_fail(error, EDB_E_CERTIFICATE, EDB_NO_OFFSET,
			"payload and package do not name one signer's certificate");
	err = check_map(raw, error);
	if (err)
		return err;
	if (!m->package.sizes_present)
		return edb_fail(error, EDB_E_SIZES, EDB_NO_OFFSET,
			"manifest: package.sizes is missing: bytes could move between streams");
	return EDB_OK;
}

/* The signer's key, embedded or from the caller, and among the anchors. */
static enum edb_err find_signer(const struct cpk_raw *raw, const struct cpk_anchors *anchors,
	const struct edb_public_key *given, struct edb_public_key **signer, struct edb_error *error)
{
	uint8_t id[EDB_KEY_ID_BYTES];
	enum edb_err err;

	if (cpk_cert_is_embedded(raw->manifest.payload.cert.scheme) || !given) {
		err = cpk_raw_claimed_signer(raw, signer, error);
	} else {
		size_t size;
		const uint8_t *spki = edb_public_key_spki_borrow(given, &size);

		err = edb_public_key_from_spki(spki, size, signer, error);
	}
	if (err)
		return err;
	edb_public_key_id(*signer, id);
	if (cpk_anchors_has(anchors, id))
		return EDB_OK;
	return edb_fail(error, EDB_E_SIGNER, EDB_NO_OFFSET, "the signer is not trusted here");
}

static enum edb_err check_signature(const struct cpk_raw *raw, const struct cpk_sig *sig,
	const struct edb_public_key *signer, const uint8_t digest[EDB_DIGEST_BYTES],
	const char *what, struct edb_error *error)
{
	uint8_t signature[EDB_SIGNATURE_MAX];
	size_t size = (size_t)raw->table[sig->data].size; /* at most 512: cpk_check_roles */
	enum edb_err err = cpk_raw_read_at(raw, sig->data, 0, signature, size, error);

	if (!err)
		err = edb_verify_digest(signer, sig->scheme, digest, signature, size, error);
	if (err)
		edb_error_prefix(error, "%s", what);
	return err;
}

/* One mapped stream into the digest: small ones as they were kept, the others from the file. */
struct hashing {
	const struct cpk_raw *raw;
	const struct sealed *sealed;
	struct sha256 package, plain; /* plain: the payload alone, where it is not encrypted */
	bool payload_now;
	uint64_t done, total;
	const struct cpk_progress *progress;
};

static enum edb_err hash_block(
	void *context, const uint8_t *data, size_t size, struct edb_error *error)
{
	struct hashing *h = context;

	(void)error;
	sha256_add(&h->package, data, size);
	if (h->payload_now)
		sha256_add(&h->plain, data, size);
	h->done += size;
	if (h->progress && h->progress->tell)
		h->progress->tell(h->progress->context, h->done, h->total);
	return EDB_OK;
}

static enum edb_err hash_stream(struct hashing *h, uint16_t index, struct edb_error *error)
{
	const struct cpk_manifest *m = &h->raw->manifest;
	bool encrypted = m->payload.enc.scheme == CPK_ENC_AES_GCM;

	if (encrypted && index == m->payload.enc.aes_gcm.nonce)
		return hash_block(h, h->sealed->nonce, CPK_NONCE_BYTES, error);
	if (encrypted && index == m->payload.enc.aes_gcm.tag)
		return hash_block(h, h->sealed->tag, CPK_TAG_BYTES, error);
	if (index == m->payload.dig.data)
		return hash_block(h, h->sealed->digest, EDB_DIGEST_BYTES, error);
	h->payload_now = !encrypted && index == m->payload.data;
	return cpk_raw_copy_stream(h->raw, index, hash_block, h, NULL, error);
}

static enum edb_err check_digest(const struct cpk_raw *raw, const struct sealed *sealed,
	const uint8_t claimed[EDB_DIGEST_BYTES], const struct cpk_progress *progress,
	struct edb_error *error)
{
	const struct cpk_manifest *m = &raw->manifest;
	struct hashing h = {.raw = raw, .sealed = sealed, .progress = progress};
	uint8_t package[EDB_DIGEST_BYTES], plain[EDB_DIGEST_BYTES];
	enum edb_err err = EDB_OK, err_plain;

	for (size_t i = 0; i < m->package.map_count; i++)
		h.total += raw->table[m->package.map[i]].size;
	sha256_start(&h.package);
	sha256_start(&h.plain);
	for (size_t i = 0; !err && i < m->package.map_count; i++)
		err = hash_stream(&h, m->package.map[i], error);
	err_plain = sha256_end(&h.plain, plain, err ? NULL : error);
	if (err) {
		sha256_end(&h.package, NULL, NULL);
		return err;
	}
	err = sha256_end(&h.package, package, error);
	if (err || err_plain)
		return err ? err : err_plain;
	if (CRYPTO_memcmp(package, claimed, sizeof package) != 0)
		return edb_fail(error, EDB_E_DIGEST, EDB_NO_OFFSET,
			"the package digest is not that of the mapped streams");
	if (m->payload.enc.scheme == CPK_ENC_NONE &&
		CRYPTO_memcmp(plain, sealed->digest, sizeof plain) != 0)
		return edb_fail(error, EDB_E_DIGEST, EDB_NO_OFFSET,
			"the payload digest is not that of the payload");
	return EDB_OK;
}

enum edb_err cpk_verify(const struct cpk_raw *raw, const struct cpk_anchors *anchors,
	const struct edb_public_key *signer, const struct cpk_progress *progress,
	struct cpk_pkg **pkg, struct edb_error *error)
{
	const struct cpk_manifest *m = &raw->manifest;
	struct cpk_pkg *made = NULL;
	enum edb_err err = check_strong(raw, error);

	if (err)
		goto out;
	made = calloc(1, sizeof *made);
	if (!made) {
		err = edb_fail(error, EDB_E_NOMEM, EDB_NO_OFFSET, "no memory");
		goto out;
	}
	made->raw = raw;
	made->verdict = CPK_VERDICT_ALL;
	err = find_signer(raw, anchors, signer, &made->signer, error);
	if (!err)
		err = cpk_raw_claimed_digests(raw, NULL, made->digest, error);
	if (!err)
		err = cpk_sealed_read(raw, &made->sealed, error);
	if (!err)
		err = check_signature(raw, &m->package.sig, made->signer, made->digest,
			"package signature", error);
	if (!err)
		err = check_signature(raw, &m->payload.sig, made->signer, made->sealed.digest,
			"payload signature", error);
	if (!err) /* last: the long work is for signed packages only */
		err = check_digest(raw, &made->sealed, made->digest, progress, error);
	if (err)
		goto out;
	*pkg = made;
	made = NULL;
out:
	cpk_pkg_free(made);
	return err;
}

enum edb_err cpk_verify_2021_plaintext_only(const struct cpk_raw *raw,
	const struct cpk_anchors *anchors, const struct edb_public_key *signer,
	struct cpk_pkg **pkg, struct edb_error *error)
{
	const struct cpk_manifest *m = &raw->manifest;
	struct cpk_pkg *made = NULL;
	enum edb_err err;

	if (m->package.sig.scheme != EDB_SCHEME_NONE)
		return edb_fail(error, EDB_E_ARG, EDB_NO_OFFSET,
			"this package is signed as a whole, and is to be verified as a whole");
	if (m->payload.sig.scheme == EDB_SCHEME_NONE)
		return edb_fail(error, EDB_E_UNSIGNED, EDB_NO_OFFSET, "no payload signature");
	made = calloc(1, sizeof *made);
	if (!made)
		return edb_fail(error, EDB_E_NOMEM, EDB_NO_OFFSET, "no memory");
	made->raw = raw;
	made->verdict = CPK_VERDICT_2021_PLAINTEXT;
	err = find_signer(raw, anchors, signer, &made->signer, error);
	if (!err)
		err = cpk_sealed_read(raw, &made->sealed, error);
	if (!err)
		err = check_signature(raw, &m->payload.sig, made->signer, made->sealed.digest,
			"payload signature", error);
	if (err) {
		cpk_pkg_free(made);
		return err;
	}
	*pkg = made;
	return EDB_OK;
}

void cpk_pkg_free(struct cpk_pkg *pkg)
{
	if (!pkg)
		return;
	edb_public_key_free(pkg->signer);
	free(pkg);
}

enum cpk_verdict cpk_pkg_verdict(const struct cpk_pkg *pkg)
{
	return pkg->verdict;
}

const struct cpk_raw *cpk_pkg_raw_borrow(const struct cpk_pkg *pkg)
{
	return pkg->raw;
}

const struct edb_public_key *cpk_pkg_signer_borrow(const struct cpk_pkg *pkg)
{
	return pkg->signer;
}

void cpk_pkg_digest(const struct cpk_pkg *pkg, uint8_t digest[EDB_DIGEST_BYTES])
{
	bytes_copy(digest, pkg->digest, EDB_DIGEST_BYTES);
}
