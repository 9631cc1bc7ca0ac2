/* SPDX-License-Identifier: MIT
 *
 * The file key store, for development: a JSON object, key name to base64 of 32 bytes.
 */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <jansson.h>
#include <openssl/crypto.h>
#include <openssl/rand.h>

#include "file.h"
#include "text.h"
#include "tool.h"

#define STORE_MAX (1u << 20) /* bytes */

static void warn_if_open(const struct cli *cli, const char *file)
{
	struct stat s;

	if (strcmp(file, "-") && !stat(file, &s) && S_ISREG(s.st_mode) && s.st_mode & 077)
		cli_note(cli, "others on this machine may open %s: chmod 600", file);
}

static enum edb_err store_read(struct cli *cli, const char *file, json_t **store)
{
	uint8_t *bytes = NULL;
	size_t size = 0;
	json_error_t where = {0};
	enum edb_err err = edb_read_file(file, STORE_MAX, &bytes, &size, &cli->error);

	if (err)
		return err;
	*store = json_loadb((const char *)bytes, size, JSON_REJECT_DUPLICATES, &where);
	edb_free_secret(bytes, size);
	if (json_is_object(*store))
		return EDB_OK;
	json_decref(*store);
	*store = NULL;
	/* Jansson's own words would repeat what stands there. */
	cli_hint(cli, "a key store is {\"KEY NAME\": \"base64 of 32 bytes\", …}");
	return cli_fail(cli, EDB_E_KEY_STORE, NULL, "%s: no JSON object of keys (line %d)", file,
		where.line > 0 ? where.line : 1);
}

enum edb_err key_store_get(
	struct cli *cli, const char *file, const char *name, uint8_t key[CPK_CLASS_KEY_BYTES])
{
	json_t *store = NULL, *value;
	uint8_t *bytes = NULL;
	size_t size = 0;
	enum edb_err err = store_read(cli, file, &store);

	if (err)
		return err;
	warn_if_open(cli, file);
	value = json_object_get(store, name);
	if (!value) {
		cli_hint(cli, "make one: cpk-tool keygen -k %s -a %s", file, name);
		err = cli_fail(cli, EDB_E_KEY_STORE, NULL, "%s: no key named %s", file, name);
	} else if (!json_is_string(value) ||
		   !edb_base64_decode(json_string_value(value), &bytes, &size) ||
		   size != CPK_CLASS_KEY_BYTES) {
		err = cli_fail(cli, EDB_E_KEY_STORE, "cpk-tool keygen makes such keys",
			"%s: the key %s is not 32 bytes in base64", file, name);
	} else {
		memcpy(key, bytes, CPK_CLASS_KEY_BYTES);
	}
	edb_free_secret(bytes, size);
	json_decref(store);
	return err;
}

static enum edb_err new_key(struct cli *cli, json_t *store, const char *name)
{
	uint8_t key[CPK_CLASS_KEY_BYTES] = {0}; /* secret: wiped below */
	char *base64 = NULL;
	bool good = RAND_bytes(key, sizeof key) == 1;

	if (good)
		base64 = edb_base64_encode(key, sizeof key);
	good = base64 && !json_object_set_new(store, name, json_string(base64));
	OPENSSL_cleanse(key, sizeof key);
	if (base64)
		edb_free_secret(base64, strlen(base64));
	return good ? EDB_OK : cli_fail(cli, EDB_E_NOMEM, NULL, "cannot make a key");
}

static enum edb_err store_write(struct cli *cli, const char *file, const json_t *store)
{
	char *text = json_dumps(store, JSON_INDENT(2));
	struct cli_output output = {0};
	enum edb_err err;

	if (!text)
		return cli_fail(cli, EDB_E_NOMEM, NULL, "out of memory");
	err = cli_output_update(cli, file, 0600, &output);
	if (!err)
		err = edb_write_all(output.fd, text, strlen(text), file, &cli->error);
	if (!err)
		err = edb_write_all(output.fd, "\n", 1, file, &cli->error);
	if (!err)
		err = cli_output_commit(cli, &output);
	cli_output_drop(&output);
	edb_free_secret(text, strlen(text));
	return err;
}

/* Two at a time would lose a key; the folder is locked, since the file itself is replaced. */
static int lock_folder(const char *file)
{
	char path[PATH_MAX];
	int fd;

	if (snprintf(path, sizeof path, "%s", file) >= (int)sizeof path)
		return -1;
	fd = open(dirname(path), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0 && flock(fd, LOCK_EX)) {
		close(fd);
		return -1;
	}
	return fd;
}

enum edb_err key_store_add(struct cli *cli, const char *file, const char *name)
{
	int lock = lock_folder(file);
	json_t *store = NULL;
	enum edb_err err = EDB_OK;

	if (lock < 0)
		return cli_fail(cli, EDB_E_IO, NULL, "cannot lock the folder of %s: %s", file,
			strerror(errno));
	if (access(file, F_OK) && errno == ENOENT) {
		store = json_object();
		if (!store)
			err = cli_fail(cli, EDB_E_NOMEM, NULL, "out of memory");
	} else {
		err = store_read(cli, file, &store);
	}
	if (!err && json_object_get(store, name))
		err = cli_fail(cli, EDB_E_KEY_STORE,
			"packages built with it would never open again; name another file or id",
			"%s has a key named %s", file, name);
	if (!err)
		err = new_key(cli, store, name);
	if (!err)
		err = store_write(cli, file, store);
	json_decref(store);
	close(lock);
	return err;
}
