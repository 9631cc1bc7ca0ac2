/* SPDX-License-Identifier: MIT
 *
 * Data payloads in secure storage: chunks of CHUNK_BYTES, all of one generation, which nothing can
 * open until the ledger names that generation.
 */
#ifndef CPM_DATA_H
#define CPM_DATA_H

#include "cpm.h"

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

#endif
