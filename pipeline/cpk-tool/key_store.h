/* SPDX-License-Identifier: MIT
 *
 * The file key store of 2021, for development: a JSON object, key name to base64 key.
 */
#ifndef CPK_TOOL_KEY_STORE_H
#define CPK_TOOL_KEY_STORE_H

#include "cli.h"

#define CLASS_KEY_BYTES 32

/** Find a class key; the caller wipes it. EDB_E_KEY_STORE: not there, or no key. */
enum edb_err key_store_get(
	const char *path, const char *name, uint8_t key[CLASS_KEY_BYTES], struct edb_error *error);

/** Put a new one in; the file is made (0600) if there is none. EDB_E_KEY_STORE: the name is taken.
 */
enum edb_err key_store_add(const char *path, const char *name, const uint8_t key[CLASS_KEY_BYTES],
	struct edb_error *error);

/** The class key that -e and -k name; id is the key's name. */
enum edb_err key_store_from_options(
	struct cli *cli, const char *id, uint8_t key[CLASS_KEY_BYTES], struct edb_error *error);

#endif
