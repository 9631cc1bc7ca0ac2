/* SPDX-License-Identifier: MIT
 *
 * cpk-tool keygen: keys for development. What is there already is never overwritten.
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include "file.h"
#include "signer.h"
#include "text.h"
#include "tool.h"

#define YEARS        10
#define NAME_DEFAULT "development"
#define KEY_FILE_MAX (64u << 10)

struct keygen_values {
	const char *store, *id, *signing_key, *service_key, *bits, *name;
};

static const struct cli_option options[] = {
	{'a', "application-id", "ID",
		"make a class key of this name, normally the application's\nUUID",
		CLI_INTO(CLI_TEXT, struct keygen_values, id)},
	{'k', "key-store", "FILE",
		"the file of keys to add it to, made if it is not there\n"
		"(else $CP_FILE_KEY_SOURCE)",
		CLI_INTO(CLI_TEXT, struct keygen_values, store)},
	{'s', "signing-key", "FILE",
		"make a vendor's signing key, and FILE.crt, its self-signed\n"
		"certificate",
		CLI_INTO(CLI_TEXT, struct keygen_values, signing_key)},
	{'b', "bits", "N", "of the signing key: 2048 (RSA, default), 3072, 4096, or 256\n(P-256)",
		.choices = "2048 3072 4096 256", CLI_INTO(CLI_TEXT, struct keygen_values, bits)},
	{'n', "name", "NAME", "the certificate's common name",
		CLI_INTO(CLI_TEXT, struct keygen_values, name)},
	{0, "service-key", "FILE",
		"make a development key service's P-256 key, and FILE.pub, its\n"
		"public key",
		CLI_INTO(CLI_TEXT, struct keygen_values, service_key)},
	{0},
};

static enum edb_err make_class(struct cli *cli, const struct keygen_values *v)
{
	struct key_source source = {.method = "file", .store = v->store};
	enum edb_err err;

	if (strlen(v->id) < CPK_KEY_NAME_MIN || strlen(v->id) > CPK_KEY_NAME_MAX)
		return cli_fail(cli, EDB_E_ARG, "normally it is the application's UUID",
			"a class key's name has %d to %d characters", CPK_KEY_NAME_MIN,
			CPK_KEY_NAME_MAX);
	err = key_source_store(cli, &source);
	if (!err && !strcmp(source.store, "-"))
		err = cli_fail(cli, EDB_E_USAGE, NULL,
			"--key-store: a file of keys that is added to, not standard input");
	return err ? err : key_store_add(cli, source.store, v->id);
}

static EVP_PKEY *load_private(const char *path)
{
	uint8_t *bytes = NULL;
	size_t size = 0;
	EVP_PKEY *key = NULL;
	BIO *bio;

	if (edb_read_file(path, KEY_FILE_MAX, &bytes, &size, NULL))
		return NULL;
	bio = BIO_new_mem_buf(bytes, (int)size);
	key = bio ? PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL) : NULL;
	BIO_free(bio);
	edb_free_secret(bytes, size);
	return key;
}

static bool fill_certificate(X509 *x509, EVP_PKEY *key, const char *name)
{
	X509_NAME *subject = X509_get_subject_name(x509);
	ASN1_INTEGER *serial = X509_get_serialNumber(x509);
	uint8_t number[8] = {0};
	uint64_t value = 0;

	if (RAND_bytes(number, sizeof number) != 1)
		return false;
	for (size_t i = 0; i < sizeof number; i++)
		value = value << 8 | number[i];
	return X509_set_version(x509, X509_VERSION_3) &&
	       ASN1_INTEGER_set_uint64(serial, value >> 1) &&
	       X509_gmtime_adj(X509_getm_notBefore(x509), 0) &&
	       X509_time_adj_ex(X509_getm_notAfter(x509), 365 * YEARS, 0, NULL) &&
	       X509_NAME_add_entry_by_txt(
		       subject, "CN", MBSTRING_UTF8, (const unsigned char *)name, -1, -1, 0) &&
	       X509_set_issuer_name(x509, subject) && X509_set_pubkey(x509, key) &&
	       X509_sign(x509, key, EVP_sha256());
}

/* A self-signed certificate, or the bare public key. */
static enum edb_err make_public(
	struct cli *cli, const char *key_path, const char *name, bool certificate, BIO **text)
{
	EVP_PKEY *key = load_private(key_path);
	X509 *x509 = X509_new();
	bool good;

	*text = BIO_new(BIO_s_mem());
	good = key && x509 && *text;
	if (good && certificate)
		good = fill_certificate(x509, key, name) && PEM_write_bio_X509(*text, x509);
	else if (good)
		good = PEM_write_bio_PUBKEY(*text, key);
	X509_free(x509);
	EVP_PKEY_free(key);
	return good ? EDB_OK
		    : cli_fail(cli, EDB_E_ARG, "--name takes 1 to 64 characters of UTF-8",
			      "cannot make the certificate of %s", key_path);
}

/* A service has a bare public key, a vendor a certificate. */
static enum edb_err make_pair(struct cli *cli, const char *key_path, unsigned long long bits,
	const char *name, bool certificate)
{
	char public_path[PATH_MAX];
	BIO *text = NULL;
	char *bytes = NULL;
	long size;
	enum edb_err err;

	if (snprintf(public_path, sizeof public_path, "%s.%s", key_path,
		    certificate ? "crt" : "pub") >= (int)sizeof public_path)
		return cli_fail(cli, EDB_E_ARG, NULL, "the file's name is too long");
	if (!access(key_path, F_OK) || !access(public_path, F_OK))
		return cli_fail(cli, EDB_E_IO, "keys are never overwritten; take another name",
			"%s is there already", access(key_path, F_OK) ? public_path : key_path);
	err = edb_generate_key(key_path, (unsigned)bits, &cli->error);
	if (err)
		return err;
	err = make_public(cli, key_path, name, certificate, &text);
	if (!err) {
		size = BIO_get_mem_data(text, &bytes);
		err = cli_write(cli, public_path, 0644, bytes, (size_t)size);
	}
	BIO_free(text);
	if (err)
		unlink(key_path);
	else
		cli_note(cli, "%s is the private key: keep it to yourself; %s is the %s", key_path,
			public_path, certificate ? "certificate" : "public key");
	return err;
}

static enum edb_err check(struct cli *cli, const struct keygen_values *v)
{
	const char *file = v->signing_key ? v->signing_key : v->service_key;

	if ((v->id != NULL) + (v->signing_key != NULL) + (v->service_key != NULL) != 1)
		return cli_fail(cli, EDB_E_USAGE, NULL,
			"one of --application-id, --signing-key and --service-key says what to make");
	if (file && !strcmp(file, "-"))
		return cli_fail(cli, EDB_E_USAGE, NULL,
			"--%s: a file, since there are two to write: a private key goes nowhere else",
			v->signing_key ? "signing-key" : "service-key");
	if (v->store && !v->id)
		return cli_fail(cli, EDB_E_USAGE, NULL, "--key-store goes with --application-id");
	if (v->name && !v->signing_key)
		return cli_fail(cli, EDB_E_USAGE, NULL, "--name goes with --signing-key");
	if (v->bits && !v->signing_key && !(v->service_key && !strcmp(v->bits, "256")))
		return cli_fail(cli, EDB_E_USAGE, NULL,
			"--bits goes with --signing-key: a service's key is P-256, a class key "
			"AES-256");
	return EDB_OK;
}

static enum edb_err run(struct cli *cli, const void *values)
{
	const struct keygen_values *v = values;
	unsigned long long bits = 2048;
	enum edb_err err = check(cli, v);

	if (err)
		return err;
	if (v->id)
		return make_class(cli, v);
	if (v->service_key)
		return make_pair(cli, v->service_key, 256, NULL, false);
	if (v->bits)
		cli_number(v->bits, 0, UINT32_MAX, &bits);
	return make_pair(cli, v->signing_key, bits, v->name ? v->name : NAME_DEFAULT, true);
}

const struct cli_command cmd_keygen = {
	.name = "keygen",
	.summary = "make keys for development",
	.options = options,
	.values_bytes = sizeof(struct keygen_values),
	.run = run,
	.notes = "Nothing that is there already is overwritten.",
};
