/* SPDX-License-Identifier: MIT
 *
 * Certificates, in the forms that a package embeds.
 */
#include <stdlib.h>
#include <string.h>

#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "file.h"
#include "tool.h"

#define FILE_MAX (64u << 10)

/* PEM can claim to be encrypted: no password is asked for on somebody's terminal. */
static int no_password(char *buffer, int size, int writing, void *user)
{
	(void)buffer, (void)size, (void)writing, (void)user;
	return -1;
}

/* PEM or DER; NULL: neither. */
static X509 *x509_read(const uint8_t *bytes, size_t size)
{
	const unsigned char *at = bytes;
	BIO *bio = BIO_new_mem_buf(bytes, (int)size);
	X509 *x509 = bio ? PEM_read_bio_X509(bio, NULL, no_password, NULL) : NULL;

	BIO_free(bio);
	return x509 ? x509 : d2i_X509(NULL, &at, (long)size);
}

static enum edb_err copy_out(
	struct cli *cli, const void *from, size_t from_size, uint8_t **bytes, size_t *size)
{
	*bytes = from && from_size ? malloc(from_size) : NULL;
	if (!*bytes)
		return cli_fail(cli, EDB_E_NOMEM, NULL, "out of memory");
	memcpy(*bytes, from, from_size);
	*size = from_size;
	return EDB_OK;
}

static enum edb_err as_pem(
	struct cli *cli, X509 *x509, EVP_PKEY *key, uint8_t **bytes, size_t *size)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *text = NULL;
	long length = 0;
	enum edb_err err;

	if (bio && (x509 ? PEM_write_bio_X509(bio, x509) : PEM_write_bio_PUBKEY(bio, key)))
		length = BIO_get_mem_data(bio, &text);
	err = copy_out(cli, text, (size_t)length, bytes, size);
	BIO_free(bio);
	return err;
}

static enum edb_err from_x509(
	struct cli *cli, const char *file, enum cpk_cert_scheme form, uint8_t **bytes, size_t *size)
{
	uint8_t *content = NULL, *der = NULL;
	size_t content_size = 0;
	X509 *x509 = NULL;
	int der_size;
	enum edb_err err;

	if (!file)
		return cli_fail(cli, EDB_E_USAGE,
			"--certificate FILE (cpk-tool keygen makes one for development), or "
			"--certificate-form public-key-pem",
			"no certificate for the signing key");
	err = edb_read_file(file, FILE_MAX, &content, &content_size, &cli->error);
	if (err)
		return err;
	x509 = x509_read(content, content_size);
	edb_free_secret(content, content_size);
	if (!x509)
		return cli_fail(cli, EDB_E_CERTIFICATE,
			"for a bare public key: --certificate-form public-key-pem",
			"%s holds no X.509 certificate in PEM or DER", file);
	if (form == CPK_CERT_X509_PEM) {
		err = as_pem(cli, x509, NULL, bytes, size);
	} else {
		der_size = i2d_X509(x509, &der);
		err = copy_out(cli, der, der_size > 0 ? (size_t)der_size : 0, bytes, size);
		OPENSSL_free(der);
	}
	X509_free(x509);
	return err;
}

enum edb_err certificate_make(struct cli *cli, const char *file, enum cpk_cert_scheme form,
	const struct edb_public_key *signer, uint8_t **bytes, size_t *size)
{
	size_t spki_size = 0;
	const uint8_t *spki = edb_public_key_spki_borrow(signer, &spki_size);
	const unsigned char *at = spki;
	EVP_PKEY *key;
	enum edb_err err;

	if (form == CPK_CERT_X509_PEM || form == CPK_CERT_X509_DER)
		return from_x509(cli, file, form, bytes, size);
	if (form == CPK_CERT_PUBLIC_KEY_DER)
		return copy_out(cli, spki, spki_size, bytes, size);
	key = d2i_PUBKEY(NULL, &at, (long)spki_size);
	if (!key)
		return cli_fail(cli, EDB_E_INTERNAL, NULL, "cannot encode the public key");
	err = as_pem(cli, NULL, key, bytes, size);
	EVP_PKEY_free(key);
	return err;
}

enum cpk_cert_scheme certificate_form(const char *file)
{
	struct edb_public_key *key = NULL;
	uint8_t *content = NULL;
	size_t size = 0;
	bool pem, x509;

	if (!file)
		return CPK_CERT_PUBLIC_KEY_DER;
	if (edb_read_file(file, FILE_MAX, &content, &size, NULL))
		return CPK_CERT_X509_PEM; /* which then fails, with the reason */
	pem = strstr((const char *)content, "-----BEGIN ");
	x509 = pem ? strstr((const char *)content, "-----BEGIN CERTIFICATE-----") != NULL
		   : !edb_public_key_from_x509(content, size, &key, NULL);
	edb_public_key_free(key);
	edb_free_secret(content, size);
	if (x509)
		return pem ? CPK_CERT_X509_PEM : CPK_CERT_X509_DER;
	return pem ? CPK_CERT_PUBLIC_KEY_PEM : CPK_CERT_PUBLIC_KEY_DER;
}

/* A stream could hold more than one certificate; only that of the signer's key may give the name.
 */
static bool is_of(X509 *x509, const struct edb_public_key *signer)
{
	size_t size = 0;
	const uint8_t *spki = edb_public_key_spki_borrow(signer, &size);
	uint8_t *der = NULL;
	int der_size = x509 ? i2d_X509_PUBKEY(X509_get_X509_PUBKEY(x509), &der) : 0;
	bool same = der_size > 0 && (size_t)der_size == size && !memcmp(der, spki, size);

	OPENSSL_free(der);
	return same;
}

void certificate_subject(const uint8_t *bytes, size_t size, const struct edb_public_key *signer,
	char *text, size_t text_size)
{
	X509 *x509 = x509_read(bytes, size);
	BIO *bio = BIO_new(BIO_s_mem());
	int n = 0;

	text[0] = 0;
	/* RFC 2253 escapes control characters: nothing of it can play with a terminal. */
	if (bio && is_of(x509, signer) &&
		X509_NAME_print_ex(bio, X509_get_subject_name(x509), 0, XN_FLAG_RFC2253) >= 0)
		n = BIO_read(bio, text, (int)text_size - 1);
	text[n > 0 ? n : 0] = 0;
	BIO_free(bio);
	X509_free(x509);
}
