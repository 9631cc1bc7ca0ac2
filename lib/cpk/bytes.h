/* SPDX-License-Identifier: MIT
 *
 * Bytes from and to files: the one place in libcpk with pointer arithmetic and memcpy.
 */
#ifndef CPK_BYTES_H
#define CPK_BYTES_H

#include <stddef.h>
#include <stdint.h>

#include <edb/error.h>

/* A bounded cursor: what is read through it lies within `size`, or `err` is set and zeros come. */
struct cursor {
	const uint8_t *base; /* borrowed */
	size_t size, pos;    /* bytes; pos <= size always */
	enum edb_err err;    /* sticky: EDB_E_TRUNCATED once something was missing */
};

/* The next n bytes, or NULL. Little-endian integers, as everywhere in the format. */
const uint8_t *cursor_take(struct cursor *c, size_t n);
uint16_t cursor_u16(struct cursor *c);
uint32_t cursor_u32(struct cursor *c);
uint64_t cursor_u64(struct cursor *c);

/* Append to a buffer of `size` bytes; what does not fit sets `err` to EDB_E_SPACE. */
struct filler {
	uint8_t *base; /* borrowed */
	size_t size, pos;
	enum edb_err err;
};
void filler_bytes(struct filler *f, const void *data, size_t n);
void filler_u16(struct filler *f, uint16_t value);
void filler_u32(struct filler *f, uint32_t value);
void filler_u64(struct filler *f, uint64_t value);

/** Copy n bytes; NULL is fine for n = 0. The places do not overlap. */
void bytes_copy(void *to, const void *from, size_t n);

/** A copy on the heap; NULL: no memory. n = 0 gives one byte, so that NULL stays a failure. */
uint8_t *bytes_dup(const void *from, size_t n);

/** Read or write exactly n bytes at an offset. EDB_E_TRUNCATED: the file ends before; EDB_E_IO. */
enum edb_err file_read_at(int fd, uint64_t offset, uint8_t *to, size_t n, struct edb_error *error);
enum edb_err file_write_at(
	int fd, uint64_t offset, const uint8_t *from, size_t n, struct edb_error *error);

/** Read until n bytes or the end; *got says how many. */
enum edb_err file_read_some(int fd, uint8_t *to, size_t n, size_t *got, struct edb_error *error);

/** Write all of it, to anything that can be written. */
enum edb_err file_write(int fd, const uint8_t *from, size_t n, struct edb_error *error);

#endif
