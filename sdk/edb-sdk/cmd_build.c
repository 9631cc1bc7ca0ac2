/* SPDX-License-Identifier: MIT
 *
 * edb-sdk build
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "commands.h"
#include "target.h"
#include "words.h"

struct build_values {
	const char *tee, *kit, *output;
	struct cli_list includes;
	bool enclave_only;
};

#define V struct build_values
static const struct cli_option options[] = {
	{'t', "tee", "TEE", "simtee (the default) or optee", .choices = "simtee optee",
		CLI_INTO(CLI_TEXT, V, tee)},
	{'k', "ta-dev-kit", "DIR", "optee: OP-TEE's kit for trusted applications (export-ta_arm64)",
		.environment = "TA_DEV_KIT_DIR", CLI_INTO(CLI_TEXT, V, kit)},
	{'o', "output", "DIR", "where to build, else FOLDER/build-TEE",
		CLI_INTO(CLI_TEXT, V, output)},
	{'I', "include", "DIR", "one more folder with headers, such as generated ones",
		CLI_INTO(CLI_LIST, V, includes)},
	{0, "enclave-only", NULL, "leave the host program out",
		CLI_INTO(CLI_FLAG, V, enclave_only)},
	{0},
};
#undef V

static enum edb_err find_kit(struct cli *cli, const struct build_values *v, struct target *t)
{
	static const char hint[] =
		"--ta-dev-kit DIR, or TA_DEV_KIT_DIR: export-ta_arm64 of a build of "
		"OP-TEE, or a folder of /usr/lib/optee-os-dev (Debian: optee-os-dev)";
	static const char *const files[] = {
		"src/user_ta_header.c", "src/ta.ld.S", "host_include/conf.h", "lib/libutee.a"};
	char path[PATH_MAX];

	if (!strcmp(t->tee, "simtee"))
		return EDB_OK;
	if (!v->kit)
		return cli_fail(cli, EDB_E_USAGE, hint, "OP-TEE's TA dev kit is not named");
	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		snprintf(path, sizeof path, "%s/%s", v->kit, files[i]);
		if (access(path, R_OK))
			return cli_fail(cli, EDB_E_NOT_FOUND, hint,
				"%s is no TA dev kit: it has no %s", v->kit, files[i]);
	}
	t->kit = v->kit;
	return EDB_OK;
}

static enum edb_err make_folder(struct cli *cli, const char *path)
{
	if (!mkdir(path, 0777) || errno == EEXIST)
		return EDB_OK;
	return cli_fail(
		cli, EDB_E_IO, NULL, "cannot make the folder %s: %s", path, strerror(errno));
}

static enum edb_err make_folders(
	struct cli *cli, const char *folder, const struct build_values *v, struct target *t)
{
	int shown = v->output ? snprintf(t->shown, sizeof t->shown, "%s", v->output)
			      : snprintf(t->shown, sizeof t->shown, "%s/build-%s", folder, t->tee);
	enum edb_err err = EDB_OK;

	if (shown >= (int)sizeof t->shown)
		return cli_fail(cli, EDB_E_ARG, NULL, "the output folder has too long a name");
	err = make_folder(cli, t->shown);
	if (!err && !realpath(t->shown, t->output))
		err = cli_fail(cli, EDB_E_IO, NULL, "%s: %s", t->shown, strerror(errno));
	if (!err && snprintf(t->work, sizeof t->work, "%s/%s.build", t->output, t->app.name) >=
			    (int)sizeof t->work)
		err = cli_fail(cli, EDB_E_ARG, NULL, "%s: too long a name", t->shown);
	return err ? err : make_folder(cli, t->work);
}

static enum edb_err compile_edl(struct cli *cli, const struct target *t)
{
	struct words words = {0};
	enum edb_err err;

	if (!t->app.edl)
		return EDB_OK;
	words_add(&words, "%s", t->places.edger8r);
	words_add(&words, "--output-dir");
	words_add(&words, "%s", t->output);
	words_add(&words, "%s/%s", t->folder, t->app.edl);
	err = words_run(cli, &words, NULL, 0, "docs/edl.md has the language", t->app.edl);
	words_clear(&words);
	return err;
}

static void say_next(const struct cli *cli, const struct target *t, bool host)
{
	const struct manifest *app = &t->app;
	const char *kind = t->kit ? " \\\n    --target-arch aarch64 --target-os OP-TEE" : "";

	if (cli->quiet)
		return;
	printf("%s/%s.ta.elf: the enclave, to be packed\n", t->shown, app->name);
	if (host)
		printf("%s/%s: the host program\n", t->shown, app->name);
	printf("\nnext, once:\n"
	       "  cpk-tool keygen -s vendor.key -n VENDOR\n"
	       "  cpk-tool keygen -k class-keys.json -a %s\n"
	       "and for each version:\n"
	       "  cpk-tool build -i %s/%s.ta.elf -o %s.cpk \\\n"
	       "    -a %s --app-version 1.0.0 -n %s -v VENDOR \\\n"
	       "    -e file -k class-keys.json -s vendor.key -c vendor.key.crt%s\n",
		app->uuid_text, t->shown, app->name, app->name, app->uuid_text, app->name, kind);
}

static enum edb_err build(struct cli *cli, const struct build_values *v, struct target *t)
{
	bool host = t->app.host.count && !v->enclave_only;
	enum edb_err err = find_kit(cli, v, t);

	if (!err)
		err = places_find(cli, &t->places);
	if (!err)
		err = make_folders(cli, cli->operands[0], v, t);
	if (!err)
		err = target_headers(cli, t);
	if (!err)
		err = compile_edl(cli, t);
	if (!err)
		err = target_enclave(cli, t);
	if (!err && host)
		err = target_host(cli, t);
	if (!err)
		say_next(cli, t, host);
	return err;
}

static enum edb_err run(struct cli *cli, const void *values)
{
	const struct build_values *v = values;
	struct target t = {.tee = v->tee ? v->tee : "simtee", .includes = v->includes};
	enum edb_err err;

	t.compiler = getenv("CC");
	if (!t.compiler || !*t.compiler)
		t.compiler = !strcmp(t.tee, "optee") ? "aarch64-linux-gnu-gcc" : "cc";
	if (!realpath(cli->operands[0], t.folder))
		return cli_fail(cli, EDB_E_IO, "edb-sdk new makes one", "%s: %s", cli->operands[0],
			strerror(errno));
	err = manifest_read(cli, t.folder, &t.app);
	if (!err)
		err = build(cli, v, &t);
	manifest_clear(&t.app);
	return err;
}

const struct cli_command cmd_build = {
	.name = "build",
	.summary = "build an application's enclave and host program",
	.operand = "FOLDER",
	.operands_min = 1,
	.operands_max = 1,
	.options = options,
	.values_bytes = sizeof(struct build_values),
	.run = run,
	.notes =
		"CC is the compiler (else cc; for optee aarch64-linux-gnu-gcc), CFLAGS and LDFLAGS are "
		"for the host\nprogram, ENCLAVE_CFLAGS for the enclave.",
};
