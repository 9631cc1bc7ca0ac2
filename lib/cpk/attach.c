/* SPDX-License-Identifier: MIT
 *
 * Signatures made elsewhere, into the places that cpk_build left for them.
 */
#include <cpk/writer.h>

#include "bytes.h"
#include "raw.h"

struct place {
	const char *what;
	const struct cpk_sig *sig;
	const uint8_t *signature;
	size_t size;
	uint8_t digest[EDB_DIGEST_BYTES];
};

static enum edb_err check_place(const struct cpk_raw *raw, const struct place *p,
	const struct edb_public_key *signer, struct edb_error *error)
{
	enum edb_err err;

	if (p->sig->scheme == EDB_SCHEME_NONE)
		return edb_fail(
			error, EDB_E_UNSIGNED, EDB_NO_OFFSET, "the package has no %s", p->what);
	if (p->size != raw->table[p->sig->data].size)
		return edb_fail(error, EDB_E_SIGNATURE, EDB_NO_OFFSET,
			"%s: %zu bytes, and the package has a place for %llu", p->what, p->size,
			(unsigned long long)raw->table[p->sig->data].size);
	err = edb_verify_digest(signer, p->sig->scheme, p->digest, p->signature, p->size, error);
	if (err)
		edb_error_prefix(error, "%s", p->what);
	return err;
}

static enum edb_err attach(const struct cpk_raw *raw, const struct edb_public_key *signer,
	struct place *payload, struct place *package, struct edb_error *error)
{
	enum edb_err err = cpk_raw_claimed_digests(raw, payload->digest, package->digest, error);

	if (!err)
		err = check_place(raw, payload, signer, error);
	if (!err)
		err = check_place(raw, package, signer, error);
	if (!err)
		err = file_write_at(raw->fd, raw->table[payload->sig->data].offset,
			payload->signature, payload->size, error);
	if (!err)
		err = file_write_at(raw->fd, raw->table[package->sig->data].offset,
			package->signature, package->size, error);
	return err;
}

enum edb_err cpk_attach_signatures(int fd, const struct edb_public_key *signer,
	const uint8_t *payload_signature, size_t payload_signature_size,
	const uint8_t *package_signature, size_t package_signature_size, struct edb_error *error)
{
	struct edb_public_key *embedded = NULL;
	struct cpk_raw *raw = NULL;
	enum edb_err err = cpk_open(fd, &raw, error);

	if (err)
		return err;
	struct place payload = {.what = "payload signature",
		.sig = &raw->manifest.payload.sig,
		.signature = payload_signature,
		.size = payload_signature_size};
	struct place package = {.what = "package signature",
		.sig = &raw->manifest.package.sig,
		.signature = package_signature,
		.size = package_signature_size};
	if (cpk_cert_is_embedded(raw->manifest.payload.cert.scheme) || !signer)
		err = cpk_raw_claimed_signer(raw, &embedded, error);
	if (!err)
		err = attach(raw, embedded ? embedded : signer, &payload, &package, error);
	edb_public_key_free(embedded);
	cpk_raw_free(raw);
	return err;
}
