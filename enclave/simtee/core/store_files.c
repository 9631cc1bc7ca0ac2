/* SPDX-License-Identifier: MIT
 *
 * The image store's objects in secure storage.
 */
#include "store.h"

#include <stdlib.h>
#include <string.h>

#include "sealed.h"

#define STORE_FORMAT 1u

static const TEE_UUID store_uuid = EDB_IMAGE_STORE_UUID;

void store_id_of(const TEE_UUID *uuid, uint8_t id[static 16])
{
	for (int i = 0; i < 4; i++)
		id[i] = (uint8_t)(uuid->timeLow >> 8 * (3 - i));
	id[4] = (uint8_t)(uuid->timeMid >> 8);
	id[5] = (uint8_t)uuid->timeMid;
	id[6] = (uint8_t)(uuid->timeHiAndVersion >> 8);
	id[7] = (uint8_t)uuid->timeHiAndVersion;
	memcpy(id + 8, uuid->clockSeqAndNode, 8);
}

TEE_UUID store_uuid_of(const uint8_t id[static 16])
{
	TEE_UUID uuid = {.timeLow = (uint32_t)id[0] << 24 | (uint32_t)id[1] << 16 |
				    (uint32_t)id[2] << 8 | id[3],
		.timeMid = (uint16_t)(id[4] << 8 | id[5]),
		.timeHiAndVersion = (uint16_t)(id[6] << 8 | id[7])};

	memcpy(uuid.clockSeqAndNode, id + 8, 8);
	return uuid;
}

static struct storage_id record_name(const uint8_t id[static 16])
{
	struct storage_id name = {.size = 17, .bytes = {'m'}};

	memcpy(name.bytes + 1, id, 16);
	return name;
}

static struct storage_id piece_name(
	const uint8_t id[static 16], uint32_t generation, uint32_t piece)
{
	struct storage_id name = {.size = 25, .bytes = {'p'}};

	memcpy(name.bytes + 1, id, 16);
	memcpy(name.bytes + 17, &generation, 4);
	memcpy(name.bytes + 21, &piece, 4);
	return name;
}

static TEE_Result delete_object(struct core *core, const struct storage_id *name)
{
	struct storage_handle *handle = NULL;
	TEE_Result res = storage_object_open(
		core->storage, &store_uuid, name, TEE_DATA_FLAG_ACCESS_WRITE_META, &handle);

	if (res)
		return res == TEE_ERROR_ITEM_NOT_FOUND ? TEE_SUCCESS : res;
	return storage_object_delete(handle);
}

static TEE_Result read_object(
	struct core *core, const struct storage_id *name, void *bytes, size_t size)
{
	struct storage_handle *handle = NULL;
	struct storage_info info;
	size_t got = 0;
	TEE_Result res = storage_object_open(
		core->storage, &store_uuid, name, TEE_DATA_FLAG_ACCESS_READ, &handle);

	if (res)
		return res == TEE_ERROR_ITEM_NOT_FOUND ? TEE_ERROR_CORRUPT_OBJECT : res;
	storage_object_info(handle, &info);
	res = TEE_ERROR_CORRUPT_OBJECT;
	if (info.data_size == size)
		res = storage_object_read(handle, 0, bytes, size, &got);
	(void)storage_object_close(handle);
	return res || got == size ? res : TEE_ERROR_CORRUPT_OBJECT;
}

uint32_t store_piece_count(uint32_t size)
{
	return size / STORE_PIECE_BYTES + !!(size % STORE_PIECE_BYTES);
}

TEE_Result store_piece_create(struct core *core, const uint8_t id[static 16], uint32_t generation,
	uint32_t piece, struct storage_handle **handle)
{
	struct storage_id name = piece_name(id, generation, piece);

	return storage_object_create(core->storage, &store_uuid, &name,
		TEE_DATA_FLAG_ACCESS_WRITE | TEE_DATA_FLAG_OVERWRITE, NULL, 0, NULL, 0, handle);
}

TEE_Result store_pieces_delete(
	struct core *core, const uint8_t id[static 16], uint32_t generation, uint32_t count)
{
	TEE_Result res = TEE_SUCCESS;

	for (uint32_t i = 0; i < count && !res; i++) {
		struct storage_id name = piece_name(id, generation, i);

		res = delete_object(core, &name);
	}
	return res;
}

TEE_Result store_pieces_read(
	struct core *core, const uint8_t id[static 16], uint32_t generation, uint32_t size, int *fd)
{
	struct sealed sealed;
	TEE_Result res = TEE_SUCCESS;

	if (!sealed_make(&sealed, size))
		return TEE_ERROR_OUT_OF_MEMORY;
	for (uint32_t i = 0; i < store_piece_count(size) && !res; i++) {
		struct storage_id name = piece_name(id, generation, i);
		uint32_t at = i * STORE_PIECE_BYTES, left = size - at;

		res = read_object(core, &name, sealed.bytes + at,
			left < STORE_PIECE_BYTES ? left : STORE_PIECE_BYTES);
	}
	if (res) {
		sealed_drop(&sealed);
		return res;
	}
	*fd = sealed_seal(&sealed);
	return *fd < 0 ? TEE_ERROR_OUT_OF_MEMORY : TEE_SUCCESS;
}

struct store_image *store_image_of(const struct core *core, const uint8_t id[static 16])
{
	struct store_image *image = core->store_images;

	while (image && memcmp(image->record.meta.id, id, 16))
		image = image->next;
	return image;
}

static TEE_Result write_record(struct core *core, const struct store_record *record)
{
	struct storage_id name = record_name(record->meta.id);
	struct storage_handle *handle = NULL;
	TEE_Result res = storage_object_create(core->storage, &store_uuid, &name,
		TEE_DATA_FLAG_ACCESS_WRITE | TEE_DATA_FLAG_OVERWRITE, NULL, 0, record,
		sizeof *record, &handle);

	return res ? res : storage_object_close(handle);
}

static struct store_image *add_image(struct core *core)
{
	struct store_image *image = calloc(1, sizeof *image);

	if (!image)
		return NULL;
	image->next = core->store_images;
	core->store_images = image;
	return image;
}

static void drop_image(struct core *core, struct store_image *image)
{
	struct store_image **at = &core->store_images;

	while (*at != image)
		at = &(*at)->next;
	*at = image->next;
	free(image);
}

TEE_Result store_record_put(struct core *core, const struct store_record *record)
{
	struct store_image *image = store_image_of(core, record->meta.id), *fresh = NULL;
	struct store_record out = *record;
	TEE_Result res;

	out.format = STORE_FORMAT;
	if (!image) {
		image = fresh = add_image(core);
		if (!image)
			return TEE_ERROR_OUT_OF_MEMORY;
	}
	res = write_record(core, &out);
	if (!res)
		image->record = out;
	else if (fresh)
		drop_image(core, fresh);
	return res;
}

TEE_Result store_record_delete(struct core *core, const uint8_t id[static 16])
{
	struct store_image *image = store_image_of(core, id);
	struct storage_id name = record_name(id);
	const TEE_UUID uuid = store_uuid_of(id);
	TEE_Result res = TEE_SUCCESS;

	if (image && !image->record.going) {
		struct store_record record = image->record;

		record.going = 1;
		res = store_record_put(core, &record);
	}
	if (!res)
		res = storage_erase(core->storage, &uuid);
	if (!res && image)
		res = store_pieces_delete(core, id, image->record.generation,
			store_piece_count(image->record.meta.size));
	if (!res)
		res = delete_object(core, &name);
	if (!res && image)
		drop_image(core, image);
	return res;
}

static TEE_Result read_record(struct core *core, const struct storage_id *name)
{
	struct store_record record;
	struct store_image *image;
	TEE_Result res = read_object(core, name, &record, sizeof record);

	/* A damaged record is no image; it stays where it is. */
	if (res == TEE_ERROR_CORRUPT_OBJECT || (!res && record.format != STORE_FORMAT)) {
		core_log(core, "an image's record is damaged");
		return TEE_SUCCESS;
	}
	if (res)
		return res;
	image = add_image(core);
	if (!image)
		return TEE_ERROR_OUT_OF_MEMORY;
	image->record = record;
	return TEE_SUCCESS;
}

/* A piece that belongs to nothing is what a power cut left. Generations are never used again. */
static TEE_Result check_piece(struct core *core, const struct storage_id *name)
{
	const struct store_image *image;
	uint32_t generation;

	if (name->size != 25)
		return TEE_SUCCESS;
	image = store_image_of(core, name->bytes + 1);
	memcpy(&generation, name->bytes + 17, 4);
	if (image && image->record.generation == generation)
		return TEE_SUCCESS;
	return delete_object(core, name);
}

/* Records come before pieces: 'm' before 'p'. */
static TEE_Result read_all(struct core *core)
{
	struct storage_id name, before;
	struct storage_info info;
	TEE_Result res = storage_next(core->storage, &store_uuid, NULL, &name, &info);

	while (!res || res == TEE_ERROR_CORRUPT_OBJECT) {
		TEE_Result one = TEE_SUCCESS;

		if (name.bytes[0] == 'm')
			one = read_record(core, &name);
		else if (!res)
			one = check_piece(core, &name);
		if (one)
			return one;
		before = name;
		res = storage_next(core->storage, &store_uuid, &before, &name, &info);
	}
	return res == TEE_ERROR_ITEM_NOT_FOUND ? TEE_SUCCESS : res;
}

TEE_Result store_start(struct core *core)
{
	TEE_Result res = read_all(core);

	for (struct store_image *i = core->store_images, *next; i && !res; i = next) {
		next = i->next;
		if (i->record.generation > core->store_generation)
			core->store_generation = i->record.generation;
		if (i->record.going)
			res = store_record_delete(core, i->record.meta.id);
	}
	return res;
}

void store_stop(struct core *core)
{
	while (core->store_images)
		drop_image(core, core->store_images);
}
