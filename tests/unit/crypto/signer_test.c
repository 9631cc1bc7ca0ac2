/* SPDX-License-Identifier: MIT
 *
 * Signing keys in files. Tokens: tests/cli.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "signer.h"

static char folder[] = "/tmp/edb-signer.XXXXXX";

static int enter(void **state)
{
	(void)state;
	return !mkdtemp(folder) || chdir(folder);
}

static int leave(void **state)
{
	static const char *const names[] = {"key", "secret", "other", "taken"};

	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		unlink(names[i]);
	return chdir("/") || rmdir(folder);
}

static void put(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

/* Sign with a scheme, verify, and see that one changed bit does not. */
static void sign(struct edb_signer *signer, enum edb_scheme scheme)
{
	const struct edb_public_key *public = edb_signer_public_borrow(signer);
	uint8_t digest[EDB_DIGEST_BYTES] = {1, 2, 3}, signature[EDB_SIGNATURE_MAX];
	size_t size = 0;

	assert_int_equal(edb_sign_digest(signer, scheme, digest, signature, &size, NULL), EDB_OK);
	assert_int_equal(size, edb_signature_size(public, scheme));
	assert_int_equal(edb_verify_digest(public, scheme, digest, signature, size, NULL), EDB_OK);
	digest[0] ^= 1;
	assert_int_equal(
		edb_verify_digest(public, scheme, digest, signature, size, NULL), EDB_E_SIGNATURE);
}

static void test_every_kind_of_key(void **state)
{
	static const unsigned bits[] = {256, 2048, 3072, 4096};
	uint8_t digest[EDB_DIGEST_BYTES] = {0}, signature[EDB_SIGNATURE_MAX];
	size_t size = 0;
	struct stat st;

	(void)state;
	for (size_t i = 0; i < sizeof bits / sizeof *bits; i++) {
		bool ec = bits[i] == 256;
		struct edb_signer *signer = NULL;

		assert_int_equal(edb_generate_key("key", bits[i], NULL), EDB_OK);
		assert_int_equal(stat("key", &st), 0);
		assert_int_equal(st.st_mode & 0777, 0600);
		assert_int_equal(edb_signer_open("key", &signer, NULL), EDB_OK);
		assert_int_equal(edb_public_key_bits(edb_signer_public_borrow(signer)), bits[i]);
		sign(signer, ec ? EDB_SCHEME_ECDSA_P256 : EDB_SCHEME_RSA_PKCS1V15);
		if (!ec)
			sign(signer, EDB_SCHEME_RSA_PSS);
		assert_int_equal(
			edb_sign_digest(signer, ec ? EDB_SCHEME_RSA_PSS : EDB_SCHEME_ECDSA_P256,
				digest, signature, &size, NULL),
			EDB_E_ARG);
		edb_signer_free(signer);
		assert_int_equal(unlink("key"), 0);
	}
}

static void test_what_cannot_be_made(void **state)
{
	struct edb_error error = {0};

	(void)state;
	assert_int_equal(edb_generate_key("key", 1024, &error), EDB_E_ARG);
	put("taken", "precious");
	assert_int_equal(edb_generate_key("taken", 256, &error), EDB_E_IO);
	assert_int_equal(edb_generate_key("nowhere/key", 256, &error), EDB_E_IO);
	assert_int_equal(access("key", F_OK), -1);
}

/* A key under a password must not ask for it from inside a library. */
static void test_what_cannot_be_opened(void **state)
{
	EVP_PKEY *pkey = EVP_EC_gen("P-256"), *other = EVP_EC_gen("P-384");
	FILE *file = fopen("secret", "w");
	struct edb_signer *signer = NULL;
	struct edb_error error = {0};

	(void)state;
	assert_non_null(file);
	assert_int_equal(
		PEM_write_PKCS8PrivateKey(file, pkey, EVP_aes_256_cbc(), "secret", 6, NULL, NULL),
		1);
	fclose(file);
	assert_int_equal(edb_signer_open("secret", &signer, &error), EDB_E_CERTIFICATE);
	assert_non_null(strstr(error.message, "without a password"));
	file = fopen("other", "w");
	assert_non_null(file);
	assert_int_equal(PEM_write_PKCS8PrivateKey(file, other, NULL, NULL, 0, NULL, NULL), 1);
	fclose(file);
	assert_int_equal(edb_signer_open("other", &signer, &error), EDB_E_CERTIFICATE);
	put("other", "-----BEGIN PRIVATE KEY-----\nnothing\n-----END PRIVATE KEY-----\n");
	assert_int_equal(edb_signer_open("other", &signer, &error), EDB_E_CERTIFICATE);
	put("other", "");
	assert_int_equal(edb_signer_open("other", &signer, &error), EDB_E_CERTIFICATE);
	assert_int_equal(edb_signer_open("nowhere", &signer, &error), EDB_E_IO);
	assert_int_equal(edb_signer_open("pkcs11:%zz", &signer, &error), EDB_E_ARG);
	assert_int_equal(
		edb_signer_open("pkcs11:object=a?module-path=/nowhere.so", &signer, &error),
		EDB_E_TOKEN);
	assert_null(signer);
	EVP_PKEY_free(pkey);
	EVP_PKEY_free(other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_kind_of_key),
		cmocka_unit_test(test_what_cannot_be_made),
		cmocka_unit_test(test_what_cannot_be_opened),
	};

	return cmocka_run_group_tests(tests, enter, leave);
}
