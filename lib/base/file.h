/* SPDX-License-Identifier: MIT
 *
 * Files, whole: read with a limit, written so that the name holds the old contents or the new.
 */
#ifndef EDB_BASE_FILE_H
#define EDB_BASE_FILE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <edb/error.h>

/**
 * Read a file, or standard input for "-".
 *
 * @param bytes  malloc'ed, *size bytes and a NUL; edb_free_secret it if it may hold a secret
 * @return EDB_E_IO; EDB_E_LIMIT: larger than max
 */
enum edb_err edb_read_file(
	const char *path, size_t max, uint8_t **bytes, size_t *size, struct edb_error *error);

/**
 * Tell somebody of each file that edb_read_file opens: the command line tools, which must not write
 * over what they read. Once, before there are threads; NULL: nobody.
 *
 * @param opened  gets a descriptor, to look at with fstat()
 */
void edb_file_watch(void (*opened)(int fd));

/** Wipe and free. NULL is fine. */
void edb_free_secret(void *memory, size_t size);

/* A file under construction: nobody sees it under its name before edb_output_commit. */
struct edb_output;

/** Start one beside `path`. `path` itself is not touched; if it is a link, what it leads to is
 *  replaced. EDB_E_ARG: something is there that is no ordinary file.
 *
 * @param mode  of a new file, less the umask. A file that is there keeps its own; if mode is for
 * the owner alone, the file holds a secret, and what others might do is taken away */
enum edb_err edb_output_open(
	const char *path, mode_t mode, struct edb_output **output, struct edb_error *error);

/** Readable, writable, seekable; borrowed. */
int edb_output_fd(const struct edb_output *output);

/** The name that the file has meanwhile: for who must remove it when a signal ends the program. */
const char *edb_output_temporary_borrow(const struct edb_output *output);

/** To disk, and under its name. Frees output, whatever happens; after a failure nothing is left. */
enum edb_err edb_output_commit(struct edb_output *output, struct edb_error *error);

/** Remove what was written so far. NULL is fine. */
void edb_output_drop(struct edb_output *output);

/** All of it in one go; "-" is standard output. */
enum edb_err edb_write_file(
	const char *path, mode_t mode, const void *bytes, size_t size, struct edb_error *error);

/** write() until all is written. EDB_E_STORAGE_FULL, EDB_E_IO; what: for the message. */
enum edb_err edb_write_all(
	int fd, const void *bytes, size_t size, const char *what, struct edb_error *error);

#endif
