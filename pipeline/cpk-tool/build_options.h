/* SPDX-License-Identifier: MIT
 *
 * What the command line of `cpk-tool build` says, and what libcpk makes of it.
 */
#ifndef BUILD_OPTIONS_H
#define BUILD_OPTIONS_H

#include <limits.h>

#include <cpk/writer.h>

#include "tool.h"

struct build_values {
	const char *input, *output, *id, *method, *store, *wrapping, *name, *vendor;
	const char *access_code_file, *ca_file;
	const char *signing_key, *certificate, *form, *location, *signature;
	bool pss;
	const char *arch, *os, *version, *type, *key_version;
	struct cli_list readers;
};

/* Everything that cpk_build needs; owns what its pointers lead to. */
struct build_job {
	struct cpk_build_options options;
	struct cpk_reader_id readers[CPK_READERS_MAX];
	char date[CPK_DATE_MAX + 1], arch[CPK_TARGET_MAX + 1];
	uint8_t class_key[CPK_CLASS_KEY_BYTES]; /* secret */
	char certificate_path[PATH_MAX];
	uint8_t *certificate;
	struct edb_signer *signer;
	struct edb_public_key *signer_public; /* of --certificate, in the two-step way */
};

/** Every option but the class key. build_job_clear it in any case. */
enum edb_err build_job_fill(
	struct cli *cli, const struct build_values *values, struct build_job *job);
void build_job_clear(struct build_job *job);

/* The folder of the two-step way: what is to be signed goes out, signatures come back. */

/** Write the digests and what they are of. */
enum edb_err signature_request(struct cli *cli, const char *folder, const char *package,
	const struct build_job *job, const struct cpk_build_result *result);

/** Take the signatures and put them into the package. */
enum edb_err signature_attach(
	struct cli *cli, const char *folder, const char *package, const char *signer_file);

#endif
