/* SPDX-License-Identifier: MIT
 *
 * Secure storage of the simulator: the persistent objects of all applications, encrypted and
 * authenticated under keys derived from the device key. docs/storage.md has the format of a file.
 *
 * - Every operation is atomic: after a power cut an object is as before it or as after it.
 * - Durable when create, rename, delete, close return; what was written to an open object is
 * durable when it is closed, or before anything later becomes durable: order is kept.
 * - Putting the whole folder, or one file, back to what it was before is NOT noticed.
 * - After a sync that failed nobody knows what is on the disk: every later change is refused with
 *   TEE_ERROR_STORAGE_NOT_AVAILABLE until the storage is opened anew.
 *
 * TEE_ERROR_STORAGE_NO_SPACE: full, or an object beyond STORAGE_DATA_MAX; the old state stays.
 * TEE_ERROR_CORRUPT_OBJECT: the file is not what was written. It stays, for whoever wants to look;
 * creating with TEE_DATA_FLAG_OVERWRITE replaces it.
 * Threads: one at a time.
 */
#ifndef SIMTEE_STORAGE_H
#define SIMTEE_STORAGE_H

#include <tee_internal_api.h>

#include "medium.h"

#define STORAGE_KEY_BYTES 32u
#define STORAGE_ID_MAX    64u
#define STORAGE_DATA_MAX  (1u << 20) /* bytes of one object: no kinder than OP-TEE */
#define STORAGE_ATTR_MAX  (8u << 10) /* bytes */

struct storage;
struct storage_handle; /* one opening of one object */

struct storage_id {
	uint32_t size; /* 0 … STORAGE_ID_MAX */
	uint8_t bytes[STORAGE_ID_MAX];
};

struct storage_info {
	uint32_t attr_size, data_size; /* bytes */
};

/**
 * The key that stands for a real device's fused one: the file `device.key`, made at the first
 * start. TEE_ERROR_CORRUPT_OBJECT: it is missing while objects are there, or has another size.
 */
TEE_Result storage_device_key(struct medium *medium, uint8_t key[static STORAGE_KEY_BYTES]);

/** Open; files left behind by a power cut are removed. medium: borrowed until storage_free. */
TEE_Result storage_open(struct medium *medium, const uint8_t device_key[static STORAGE_KEY_BYTES],
	struct storage **storage);

/** NULL is fine. Closes what is open; wipes. */
void storage_free(struct storage *storage);

/** Free bytes of the medium. */
TEE_Result storage_space(struct storage *storage, uint64_t *free_bytes);

/** TEE_ERROR_ITEM_NOT_FOUND, _ACCESS_CONFLICT (sharing rules of 5.7.1), _CORRUPT_OBJECT. */
TEE_Result storage_object_open(struct storage *storage, const TEE_UUID *owner,
	const struct storage_id *id, uint32_t flags, struct storage_handle **handle);

/** With TEE_DATA_FLAG_OVERWRITE in place of an old object, in one step; without it, or with the old
 *  one open, TEE_ERROR_ACCESS_CONFLICT. */
TEE_Result storage_object_create(struct storage *storage, const TEE_UUID *owner,
	const struct storage_id *id, uint32_t flags, const void *attr, size_t attr_size,
	const void *data, size_t data_size, struct storage_handle **handle);

void storage_object_info(const struct storage_handle *handle, struct storage_info *info);

/** The attributes, whole: size must be attr_size. */
TEE_Result storage_object_attr(const struct storage_handle *handle, void *attr, size_t size);

/** *got is less than size at the end of the data. */
TEE_Result storage_object_read(
	struct storage_handle *handle, uint32_t offset, void *data, size_t size, size_t *got);

/** Extends with zeros where offset lies beyond the end. */
TEE_Result storage_object_write(
	struct storage_handle *handle, uint32_t offset, const void *data, size_t size);

/** Shortens, or extends with zeros. */
TEE_Result storage_object_truncate(struct storage_handle *handle, uint32_t size);

/** TEE_ERROR_ACCESS_CONFLICT: that id is taken; nothing is ever overwritten. */
TEE_Result storage_object_rename(struct storage_handle *handle, const struct storage_id *id);

/** The handle is gone whatever is returned. NULL is fine. */
TEE_Result storage_object_close(struct storage_handle *handle);

/** Delete and close; the handle is gone whatever is returned. */
TEE_Result storage_object_delete(struct storage_handle *handle);

/**
 * The owner's next object after `after` (NULL: the first) in the order of ids, whatever comes or
 * goes meanwhile. TEE_ERROR_ITEM_NOT_FOUND: no more. TEE_ERROR_CORRUPT_OBJECT: *id is set, go on
 * from there.
 */
TEE_Result storage_next(struct storage *storage, const TEE_UUID *owner,
	const struct storage_id *after, struct storage_id *id, struct storage_info *info);

/** The owner's index-th object, from 0, in the same order: it shifts when one before it goes. */
TEE_Result storage_at(struct storage *storage, const TEE_UUID *owner, uint32_t index,
	struct storage_id *id, struct storage_info *info);

/** Every object of an application goes. TEE_ERROR_ACCESS_CONFLICT: one is open; nothing is gone. */
TEE_Result storage_erase(struct storage *storage, const TEE_UUID *owner);

/** Objects of all owners. */
size_t storage_count(const struct storage *storage);

#endif
