/* SPDX-License-Identifier: MIT
 *
 * Small records in secure storage: read whole, replaced whole.
 *
 * A record's name is a letter and up to 63 more bytes, built in private memory. Replacing is
 * atomic: after a power cut there is the old record or the new one.
 *
 * Structures are stored as they lie in memory, without padding: secure storage gives back only what
 * this same processor wrote. Another layout gets another letter.
 *
 * Storage says EDB_E_STORAGE (corrupt, or rolled back), EDB_E_STORAGE_FULL, EDB_E_NOMEM,
 * EDB_E_BUSY.
 */
#ifndef CPM_STORE_H
#define CPM_STORE_H

#include "cpm.h"

#define RECORD_NAME_MAX 64u

struct record_name {
	uint8_t bytes[RECORD_NAME_MAX];
	size_t size;
};

/** Name = kind, then the bytes of id (may be empty); at most 64 in all. */
struct record_name record_name(char kind, const void *id, size_t id_size);

/** Read a record whole; one that is not there has the size 0. EDB_E_STORAGE if it is larger than
 *  capacity or corrupt. */
enum edb_err store_read(struct record_name name, void *record, size_t capacity, size_t *size);

/** Read a record of exactly this size, zeros where it is not there. EDB_E_STORAGE if it has another
 *  size. */
enum edb_err store_read_exactly(struct record_name name, void *record, size_t size);

/** EDB_OK: there is such a record; EDB_E_NOT_FOUND. A corrupt one counts as being there. */
enum edb_err store_exists(struct record_name name);

/** Create or replace a record, atomically. */
enum edb_err store_write(struct record_name name, const void *record, size_t size);

/** Delete a record; one that is not there is fine. */
enum edb_err store_delete(struct record_name name);

/** What a failed storage call means to the CPM's caller. */
enum edb_err store_error(TEE_Result res);

#endif
