/* SPDX-License-Identifier: MIT
 *
 * The signer's key: embedded in the package in one of four forms. The manifest says in which;
 * another one is refused, not guessed.
 */
#include "signer_key.h"

#include "raw.h"

#include <stdlib.h>

static enum edb_err not_embedded(enum cpk_cert_scheme scheme, struct edb_error *error)
{
	return edb_fail(error, EDB_E_CERTIFICATE, EDB_NO_OFFSET,
		"the package does not embed the signer's key (%s)", cpk_cert_name(scheme));
}

enum edb_err cpk_key_from_certificate(enum cpk_cert_scheme scheme, const uint8_t *bytes,
	size_t size, struct edb_public_key **key, struct edb_error *error)
{
	switch (scheme) {
	case CPK_CERT_X509_PEM:
		return edb_public_key_from_pem_alone(EDB_PEM_CERTIFICATE, bytes, size, key, error);
	case CPK_CERT_PUBLIC_KEY_PEM:
		return edb_public_key_from_pem_alone(EDB_PEM_PUBLIC_KEY, bytes, size, key, error);
	case CPK_CERT_X509_DER: return edb_public_key_from_x509(bytes, size, key, error);
	case CPK_CERT_PUBLIC_KEY_DER: return edb_public_key_from_spki(bytes, size, key, error);
	default: return not_embedded(scheme, error);
	}
}

enum edb_err cpk_raw_claimed_signer(
	const struct cpk_raw *raw, struct edb_public_key **key, struct edb_error *error)
{
	const struct cpk_cert *cert = &raw->manifest.payload.cert;
	uint8_t *bytes = NULL;
	size_t size;
	enum edb_err err;

	if (cert->scheme == CPK_CERT_NONE)
		return edb_fail(error, EDB_E_UNSIGNED, EDB_NO_OFFSET, "no certificate");
	if (!cpk_cert_is_embedded(cert->scheme))
		return not_embedded(cert->scheme, error);
	size = (size_t)cpk_raw_stream_size(raw, cert->data); /* at most CPK_CERTIFICATE_MAX */
	bytes = malloc(size);
	if (!bytes)
		return edb_fail(error, EDB_E_NOMEM, EDB_NO_OFFSET, "no memory");
	err = cpk_raw_read_at(raw, cert->data, 0, bytes, size, error);
	if (!err)
		err = cpk_key_from_certificate(cert->scheme, bytes, size, key, error);
	free(bytes);
	return err;
}
