/* SPDX-License-Identifier: MIT
 *
 * What all of this folder stands on: types, sizes, and what the CPM takes at most
 * (docs/contract.md, "Limits"; beyond each there is a clear error).
 *
 * Of all its headers: there is one thread, since a TEE runs one call of an instance at a time; and
 * every function that stores or loads may also return what storage says.
 */
#ifndef CPM_H
#define CPM_H

#include <stddef.h>
#include <stdint.h>

#include "crypto.h"

/** EDB_OK where it holds; otherwise this error. */
static inline enum edb_err require(bool holds, enum edb_err otherwise)
{
	return holds ? EDB_OK : otherwise;
}

#define CPM_CONTRACT_VERSION 0x00000002u /* 0.2: major << 16 | minor */
#define CPM_VERSION          0x00000100u /* 0.1.0: major << 16 | minor << 8 | revision */

#define UUID_BYTES      16u
#define DIGEST_BYTES    32u /* SHA-256 */
#define KEY_ID_BYTES    32u /* SHA-256 of a SubjectPublicKeyInfo */
#define DEVICE_ID_BYTES 16u /* first half of the identity key's id */
#define CLASS_KEY_BYTES 32u /* AES-256 */
#define NONCE_BYTES     12u
#define TAG_BYTES       16u
#define CIPHER_BLOCK    16u /* AES */

#define MANIFEST_MAX      (16u << 10)  /* bytes */
#define SMALL_STREAMS_MAX (64u << 10)  /* bytes, mapped streams between manifest and payload */
#define BLOCK_MAX         (256u << 10) /* bytes in one ecall_add_application_data */
#define DOCUMENT_MAX      (16u << 10)  /* bytes */
#define DEPLOYMENTS_MAX   4u
#define LEDGER_MAX        128u
#define CLASS_KEYS_MAX    256u
#define KEY_SERVICES_MAX  8u
#define KEY_VERSIONS_MAX  16u          /* live versions of one class key */
#define CHUNK_BYTES       (512u << 10) /* a data payload's piece in secure storage */

/*
 * All that the CPM knows of the TEE it runs on. One file per TEE implements it.
 */

struct platform {
	const char *tee_kind;     /* at most 31 characters: what a manifest's target calls "os" */
	const char *arch;         /* of its applications: what a manifest's target calls "arch" */
	bool rollback_protection; /* does secure storage notice an older copy of itself? */
	/* Who may provision the device: SHA-256 of the root's SPKI, in hexadecimal digits. Empty: a
	 * development image, which takes the first root that comes, and says so for ever. */
	const char *maker_root;
};

extern const struct platform platform;

/*
 * Small records in secure storage: read whole, replaced whole.
 *
 * A record's name lies in private memory. Of the device there is one of each kind, and its name is
 * one letter; otherwise it is whose it is, and its size says of which kind it is: a chunk of data
 * (24 bytes), the highest version of an operator's policies (32), a ring of keys (48).
 *
 * Replacing is atomic: after a power cut there is the old record or the new one.
 *
 * Structures are stored as they lie in memory, without padding: secure storage gives back only what
 * this same processor wrote. Another layout gets another name.
 *
 * Storage says EDB_E_STORAGE (corrupt, or rolled back), EDB_E_STORAGE_FULL, EDB_E_NOMEM,
 * EDB_E_BUSY.
 */

/** Read a record whole; one that is not there has the size 0. EDB_E_STORAGE if it is larger than
 *  capacity or corrupt. */
enum edb_err store_read(
	const void *name, size_t name_size, void *record, size_t capacity, size_t *size);

/** Read a record of exactly this size; zeros where it is not there, or with an error. EDB_E_STORAGE
 *  if it has another size. */
enum edb_err store_read_exactly(const void *name, size_t name_size, void *record, size_t size);

/** EDB_OK: there is such a record; EDB_E_NOT_FOUND. A corrupt one counts as being there. */
enum edb_err store_exists(const void *name, size_t name_size);

/** Create or replace a record, atomically. */
enum edb_err store_write(const void *name, size_t name_size, const void *record, size_t size);

/** Delete a record; one that is not there is fine. */
enum edb_err store_delete(const void *name, size_t name_size);

/** What a failed storage call means to the CPM's caller. */
enum edb_err store_error(TEE_Result res);

/*
 * The CPM's life as an application: what is read and put right when it starts, and the one thing
 * that may have to be finished before any call: taking away what an earlier operator had here.
 */

/** EDB_OK: the CPM may serve. Otherwise what keeps it from doing so; asking again tries again. */
enum edb_err life_ready(void);

/** The same, of a device that is provisioned: what most calls need. EDB_E_NOT_PROVISIONED. */
enum edb_err life_serving(void);

#endif
