/* SPDX-License-Identifier: MIT
 *
 * Bytes from and to files: the one place in libcpk with pointer arithmetic and memcpy.
 */
#include "bytes.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const uint8_t *cursor_take(struct cursor *c, size_t n)
{
	if (c->err)
		return NULL;
	if (n > c->size - c->pos) { /* subtract: pos + n could wrap */
		c->err = EDB_E_TRUNCATED;
		return NULL;
	}
	const uint8_t *at = c->base + c->pos;
	c->pos += n;
	return at;
}

static uint64_t take_le(struct cursor *c, size_t n)
{
	const uint8_t *at = cursor_take(c, n);
	uint64_t value = 0;

	for (size_t i = n; at && i > 0; i--)
		value = value << 8 | at[i - 1];
	return value;
}

uint16_t cursor_u16(struct cursor *c)
{
	return (uint16_t)take_le(c, 2);
}

uint32_t cursor_u32(struct cursor *c)
{
	return (uint32_t)take_le(c, 4);
}

uint64_t cursor_u64(struct cursor *c)
{
	return take_le(c, 8);
}

void filler_bytes(struct filler *f, const void *data, size_t n)
{
	if (f->err)
		return;
	if (n > f->size - f->pos) {
		f->err = EDB_E_SPACE;
		return;
	}
	bytes_copy(f->base + f->pos, data, n);
	f->pos += n;
}

static void fill_le(struct filler *f, uint64_t value, size_t n)
{
	uint8_t bytes[8];

	for (size_t i = 0; i < n; i++)
		bytes[i] = (uint8_t)(value >> 8 * i);
	filler_bytes(f, bytes, n);
}

void filler_u16(struct filler *f, uint16_t value)
{
	fill_le(f, value, 2);
}

void filler_u32(struct filler *f, uint32_t value)
{
	fill_le(f, value, 4);
}

void filler_u64(struct filler *f, uint64_t value)
{
	fill_le(f, value, 8);
}

void bytes_copy(void *to, const void *from, size_t n)
{
	if (n)
		memcpy(to, from, n);
}

uint8_t *bytes_dup(const void *from, size_t n)
{
	uint8_t *copy = malloc(n ? n : 1);

	if (copy)
		bytes_copy(copy, from, n);
	return copy;
}

enum edb_err file_read_at(int fd, uint64_t offset, uint8_t *to, size_t n, struct edb_error *error)
{
	for (size_t done = 0; done < n;) {
		ssize_t got = pread(fd, to + done, n - done, (off_t)(offset + done));

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return edb_fail(
				error, EDB_E_IO, offset + done, "cannot read: %s", strerror(errno));
		if (got == 0)
			return edb_fail(
				error, EDB_E_TRUNCATED, offset + done, "the file ends here");
		done += (size_t)got;
	}
	return EDB_OK;
}

static enum edb_err write_error(uint64_t offset, struct edb_error *error)
{
	enum edb_err code = errno == ENOSPC || errno == EDQUOT ? EDB_E_STORAGE_FULL : EDB_E_IO;

	return edb_fail(error, code, offset, "cannot write: %s", strerror(errno));
}

enum edb_err file_write_at(
	int fd, uint64_t offset, const uint8_t *from, size_t n, struct edb_error *error)
{
	for (size_t done = 0; done < n;) {
		ssize_t put = pwrite(fd, from + done, n - done, (off_t)(offset + done));

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return write_error(offset + done, error);
		done += (size_t)put;
	}
	return EDB_OK;
}

enum edb_err file_read_some(int fd, uint8_t *to, size_t n, size_t *got, struct edb_error *error)
{
	size_t done = 0;

	while (done < n) {
		ssize_t now = read(fd, to + done, n - done);

		if (now < 0 && errno == EINTR)
			continue;
		if (now < 0)
			return edb_fail(
				error, EDB_E_IO, EDB_NO_OFFSET, "cannot read: %s", strerror(errno));
		if (now == 0)
			break;
		done += (size_t)now;
	}
	*got = done;
	return EDB_OK;
}

enum edb_err file_write(int fd, const uint8_t *from, size_t n, struct edb_error *error)
{
	for (size_t done = 0; done < n;) {
		ssize_t put = write(fd, from + done, n - done);

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return write_error(EDB_NO_OFFSET, error);
		done += (size_t)put;
	}
	return EDB_OK;
}
