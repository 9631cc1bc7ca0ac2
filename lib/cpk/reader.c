/* SPDX-License-Identifier: MIT
 *
 * Opening a package: frame and stream table; then reading its streams.
 */
#include <cpk/reader.h>

#include "bytes.h"
#include "raw.h"

#include <stdlib.h>
#include <sys/stat.h>

struct frame {
	uint32_t magic;
	uint16_t version, flag, count, manifest_index, manifest_type, manifest_version;
};

static enum edb_err check_frame(const struct frame *f, struct edb_error *error)
{
	if (f->magic != CPK_MAGIC)
		return edb_fail(error, EDB_E_MAGIC, 0, "not a Confidential Package");
	if (f->version != 1)
		return edb_fail(
			error, EDB_E_FRAME_VERSION, 4, "frame version %u is unknown", f->version);
	if (f->flag != 0)
		return edb_fail(error, EDB_E_FRAME_FLAG, 6, "frame flag %u is unknown", f->flag);
	if (f->count == 0)
		return edb_fail(error, EDB_E_STREAM_COUNT, 8, "no streams");
	if (f->manifest_index >= f->count)
		return edb_fail(error, EDB_E_MANIFEST_INDEX, 10, "the manifest is stream %u of %u",
			f->manifest_index, f->count);
	if (f->manifest_type != 1)
		return edb_fail(error, EDB_E_MANIFEST_TYPE, 12, "manifest type %u is unknown",
			f->manifest_type);
	if (f->manifest_version != 1)
		return edb_fail(error, EDB_E_MANIFEST_VERSION, 14, "manifest version %u is unknown",
			f->manifest_version);
	return EDB_OK;
}

static enum edb_err read_frame(struct cpk_raw *raw, struct edb_error *error)
{
	uint8_t bytes[FRAME_BYTES];
	struct cursor c = {.base = bytes, .size = sizeof bytes};
	struct frame f;
	enum edb_err err;

	if (raw->file_bytes < FRAME_BYTES)
		return edb_fail(
			error, EDB_E_TRUNCATED, raw->file_bytes, "the file ends within its header");
	err = file_read_at(raw->fd, 0, bytes, sizeof bytes, error);
	if (err)
		return err;
	f.magic = cursor_u32(&c);
	f.version = cursor_u16(&c);
	f.flag = cursor_u16(&c);
	f.count = cursor_u16(&c);
	f.manifest_index = cursor_u16(&c);
	f.manifest_type = cursor_u16(&c);
	f.manifest_version = cursor_u16(&c);
	err = check_frame(&f, error);
	raw->count = f.count;
	raw->manifest_index = f.manifest_index;
	return err;
}

/* One entry of the table, with its offset from the origin, against the file. */
static enum edb_err place_stream(
	const struct cpk_raw *raw, unsigned index, struct stream *s, struct edb_error *error)
{
	uint64_t origin = FRAME_BYTES + (uint64_t)STREAM_ENTRY_BYTES * raw->count;
	uint64_t room = raw->file_bytes - origin;

	if (s->offset > room || s->size > room - s->offset) /* subtract: a sum could wrap */
		return edb_fail(error, EDB_E_STREAM_RANGE,
			FRAME_BYTES + (uint64_t)STREAM_ENTRY_BYTES * index,
			"stream %u lies outside of the file", index);
	s->offset += origin;
	return EDB_OK;
}

static enum edb_err read_table(struct cpk_raw *raw, struct edb_error *error)
{
	size_t bytes = (size_t)STREAM_ENTRY_BYTES * raw->count;
	struct cursor c = {.size = bytes};
	uint8_t *table = NULL;
	enum edb_err err;

	if (raw->file_bytes - FRAME_BYTES < bytes)
		return edb_fail(error, EDB_E_TRUNCATED, raw->file_bytes,
			"the file ends within its stream table");
	table = malloc(bytes);
	raw->table = calloc(raw->count, sizeof *raw->table);
	if (!table || !raw->table) {
		err = edb_fail(error, EDB_E_NOMEM, EDB_NO_OFFSET, "no memory");
		goto out;
	}
	err = file_read_at(raw->fd, FRAME_BYTES, table, bytes, error);
	c.base = table;
	for (unsigned i = 0; !err && i < raw->count; i++) {
		raw->table[i].offset = cursor_u64(&c);
		raw->table[i].size = cursor_u64(&c);
		err = place_stream(raw, i, &raw->table[i], error);
	}
out:
	free(table);
	return err;
}

static int by_offset(const void *a, const void *b)
{
	uint64_t x = ((const struct stream *)a)->offset, y = ((const struct stream *)b)->offset;

	return x < y ? -1 : x > y;
}

/* Empty streams share no bytes with anything, wherever they lie. */
static enum edb_err check_overlap(const struct cpk_raw *raw, struct edb_error *error)
{
	struct stream *sorted = calloc(raw->count, sizeof *sorted);
	enum edb_err err = EDB_OK;
	size_t count = 0;

	if (!sorted)
		return edb_fail(error, EDB_E_NOMEM, EDB_NO_OFFSET, "no memory");
	for (size_t i = 0; i < raw->count; i++)
		if (raw->table[i].size)
			sorted[count++] = raw->table[i];
	qsort(sorted, count, sizeof *sorted, by_offset);
	for (size_t i = 1; !err && i < count; i++)
		if (sorted[i].offset - sorted[i - 1].offset < sorted[i - 1].size)
			err = edb_fail(error, EDB_E_STREAM_OVERLAP, sorted[i].offset,
				"two streams share bytes");
	free(sorted);
	return err;
}

static enum edb_err read_manifest(struct cpk_raw *raw, struct edb_error *error)
{
	const struct stream *s = &raw->table[raw->manifest_index];
	enum edb_err err;

	if (s->size > CPK_MANIFEST_MAX)
		return edb_fail(error, EDB_E_LIMIT, s->offset, "the manifest is over 16 KiB");
	raw->manifest_size = (size_t)s->size;
	raw->manifest_bytes = malloc(raw->manifest_size ? raw->manifest_size : 1);
	if (!raw->manifest_bytes)
		return edb_fail(error, EDB_E_NOMEM, EDB_NO_OFFSET, "no memory");
	err = file_read_at(raw->fd, s->offset, raw->manifest_bytes, raw->manifest_size, error);
	if (err)
		return err;
	err = cpk_manifest_parse(raw->manifest_bytes, raw->manifest_size, &raw->manifest, error);
	if (err && error && error->offset != EDB_NO_OFFSET)
		error->offset += s->offset;
	return err;
}

enum edb_err cpk_open(int fd, struct cpk_raw **raw, struct edb_error *error)
{
	struct cpk_raw *made = NULL;
	struct stat st;
	enum edb_err err;

	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || st.st_size < 0)
		return edb_fail(error, EDB_E_ARG, EDB_NO_OFFSET, "not a regular file");
	made = calloc(1, sizeof *made);
	if (!made)
		return edb_fail(error, EDB_E_NOMEM, EDB_NO_OFFSET, "no memory");
	made->fd = fd;
	made->file_bytes = (uint64_t)st.st_size;
	err = read_frame(made, error);
	if (!err)
		err = read_table(made, error);
	if (!err)
		err = check_overlap(made, error);
	if (!err)
		err = read_manifest(made, error);
	if (!err)
		err = cpk_check_roles(made, error);
	if (err) {
		cpk_raw_free(made);
		return err;
	}
	*raw = made;
	return EDB_OK;
}

void cpk_raw_free(struct cpk_raw *raw)
{
	if (!raw)
		return;
	cpk_manifest_clear(&raw->manifest);
	free(raw->manifest_bytes);
	free(raw->table);
	free(raw);
}

const struct cpk_manifest *cpk_raw_manifest_borrow(const struct cpk_raw *raw)
{
	return &raw->manifest;
}

const uint8_t *cpk_raw_manifest_bytes_borrow(const struct cpk_raw *raw, size_t *size)
{
	*size = raw->manifest_size;
	return raw->manifest_bytes;
}

uint16_t cpk_raw_manifest_index(const struct cpk_raw *raw)
{
	return raw->manifest_index;
}

uint16_t cpk_raw_stream_count(const struct cpk_raw *raw)
{
	return raw->count;
}

uint64_t cpk_raw_stream_size(const struct cpk_raw *raw, uint16_t index)
{
	return index < raw->count ? raw->table[index].size : 0;
}

uint64_t cpk_raw_stream_offset(const struct cpk_raw *raw, uint16_t index)
{
	return index < raw->count ? raw->table[index].offset : 0;
}

enum edb_err cpk_raw_read_at(const struct cpk_raw *raw, uint16_t index, uint64_t offset,
	uint8_t *buffer, size_t size, struct edb_error *error)
{
	if (index >= raw->count)
		return edb_fail(error, EDB_E_STREAM_INDEX, EDB_NO_OFFSET, "no stream %u", index);
	const struct stream *s = &raw->table[index];
	if (offset > s->size || size > s->size - offset)
		return edb_fail(
			error, EDB_E_ARG, EDB_NO_OFFSET, "beyond the end of stream %u", index);
	if (index == raw->manifest_index) { /* what was parsed, even if the file has changed */
		struct cursor c = {.base = raw->manifest_bytes, .size = raw->manifest_size};

		cursor_take(&c, (size_t)offset);
		bytes_copy(buffer, cursor_take(&c, size), size);
		return EDB_OK;
	}
	return file_read_at(raw->fd, s->offset + offset, buffer, size, error);
}

enum edb_err cpk_raw_copy_stream(const struct cpk_raw *raw, uint16_t index, cpk_sink_fn sink,
	void *context, const struct cpk_progress *progress, struct edb_error *error)
{
	uint64_t size = cpk_raw_stream_size(raw, index), done = 0;
	uint8_t *block = NULL;
	enum edb_err err = EDB_OK;

	if (index >= raw->count)
		return edb_fail(error, EDB_E_STREAM_INDEX, EDB_NO_OFFSET, "no stream %u", index);
	block = malloc(CPK_BLOCK);
	if (!block)
		return edb_fail(error, EDB_E_NOMEM, EDB_NO_OFFSET, "no memory");
	while (!err && done < size) {
		size_t now = size - done < CPK_BLOCK ? (size_t)(size - done) : CPK_BLOCK;

		err = cpk_raw_read_at(raw, index, done, block, now, error);
		if (!err)
			err = sink(context, block, now, error);
		done += now;
		if (!err && progress && progress->tell)
			progress->tell(progress->context, done, size);
	}
	free(block);
	return err;
}

enum edb_err cpk_raw_claimed_digests(const struct cpk_raw *raw,
	uint8_t payload_digest[EDB_DIGEST_BYTES], uint8_t package_digest[EDB_DIGEST_BYTES],
	struct edb_error *error)
{
	const struct cpk_manifest *m = &raw->manifest;
	uint8_t payload[EDB_DIGEST_BYTES] = {0}, package[EDB_DIGEST_BYTES] = {0};
	enum edb_err err = EDB_OK;

	if ((payload_digest && !m->payload.dig.scheme) ||
		(package_digest && !m->package.dig.scheme))
		return edb_fail(
			error, EDB_E_UNSIGNED, EDB_NO_OFFSET, "the manifest names no such digest");
	if (payload_digest)
		err = cpk_raw_read_at(raw, m->payload.dig.data, 0, payload, sizeof payload, error);
	if (!err && package_digest)
		err = cpk_raw_read_at(raw, m->package.dig.data, 0, package, sizeof package, error);
	if (err)
		return err;
	if (payload_digest)
		bytes_copy(payload_digest, payload, sizeof payload);
	if (package_digest)
		bytes_copy(package_digest, package, sizeof package);
	return EDB_OK;
}
