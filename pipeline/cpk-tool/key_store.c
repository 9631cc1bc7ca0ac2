/* SPDX-License-Identifier: MIT */
#include "key_store.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <jansson.h>

#include "file.h"
#include "text.h"

#define STORE_MAX (1u << 20)

static enum edb_err load(const char *path, json_t **store, struct edb_error *error)
{
	uint8_t *text = NULL;
	size_t size = 0;
	json_error_t where;
	enum edb_err err = edb_read_file(path, STORE_MAX, &text, &size, error);

	if (err)
		return err;
	*store = json_loadb((char *)text, size, JSON_REJECT_DUPLICATES, &where);
	edb_free_secret(text, size);
	if (json_is_object(*store))
		return EDB_OK;
	json_decref(*store);
	return edb_fail(error, EDB_E_KEY_STORE, EDB_NO_OFFSET, "%s is no key store: line %d: %s",
		path, where.line, where.text);
}

enum edb_err key_store_get(
	const char *path, const char *name, uint8_t key[CLASS_KEY_BYTES], struct edb_error *error)
{
	json_t *store = NULL;
	const char *text;
	uint8_t *bytes = NULL;
	size_t size = 0;
	enum edb_err err = load(path, &store, error);

	if (err)
		return err;
	text = json_string_value(json_object_get(store, name));
	if (!text)
		err = edb_fail(error, EDB_E_KEY_STORE, EDB_NO_OFFSET,
			"%s has no key named %s: cpk-tool keygen -k FILE -a ID makes one", path,
			name);
	else if (!edb_base64_decode(text, &bytes, &size) || size != CLASS_KEY_BYTES)
		err = edb_fail(error, EDB_E_KEY_STORE, EDB_NO_OFFSET,
			"%s: the key named %s is not 32 bytes of base64", path, name);
	else
		memcpy(key, bytes, CLASS_KEY_BYTES);
	edb_free_secret(bytes, size);
	json_decref(store);
	return err;
}

enum edb_err key_store_add(const char *path, const char *name, const uint8_t key[CLASS_KEY_BYTES],
	struct edb_error *error)
{
	json_t *store = NULL;
	char *text = NULL, *base64 = NULL;
	enum edb_err err = EDB_OK;

	if (access(path, F_OK))
		store = json_object();
	else
		err = load(path, &store, error);
	if (err)
		return err;
	base64 = edb_base64_encode(key, CLASS_KEY_BYTES);
	if (json_object_get(store, name))
		err = edb_fail(error, EDB_E_KEY_STORE, EDB_NO_OFFSET,
			"%s has a key named %s already; it is not replaced", path, name);
	else if (!base64 || json_object_set_new(store, name, json_string(base64)) ||
		 !(text = json_dumps(store, JSON_INDENT(1))))
		err = edb_fail(error, EDB_E_NOMEM, EDB_NO_OFFSET, "out of memory");
	else
		err = edb_write_file(path, 0600, text, strlen(text), error);
	if (base64)
		edb_free_secret(base64, strlen(base64));
	if (text)
		edb_free_secret(text, strlen(text));
	json_decref(store);
	return err;
}

enum edb_err key_store_from_options(
	struct cli *cli, const char *id, uint8_t key[CLASS_KEY_BYTES], struct edb_error *error)
{
	const char *method = cli_get(cli, "encryption-key-method"), *path = NULL;
	enum edb_err err;

	if (method && strcmp(method, "file"))
		return edb_fail(error, EDB_E_USAGE, EDB_NO_OFFSET,
			"-e %s: this build takes class keys from a file", method);
	err = cli_need(cli, "key-store", &path, error);
	return err ? err : key_store_get(path, id, key, error);
}
