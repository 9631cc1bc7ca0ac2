/* SPDX-License-Identifier: MIT */
#include "ecdsa.h"

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>

#include "signer.h"

#define HALF (EDB_ECDSA_SIG_BYTES / 2)

size_t edb_ecdsa_to_der(
	const uint8_t signature[EDB_ECDSA_SIG_BYTES], uint8_t der[EDB_ECDSA_DER_MAX])
{
	ECDSA_SIG *sig = ECDSA_SIG_new();
	BIGNUM *r = BN_bin2bn(signature, HALF, NULL), *s = BN_bin2bn(signature + HALF, HALF, NULL);
	int size = 0;

	if (sig && r && s && ECDSA_SIG_set0(sig, r, s)) {
		r = s = NULL;
		if (i2d_ECDSA_SIG(sig, NULL) <= EDB_ECDSA_DER_MAX)
			size = i2d_ECDSA_SIG(sig, &der);
	}
	BN_free(r);
	BN_free(s);
	ECDSA_SIG_free(sig);
	return size > 0 ? (size_t)size : 0;
}

enum edb_err edb_ecdsa_from_der(const uint8_t *der, size_t size,
	uint8_t signature[EDB_ECDSA_SIG_BYTES], struct edb_error *error)
{
	const unsigned char *at = der;
	ECDSA_SIG *sig = size <= EDB_ECDSA_DER_MAX ? d2i_ECDSA_SIG(NULL, &at, (long)size) : NULL;
	bool good = sig && at == der + size &&
		    BN_bn2binpad(ECDSA_SIG_get0_r(sig), signature, HALF) == HALF &&
		    BN_bn2binpad(ECDSA_SIG_get0_s(sig), signature + HALF, HALF) == HALF;

	ECDSA_SIG_free(sig);
	return good ? EDB_OK
		    : edb_fail(error, EDB_E_SIGNATURE, EDB_NO_OFFSET,
			      "not a P-256 signature in DER");
}
