/* SPDX-License-Identifier: MIT
 *
 * Signed documents as files.
 */
#ifndef EDB_POLICY_DOCUMENT_FILE_H
#define EDB_POLICY_DOCUMENT_FILE_H

#include "cli.h"
#include "policy.h"

/* A document, read and decoded whole; nothing of it is proven. */
struct document_file {
	uint8_t *bytes;
	struct edb_document document; /* borrows from bytes */
	struct edb_device_policy device;
	struct edb_operator_policy operator_;
	struct edb_key_bundle bundle; /* that which document.type names is filled */
};

/** path: "-" is standard input. EDB_E_DOCUMENT, EDB_E_LIMIT, EDB_E_IO. */
enum edb_err document_file_load(struct cli *cli, const char *path, struct document_file **file);

/** NULL is fine. */
void document_file_free(struct document_file *file);

/* What the commands that make a document are given. */
struct make_values {
	const char *input, *signing_key, *output;
};
extern const struct cli_option make_options[];

/** What to do about a description that cannot be used. @return err */
enum edb_err description_hint(struct cli *cli, const struct make_values *values, enum edb_err err);

/** Sign with the key of the values and write to their output. */
enum edb_err document_file_sign(struct cli *cli, const struct make_values *values,
	enum edb_document_type type, const uint8_t *payload, size_t size);

/** A public key from a file that holds it, a certificate of it, or the private key. */
enum edb_err any_key_load(const char *path, struct edb_public_key **key, struct edb_error *error);

#endif
