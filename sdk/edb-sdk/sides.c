/* SPDX-License-Identifier: MIT
 *
 * The two command lines that matter: one compiles and links the enclave, one the host.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "target.h"
#include "words.h"

static const char look[] = "the compiler's message says where and what";

static void add_includes(const struct target *t, struct words *words)
{
	words_add(words, "-I%s", t->output);
	words_add(words, "-I%s", t->folder);
	for (size_t i = 0; i < t->includes.count; i++)
		words_add(words, "-I%s", t->includes.items[i]);
}

static void add_sources(
	const struct target *t, const struct manifest_files *files, struct words *words)
{
	for (size_t i = 0; i < files->count; i++)
		words_add(words, "%s/%s", t->folder, files->items[i]);
}

/* What edger8r made of the EDL file. */
static void add_generated(const struct target *t, const char *suffix, struct words *words)
{
	int stem = (int)(strlen(t->app.edl) - strlen(".edl"));

	words_add(words, "%s/%.*s%s", t->output, stem, t->app.edl, suffix);
}

/* Sources of the SDK, ended by NULL. */
static void add_own(const struct target *t, const char *const *sources, struct words *words)
{
	for (; *sources; sources++)
		words_add(words, "%s/%s", t->places.files, *sources);
}

static void add_common(const struct target *t, struct words *words)
{
	words_add_text(words, t->compiler);
	words_add(words, "-std=gnu11");
	words_add(words, "-Wall");
	words_add(words, "-Wextra");
	words_add(words, "-ffile-prefix-map=%s=.", t->folder);
	words_add(words, "-ffile-prefix-map=%s=.", t->output);
	words_add(words, "-ffile-prefix-map=%s=.", t->places.files);
}

/* Complete only: a name is never given to half a file. */
static enum edb_err link_as(struct cli *cli, const struct target *t, struct words *words,
	const char *name, const char *what)
{
	char path[PATH_MAX + 64], temporary[PATH_MAX + 64];
	enum edb_err err;

	snprintf(path, sizeof path, "%s/%s", t->output, name);
	snprintf(temporary, sizeof temporary, "%s/%s", t->work, name);
	(void)unlink(path); /* what an earlier build made is not this one's */
	words_add(words, "-o");
	words_add(words, "%s", temporary);
	err = words_run(cli, words, NULL, 0, look, what);
	if (!err && rename(temporary, path))
		err = cli_fail(cli, EDB_E_IO, NULL, "cannot write %s", path);
	return err;
}

/* What flag files call {gcc}: the compiler's own headers, stdint.h and the like. */
static enum edb_err compiler_headers(
	struct cli *cli, const struct target *t, char folder[static PATH_MAX])
{
	struct words words = {0};
	enum edb_err err;

	words_add_text(&words, t->compiler);
	words_add(&words, "-print-file-name=include");
	err = words_run(cli, &words, folder, PATH_MAX, look, "compiler");
	words_clear(&words);
	return err;
}

/* What flag files call {script}: the kit's linker script, its conditions resolved. */
static enum edb_err linker_script(struct cli *cli, const struct target *t, const char *script)
{
	struct words words = {0};
	enum edb_err err;

	words_add_text(&words, t->compiler);
	for (const char *const *word =
			(const char *const[]){"-E", "-P", "-x", "c", "-DARM64=1", NULL};
		*word; word++)
		words_add(&words, "%s", *word);
	words_add(&words, "%s/src/ta.ld.S", t->kit);
	words_add(&words, "-o");
	words_add(&words, "%s", script);
	err = words_run(cli, &words, NULL, 0, look, "linker script of the TA dev kit");
	words_clear(&words);
	return err;
}

static enum edb_err add_flags(struct cli *cli, const struct target *t, const char *kind,
	const struct words_value *values, struct words *words)
{
	char path[PATH_MAX + 64];

	snprintf(path, sizeof path, "%s/enclave/runtime/%s.%s", t->places.files, t->tee, kind);
	return words_add_lines(cli, words, path, values);
}

/* What the TEE's loader reads, the application's own, generated code and what that stands on; the
 * linker drops what nobody calls. */
static void add_enclave_sources(const struct target *t, struct words *words)
{
	static const char *const head[] = {
		"enclave/simtee/ta/ta_head.c", "enclave/simtee/ta/stack_check.c", NULL};
	static const char *const runtime[] = {"enclave/runtime/call.c", "enclave/runtime/cursor.c",
		"enclave/runtime/entry.c", "sdk/enclave/hooks.c", "sdk/enclave/ocall.c",
		"sdk/enclave/ocall_stack.c", "sdk/enclave/switch.S", NULL};

	add_sources(t, &t->app.enclave, words);
	if (t->kit)
		words_add(words, "%s/src/user_ta_header.c", t->kit);
	else
		add_own(t, head, words);
	if (!t->app.edl)
		return;
	add_generated(t, "_t.c", words);
	add_own(t, runtime, words);
	words_add(words, "%s/sdk/enclave/%s", t->places.files,
		t->kit ? "stack_optee.c" : "stack_heap.c");
}

enum edb_err target_enclave(struct cli *cli, const struct target *target)
{
	static const char *const folders[] = {"enclave/runtime", "sdk/enclave", "contract"};
	char runtime[PATH_MAX + 32], script[PATH_MAX + 32], gcc[PATH_MAX], name[64];
	const struct words_value values[] = {{"kit", target->kit ? target->kit : ""},
		{"runtime", runtime}, {"script", script}, {"gcc", gcc}, {0}};
	struct words words = {0};
	enum edb_err err = compiler_headers(cli, target, gcc);

	snprintf(runtime, sizeof runtime, "%s/%s", target->places.files, folders[0]);
	snprintf(script, sizeof script, "%s/ta.lds", target->work);
	if (!err && target->kit)
		err = linker_script(cli, target, script);
	add_common(target, &words);
	if (!err)
		err = add_flags(cli, target, "cflags", values, &words);
#ifndef __x86_64__
	if (!target->kit) /* elsewhere the canary is a variable that somebody would have to set */
		words_add(&words, "-fno-stack-protector");
#endif
	words_add_text(&words, getenv("ENCLAVE_CFLAGS"));
	words_add(&words, "-I%s", target->work);
	add_includes(target, &words);
	for (size_t i = 0; i < sizeof folders / sizeof *folders; i++)
		words_add(&words, "-I%s/%s", target->places.files, folders[i]);
	if (!target->kit)
		words_add(&words, "-I%s/enclave/simtee/include", target->places.files);
	add_enclave_sources(target, &words);
	if (!err)
		err = add_flags(cli, target, "ldflags", values, &words);
	snprintf(name, sizeof name, "%s.ta.elf", target->app.name);
	if (!err)
		err = link_as(cli, target, &words, name, "the enclave");
	words_clear(&words);
	return err;
}

enum edb_err target_host(struct cli *cli, const struct target *target)
{
	static const char *const host[] = {"sdk/host/edb_host.c", "sdk/host/edb_serve.c", NULL};
	struct words words = {0};
	enum edb_err err;

	add_common(target, &words);
	words_add(&words, "-O2");
	words_add(&words, "-g");
	words_add_text(&words, getenv("CFLAGS"));
	add_includes(target, &words);
	words_add(&words, "-I%s/sdk/host", target->places.files);
	if (!target->kit)
		words_add(&words, "-I%s/enclave/simtee/include", target->places.files);
	add_sources(target, &target->app.host, &words);
	if (target->app.edl) {
		add_generated(target, "_u.c", &words);
		add_own(target, host, &words);
	}
	words_add_text(&words, getenv("LDFLAGS"));
	if (target->kit) {
		words_add(&words, "-lteec");
	} else {
		words_add(&words, "%s/libsimteec.a", target->places.files);
		words_add(&words, "-pthread");
	}
	err = link_as(cli, target, &words, target->app.name, "the host program");
	if (err && target->kit)
		cli_hint(cli,
			"the compiler's message says where; tee_client_api.h and libteec for the "
			"device (Debian: optee-client-dev:arm64) are named by CFLAGS and LDFLAGS, "
			"--enclave-only does without");
	words_clear(&words);
	return err;
}
