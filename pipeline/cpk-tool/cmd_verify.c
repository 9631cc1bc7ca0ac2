/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "commands.h"
#include "package_file.h"
#include "text.h"

static void report(const struct cpk_pkg *pkg)
{
	uint8_t id[EDB_KEY_ID_BYTES];
	char text[65];

	edb_public_key_id(cpk_pkg_signer_borrow(pkg), id);
	edb_hex_encode(id, sizeof id, text);
	if (cpk_pkg_verdict(pkg) == CPK_VERDICT_ALL)
		puts("good: manifest and every stream that an installer uses are as they were signed");
	else
		puts("a package of 2021: only the digest of the plaintext is signed; name, version "
		     "and target may be anybody's");
	printf("signer: %s\n", text);
}

enum edb_err cmd_verify(struct cli *cli, struct edb_error *error)
{
	struct cpk_progress progress = {cli_progress, (void *)(uintptr_t) "verifying"};
	struct package_file package = {.fd = -1};
	struct cpk_anchors *anchors = NULL;
	struct cpk_pkg *pkg = NULL;
	int count = 0;
	enum edb_err err = anchors_load(cli, &anchors, &count, error);

	if (!err && !count)
		err = edb_fail(error, EDB_E_USAGE, EDB_NO_OFFSET,
			"--anchor is missing: whose signature is to be trusted?");
	if (!err)
		err = package_open(cli, &package, error);
	if (!err && cpk_raw_manifest_borrow(package.raw)->package.sig.scheme != EDB_SCHEME_NONE)
		err = cpk_verify(package.raw, anchors, NULL, cli_is_quiet(cli) ? NULL : &progress,
			&pkg, error);
	else if (!err)
		err = cpk_verify_2021_plaintext_only(package.raw, anchors, NULL, &pkg, error);
	cli_progress_end();
	if (!err)
		report(pkg);
	cpk_pkg_free(pkg);
	package_close(&package);
	cpk_anchors_free(anchors);
	return err;
}
