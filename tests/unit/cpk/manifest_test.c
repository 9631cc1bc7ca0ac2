/* SPDX-License-Identifier: MIT
 *
 * Manifests there and back. What is refused: tests/hostile/text_cases.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <cpk/manifest.h>

/* As the tool of 2021 writes it. */
static const char of_2021[] =
	"{\"cp-id\":\"1f57\",\"cp-name\":\"Unknown\",\"cp-vendor\":\"Unknown\",\"payload\":{\"data\":0,"
	"\"target\":{\"arch\":\"aarch64\",\"os\":\"OP-TEE\"},\"ver\":{\"maj\":1,\"min\":0,\"rev\":0,"
	"\"date\":\"2021-09-12 15:48:41.691763 UTC\"},\"enc\":{\"aes-gcm\":{\"key_name\":\"1f571\","
	"\"key_strength\":256,\"nonce\":1,\"tag\":2}},\"dig\":{\"sha256\":{\"data\":3}},\"sig\":{"
	"\"rsa-pkcs1v15\":{\"key_strength\":2048,\"data\":4}},\"cert\":{\"embedded-x509-pem\":{"
	"\"data\":5}}},\"package\":{\"map\":[0,1,2,3,4,5,6],\"dig\":\"none\",\"sig\":\"none\",\"cert\":"
	"\"none\"}}";

/* With unknown members in every object, known ones in another order, and white space. */
static const char shuffled[] =
	" {\"z0\":[1,{\"a\":null}],\"package\":{\"z1\":1,\"sizes\":[5],\"cert\":{\"url\":{\"z2\":2,"
	"\"url\":\"u\"}},\"sig\":\"none\",\"dig\":\"none\",\"map\":[1,0]}, \"payload\":{\"readers\":[{"
	"\"z3\":3,\"vendor\":\"00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\","
	"\"id\":\"r\"}],\"type\":\"data\",\"cert\":{\"target\":{\"domain\":\"d\",\"z4\":4}},\"sig\":"
	"\"none\",\"dig\":\"none\",\"enc\":{\"aes-gcm\":{\"key_version\":7,\"z5\":5,\"tag\":3,\"nonce\":"
	"2,\"key_strength\":256,\"key_name\":\"12345\"}},\"ver\":{\"z6\":6,\"date\":\"\",\"rev\":3,"
	"\"min\":2,\"maj\":4294967295},\"target\":{\"os\":\"o\",\"arch\":\"a\",\"z7\":7},\"data\":0},"
	"\"cp-vendor\":\"\",\"cp-name\":\"\xc3\xa9\",\"cp-id\":\"i\"} ";
static const char sorted[] =
	"{\"cp-id\":\"i\",\"cp-name\":\"\xc3\xa9\",\"cp-vendor\":\"\",\"payload\":{\"data\":0,\"target\":{"
	"\"arch\":\"a\",\"os\":\"o\",\"z7\":7},\"ver\":{\"maj\":4294967295,\"min\":2,\"rev\":3,\"date\":"
	"\"\",\"z6\":6},\"enc\":{\"aes-gcm\":{\"key_name\":\"12345\",\"key_strength\":256,\"nonce\":2,"
	"\"tag\":3,\"key_version\":7,\"z5\":5}},\"dig\":\"none\",\"sig\":\"none\",\"cert\":{\"target\":{"
	"\"domain\":\"d\",\"z4\":4}},\"type\":\"data\",\"readers\":[{\"id\":\"r\",\"vendor\":"
	"\"00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\",\"z3\":3}]},\"package\":{"
	"\"map\":[1,0],\"dig\":\"none\",\"sig\":\"none\",\"cert\":{\"url\":{\"url\":\"u\",\"z2\":2}},"
	"\"sizes\":[5],\"z1\":1},\"z0\":[1,{\"a\":null}]}";

static void parse(const char *text, struct cpk_manifest *m)
{
	struct edb_error error = {0};

	if (cpk_manifest_parse((const uint8_t *)text, strlen(text), m, &error))
		fail_msg("%s", error.message);
}

static char *encode(const struct cpk_manifest *m)
{
	struct edb_error error = {0};
	char *text = NULL;
	size_t size = 0;

	if (cpk_manifest_encode(m, &text, &size, &error))
		fail_msg("%s", error.message);
	assert_int_equal(size, strlen(text));
	return text;
}

static void test_2021_is_read(void **state)
{
	struct cpk_manifest m = {0};

	(void)state;
	parse(of_2021, &m);
	assert_string_equal(m.id, "1f57");
	assert_string_equal(m.payload.arch, "aarch64");
	assert_string_equal(m.payload.os, "OP-TEE");
	assert_int_equal(m.payload.ver.maj, 1);
	assert_int_equal(m.payload.enc.scheme, CPK_ENC_AES_GCM);
	assert_string_equal(m.payload.enc.aes_gcm.key_name, "1f571");
	assert_int_equal(m.payload.enc.aes_gcm.key_version, 0);
	assert_int_equal(m.payload.enc.aes_gcm.tag, 2);
	assert_int_equal(m.payload.dig.data, 3);
	assert_int_equal(m.payload.sig.scheme, EDB_SCHEME_RSA_PKCS1V15);
	assert_int_equal(m.payload.sig.key_strength, 2048);
	assert_int_equal(m.payload.cert.scheme, CPK_CERT_X509_PEM);
	assert_int_equal(m.payload.cert.data, 5);
	assert_int_equal(m.payload.type, CPK_TYPE_ABSENT);
	assert_string_equal(cpk_type_name(m.payload.type), "application");
	assert_int_equal(m.package.map_count, 7);
	assert_int_equal(m.package.map[6], 6);
	assert_false(m.package.sizes_present);
	cpk_manifest_clear(&m);
}

static void test_2021_comes_back_as_it_was(void **state)
{
	struct cpk_manifest m = {0};

	(void)state;
	parse(of_2021, &m);
	char *text = encode(&m);
	assert_string_equal(text, of_2021);
	free(text);
	cpk_manifest_clear(&m);
}

static void test_unknown_members_survive_and_known_ones_are_put_in_order(void **state)
{
	struct cpk_manifest m = {0};

	(void)state;
	parse(shuffled, &m);
	char *text = encode(&m);
	assert_string_equal(text, sorted);
	free(text);
	cpk_manifest_clear(&m);
}

/* What belonged to a scheme goes with it; what was removed does not come back as "unknown". */
static void test_changed_members_stay_changed(void **state)
{
	struct cpk_manifest m = {0};

	(void)state;
	parse(shuffled, &m);
	m.payload.enc.scheme = CPK_ENC_NONE;
	m.payload.cert.scheme = CPK_CERT_NONE;
	m.package.sizes_present = false;
	m.package.sizes_count = 0;
	m.payload.readers_count = 0;
	m.payload.type = CPK_TYPE_ABSENT;
	char *text = encode(&m);
	assert_null(strstr(text, "aes-gcm"));
	assert_null(strstr(text, "z5"));
	assert_null(strstr(text, "z4"));
	assert_null(strstr(text, "sizes"));
	assert_null(strstr(text, "readers"));
	assert_null(strstr(text, "type"));
	assert_non_null(strstr(text, "z7"));
	free(text);
	cpk_manifest_clear(&m);
}

static void test_every_prefix_is_refused(void **state)
{
	struct cpk_manifest m = {0};

	(void)state;
	for (size_t size = 0; size < sizeof of_2021 - 1; size++) {
		uint8_t *prefix = malloc(size ? size : 1);

		assert_non_null(prefix);
		memcpy(prefix, of_2021, size);
		assert_int_equal(cpk_manifest_parse(prefix, size, &m, NULL), EDB_E_JSON);
		free(prefix);
	}
	assert_null(m.unknown); /* untouched */
}

static void test_what_cannot_be_read_is_not_written(void **state)
{
	struct cpk_manifest m = {0};
	struct edb_error error = {0};
	char *text = NULL;
	size_t size = 0;

	(void)state;
	parse(of_2021, &m);
	m.payload.ver.maj = UINT32_MAX;
	free(encode(&m));
	m.id[0] = 0;
	assert_int_equal(cpk_manifest_encode(&m, &text, &size, &error), EDB_E_MEMBER_VALUE);
	assert_int_equal(error.code, EDB_E_MEMBER_VALUE);
	strncat(m.id, "\xff", 2);
	assert_int_equal(cpk_manifest_encode(&m, &text, &size, &error), EDB_E_ARG);
	assert_null(text);
	cpk_manifest_clear(&m);
}

static void test_names(void **state)
{
	(void)state;
	assert_string_equal(cpk_enc_name(CPK_ENC_AES_GCM), "aes-gcm");
	assert_string_equal(cpk_dig_name(CPK_DIG_SHA256), "sha256");
	assert_string_equal(cpk_sig_name(EDB_SCHEME_NONE), "none");
	assert_string_equal(cpk_sig_name(EDB_SCHEME_RSA_PKCS1V15), "rsa-pkcs1v15");
	assert_string_equal(cpk_sig_name(EDB_SCHEME_RSA_PSS), "rsa-pss");
	assert_string_equal(cpk_sig_name(EDB_SCHEME_ECDSA_P256), "ecdsa-p256");
	assert_string_equal(cpk_cert_name(CPK_CERT_TARGET), "target");
	assert_string_equal(cpk_cert_name(CPK_CERT_PUBLIC_KEY_DER), "embedded-public-key-der");
	assert_string_equal(cpk_type_name(CPK_TYPE_DATA), "data");
	assert_false(cpk_cert_is_embedded(CPK_CERT_URL));
	assert_true(cpk_cert_is_embedded(CPK_CERT_X509_PEM));
	cpk_manifest_clear(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_2021_is_read),
		cmocka_unit_test(test_2021_comes_back_as_it_was),
		cmocka_unit_test(test_unknown_members_survive_and_known_ones_are_put_in_order),
		cmocka_unit_test(test_changed_members_stay_changed),
		cmocka_unit_test(test_every_prefix_is_refused),
		cmocka_unit_test(test_what_cannot_be_read_is_not_written),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
