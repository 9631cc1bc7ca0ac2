/* SPDX-License-Identifier: MIT
 *
 * The methods by which class keys come: from a file (development), over HTTP from a key service.
 */
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#include "file.h"
#include "key_service.h"
#include "tool.h"

#define CODE_MAX 512 /* bytes of an access code */

static bool is_http(const struct key_source *source)
{
	return !strcmp(source->method, "http");
}

enum edb_err key_source_store(struct cli *cli, struct key_source *source)
{
	const char *variable = is_http(source) ? "CP_CLOUD_KEY_SOURCE" : "CP_FILE_KEY_SOURCE";

	if (!source->store)
		source->store = getenv(variable);
	else if (is_http(source) && strstr(source->store, "code="))
		cli_note(cli,
			"the access code stands on the command line, where others on this "
			"machine can read it: use --access-code-file or %s",
			variable);
	if (source->store && *source->store)
		return EDB_OK;
	cli_hint(cli, "--key-store %s, or the environment variable %s",
		is_http(source) ? "URL" : "FILE", variable);
	return cli_fail(cli, EDB_E_USAGE, NULL, "no key store is named");
}

static enum edb_err access_code(struct cli *cli, const char *file, char code[CODE_MAX + 1])
{
	uint8_t *bytes = NULL;
	size_t size = 0, end;
	enum edb_err err = edb_read_file(file, CODE_MAX, &bytes, &size, &cli->error);

	if (err)
		return err;
	end = strcspn((const char *)bytes, "\r\n");
	if (!end || end > CODE_MAX)
		err = cli_fail(cli, EDB_E_ARG, NULL, "%s: no access code on its first line", file);
	else
		memcpy(code, bytes, end);
	edb_free_secret(bytes, size);
	return err;
}

/* Ask the service: for the key itself, or wrapped to another one. */
static enum edb_err ask(struct cli *cli, const struct key_source *source, const char *key_name,
	const struct edb_public_key *to, uint8_t *key, uint8_t **wrapped, size_t *size)
{
	char code[CODE_MAX + 1] = ""; /* secret: wiped below */
	struct edb_key_service_at at = {.url = source->store, .ca_file = source->ca_file};
	const uint8_t *spki;
	size_t spki_size = 0;
	enum edb_err err = EDB_OK;
	int fd = -1;

	/* libcurl opens it by itself, and says what is wrong with it. */
	if (source->ca_file && !cli_open_input(cli, source->ca_file, &fd))
		cli_close_input(fd);
	if (source->access_code_file) {
		err = access_code(cli, source->access_code_file, code);
		at.access_code = code;
	}
	if (!err && to) {
		spki = edb_public_key_spki_borrow(to, &spki_size);
		err = edb_http_wrap_key(&at, key_name, spki, spki_size, wrapped, size, &cli->error);
	} else if (!err) {
		err = edb_http_class_key(&at, key_name, key, &cli->error);
	}
	OPENSSL_cleanse(code, sizeof code);
	if (err == EDB_E_ARG && !*cli->hint)
		cli_hint(cli, "--key-store https://HOST/…, or CP_CLOUD_KEY_SOURCE; the access code "
			      "in it, or with --access-code-file");
	return err;
}

enum edb_err class_key_get(struct cli *cli, const struct key_source *source, const char *key_name,
	uint8_t key[CPK_CLASS_KEY_BYTES])
{
	if (is_http(source))
		return ask(cli, source, key_name, NULL, key, NULL, NULL);
	return key_store_get(cli, source->store, key_name, key);
}

enum edb_err class_key_wrap_2021(struct cli *cli, const struct key_source *source,
	const char *key_name, const struct edb_public_key *to, uint8_t **wrapped, size_t *size)
{
	uint8_t key[CPK_CLASS_KEY_BYTES] = {0}; /* secret: wiped below */
	enum edb_err err;

	if (is_http(source))
		return ask(cli, source, key_name, to, NULL, wrapped, size);
	*wrapped = malloc(EDB_SIGNATURE_MAX);
	if (!*wrapped)
		return cli_fail(cli, EDB_E_NOMEM, NULL, "out of memory");
	err = key_store_get(cli, source->store, key_name, key);
	if (!err)
		err = edb_wrap_key(to, false, key, sizeof key, *wrapped, size, &cli->error);
	OPENSSL_cleanse(key, sizeof key);
	if (err) {
		free(*wrapped);
		*wrapped = NULL;
	}
	return err;
}
