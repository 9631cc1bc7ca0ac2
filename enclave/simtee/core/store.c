/* SPDX-License-Identifier: MIT
 *
 * The image store (contract/image_store.h): installed applications as encrypted objects of its own
 * in secure storage. One record per id says what is installed and in which generation of pieces it
 * lies; replacing that record is the atomic step. At start, pieces that no record names are
 * deleted.
 */
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#include "core.h"

#define PIECE_BYTES     (512u << 10)
#define FLAG_KEEP_ALIVE (1u << 4)

static const TEE_UUID store_uuid = EDB_IMAGE_STORE_UUID;
static const TEE_UUID cpm_uuid = EDB_CPM_UUID;

/* What the record holds. */
struct record {
	struct edb_image_meta meta;
	uint32_t generation, memory_bytes;
};

struct store_image {
	struct store_image *next;
	struct record record;
};

struct store_session {
	struct store_session *next;
	uint32_t number;
	bool building;
	struct edb_image_meta meta;
	uint8_t *bytes; /* malloc'ed: meta.size */
	uint32_t written;
};

/* 'm' id: the record; 'p' id generation number: a piece. */
static struct storage_id record_id(const uint8_t id[16])
{
	struct storage_id s = {.size = 17, .bytes = {'m'}};

	memcpy(s.bytes + 1, id, 16);
	return s;
}

static struct storage_id piece_id(const uint8_t id[16], uint32_t generation, uint32_t piece)
{
	struct storage_id s = {.size = 25, .bytes = {'p'}};

	memcpy(s.bytes + 1, id, 16);
	memcpy(s.bytes + 17, &generation, sizeof generation);
	memcpy(s.bytes + 21, &piece, sizeof piece);
	return s;
}

static struct store_image *find(const struct core *core, const uint8_t id[16])
{
	struct store_image *i = core->images;

	while (i && memcmp(i->record.meta.id, id, 16))
		i = i->next;
	return i;
}

static void uuid_to_bytes(const TEE_UUID *uuid, uint8_t id[16])
{
	for (int i = 0; i < 4; i++)
		id[i] = (uint8_t)(uuid->timeLow >> 8 * (3 - i));
	id[4] = (uint8_t)(uuid->timeMid >> 8);
	id[5] = (uint8_t)uuid->timeMid;
	id[6] = (uint8_t)(uuid->timeHiAndVersion >> 8);
	id[7] = (uint8_t)uuid->timeHiAndVersion;
	memcpy(id + 8, uuid->clockSeqAndNode, 8);
}

static TEE_UUID uuid_from_bytes(const uint8_t id[16])
{
	TEE_UUID uuid = {
		.timeLow = (uint32_t)id[0] << 24 | (uint32_t)id[1] << 16 | (uint32_t)id[2] << 8 |
			   id[3],
		.timeMid = (uint16_t)(id[4] << 8 | id[5]),
		.timeHiAndVersion = (uint16_t)(id[6] << 8 | id[7]),
	};

	memcpy(uuid.clockSeqAndNode, id + 8, 8);
	return uuid;
}

static TEE_Result write_object(
	struct core *core, const struct storage_id *id, const void *bytes, size_t size)
{
	struct storage_handle *handle = NULL;
	TEE_Result res = storage_object_create(core->storage, &store_uuid, id,
		TEE_DATA_FLAG_ACCESS_WRITE | TEE_DATA_FLAG_OVERWRITE, NULL, 0, bytes, size,
		&handle);

	return res ? res : storage_object_close(handle);
}

static TEE_Result read_object(
	struct core *core, const struct storage_id *id, void *bytes, size_t size)
{
	struct storage_handle *handle = NULL;
	size_t got = 0;
	TEE_Result res = storage_object_open(
		core->storage, &store_uuid, id, TEE_DATA_FLAG_ACCESS_READ, &handle);

	if (res)
		return res;
	res = storage_object_read(handle, 0, bytes, size, &got);
	(void)storage_object_close(handle);
	return res ? res : got == size ? TEE_SUCCESS : TEE_ERROR_CORRUPT_OBJECT;
}

static TEE_Result delete_object(struct core *core, const struct storage_id *id)
{
	struct storage_handle *handle = NULL;
	TEE_Result res = storage_object_open(
		core->storage, &store_uuid, id, TEE_DATA_FLAG_ACCESS_WRITE_META, &handle);

	if (res)
		return res == TEE_ERROR_ITEM_NOT_FOUND ? TEE_SUCCESS : res;
	return storage_object_delete(handle);
}

static TEE_Result delete_pieces(
	struct core *core, const uint8_t id[16], uint32_t generation, uint32_t size)
{
	TEE_Result res = TEE_SUCCESS;

	for (uint32_t i = 0; i * (uint64_t)PIECE_BYTES < size && !res; i++) {
		struct storage_id piece = piece_id(id, generation, i);

		res = delete_object(core, &piece);
	}
	return res;
}

static TEE_Result load_record(struct core *core, const struct storage_id *id)
{
	struct store_image *image = calloc(1, sizeof *image);
	TEE_Result res = TEE_ERROR_OUT_OF_MEMORY;

	if (image)
		res = read_object(core, id, &image->record, sizeof image->record);
	if (res) {
		free(image);
		return res;
	}
	image->next = core->images;
	core->images = image;
	return TEE_SUCCESS;
}

/* A piece of a generation that no record names is left over from a power cut. */
static bool is_leftover(const struct core *core, const struct storage_id *id)
{
	const struct store_image *image = find(core, id->bytes + 1);
	uint32_t generation;

	memcpy(&generation, id->bytes + 17, sizeof generation);
	return !image || image->record.generation != generation;
}

/* Records first: 'm' comes before 'p'. */
TEE_Result store_start(struct core *core)
{
	struct storage_id id, before;
	struct storage_info info;
	TEE_Result res = storage_next(core->storage, &store_uuid, NULL, &id, &info);

	while (!res) {
		if (id.bytes[0] == 'm')
			res = load_record(core, &id);
		else if (is_leftover(core, &id))
			res = delete_object(core, &id);
		if (res)
			return res;
		before = id;
		res = storage_next(core->storage, &store_uuid, &before, &id, &info);
	}
	return res == TEE_ERROR_ITEM_NOT_FOUND ? TEE_SUCCESS : res;
}

void store_stop(struct core *core)
{
	while (core->images) {
		struct store_image *next = core->images->next;

		free(core->images);
		core->images = next;
	}
}

TEE_Result store_load(struct core *core, const TEE_UUID *uuid, uint8_t **bytes, size_t *size)
{
	struct store_image *image;
	uint8_t id[16], *out;
	TEE_Result res = TEE_SUCCESS;

	uuid_to_bytes(uuid, id);
	image = find(core, id);
	if (!image)
		return TEE_ERROR_ITEM_NOT_FOUND;
	*size = image->record.meta.size;
	out = malloc(*size);
	if (!out)
		return TEE_ERROR_OUT_OF_MEMORY;
	for (uint32_t i = 0; i * (uint64_t)PIECE_BYTES < *size && !res; i++) {
		struct storage_id piece = piece_id(id, image->record.generation, i);
		size_t at = (size_t)i * PIECE_BYTES, left = *size - at;

		res = read_object(core, &piece, out + at, left < PIECE_BYTES ? left : PIECE_BYTES);
	}
	if (res) {
		OPENSSL_clear_free(out, *size);
		return res == TEE_ERROR_ITEM_NOT_FOUND ? TEE_ERROR_CORRUPT_OBJECT : res;
	}
	*bytes = out;
	return TEE_SUCCESS;
}

TEE_Result store_open(struct instance *caller, uint32_t *number)
{
	struct store_session *s;

	if (!core_same_uuid(&caller->uuid, &cpm_uuid))
		return TEE_ERROR_ACCESS_DENIED;
	s = calloc(1, sizeof *s);
	if (!s)
		return TEE_ERROR_OUT_OF_MEMORY;
	s->number = *number = ++caller->core->next_number;
	s->next = caller->store;
	caller->store = s;
	return TEE_SUCCESS;
}

static void drop_build(struct store_session *s)
{
	if (s->bytes)
		OPENSSL_clear_free(s->bytes, s->meta.size);
	s->bytes = NULL;
	s->building = false;
	s->written = 0;
}

static struct store_session *session_of(const struct instance *caller, uint32_t number)
{
	struct store_session *s = caller->store;

	while (s && s->number != number)
		s = s->next;
	return s;
}

bool store_has(const struct instance *caller, uint32_t number)
{
	return session_of(caller, number) != NULL;
}

bool store_close(struct instance *caller, uint32_t number)
{
	for (struct store_session **at = &caller->store; *at; at = &(*at)->next) {
		struct store_session *s = *at;

		if (s->number != number)
			continue;
		*at = s->next;
		drop_build(s);
		free(s);
		return true;
	}
	return false;
}

void store_close_all(struct instance *caller)
{
	while (caller->store)
		(void)store_close(caller, caller->store->number);
}

static uint32_t count_loaded(const struct core *core, const uint8_t id[16], bool stale)
{
	TEE_UUID uuid = uuid_from_bytes(id);
	uint32_t count = 0;

	for (const struct instance *i = core->instances; i; i = i->next)
		count += core_same_uuid(&i->uuid, &uuid) && (!stale || i->stale);
	return count;
}

static TEE_Result begin(struct store_session *s, const void *meta)
{
	uint8_t cpm[16], store[16];

	if (s->building)
		return TEE_ERROR_BAD_STATE;
	memcpy(&s->meta, meta, sizeof s->meta);
	uuid_to_bytes(&cpm_uuid, cpm);
	uuid_to_bytes(&store_uuid, store);
	if (!memcmp(s->meta.id, cpm, 16) || !memcmp(s->meta.id, store, 16))
		return TEE_ERROR_ACCESS_DENIED;
	if (!s->meta.size || s->meta.size > IMAGE_MAX)
		return TEE_ERROR_OVERFLOW;
	s->bytes = malloc(s->meta.size);
	if (!s->bytes)
		return TEE_ERROR_OUT_OF_MEMORY;
	s->building = true;
	return TEE_SUCCESS;
}

static TEE_Result append(struct store_session *s, const void *bytes, uint32_t size)
{
	if (!s->building)
		return TEE_ERROR_BAD_STATE;
	if (size > s->meta.size - s->written)
		return TEE_ERROR_EXCESS_DATA;
	memcpy(s->bytes + s->written, bytes, size);
	s->written += size;
	return TEE_SUCCESS;
}

static TEE_Result inspect(const struct store_session *s, uint32_t *memory)
{
	TEE_UUID uuid = uuid_from_bytes(s->meta.id);
	struct image image;
	const char *why;

	if (!s->building || s->written != s->meta.size)
		return TEE_ERROR_BAD_STATE;
	if (!image_read(s->bytes, s->meta.size, &image, &why) ||
		!core_same_uuid(&image.uuid, &uuid) || (image.flags & FLAG_KEEP_ALIVE))
		return TEE_ERROR_BAD_FORMAT;
	*memory = (uint32_t)image_memory(&image);
	return TEE_SUCCESS;
}

static TEE_Result write_pieces(
	struct core *core, const struct store_session *s, uint32_t generation)
{
	TEE_Result res = TEE_SUCCESS;

	for (uint32_t i = 0; i * (uint64_t)PIECE_BYTES < s->meta.size && !res; i++) {
		struct storage_id piece = piece_id(s->meta.id, generation, i);
		size_t at = (size_t)i * PIECE_BYTES, left = s->meta.size - at;

		res = write_object(
			core, &piece, s->bytes + at, left < PIECE_BYTES ? left : PIECE_BYTES);
	}
	return res;
}

static TEE_Result commit(struct core *core, struct store_session *s, const uint8_t digest[32])
{
	struct store_image *image = find(core, s->meta.id);
	struct storage_id id = record_id(s->meta.id);
	struct record old = image ? image->record : (struct record){0};
	struct record fresh = {.meta = s->meta, .generation = old.generation + 1};
	TEE_Result res = inspect(s, &fresh.memory_bytes);

	if (res)
		return res;
	if (count_loaded(core, s->meta.id, false))
		return TEE_ERROR_BUSY;
	memcpy(fresh.meta.digest, digest, sizeof fresh.meta.digest);
	if (!image) {
		image = calloc(1, sizeof *image);
		if (!image)
			return TEE_ERROR_OUT_OF_MEMORY;
	}
	res = write_pieces(core, s, fresh.generation);
	if (!res)
		res = write_object(core, &id, &fresh, sizeof fresh);
	if (res) {
		(void)delete_pieces(core, s->meta.id, fresh.generation, s->meta.size);
		if (!old.generation)
			free(image);
		return res;
	}
	image->record = fresh;
	if (!old.generation) {
		image->next = core->images;
		core->images = image;
	}
	(void)delete_pieces(core, s->meta.id, old.generation, old.meta.size);
	drop_build(s);
	return TEE_SUCCESS;
}

static TEE_Result query(struct core *core, const uint8_t id[16], struct edb_image_info *info)
{
	const struct store_image *image = find(core, id);

	if (!image)
		return TEE_ERROR_ITEM_NOT_FOUND;
	*info = (struct edb_image_info){
		.meta = image->record.meta,
		.memory_bytes = image->record.memory_bytes,
		.loaded = count_loaded(core, id, false),
		.stale = count_loaded(core, id, true) > 0,
	};
	return TEE_SUCCESS;
}

/* The record goes first: what is half deleted was never installed. */
static TEE_Result delete_image(struct core *core, const uint8_t id[16])
{
	struct store_image *image = find(core, id);
	struct storage_id record = record_id(id);
	TEE_UUID uuid = uuid_from_bytes(id);
	TEE_Result res;

	if (count_loaded(core, id, false))
		return TEE_ERROR_BUSY;
	res = delete_object(core, &record);
	if (!res && image)
		res = delete_pieces(core, id, image->record.generation, image->record.meta.size);
	if (res)
		return res;
	for (struct store_image **at = &core->images; *at; at = &(*at)->next) {
		if (*at != image)
			continue;
		*at = image->next;
		free(image);
		break;
	}
	return storage_erase(core->storage, &uuid);
}

/* The parameters that each command has. */
static const struct {
	uint32_t types, in_size, out_size; /* 0: any */
} commands[] = {
	[EDB_IMAGE_BEGIN] = {TEE_PARAM_TYPES(5, 0, 0, 0), sizeof(struct edb_image_meta), 0},
	[EDB_IMAGE_WRITE] = {TEE_PARAM_TYPES(5, 0, 0, 0), 0, 0},
	[EDB_IMAGE_COMMIT] = {TEE_PARAM_TYPES(5, 0, 0, 0), 32, 0},
	[EDB_IMAGE_ABORT] = {0, 0, 0},
	[EDB_IMAGE_QUERY] = {TEE_PARAM_TYPES(5, 6, 0, 0), 16, sizeof(struct edb_image_info)},
	[EDB_IMAGE_DELETE] = {TEE_PARAM_TYPES(5, 0, 0, 0), 16, 0},
	[EDB_IMAGE_INSPECT] = {TEE_PARAM_TYPES(6, 0, 0, 0), 0, sizeof(struct edb_image_info)},
	[EDB_IMAGE_SPACE] = {TEE_PARAM_TYPES(2, 0, 0, 0), 0, 0},
};

static bool fits(uint32_t command, const struct wire_params *params)
{
	for (int i = 0; i < 4; i++) {
		uint32_t type = TEE_PARAM_TYPE_GET(params->types, i);
		const struct wire_param *p = &params->p[i];

		if (type < TEE_PARAM_TYPE_MEMREF_INPUT)
			continue;
		if (p->offset > BUFFER_BYTES || p->size > BUFFER_BYTES - p->offset)
			return false;
		if (type == TEE_PARAM_TYPE_MEMREF_INPUT && commands[command].in_size &&
			p->size != commands[command].in_size)
			return false;
		if (type == TEE_PARAM_TYPE_MEMREF_OUTPUT && p->size != commands[command].out_size)
			return false;
	}
	return true;
}

TEE_Result store_invoke(
	struct instance *caller, uint32_t number, uint32_t command, struct wire_params *params)
{
	struct store_session *s = session_of(caller, number);
	struct core *core = caller->core;
	uint8_t *p0 = caller->buffer, *p1 = caller->buffer;
	struct edb_image_info info = {0};
	uint64_t space = 0;
	TEE_Result res;

	if (command >= sizeof commands / sizeof commands[0])
		return TEE_ERROR_NOT_SUPPORTED;
	if (params->types != commands[command].types || !fits(command, params))
		return TEE_ERROR_BAD_PARAMETERS;
	p0 += params->p[0].offset;
	p1 += params->p[1].offset;
	switch (command) {
	case EDB_IMAGE_BEGIN: return begin(s, p0);
	case EDB_IMAGE_WRITE: return append(s, p0, params->p[0].size);
	case EDB_IMAGE_COMMIT: return commit(core, s, p0);
	case EDB_IMAGE_ABORT: drop_build(s); return TEE_SUCCESS;
	case EDB_IMAGE_DELETE: return delete_image(core, p0);
	case EDB_IMAGE_QUERY:
		res = query(core, p0, &info);
		memcpy(p1, &info, sizeof info);
		return res;
	case EDB_IMAGE_INSPECT:
		info.meta = s->meta;
		memset(info.meta.digest, 0, sizeof info.meta.digest);
		res = inspect(s, &info.memory_bytes);
		memcpy(p0, &info, sizeof info);
		return res;
	default:
		res = storage_space(core->storage, &space);
		params->p[0].a = (uint32_t)space;
		params->p[0].b = (uint32_t)(space >> 32);
		return res;
	}
}
