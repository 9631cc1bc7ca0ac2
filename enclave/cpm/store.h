/* SPDX-License-Identifier: MIT
 *
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
#ifndef CPM_STORE_H
#define CPM_STORE_H

#include "cpm.h"

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

#endif
