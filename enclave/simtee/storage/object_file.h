/* SPDX-License-Identifier: MIT
 *
 * The file of one object: a salt, then records (record.h), the first of which says whose it is and
 * how it is called. A change is one record more; when the records are much longer than what they
 * amount to, the file is written anew under a temporary name, synced, and renamed.
 */
#ifndef SIMTEE_OBJECT_FILE_H
#define SIMTEE_OBJECT_FILE_H

#include "record.h"
#include "secret.h"
#include "storage.h"

#define OBJECT_NAME_BYTES 65u /* hex of a keyed hash of owner and id, NUL */
#define OBJECT_TEMPORARY  "object.new"

/* What all files of a storage share. */
struct vault {
	struct medium *medium; /* borrowed */
	uint8_t name_key[RECORD_KEY_BYTES], data_key[RECORD_KEY_BYTES];
	struct secret scratch; /* a file as it is sealed, a record as it is opened */
	bool failed;           /* a sync failed: nothing is written any more */
};

struct object_file {
	struct vault *vault; /* borrowed */
	TEE_UUID owner;
	struct storage_id id;
	char name[OBJECT_NAME_BYTES];
	struct medium_file *file;
	struct chain chain;
	uint64_t end;  /* bytes of the file that count: behind the last whole record */
	uint64_t size; /* bytes that may be there: more than end after a write that failed */
	struct secret attr, data;
	uint32_t data_size; /* as data.size, if loaded */
	bool loaded;        /* data holds it */
	bool dirty;         /* written since the last sync */
};

/** false: OpenSSL failed, or no memory. */
bool vault_init(struct vault *vault, struct medium *medium,
	const uint8_t device_key[static STORAGE_KEY_BYTES]);
void vault_clear(struct vault *vault);

void object_name(const struct vault *vault, const TEE_UUID *owner, const struct storage_id *id,
	char name[static OBJECT_NAME_BYTES]);

/** Whose file is it, and what is the object called? Reads no data if it was never renamed. */
TEE_Result object_identify(
	struct vault *vault, const char *name, TEE_UUID *owner, struct storage_id *id);

TEE_Result object_load(struct vault *vault, const char *name, struct object_file **object);

/** A new file, in place of an old one: durable on return. */
TEE_Result object_create(struct vault *vault, const TEE_UUID *owner, const struct storage_id *id,
	const void *attr, size_t attr_size, const void *data, size_t data_size,
	struct object_file **object);

/** NULL is fine; wipes; syncs nothing. */
void object_free(struct object_file *object);

TEE_Result object_read(
	struct object_file *object, uint32_t offset, void *data, size_t size, size_t *got);
TEE_Result object_write(struct object_file *object, uint32_t offset, const void *data, size_t size);
TEE_Result object_truncate(struct object_file *object, uint32_t size);

/** Read into memory what object_create left on the medium alone. */
TEE_Result object_ensure_loaded(struct object_file *object);

/** Durable on return. That the id is free has been checked. */
TEE_Result object_rename(struct object_file *object, const struct storage_id *id);
TEE_Result object_sync(struct object_file *object);

/** Remove a file by its name: durable after vault_sync. */
TEE_Result object_remove(struct vault *vault, const char *name);

/** Names made and removed so far are durable on return. */
TEE_Result vault_sync(struct vault *vault);

/** What an errno value of a medium means to an application. */
TEE_Result storage_result(int err);

/* The file's format, shared by object_file.c and object_load.c. */
#define FILE_MAGIC          "EDBOBJ1" /* with its NUL: 8 bytes, then the salt */
#define FILE_MAGIC_BYTES    8u
#define FILE_PROLOGUE_BYTES (FILE_MAGIC_BYTES + RECORD_SALT_BYTES)
#define META_OWNER_BYTES    16u
#define META_ID_BYTES       (4u + STORAGE_ID_MAX)                   /* size, bytes, zeros */
#define META_BYTES          (META_OWNER_BYTES + META_ID_BYTES + 4u) /* then data_size; attributes */

void put_owner(uint8_t *at, const TEE_UUID *owner);
void put_id(uint8_t *at, const struct storage_id *id);

#endif
