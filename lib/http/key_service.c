/* SPDX-License-Identifier: MIT */
#include "key_service.h"

#include <stdlib.h>
#include <string.h>

#include <jansson.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "post.h"
#include "text.h"

#define WRAP_KEY    "/api/WrapKey"
#define WRAPPED_MAX 512 /* bytes; RSA-4096 */

static char *request(const char *key_name, const uint8_t *spki, size_t spki_size)
{
	char *base64 = edb_base64_encode(spki, spki_size), *body = NULL;
	json_t *json =
		base64 ? json_pack("{s:s, s:s}", "key_name", key_name, "client_public_key", base64)
		       : NULL;

	if (json)
		body = json_dumps(json, JSON_COMPACT);
	json_decref(json);
	free(base64);
	return body;
}

static const char *meaning(long status)
{
	switch (status) {
	case 400: return "has it a key of that name?";
	case 401:
	case 403: return "is the access code right?";
	case 404: return "is that the address of a key service?";
	case 429: return "too many requests; try again later";
	default: break;
	}
	if (status >= 300 && status < 400)
		return "it wants to redirect elsewhere, which is not followed";
	return status >= 500 ? "it has trouble of its own; try again later" : "not as expected";
}

/* What it says in its own words is not shown: services are known to repeat the request, with the
 * access code in it, in whatever encoding. */
static enum edb_err refused(
	const struct url *url, const struct answer *answer, struct edb_error *error)
{
	return edb_fail(error, EDB_E_KEY_STORE, EDB_NO_OFFSET, "%s answered %ld: %s", url->shown,
		answer->status, meaning(answer->status));
}

static enum edb_err read_answer(const struct url *url, const struct answer *answer,
	uint8_t **wrapped, size_t *wrapped_size, struct edb_error *error)
{
	json_t *json = json_loadb(answer->text, answer->size, JSON_REJECT_DUPLICATES, NULL);
	const char *base64 = json_string_value(json_object_get(json, "wrapped_key"));
	uint8_t *bytes = NULL;
	size_t size = 0;
	enum edb_err err = EDB_OK;

	if (!base64 || !edb_base64_decode(base64, &bytes, &size) || !size || size > WRAPPED_MAX)
		err = edb_fail(error, EDB_E_KEY_STORE, EDB_NO_OFFSET,
			"%s: the answer has no wrapped_key in base64", url->shown);
	json_decref(json);
	if (err) {
		free(bytes);
		return err;
	}
	*wrapped = bytes;
	*wrapped_size = size;
	return EDB_OK;
}

enum edb_err edb_http_wrap_key(const struct edb_key_service_at *service, const char *key_name,
	const uint8_t *spki, size_t spki_size, uint8_t **wrapped, size_t *wrapped_size,
	struct edb_error *error)
{
	struct answer *answer = NULL;
	struct url url = {0};
	char *body = NULL;
	enum edb_err err = url_complete(service->url, WRAP_KEY, service->access_code, &url, error);

	if (err)
		goto out;
	answer = malloc(sizeof *answer);
	body = request(key_name, spki, spki_size);
	if (!answer || !body) {
		err = edb_fail(error, EDB_E_NOMEM, EDB_NO_OFFSET, "out of memory");
		goto out;
	}
	err = http_post(service, &url, body, answer, error);
	if (!err && answer->status != 200)
		err = refused(&url, answer, error);
	if (!err)
		err = read_answer(&url, answer, wrapped, wrapped_size, error);
out:
	OPENSSL_cleanse(&url, sizeof url);
	free(body);
	free(answer);
	return err;
}

static enum edb_err unwrap(EVP_PKEY *pkey, const uint8_t *wrapped, size_t wrapped_size,
	uint8_t key[EDB_CLASS_KEY_BYTES], struct edb_error *error)
{
	uint8_t plain[WRAPPED_MAX]; /* secret: wiped below */
	size_t size = sizeof plain;
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(pkey, NULL);
	bool good = ctx && EVP_PKEY_decrypt_init(ctx) > 0 &&
		    EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING) > 0 &&
		    EVP_PKEY_decrypt(ctx, plain, &size, wrapped, wrapped_size) > 0 &&
		    size == EDB_CLASS_KEY_BYTES;

	EVP_PKEY_CTX_free(ctx);
	if (good)
		memcpy(key, plain, EDB_CLASS_KEY_BYTES);
	OPENSSL_cleanse(plain, sizeof plain);
	return good ? EDB_OK
		    : edb_fail(error, EDB_E_KEY_STORE, EDB_NO_OFFSET,
			      "the key service's answer holds no AES-256 key for us");
}

enum edb_err edb_http_class_key(const struct edb_key_service_at *service, const char *key_name,
	uint8_t key[EDB_CLASS_KEY_BYTES], struct edb_error *error)
{
	EVP_PKEY *pkey = EVP_RSA_gen(2048);
	uint8_t *spki = NULL, *wrapped = NULL;
	size_t wrapped_size = 0;
	int size = pkey ? i2d_PUBKEY(pkey, &spki) : 0;
	enum edb_err err;

	if (size <= 0)
		err = edb_fail(error, EDB_E_NOMEM, EDB_NO_OFFSET, "cannot make a wrapping key");
	else
		err = edb_http_wrap_key(
			service, key_name, spki, (size_t)size, &wrapped, &wrapped_size, error);
	if (!err)
		err = unwrap(pkey, wrapped, wrapped_size, key, error);
	free(wrapped);
	OPENSSL_free(spki);
	EVP_PKEY_free(pkey);
	return err;
}
