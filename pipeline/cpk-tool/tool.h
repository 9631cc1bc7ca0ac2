/* SPDX-License-Identifier: MIT
 *
 * The commands of cpk-tool, one file each, and what several of them do.
 */
#ifndef CPK_TOOL_H
#define CPK_TOOL_H

#include <cpk/verify.h>

#include "cli.h"
#include "signer.h"

extern const struct cli_command cmd_build, cmd_bundle, cmd_install, cmd_inspect, cmd_keygen,
	cmd_list, cmd_policy, cmd_provision, cmd_pub_key, cmd_remove, cmd_status, cmd_sync,
	cmd_unpack, cmd_verify;

/* A package file that a command has open. */
struct package_file {
	int fd;
	struct cpk_raw *raw;
};

/** Open a package; "-" is standard input, which must be a file. */
enum edb_err package_open(struct cli *cli, const char *path, struct package_file *package);
/** Start from {.fd = -1} or after a failed package_open: fine. */
void package_close(struct package_file *package);

/** The key in a package's certificate, or, for url and target, in this file. A file that is named
 *  although the package embeds a key has to hold the same. Free it. */
enum edb_err package_signer(struct cli *cli, const struct cpk_raw *raw, const char *signer_file,
	struct edb_public_key **signer);

/* Whom a command is told to trust. */
struct package_trust {
	const struct cli_list *anchors; /* certificate or public key files; ids in hex, too */
	const char *signer_file;        /* NULL: the package embeds its signer's key */
	bool allow_2021;       /* settle for the signature of 2021, where there is no other */
	const char *hint_2021; /* what to do about a package of 2021 */
};

/** Verify, with a bar on a terminal. cpk_pkg_free *pkg before raw is freed. */
enum edb_err package_verify(struct cli *cli, const struct cpk_raw *raw,
	const struct package_trust *trust, struct cpk_pkg **pkg);

/** EDB_KEY_ID_BYTES from a certificate or public key file, or as they are, in hex. */
enum edb_err key_id_load(struct cli *cli, const char *file_or_hex, uint8_t id[EDB_KEY_ID_BYTES]);

/* Where class keys come from: -e/-m, -k and what belongs to them. */
struct key_source {
	const char *method; /* "file" or "http" */
	const char *store;  /* NULL: from the environment */
	const char *access_code_file, *ca_file;
};

/** The class key of this name. The caller wipes. */
enum edb_err class_key_get(struct cli *cli, const struct key_source *source, const char *key_name,
	uint8_t key[CPK_CLASS_KEY_BYTES]);

/** The key wrapped to a public key, as 2021 did it: PKCS#1 v1.5. malloc'ed. */
enum edb_err class_key_wrap_2021(struct cli *cli, const struct key_source *source,
	const char *key_name, const struct edb_public_key *to, uint8_t **wrapped, size_t *size);

/** The store that -k or the environment names. */
enum edb_err key_source_store(struct cli *cli, struct key_source *source);

/** A file key store: read one key, add a new random one (never in place of another). */
enum edb_err key_store_get(
	struct cli *cli, const char *file, const char *name, uint8_t key[CPK_CLASS_KEY_BYTES]);
enum edb_err key_store_add(struct cli *cli, const char *file, const char *name);

/** The bytes that a package embeds: certificate or key in this form. malloc'ed. */
enum edb_err certificate_make(struct cli *cli, const char *file, enum cpk_cert_scheme form,
	const struct edb_public_key *signer, uint8_t **bytes, size_t *size);

/** The form in which this file is embedded unless told otherwise: as it is; without a file, the
 * bare public key. */
enum cpk_cert_scheme certificate_form(const char *file);

/** X.509: the subject, for information; empty if there is none, or the key is not the signer's. */
void certificate_subject(const uint8_t *bytes, size_t size, const struct edb_public_key *signer,
	char *text, size_t text_size);

#endif
