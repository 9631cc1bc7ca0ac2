/* SPDX-License-Identifier: MIT
 *
 * An application's description: enclave.json in its folder. The members are in docs/sdk.md.
 */
#ifndef EDB_SDK_MANIFEST_H
#define EDB_SDK_MANIFEST_H

#include "cli.h"
#include "text.h"

#define MANIFEST_FILE       "enclave.json"
#define MANIFEST_NAME_BYTES 32 /* with its NUL */
#define MANIFEST_FILES_MAX  64
#define MANIFEST_FLAGS      3

struct manifest_files {
	const char *items[MANIFEST_FILES_MAX]; /* relative to the folder */
	size_t count;
};

struct manifest {
	const char *name;
	char uuid_text[EDB_UUID_TEXT_SIZE]; /* lower case */
	uint8_t uuid[EDB_UUID_BYTES];
	unsigned int stack_bytes, heap_bytes;
	const char *flags[MANIFEST_FLAGS]; /* as ta_head.h names them */
	size_t flag_count;
	const char *edl; /* NULL: none, the sources define the entry points themselves */
	struct manifest_files enclave, host;
	void *json; /* owns all texts */
};

/** Read and check. manifest: to be cleared, whatever is returned. */
enum edb_err manifest_read(struct cli *cli, const char *folder, struct manifest *manifest);

void manifest_clear(struct manifest *manifest);

/** May an application be called so? 1 to 31 of a-z, 0-9 and _, the first a letter. */
bool manifest_is_name(const char *name);

#endif
