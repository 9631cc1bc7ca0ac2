/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>

#include "commands.h"
#include "file.h"
#include "key_store.h"
#include "signer.h"
#include "text.h"

#define CERTIFICATE_DAYS 3650

static enum edb_err class_key(struct cli *cli, struct edb_error *error)
{
	uint8_t key[CLASS_KEY_BYTES], uuid[EDB_UUID_BYTES];
	const char *id, *path;
	enum edb_err err = cli_need(cli, "application-id", &id, error);

	if (!err)
		err = cli_need(cli, "key-store", &path, error);
	if (!err && !edb_uuid_decode(id, uuid))
		err = edb_fail(error, EDB_E_USAGE, EDB_NO_OFFSET,
			"%s is not a UUID in lower case (uuidgen makes one)", id);
	if (!err && RAND_priv_bytes(key, sizeof key) != 1)
		err = edb_fail(error, EDB_E_INTERNAL, EDB_NO_OFFSET, "no random numbers");
	if (!err)
		err = key_store_add(path, id, key, error);
	OPENSSL_cleanse(key, sizeof key);
	return err;
}

static EVP_PKEY *read_key(const char *path, struct edb_error *error)
{
	uint8_t *text = NULL;
	size_t size = 0;
	EVP_PKEY *key = NULL;

	if (!edb_read_file(path, 1u << 16, &text, &size, error)) {
		BIO *bio = BIO_new_mem_buf(text, (int)size);

		key = bio ? PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL) : NULL;
		BIO_free(bio);
		edb_free_secret(text, size);
	}
	return key;
}

/* For people and for the 2021 tool: what counts is the key in it. */
static X509 *self_signed(EVP_PKEY *key, const char *name)
{
	X509 *certificate = X509_new();
	X509_NAME *subject = certificate ? X509_get_subject_name(certificate) : NULL;
	unsigned char serial[8];
	BIGNUM *number = NULL;
	bool good;

	good = subject && RAND_bytes(serial, sizeof serial) == 1 &&
	       (number = BN_bin2bn(serial, sizeof serial, NULL)) &&
	       BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate)) &&
	       X509_set_version(certificate, X509_VERSION_3) &&
	       X509_gmtime_adj(X509_getm_notBefore(certificate), 0) &&
	       X509_time_adj_ex(X509_getm_notAfter(certificate), CERTIFICATE_DAYS, 0, NULL) &&
	       X509_NAME_add_entry_by_txt(
		       subject, "CN", MBSTRING_UTF8, (const unsigned char *)name, -1, -1, 0) &&
	       X509_set_issuer_name(certificate, subject) && X509_set_pubkey(certificate, key) &&
	       X509_sign(certificate, key, EVP_sha256());
	BN_free(number);
	if (good)
		return certificate;
	X509_free(certificate);
	return NULL;
}

static enum edb_err write_certificate(
	const char *key_path, const char *path, const char *name, struct edb_error *error)
{
	EVP_PKEY *key = read_key(key_path, error);
	X509 *certificate = key ? self_signed(key, name) : NULL;
	BIO *bio = BIO_new(BIO_s_mem());
	char *text = NULL;
	long size = 0;
	enum edb_err err;

	if (certificate && bio && PEM_write_bio_X509(bio, certificate))
		size = BIO_get_mem_data(bio, &text);
	err = size > 0
		      ? edb_write_file(path, 0644, text, (size_t)size, error)
		      : edb_fail(error, EDB_E_INTERNAL, EDB_NO_OFFSET, "cannot make a certificate");
	BIO_free(bio);
	X509_free(certificate);
	EVP_PKEY_free(key);
	return err;
}

static enum edb_err signing_key(struct cli *cli, const char *path, struct edb_error *error)
{
	const char *bits_text = cli_get(cli, "bits"), *name = cli_get(cli, "name");
	unsigned long bits = bits_text ? strtoul(bits_text, NULL, 10) : 2048;
	char certificate[4096];
	enum edb_err err;

	if (bits != 256 && bits != 2048 && bits != 3072 && bits != 4096)
		return edb_fail(error, EDB_E_USAGE, EDB_NO_OFFSET,
			"--bits takes 2048, 3072, 4096 (RSA) or 256 (P-256)");
	if (snprintf(certificate, sizeof certificate, "%s.crt", path) >= (int)sizeof certificate)
		return edb_fail(error, EDB_E_ARG, EDB_NO_OFFSET, "the name is too long");
	err = edb_generate_key(path, (unsigned)bits, error);
	return err ? err : write_certificate(path, certificate, name ? name : "Unknown", error);
}

enum edb_err cmd_keygen(struct cli *cli, struct edb_error *error)
{
	const char *path = cli_get(cli, "signing-key");

	return path ? signing_key(cli, path, error) : class_key(cli, error);
}
