/* SPDX-License-Identifier: MIT
 *
 * Packages that are right but for the way in which they carry the signer's key: more in the stream
 * than one PEM block, and P-256 keys in another encoding than the one that has an id.
 */
#include "cases.h"

#include <stdio.h>
#include <string.h>

#include <openssl/core_names.h>

/* The manifest agrees with what the certificate is now, so that only its bytes are at fault. */
static void certificate_bytes(struct model *m, const void *bytes, size_t size)
{
	char was[32], is[32];

	snprintf(was, sizeof was, "32,%zu,", m->stream[S_CERT].size);
	snprintf(is, sizeof is, "32,%zu,", size);
	model_replace(m, was, is);
	model_set(m, S_CERT, bytes, size);
}

/* Text before and behind the PEM block that is there. */
static void around_pem(struct model *m, const char *before, const char *behind)
{
	char text[8192];
	int size = snprintf(text, sizeof text, "%s%.*s%s", before, (int)m->stream[S_CERT].size,
		(const char *)m->stream[S_CERT].bytes, behind);

	certificate_bytes(m, text, (size_t)size);
}

/* The first occurrence of `find` in the PEM text becomes `replace`. */
static void edit_pem(struct model *m, const char *find, const char *replace)
{
	char was[8192], is[8192];
	char *at;

	snprintf(was, sizeof was, "%.*s", (int)m->stream[S_CERT].size,
		(const char *)m->stream[S_CERT].bytes);
	at = strstr(was, find);
	*at = 0;
	snprintf(is, sizeof is, "%s%s%s", was, replace, at + strlen(find));
	certificate_bytes(m, is, strlen(is));
}

/* Whose name does a reader show, if it takes the key of one and the certificate of the other? */
static void pem_key_then_certificate(struct model *m)
{
	char key[8192];
	struct model other = {0};

	model_init(&other, m->kit);
	model_certificate(&other, "embedded-public-key-pem", m->kit->vendor);
	snprintf(key, sizeof key, "%.*s", (int)other.stream[S_CERT].size,
		(const char *)other.stream[S_CERT].bytes);
	model_clear(&other);
	model_certificate(m, "embedded-x509-pem", m->kit->other);
	around_pem(m, key, "");
}

static void pem_certificate_twice(struct model *m)
{
	char again[8192];

	snprintf(again, sizeof again, "%.*s", (int)m->stream[S_CERT].size,
		(const char *)m->stream[S_CERT].bytes);
	around_pem(m, "", again);
}

static void pem_text_before(struct model *m)
{
	around_pem(m, "subject=CN=vendor\n", "");
}
static void pem_text_behind(struct model *m)
{
	around_pem(m, "", "x");
}
static void pem_blank_before(struct model *m)
{
	around_pem(m, " ", "");
}
static void pem_line_before(struct model *m)
{
	around_pem(m, "\n", "");
}
static void pem_line_behind(struct model *m)
{
	around_pem(m, "", "\n");
}
static void pem_nul_behind(struct model *m)
{
	uint8_t bytes[8192];
	size_t size = m->stream[S_CERT].size;

	memcpy(bytes, m->stream[S_CERT].bytes, size);
	bytes[size] = 0;
	certificate_bytes(m, bytes, size + 1);
}
static void pem_line_inside(struct model *m)
{
	edit_pem(m, "-----\n", "-----\n\n");
}
static void pem_blank_inside(struct model *m)
{
	edit_pem(m, "-----\nMII", "-----\n MII");
}
static void pem_header(struct model *m)
{
	edit_pem(m, "-----\n", "-----\nComment: none\n\n");
}
static void pem_label_trusted(struct model *m)
{
	edit_pem(m, "BEGIN CERTIFICATE", "BEGIN TRUSTED CERTIFICATE");
	edit_pem(m, "END CERTIFICATE", "END TRUSTED CERTIFICATE");
}
static void pem_label_of_old(struct model *m)
{
	edit_pem(m, "BEGIN CERTIFICATE", "BEGIN X509 CERTIFICATE");
	edit_pem(m, "END CERTIFICATE", "END X509 CERTIFICATE");
}
static void pem_labels_differ(struct model *m)
{
	edit_pem(m, "END CERTIFICATE", "END PUBLIC KEY");
}
static void pem_end_missing(struct model *m)
{
	edit_pem(m, "-----END CERTIFICATE-----\n", "");
}
static void pem_begin_indented(struct model *m)
{
	edit_pem(m, "-----BEGIN CERTIFICATE-----\n", "-----BEGIN CERTIFICATE----- \n");
}
static void pem_character_gone(struct model *m)
{
	edit_pem(m, "MII", "MI");
}
static void pem_lone_return(struct model *m)
{
	edit_pem(m, "-----\nMII", "-----\nMI\rI");
}
static void pem_no_last_line_end(struct model *m)
{
	edit_pem(m, "-----END CERTIFICATE-----\n", "-----END CERTIFICATE-----");
}

/* Every line but the first and the last into one; then with carriage returns. */
static void pem_one_line(struct model *m)
{
	char text[8192];
	size_t size = 0, last = m->stream[S_CERT].size - strlen("-----END CERTIFICATE-----\n");
	const uint8_t *bytes = m->stream[S_CERT].bytes;

	for (size_t i = 0; i < m->stream[S_CERT].size; i++)
		if (bytes[i] != '\n' || i < strlen("-----BEGIN CERTIFICATE-----\n") ||
			i + 1 >= last)
			text[size++] = (char)bytes[i];
	certificate_bytes(m, text, size);
}
static void pem_crlf(struct model *m)
{
	char text[8192];
	size_t size = 0;

	for (size_t i = 0; i < m->stream[S_CERT].size; i++) {
		if (m->stream[S_CERT].bytes[i] == '\n')
			text[size++] = '\r';
		text[size++] = (char)m->stream[S_CERT].bytes[i];
	}
	certificate_bytes(m, text, size);
}

/* The vendor's P-256 key, which a CPM knows by one encoding, in another one. */
static void p256_in(struct model *m, const char *form, const char *parameter, const char *value)
{
	EVP_PKEY *key = EVP_PKEY_dup(m->kit->vendor_p256);

	model_signer(m, m->kit->vendor_p256, EDB_SCHEME_ECDSA_P256);
	EVP_PKEY_set_utf8_string_param(key, parameter, value);
	model_certificate(m, form, key);
	EVP_PKEY_free(key);
}

#define EXPLICIT   OSSL_PKEY_PARAM_EC_ENCODING, OSSL_PKEY_EC_ENCODING_EXPLICIT
#define COMPRESSED OSSL_PKEY_PARAM_EC_POINT_CONVERSION_FORMAT, "compressed"
#define HYBRID     OSSL_PKEY_PARAM_EC_POINT_CONVERSION_FORMAT, "hybrid"

static void explicit_x509_pem(struct model *m)
{
	p256_in(m, "embedded-x509-pem", EXPLICIT);
}
static void explicit_x509_der(struct model *m)
{
	p256_in(m, "embedded-x509-der", EXPLICIT);
}
static void explicit_key_pem(struct model *m)
{
	p256_in(m, "embedded-public-key-pem", EXPLICIT);
}
static void explicit_key_der(struct model *m)
{
	p256_in(m, "embedded-public-key-der", EXPLICIT);
}
static void compressed_x509_pem(struct model *m)
{
	p256_in(m, "embedded-x509-pem", COMPRESSED);
}
static void compressed_x509_der(struct model *m)
{
	p256_in(m, "embedded-x509-der", COMPRESSED);
}
static void compressed_key_pem(struct model *m)
{
	p256_in(m, "embedded-public-key-pem", COMPRESSED);
}
static void compressed_key_der(struct model *m)
{
	p256_in(m, "embedded-public-key-der", COMPRESSED);
}
static void hybrid_key_der(struct model *m)
{
	p256_in(m, "embedded-public-key-der", HYBRID);
}

static const struct {
	const char *name, *rule;
	enum edb_err want;
	void (*before)(struct model *m);
} row[] = {
	{"pem-key-then-certificate-of-a-stranger", "S6", EDB_E_CERTIFICATE,
		pem_key_then_certificate},
	{"pem-certificate-twice", "S6", EDB_E_CERTIFICATE, pem_certificate_twice},
	{"pem-text-before", "S6", EDB_E_CERTIFICATE, pem_text_before},
	{"pem-text-behind", "S6", EDB_E_CERTIFICATE, pem_text_behind},
	{"pem-blank-before", "S6", EDB_E_CERTIFICATE, pem_blank_before},
	{"pem-line-before", "S6", EDB_E_CERTIFICATE, pem_line_before},
	{"pem-line-behind", "S6", EDB_E_CERTIFICATE, pem_line_behind},
	{"pem-nul-behind", "S6", EDB_E_CERTIFICATE, pem_nul_behind},
	{"pem-line-inside", "S6", EDB_E_CERTIFICATE, pem_line_inside},
	{"pem-blank-inside", "S6", EDB_E_CERTIFICATE, pem_blank_inside},
	{"pem-header", "S6", EDB_E_CERTIFICATE, pem_header},
	{"pem-label-trusted", "S6", EDB_E_CERTIFICATE, pem_label_trusted},
	{"pem-label-of-old", "S6", EDB_E_CERTIFICATE, pem_label_of_old},
	{"pem-labels-differ", "S6", EDB_E_CERTIFICATE, pem_labels_differ},
	{"pem-end-missing", "S6", EDB_E_CERTIFICATE, pem_end_missing},
	{"pem-blank-behind-begin", "S6", EDB_E_CERTIFICATE, pem_begin_indented},
	{"pem-character-gone", "S6", EDB_E_CERTIFICATE, pem_character_gone},
	{"pem-lone-carriage-return", "S6", EDB_E_CERTIFICATE, pem_lone_return},
	{"explicit-parameters-x509-pem", "S6", EDB_E_CERTIFICATE, explicit_x509_pem},
	{"explicit-parameters-x509-der", "S6", EDB_E_CERTIFICATE, explicit_x509_der},
	{"explicit-parameters-public-key-pem", "S6", EDB_E_CERTIFICATE, explicit_key_pem},
	{"explicit-parameters-public-key-der", "S6", EDB_E_CERTIFICATE, explicit_key_der},
	{"compressed-point-x509-pem", "S6", EDB_E_CERTIFICATE, compressed_x509_pem},
	{"compressed-point-x509-der", "S6", EDB_E_CERTIFICATE, compressed_x509_der},
	{"compressed-point-public-key-pem", "S6", EDB_E_CERTIFICATE, compressed_key_pem},
	{"compressed-point-public-key-der", "S6", EDB_E_CERTIFICATE, compressed_key_der},
	{"hybrid-point-public-key-der", "S6", EDB_E_CERTIFICATE, hybrid_key_der},
	{"good-pem-without-last-line-end", "-", EDB_OK, pem_no_last_line_end},
	{"good-pem-in-one-line", "-", EDB_OK, pem_one_line},
	{"good-pem-crlf", "-", EDB_OK, pem_crlf},
};

size_t key_count(void)
{
	return sizeof row / sizeof row[0];
}

void key_make(const struct hostile_kit *kit, size_t number, struct hostile_case *made)
{
	struct model m;

	model_init(&m, kit);
	row[number].before(&m);
	model_sign(&m);
	made->bytes = model_write(&m, &made->size);
	model_clear(&m);
	snprintf(made->name, sizeof made->name, "%s", row[number].name);
	snprintf(made->rule, sizeof made->rule, "%s", row[number].rule);
	made->want = row[number].want;
}
