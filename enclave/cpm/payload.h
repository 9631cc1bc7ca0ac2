/* SPDX-License-Identifier: MIT
 *
 * Where plaintext goes: data into secure storage, applications to the image store.
 */
#ifndef CPM_PAYLOAD_H
#define CPM_PAYLOAD_H

#include "cpm.h"
#include "image_store.h"

/*
 * Data payloads in secure storage: chunks of CHUNK_BYTES, all of one generation, which nothing can
 * open until the ledger names that generation.
 */

/* All zeros at the start. */
struct data_writer {
	uint64_t written;       /* bytes */
	TEE_ObjectHandle chunk; /* the last one, until the next begins */
};

/** Append bytes, from memory of the CPM. EDB_E_STORAGE_FULL and others leave it to data_erase. */
enum edb_err data_write(struct data_writer *writer, const uint8_t id[static UUID_BYTES],
	uint32_t generation, const uint8_t *bytes, size_t size);

/** Close what is open: written data is durable when this returns. Also before data_erase. */
void data_close(struct data_writer *writer);

/** Delete whatever there is of a generation; safe to repeat. */
enum edb_err data_erase(const uint8_t id[static UUID_BYTES], uint32_t generation);

/*
 * The CPM's side of the image store (contract/image_store.h): one session for questions, one more
 * for each application under installation.
 */

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
