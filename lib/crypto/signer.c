/* SPDX-License-Identifier: MIT
 *
 * A signer is a private key in a file (here) or in a token (pkcs11.c).
 */
#include "signer.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "ecdsa.h"
#include "file.h"
#include "pkcs11.h"
#include "pkey.h"

#define KEY_FILE_MAX (64u << 10)

struct edb_signer {
	EVP_PKEY *pkey; /* of a file; NULL: in a token */
	struct edb_token *token;
	struct edb_public_key *public;
};

/* A file with a password would ask on the terminal: not from inside a library. */
static int no_password(char *buffer, int size, int writing, void *user)
{
	(void)buffer, (void)size, (void)writing, (void)user;
	return -1;
}

static enum edb_err open_file(const char *path, struct edb_signer *signer, struct edb_error *error)
{
	uint8_t *bytes = NULL;
	size_t size = 0;
	BIO *bio;
	enum edb_err err = edb_read_file(path, KEY_FILE_MAX, &bytes, &size, error);

	if (err)
		return err;
	bio = BIO_new_mem_buf(bytes, (int)size);
	signer->pkey = bio ? PEM_read_bio_PrivateKey(bio, NULL, no_password, NULL) : NULL;
	BIO_free(bio);
	edb_free_secret(bytes, size);
	if (!signer->pkey)
		return edb_fail(error, EDB_E_CERTIFICATE, EDB_NO_OFFSET,
			"%s holds no private key in PEM without a password", path);
	EVP_PKEY_up_ref(signer->pkey);
	err = edb_public_key_from_pkey(signer->pkey, &signer->public, error);
	if (err)
		edb_error_prefix(error, "%s", path);
	return err;
}

enum edb_err edb_signer_open(const char *where, struct edb_signer **signer, struct edb_error *error)
{
	return edb_signer_open_known(where, NULL, signer, error);
}

/* Which key an error is about: the URI up to its query. What says "pin" is not repeated. */
static void name_token(const char *uri, struct edb_error *error)
{
	int length = (int)strcspn(uri, "?");

	if (!memmem(uri, (size_t)length, "pin", 3))
		edb_error_prefix(error, "%.*s", length, uri);
}

enum edb_err edb_signer_open_known(const char *where, const struct edb_public_key *known,
	struct edb_signer **signer, struct edb_error *error)
{
	struct edb_signer *s = calloc(1, sizeof *s);
	enum edb_err err;

	if (!s)
		return edb_fail(error, EDB_E_NOMEM, EDB_NO_OFFSET, "out of memory");
	if (!strncmp(where, "pkcs11:", 7)) {
		err = edb_token_open(where, known, &s->token, &s->public, error);
		if (err)
			name_token(where, error);
	} else {
		err = open_file(where, s, error);
	}
	if (err) {
		edb_signer_free(s);
		return err;
	}
	*signer = s;
	return EDB_OK;
}

void edb_signer_free(struct edb_signer *signer)
{
	if (!signer)
		return;
	EVP_PKEY_free(signer->pkey);
	edb_token_close(signer->token);
	edb_public_key_free(signer->public);
	free(signer);
}

const struct edb_public_key *edb_signer_public_borrow(const struct edb_signer *signer)
{
	return signer->public;
}

/* A token may hold a public key that does not belong to the private one, or be faulty: what does
 * not verify is never handed out. */
static enum edb_err sign_in_token(struct edb_signer *signer, enum edb_scheme scheme,
	const uint8_t digest[EDB_DIGEST_BYTES], uint8_t *signature, size_t size,
	struct edb_error *error)
{
	enum edb_err err = edb_token_sign(signer->token, scheme, digest, signature, size, error);

	if (!err && edb_verify_digest(signer->public, scheme, digest, signature, size, NULL)) {
		OPENSSL_cleanse(signature, size);
		err = edb_fail(error, EDB_E_TOKEN, EDB_NO_OFFSET,
			"PKCS#11: the token's signature does not verify under its public key");
	}
	return err;
}

enum edb_err edb_sign_digest(struct edb_signer *signer, enum edb_scheme scheme,
	const uint8_t digest[EDB_DIGEST_BYTES], uint8_t *signature, size_t *size,
	struct edb_error *error)
{
	uint8_t der[EDB_ECDSA_DER_MAX];
	bool ecdsa = scheme == EDB_SCHEME_ECDSA_P256, good;
	size_t der_size = sizeof der;
	EVP_PKEY_CTX *ctx;

	*size = edb_signature_size(signer->public, scheme);
	if (!*size)
		return edb_fail(error, EDB_E_ARG, EDB_NO_OFFSET,
			"the signing key does not go with the signature scheme");
	if (signer->token)
		return sign_in_token(signer, scheme, digest, signature, *size, error);
	ctx = EVP_PKEY_CTX_new(signer->pkey, NULL);
	good = ctx && EVP_PKEY_sign_init(ctx) > 0 && edb_pkey_set_scheme(ctx, scheme) &&
	       EVP_PKEY_sign(ctx, ecdsa ? der : signature, ecdsa ? &der_size : size, digest,
		       EDB_DIGEST_BYTES) > 0;
	EVP_PKEY_CTX_free(ctx);
	if (!good)
		return edb_fail(error, EDB_E_INTERNAL, EDB_NO_OFFSET, "cannot sign");
	return ecdsa ? edb_ecdsa_from_der(der, der_size, signature, error) : EDB_OK;
}

enum edb_err edb_generate_key(const char *path, unsigned bits, struct edb_error *error)
{
	EVP_PKEY *pkey = NULL;
	BIO *bio = NULL;
	char *text = NULL;
	long size = 0;
	int fd = -1;
	enum edb_err err = EDB_E_INTERNAL;

	if (bits != 256 && bits != 2048 && bits != 3072 && bits != 4096)
		return edb_fail(error, EDB_E_ARG, EDB_NO_OFFSET,
			"a key has 2048, 3072 or 4096 bits (RSA), or 256 (P-256)");
	pkey = bits == 256 ? EVP_EC_gen("P-256") : EVP_RSA_gen(bits);
	bio = BIO_new(BIO_s_mem());
	if (!pkey || !bio || !PEM_write_bio_PKCS8PrivateKey(bio, pkey, NULL, NULL, 0, NULL, NULL)) {
		edb_fail(error, err, EDB_NO_OFFSET, "cannot generate a key");
		goto out;
	}
	size = BIO_get_mem_data(bio, &text);
	/* O_EXCL: a key that is there already is never lost. */
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0) {
		err = edb_fail(error, EDB_E_IO, EDB_NO_OFFSET, "cannot create %s: %s", path,
			strerror(errno));
		goto out;
	}
	err = edb_write_all(fd, text, (size_t)size, path, error);
	if (!err && fsync(fd) && errno != EINVAL)
		err = edb_fail(error, EDB_E_IO, EDB_NO_OFFSET, "cannot write %s: %s", path,
			strerror(errno));
	if (err)
		unlink(path);
out:
	if (fd >= 0)
		close(fd);
	if (text)
		OPENSSL_cleanse(text, (size_t)size);
	BIO_free(bio);
	EVP_PKEY_free(pkey);
	return err;
}
