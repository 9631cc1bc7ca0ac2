/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cpk/payload.h>
#include <openssl/crypto.h>

#include "commands.h"
#include "file.h"
#include "key_store.h"
#include "package_file.h"

struct target {
	int fd;
	const char *name;
};

static enum edb_err sink(void *context, const uint8_t *data, size_t size, struct edb_error *error)
{
	const struct target *target = context;

	return edb_write_all(target->fd, data, size, target->name, error);
}

static enum edb_err copy_stream(
	struct cli *cli, const struct cpk_raw *raw, struct target *target, struct edb_error *error)
{
	const char *text = cli_get(cli, "stream");
	char *end = NULL;
	unsigned long index = text ? strtoul(text, &end, 10) : 0;

	if (!text || end == text || *end || index >= cpk_raw_stream_count(raw))
		return edb_fail(error, EDB_E_USAGE, EDB_NO_OFFSET,
			"--stream takes a number below %u; or --payload",
			cpk_raw_stream_count(raw));
	return cpk_raw_copy_stream(raw, (uint16_t)index, sink, target, NULL, error);
}

static enum edb_err decrypt(
	struct cli *cli, const struct cpk_raw *raw, struct target *target, struct edb_error *error)
{
	struct cpk_progress progress = {cli_progress, (void *)(uintptr_t) "decrypting"};
	const struct cpk_progress *told = cli_is_quiet(cli) ? NULL : &progress;
	uint8_t key[CLASS_KEY_BYTES] = {0}; /* secret: wiped below */
	struct cpk_anchors *anchors = NULL;
	struct cpk_pkg *pkg = NULL;
	int count = 0;
	enum edb_err err = anchors_load(cli, &anchors, &count, error);

	if (!err)
		err = key_store_from_options(cli,
			cpk_raw_manifest_borrow(raw)->payload.enc.aes_gcm.key_name, key, error);
	if (!err && count)
		err = cpk_verify(raw, anchors, NULL, told, &pkg, error);
	if (!err)
		err = pkg ? cpk_decrypt(pkg, key, sink, target, told, error)
			  : cpk_decrypt_whoever_signed(raw, key, sink, target, told, error);
	OPENSSL_cleanse(key, sizeof key);
	cpk_pkg_free(pkg);
	cpk_anchors_free(anchors);
	return err;
}

/* A file appears under its name only when all of it was right; a pipe cannot be taken back. */
enum edb_err cmd_unpack(struct cli *cli, struct edb_error *error)
{
	struct package_file package = {.fd = -1};
	struct edb_output *output = NULL;
	struct target target = {.fd = STDOUT_FILENO, .name = "standard output"};
	const char *path;
	enum edb_err err = cli_need(cli, "output", &path, error);

	if (!err)
		err = package_open(cli, &package, error);
	if (!err && strcmp(path, "-")) {
		err = edb_output_open(path, 0600, &output, error);
		target.name = path;
		if (!err)
			target.fd = edb_output_fd(output);
	}
	if (!err)
		err = cli_has(cli, "payload") ? decrypt(cli, package.raw, &target, error)
					      : copy_stream(cli, package.raw, &target, error);
	if (output && !err)
		err = edb_output_commit(output, error);
	else if (output)
		edb_output_drop(output);
	package_close(&package);
	return err;
}
