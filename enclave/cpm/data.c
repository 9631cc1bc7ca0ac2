/* SPDX-License-Identifier: MIT */
#include "install.h"

struct chunk_name {
	uint8_t id[UUID_BYTES];
	uint32_t generation, number;
};

static struct chunk_name chunk_name(
	const uint8_t id[static UUID_BYTES], uint32_t generation, uint32_t number)
{
	struct chunk_name name = {.generation = generation, .number = number};

	TEE_MemMove(name.id, id, sizeof name.id);
	return name;
}

/* A chunk is born with its first bytes: one change of storage less. */
static TEE_Result chunk_begin(
	struct data_writer *writer, struct chunk_name name, const uint8_t *bytes, size_t size)
{
	TEE_Result res;

	data_close(writer);
	res = TEE_CreatePersistentObject(TEE_STORAGE_PRIVATE, &name, sizeof name,
		TEE_DATA_FLAG_ACCESS_WRITE | TEE_DATA_FLAG_OVERWRITE, TEE_HANDLE_NULL, bytes, size,
		&writer->chunk);
	return res ? res : TEE_SeekObjectData(writer->chunk, 0, TEE_DATA_SEEK_END);
}

enum edb_err data_write(struct data_writer *writer, const uint8_t id[static UUID_BYTES],
	uint32_t generation, const uint8_t *bytes, size_t size)
{
	TEE_Result res = TEE_SUCCESS;

	for (size_t at = 0, now; at < size && !res; at += now) {
		uint32_t chunk = (uint32_t)(writer->written / CHUNK_BYTES);
		uint32_t used = (uint32_t)(writer->written % CHUNK_BYTES);

		now = size - at < CHUNK_BYTES - used ? size - at : CHUNK_BYTES - used;
		res = used ? TEE_WriteObjectData(writer->chunk, &bytes[at], now)
			   : chunk_begin(
				     writer, chunk_name(id, generation, chunk), &bytes[at], now);
		writer->written += now;
	}
	return store_error(res);
}

void data_close(struct data_writer *writer)
{
	TEE_CloseObject(writer->chunk);
	writer->chunk = TEE_HANDLE_NULL;
}

/*
 * Chunks are made in ascending order and deleted in descending order, so that whatever a power cut
 * leaves is always 0 … n-1 and can be found without knowing n.
 */
enum edb_err data_erase(const uint8_t id[static UUID_BYTES], uint32_t generation)
{
	struct chunk_name name = chunk_name(id, generation, 0);
	enum edb_err err;

	while (!(err = store_exists(&name, sizeof name)))
		name.number++;
	if (err != EDB_E_NOT_FOUND)
		return err;
	err = EDB_OK;
	while (!err && name.number-- > 0)
		err = store_delete(&name, sizeof name);
	return err;
}
