/* SPDX-License-Identifier: MIT */
#include "data.h"

#include "store.h"

/* Name of a chunk: 'd', id, generation, number. */
static struct record_name chunk_name(
	const uint8_t id[static UUID_BYTES], uint32_t generation, uint32_t chunk)
{
	struct {
		uint8_t id[UUID_BYTES];
		uint32_t generation, chunk;
	} place = {.generation = generation, .chunk = chunk};

	TEE_MemMove(place.id, id, sizeof place.id);
	return record_name('d', &place, sizeof place);
}

/* A chunk is born with its first bytes: one change of storage less. */
static enum edb_err chunk_create(
	struct data_writer *writer, struct record_name name, const uint8_t *bytes, size_t size)
{
	TEE_Result res = TEE_CreatePersistentObject(TEE_STORAGE_PRIVATE, name.bytes, name.size,
		TEE_DATA_FLAG_ACCESS_WRITE | TEE_DATA_FLAG_OVERWRITE, TEE_HANDLE_NULL, bytes, size,
		&writer->chunk);

	if (!res)
		res = TEE_SeekObjectData(writer->chunk, 0, TEE_DATA_SEEK_END);
	if (res) {
		data_close(writer);
		return store_error(res);
	}
	writer->next_chunk++;
	writer->chunk_left = CHUNK_BYTES;
	return EDB_OK;
}

enum edb_err data_write(struct data_writer *writer, const uint8_t id[static UUID_BYTES],
	uint32_t generation, const uint8_t *bytes, size_t size)
{
	size_t now;

	for (size_t at = 0; at < size; at += now) {
		size_t room = writer->chunk_left ? writer->chunk_left : CHUNK_BYTES;
		enum edb_err err;

		now = size - at < room ? size - at : room;
		if (!writer->chunk_left)
			err = chunk_create(writer, chunk_name(id, generation, writer->next_chunk),
				&bytes[at], now);
		else
			err = store_error(TEE_WriteObjectData(writer->chunk, &bytes[at], now));
		if (err)
			return err;
		writer->chunk_left -= (uint32_t)now;
		if (!writer->chunk_left)
			data_close(writer);
	}
	return EDB_OK;
}

void data_close(struct data_writer *writer)
{
	TEE_CloseObject(writer->chunk);
	writer->chunk = TEE_HANDLE_NULL;
	writer->chunk_left = 0;
}

/*
 * Chunks are made in ascending order and deleted in descending order, so that whatever a power cut
 * leaves is always 0 … n-1 and can be found without knowing n.
 */
enum edb_err data_erase(const uint8_t id[static UUID_BYTES], uint32_t generation)
{
	uint32_t chunks = 0;
	enum edb_err err;

	while (!(err = store_exists(chunk_name(id, generation, chunks))))
		chunks++;
	if (err != EDB_E_NOT_FOUND)
		return err;
	err = EDB_OK;
	while (!err && chunks-- > 0)
		err = store_delete(chunk_name(id, generation, chunks));
	return err;
}
