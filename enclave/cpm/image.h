/* SPDX-License-Identifier: MIT
 *
 * The CPM's side of the image store (contract/image_store.h): one session for questions, one more
 * for each application under installation.
 */
#ifndef CPM_IMAGE_H
#define CPM_IMAGE_H

#include "cpm.h"
#include "image_store.h"

/** Start an image of exactly `size` bytes. *session is closed by the caller, whatever happens; an
 *  image that is not committed is dropped then. */
enum edb_err image_begin(const uint8_t id[static UUID_BYTES], const uint32_t version[static 3],
	uint64_t size, TEE_TASessionHandle *session);

/** The next bytes, from memory of the CPM. */
enum edb_err image_write(TEE_TASessionHandle session, const uint8_t *bytes, size_t size);

/**
 * A command with bytes, from memory of the CPM. EDB_IMAGE_COMMIT: the package's digest,
 * DIGEST_BYTES; what is written takes the place of what was installed under the id, atomically.
 * EDB_E_BUSY, EDB_E_IMAGE.
 */
enum edb_err image_put(TEE_TASessionHandle session, uint32_t cmd, const void *bytes, size_t size);

/** All bytes are written: is it an image this TEE can load, and how much memory does it ask for? */
enum edb_err image_inspect(TEE_TASessionHandle session, uint32_t *memory_kib);

/** What is installed under the id; all zeros where nothing is. */
enum edb_err image_query(const uint8_t id[static UUID_BYTES], struct edb_image_info *info);

/** Image and the application's secure objects go. EDB_E_BUSY: an instance is loaded. */
enum edb_err image_delete(const uint8_t id[static UUID_BYTES]);

/** Free bytes of secure storage; all ones: not known. */
uint64_t image_free_bytes(void);

#endif
