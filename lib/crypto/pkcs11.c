/* SPDX-License-Identifier: MIT
 *
 * The URI's module-path names one module; otherwise all that the system has registered are asked
 * for a token and key that match. The key never leaves the token: it signs, we ask.
 */
#include "pkcs11.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/x509.h>
#include <p11-kit/p11-kit.h>
#include <p11-kit/uri.h>

#include "file.h"
#include "pkey.h"

#define SLOTS_MAX       32
#define PIN_MAX         256
#define ATTRIBUTE_MAX   4096
#define CERTIFICATE_MAX 16384 /* as in a package: docs/format.md, R3 */
#define PIN_ENVIRONMENT "EDB_PKCS11_PIN"

struct edb_token {
	CK_FUNCTION_LIST **modules; /* NULL-terminated */
	CK_FUNCTION_LIST *single;   /* loaded by module-path; NULL: all are p11-kit's */
	CK_FUNCTION_LIST *module;   /* the one that has the key */
	CK_SESSION_HANDLE session;
	CK_OBJECT_HANDLE key;
};

static enum edb_err token_error(struct edb_error *error, const char *what, CK_RV rv)
{
	return edb_fail(
		error, EDB_E_TOKEN, EDB_NO_OFFSET, "PKCS#11: %s: %s", what, p11_kit_strerror(rv));
}

/* RFC 7512, 2.3: an attribute that is not understood must not be passed over. */
static enum edb_err check_uri(P11KitUri *uri, struct edb_error *error)
{
	const CK_ATTRIBUTE *class = p11_kit_uri_get_attribute(uri, CKA_CLASS);

	if (p11_kit_uri_get_pin_value(uri))
		return edb_fail(error, EDB_E_ARG, EDB_NO_OFFSET,
			"a PIN in the URI would stand in the process list: use pin-source or the "
			"environment variable " PIN_ENVIRONMENT);
	if (p11_kit_uri_any_unrecognized(uri))
		return edb_fail(error, EDB_E_ARG, EDB_NO_OFFSET,
			"the PKCS#11 URI has an attribute that this tool does not know: RFC 7512 "
			"lists them");
	if (class && (class->ulValueLen != sizeof(CK_OBJECT_CLASS) ||
			     *(const CK_OBJECT_CLASS *)class->pValue != CKO_PRIVATE_KEY))
		return edb_fail(error, EDB_E_ARG, EDB_NO_OFFSET,
			"the PKCS#11 URI names no private key: type=private, or no type");
	return EDB_OK;
}

static enum edb_err parse_uri(const char *text, P11KitUri **uri, struct edb_error *error)
{
	P11KitUri *u = p11_kit_uri_new();
	int result = u ? p11_kit_uri_parse(text, P11_KIT_URI_FOR_ANY, u) : P11_KIT_URI_NO_MEMORY;
	enum edb_err err;

	if (result != P11_KIT_URI_OK) {
		p11_kit_uri_free(u);
		return edb_fail(error, EDB_E_ARG, EDB_NO_OFFSET, "not a PKCS#11 URI: %s",
			p11_kit_uri_message(result));
	}
	err = check_uri(u, error);
	if (err) {
		p11_kit_uri_free(u);
		return err;
	}
	*uri = u;
	return EDB_OK;
}

static enum edb_err load_modules(struct edb_token *token, P11KitUri *uri, struct edb_error *error)
{
	const char *path = p11_kit_uri_get_module_path(uri);
	CK_RV rv;

	if (!path) {
		token->modules = p11_kit_modules_load_and_initialize(0);
		return token->modules ? EDB_OK
				      : edb_fail(error, EDB_E_TOKEN, EDB_NO_OFFSET,
						"PKCS#11: no module is registered on this system: "
						"name one with module-path in the URI");
	}
	token->single = p11_kit_module_load(path, 0);
	token->modules = calloc(2, sizeof *token->modules);
	if (!token->single || !token->modules)
		return edb_fail(error, EDB_E_TOKEN, EDB_NO_OFFSET, "PKCS#11: cannot load %s", path);
	token->modules[0] = token->single;
	rv = p11_kit_module_initialize(token->single);
	return rv == CKR_OK ? EDB_OK : token_error(error, "cannot start the module", rv);
}

static bool module_matches(CK_FUNCTION_LIST *module, P11KitUri *uri)
{
	CK_INFO info;

	return module->C_GetInfo(&info) == CKR_OK && p11_kit_uri_match_module_info(uri, &info);
}

/* Is this a slot of the URI's, with a token of the URI's that is ready for use? */
static bool slot_matches(CK_FUNCTION_LIST *module, P11KitUri *uri, CK_SLOT_ID slot)
{
	CK_SLOT_ID named = p11_kit_uri_get_slot_id(uri);
	CK_SLOT_INFO slot_info;
	CK_TOKEN_INFO info;

	if (named != (CK_SLOT_ID)-1 && named != slot)
		return false;
	return module->C_GetSlotInfo(slot, &slot_info) == CKR_OK &&
	       p11_kit_uri_match_slot_info(uri, &slot_info) &&
	       module->C_GetTokenInfo(slot, &info) == CKR_OK &&
	       (info.flags & CKF_TOKEN_INITIALIZED) && p11_kit_uri_match_token_info(uri, &info);
}

/* The slot whose token matches the URI: exactly one, or a key of somebody else might sign. */
static enum edb_err find_slot(
	struct edb_token *token, P11KitUri *uri, CK_SLOT_ID *slot, struct edb_error *error)
{
	size_t found = 0;

	for (CK_FUNCTION_LIST **m = token->modules; *m; m++) {
		CK_SLOT_ID slots[SLOTS_MAX];
		CK_ULONG count = SLOTS_MAX;

		if (!module_matches(*m, uri) ||
			(*m)->C_GetSlotList(CK_TRUE, slots, &count) != CKR_OK)
			continue;
		for (CK_ULONG i = 0; i < count; i++) {
			if (!slot_matches(*m, uri, slots[i]))
				continue;
			token->module = *m;
			*slot = slots[i];
			found++;
		}
	}
	if (!found)
		return edb_fail(
			error, EDB_E_TOKEN, EDB_NO_OFFSET, "PKCS#11: no token matches the URI");
	if (found > 1)
		return edb_fail(error, EDB_E_TOKEN, EDB_NO_OFFSET,
			"PKCS#11: %zu tokens match the URI: name one by token= and serial=", found);
	return EDB_OK;
}

/* From the file that pin-source names, or from the environment. The caller wipes. */
static enum edb_err get_pin(P11KitUri *uri, char pin[PIN_MAX], struct edb_error *error)
{
	const char *source = p11_kit_uri_get_pin_source(uri), *value = getenv(PIN_ENVIRONMENT);
	uint8_t *bytes = NULL;
	size_t size = 0;
	enum edb_err err;

	if (!source) {
		if (!value || strlen(value) >= PIN_MAX)
			return edb_fail(error, EDB_E_TOKEN, EDB_NO_OFFSET,
				"PKCS#11: no PIN: set " PIN_ENVIRONMENT
				" or name a file with pin-source");
		snprintf(pin, PIN_MAX, "%s", value);
		return EDB_OK;
	}
	if (!strncmp(source, "file:", 5))
		source += 5;
	err = edb_read_file(source, PIN_MAX - 1, &bytes, &size, error);
	if (err)
		return err;
	snprintf(pin, PIN_MAX, "%.*s", (int)strcspn((char *)bytes, "\r\n"), (char *)bytes);
	edb_free_secret(bytes, size);
	return EDB_OK;
}

static enum edb_err log_in(
	struct edb_token *token, P11KitUri *uri, CK_SLOT_ID slot, struct edb_error *error)
{
	char pin[PIN_MAX] = "";
	enum edb_err err;
	CK_RV rv =
		token->module->C_OpenSession(slot, CKF_SERIAL_SESSION, NULL, NULL, &token->session);

	if (rv != CKR_OK)
		return token_error(error, "cannot open a session", rv);
	err = get_pin(uri, pin, error);
	if (err)
		return err;
	rv = token->module->C_Login(
		token->session, CKU_USER, (CK_UTF8CHAR *)pin, (CK_ULONG)strlen(pin));
	OPENSSL_cleanse(pin, sizeof pin);
	if (rv != CKR_OK && rv != CKR_USER_ALREADY_LOGGED_IN)
		return token_error(error, "cannot log in", rv);
	return EDB_OK;
}

static bool read_attribute(struct edb_token *token, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type,
	void *value, CK_ULONG *size)
{
	CK_ATTRIBUTE attribute = {type, value, *size};

	if (token->module->C_GetAttributeValue(token->session, object, &attribute, 1) != CKR_OK ||
		attribute.ulValueLen == CK_UNAVAILABLE_INFORMATION)
		return false;
	*size = attribute.ulValueLen;
	return true;
}

/* How many objects have these attributes: 0, 1, or 2 for more. */
static CK_ULONG find_object(
	struct edb_token *token, CK_ATTRIBUTE *template, CK_ULONG count, CK_OBJECT_HANDLE *object)
{
	CK_OBJECT_HANDLE objects[2] = {0};
	CK_ULONG found = 0;

	if (token->module->C_FindObjectsInit(token->session, template, count) != CKR_OK)
		return 0;
	if (token->module->C_FindObjects(token->session, objects, 2, &found) != CKR_OK)
		found = 0;
	token->module->C_FindObjectsFinal(token->session);
	*object = objects[0];
	return found;
}

/* The private key that has the URI's id and label. */
static enum edb_err find_private(struct edb_token *token, P11KitUri *uri, struct edb_error *error)
{
	static const CK_ATTRIBUTE_TYPE named[] = {CKA_ID, CKA_LABEL};
	CK_OBJECT_CLASS class = CKO_PRIVATE_KEY;
	CK_ATTRIBUTE template[3] = {{CKA_CLASS, &class, sizeof class}};
	CK_ULONG count = 1;

	for (size_t i = 0; i < 2; i++) {
		CK_ATTRIBUTE *attribute = p11_kit_uri_get_attribute(uri, named[i]);

		if (attribute)
			template[count++] = *attribute;
	}
	switch (find_object(token, template, count, &token->key)) {
	case 0:
		return edb_fail(error, EDB_E_TOKEN, EDB_NO_OFFSET,
			"PKCS#11: the token has no such private key");
	case 1: return EDB_OK;
	default:
		return edb_fail(error, EDB_E_TOKEN, EDB_NO_OFFSET,
			"PKCS#11: several private keys match the URI: name one by object= or id=");
	}
}

/* What goes with it: by CKA_ID, which a pair and its certificate share (PKCS #11, 4.9); labels may
 * differ. */
static bool find_other(struct edb_token *token, CK_OBJECT_CLASS class, CK_OBJECT_HANDLE *object)
{
	uint8_t id[ATTRIBUTE_MAX];
	CK_ATTRIBUTE template[2] = {{CKA_CLASS, &class, sizeof class}, {CKA_ID, id, sizeof id}};

	return read_attribute(token, token->key, CKA_ID, id, &template[1].ulValueLen) &&
	       template[1].ulValueLen && find_object(token, template, 2, object) == 1;
}

static EVP_PKEY *pkey_from(const char *type, OSSL_PARAM_BLD *builder)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
	OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(builder);
	EVP_PKEY *pkey = NULL;

	if (ctx && params && EVP_PKEY_fromdata_init(ctx) > 0 &&
		EVP_PKEY_fromdata(ctx, &pkey, EVP_PKEY_PUBLIC_KEY, params) <= 0)
		pkey = NULL;
	OSSL_PARAM_free(params);
	EVP_PKEY_CTX_free(ctx);
	return pkey;
}

static EVP_PKEY *read_rsa(struct edb_token *token, CK_OBJECT_HANDLE object)
{
	uint8_t n[ATTRIBUTE_MAX], e[ATTRIBUTE_MAX];
	CK_ULONG n_size = sizeof n, e_size = sizeof e;
	OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
	BIGNUM *modulus = NULL, *exponent = NULL;
	EVP_PKEY *pkey = NULL;

	if (builder && read_attribute(token, object, CKA_MODULUS, n, &n_size) &&
		read_attribute(token, object, CKA_PUBLIC_EXPONENT, e, &e_size) &&
		(modulus = BN_bin2bn(n, (int)n_size, NULL)) &&
		(exponent = BN_bin2bn(e, (int)e_size, NULL)) &&
		OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_N, modulus) &&
		OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_E, exponent))
		pkey = pkey_from("RSA", builder);
	OSSL_PARAM_BLD_free(builder);
	BN_free(modulus);
	BN_free(exponent);
	return pkey;
}

/* CKA_EC_POINT is the point inside a DER OCTET STRING. */
static EVP_PKEY *read_p256(struct edb_token *token, CK_OBJECT_HANDLE object)
{
	uint8_t point[ATTRIBUTE_MAX];
	CK_ULONG size = sizeof point;
	const unsigned char *at = point;
	ASN1_OCTET_STRING *octets = NULL;
	OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
	EVP_PKEY *pkey = NULL;

	if (builder && read_attribute(token, object, CKA_EC_POINT, point, &size) &&
		(octets = d2i_ASN1_OCTET_STRING(NULL, &at, (long)size)) &&
		OSSL_PARAM_BLD_push_utf8_string(builder, OSSL_PKEY_PARAM_GROUP_NAME, "P-256", 0) &&
		OSSL_PARAM_BLD_push_octet_string(builder, OSSL_PKEY_PARAM_PUB_KEY,
			ASN1_STRING_get0_data(octets), (size_t)ASN1_STRING_length(octets)))
		pkey = pkey_from("EC", builder);
	OSSL_PARAM_BLD_free(builder);
	ASN1_OCTET_STRING_free(octets);
	return pkey;
}

static enum edb_err read_public(struct edb_token *token, CK_OBJECT_HANDLE object,
	struct edb_public_key **public_key, struct edb_error *error)
{
	CK_KEY_TYPE type;
	CK_ULONG size = sizeof type;
	EVP_PKEY *pkey = NULL;

	if (read_attribute(token, object, CKA_KEY_TYPE, &type, &size))
		pkey = type == CKK_RSA  ? read_rsa(token, object)
		       : type == CKK_EC ? read_p256(token, object)
					: NULL;
	if (!pkey)
		return edb_fail(error, EDB_E_CERTIFICATE, EDB_NO_OFFSET,
			"PKCS#11: the key is neither RSA nor P-256");
	return edb_public_key_from_pkey(pkey, public_key, error);
}

/* Smart cards often keep the public half in nothing but its certificate. */
static enum edb_err read_certificate(struct edb_token *token, CK_OBJECT_HANDLE object,
	struct edb_public_key **public_key, struct edb_error *error)
{
	uint8_t der[CERTIFICATE_MAX];
	CK_ULONG size = sizeof der;
	enum edb_err err = EDB_E_CERTIFICATE;

	if (!read_attribute(token, object, CKA_VALUE, der, &size))
		return edb_fail(error, err, EDB_NO_OFFSET,
			"PKCS#11: the token's certificate cannot be read");
	err = edb_public_key_from_x509(der, size, public_key, error);
	if (err)
		edb_error_prefix(error, "PKCS#11: the token's certificate");
	return err;
}

static enum edb_err find_keys(struct edb_token *token, P11KitUri *uri,
	const struct edb_public_key *known, struct edb_public_key **public_key,
	struct edb_error *error)
{
	CK_OBJECT_HANDLE object = 0;
	const uint8_t *spki;
	size_t size = 0;
	enum edb_err err = find_private(token, uri, error);

	if (err)
		return err;
	if (find_other(token, CKO_PUBLIC_KEY, &object))
		return read_public(token, object, public_key, error);
	if (find_other(token, CKO_CERTIFICATE, &object))
		return read_certificate(token, object, public_key, error);
	if (known) {
		spki = edb_public_key_spki_borrow(known, &size);
		return edb_public_key_from_spki(spki, size, public_key, error);
	}
	return edb_fail(error, EDB_E_TOKEN, EDB_NO_OFFSET,
		"PKCS#11: the token has the private key, but neither one public key nor one "
		"certificate of the same id");
}

enum edb_err edb_token_open(const char *text, const struct edb_public_key *known,
	struct edb_token **token, struct edb_public_key **public_key, struct edb_error *error)
{
	struct edb_token *t = calloc(1, sizeof *t);
	P11KitUri *uri = NULL;
	CK_SLOT_ID slot = 0;
	enum edb_err err;

	if (!t)
		return edb_fail(error, EDB_E_NOMEM, EDB_NO_OFFSET, "out of memory");
	err = parse_uri(text, &uri, error);
	if (!err)
		err = load_modules(t, uri, error);
	if (!err)
		err = find_slot(t, uri, &slot, error);
	if (!err)
		err = log_in(t, uri, slot, error);
	if (!err)
		err = find_keys(t, uri, known, public_key, error);
	p11_kit_uri_free(uri);
	if (err) {
		edb_token_close(t);
		return err;
	}
	*token = t;
	return EDB_OK;
}

void edb_token_close(struct edb_token *token)
{
	if (!token)
		return;
	if (token->session)
		token->module->C_CloseSession(token->session);
	if (token->single) {
		p11_kit_module_finalize(token->single);
		p11_kit_module_release(token->single);
		free(token->modules);
	} else if (token->modules) {
		p11_kit_modules_finalize_and_release(token->modules);
	}
	free(token);
}

enum edb_err edb_token_sign(struct edb_token *token, enum edb_scheme scheme,
	const uint8_t digest[EDB_DIGEST_BYTES], uint8_t *signature, size_t size,
	struct edb_error *error)
{
	/* DigestInfo of SHA-256: RFC 8017, 9.2, note 1 */
	static const uint8_t digest_info[] = {0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48,
		0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20};
	CK_RSA_PKCS_PSS_PARAMS pss = {CKM_SHA256, CKG_MGF1_SHA256, EDB_DIGEST_BYTES};
	CK_MECHANISM mechanism = {CKM_ECDSA, NULL, 0};
	uint8_t input[sizeof digest_info + EDB_DIGEST_BYTES];
	size_t prefix = 0;
	CK_ULONG got = size;
	CK_RV rv;

	if (scheme == EDB_SCHEME_RSA_PKCS1V15) {
		mechanism.mechanism = CKM_RSA_PKCS;
		prefix = sizeof digest_info;
		memcpy(input, digest_info, prefix);
	} else if (scheme == EDB_SCHEME_RSA_PSS) {
		mechanism = (CK_MECHANISM){CKM_RSA_PKCS_PSS, &pss, sizeof pss};
	}
	memcpy(input + prefix, digest, EDB_DIGEST_BYTES);
	rv = token->module->C_SignInit(token->session, &mechanism, token->key);
	if (rv == CKR_OK)
		rv = token->module->C_Sign(
			token->session, input, prefix + EDB_DIGEST_BYTES, signature, &got);
	if (rv != CKR_OK)
		return token_error(error, "cannot sign", rv);
	return got == size ? EDB_OK
			   : edb_fail(error, EDB_E_TOKEN, EDB_NO_OFFSET,
				     "PKCS#11: the token's signature has a wrong size");
}
