/* SPDX-License-Identifier: MIT
 *
 * cpk-tool verify: who made a package, and that no byte of it changed.
 */
#include <stdlib.h>

#include "text.h"
#include "tool.h"

struct verify_values {
	const char *package, *signer;
	struct cli_list anchors;
	bool allow_2021;
};

static const struct cli_option options[] = {
	{'p', "package", "FILE", "the package", .required = true,
		CLI_INTO(CLI_TEXT, struct verify_values, package)},
	{'A', "anchor", "FILE",
		"whom to trust: certificate or public key, PEM or DER, or a key\n"
		"id in hex; may be repeated",
		.required = true, CLI_INTO(CLI_LIST, struct verify_values, anchors)},
	{'s', "signer", "FILE", "the signer's certificate, where the package does not embed it",
		CLI_INTO(CLI_TEXT, struct verify_values, signer)},
	{0, "allow-2021", NULL,
		"take packages of 2021, too, whose signature covers the payload's\n"
		"digest only",
		CLI_INTO(CLI_FLAG, struct verify_values, allow_2021)},
	{0},
};

static void print_signer(const struct cpk_raw *raw, const struct edb_public_key *signer)
{
	const struct cpk_cert *cert = &cpk_raw_manifest_borrow(raw)->payload.cert;
	char hex[2 * EDB_KEY_ID_BYTES + 1], subject[256] = "";
	uint8_t id[EDB_KEY_ID_BYTES];
	uint8_t *bytes = NULL;
	size_t size;

	edb_public_key_id(signer, id);
	edb_hex_encode(id, sizeof id, hex);
	printf("signer:          key %s\n", hex);
	if (cert->scheme != CPK_CERT_X509_PEM && cert->scheme != CPK_CERT_X509_DER)
		return;
	size = (size_t)cpk_raw_stream_size(raw, cert->data);
	bytes = malloc(size);
	if (bytes && !cpk_raw_read_at(raw, cert->data, 0, bytes, size, NULL))
		certificate_subject(bytes, size, signer, subject, sizeof subject);
	free(bytes);
	if (*subject)
		printf("certificate:     %s (for information: only the key counts)\n", subject);
}

static void report(const struct cpk_pkg *pkg)
{
	const struct cpk_raw *raw = cpk_pkg_raw_borrow(pkg);
	const struct cpk_manifest *m = cpk_raw_manifest_borrow(raw);
	char hex[2 * EDB_DIGEST_BYTES + 1];
	uint8_t digest[EDB_DIGEST_BYTES];

	if (cpk_pkg_verdict(pkg) == CPK_VERDICT_ALL) {
		cpk_pkg_digest(pkg, digest);
		edb_hex_encode(digest, sizeof digest, hex);
		printf("verified:        everything: manifest, payload and all that an installer uses\n");
		printf("application:     %s, version %u.%u.%u\n", m->id, m->payload.ver.maj,
			m->payload.ver.min, m->payload.ver.rev);
		printf("package digest:  %s\n", hex);
	} else {
		printf("verified:        only who signed the payload's digest (2021); name, version and\n"
		       "                 target are not signed, and the payload was not compared\n");
	}
	print_signer(raw, cpk_pkg_signer_borrow(pkg));
}

static enum edb_err run(struct cli *cli, const void *values)
{
	const struct verify_values *v = values;
	const struct package_trust trust = {.anchors = &v->anchors,
		.signer_file = v->signer,
		.allow_2021 = v->allow_2021,
		.hint_2021 = "a package of 2021: --allow-2021 verifies the little that it signs"};
	struct package_file package = {.fd = -1};
	struct cpk_pkg *pkg = NULL;
	enum edb_err err = package_open(cli, v->package, &package);

	if (!err)
		err = package_verify(cli, package.raw, &trust, &pkg);
	if (!err && !cli->quiet)
		report(pkg);
	cpk_pkg_free(pkg);
	package_close(&package);
	return cli_about(cli, err, "%s", v->package);
}

const struct cli_command cmd_verify = {
	.name = "verify",
	.summary = "check who made a package, and that no byte of it changed",
	.options = options,
	.values_bytes = sizeof(struct verify_values),
	.run = run,
	.notes = "Needs no class key: a package's signature covers its ciphertext.",
};
