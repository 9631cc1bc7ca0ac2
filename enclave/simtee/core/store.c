/* SPDX-License-Identifier: MIT
 *
 * The image store's commands.
 */
#include "store.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "elf_image.h"
#include "simtee/ta/ta_head.h"

#define IN   TEE_PARAM_TYPE_MEMREF_INPUT
#define OUT  TEE_PARAM_TYPE_MEMREF_OUTPUT
#define VOUT TEE_PARAM_TYPE_VALUE_OUTPUT

static const TEE_UUID store_uuid = EDB_IMAGE_STORE_UUID;
static const TEE_UUID cpm_uuid = EDB_CPM_UUID;

struct store_session {
	bool building;
	struct edb_image_meta meta;
	uint32_t generation, written;
	struct storage_handle *piece;          /* being written; NULL: none */
	uint32_t memory_bytes, flags, checked; /* checked: by check_image, and found good */
};

bool store_is_called(const TEE_UUID *uuid)
{
	return core_same_uuid(uuid, &store_uuid);
}

TEE_Result store_open(struct instance *caller, struct store_session **session)
{
	if (!core_same_uuid(&caller->uuid, &cpm_uuid))
		return TEE_ERROR_ACCESS_DENIED;
	*session = calloc(1, sizeof **session);
	return *session ? TEE_SUCCESS : TEE_ERROR_OUT_OF_MEMORY;
}

static TEE_Result close_piece(struct store_session *session)
{
	struct storage_handle *piece = session->piece;

	session->piece = NULL;
	return storage_object_close(piece);
}

/* What was written goes; if it cannot, the next start takes care of it. */
static void drop(struct core *core, struct store_session *session)
{
	(void)close_piece(session);
	if (session->building)
		(void)store_pieces_delete(core, session->meta.id, session->generation,
			store_piece_count(session->written));
	*session = (struct store_session){0};
}

void store_close(struct core *core, struct store_session *session)
{
	drop(core, session);
	free(session);
}

static TEE_Result begin(
	struct core *core, struct store_session *session, const struct edb_image_meta *meta)
{
	const TEE_UUID uuid = store_uuid_of(meta->id);

	if (session->building)
		return TEE_ERROR_BAD_STATE;
	/* Nobody takes the place of what belongs to the TEE itself. */
	if (early_has(core, &uuid) || store_is_called(&uuid) || core_same_uuid(&uuid, &cpm_uuid))
		return TEE_ERROR_ACCESS_DENIED;
	if (!meta->size)
		return TEE_ERROR_BAD_PARAMETERS;
	if (meta->size > SIMTEE_MEMORY_MAX)
		return TEE_ERROR_OVERFLOW;
	session->meta = *meta;
	memset(session->meta.digest, 0, sizeof session->meta.digest);
	session->generation = ++core->store_generation;
	session->building = true;
	return TEE_SUCCESS;
}

static TEE_Result append(
	struct core *core, struct store_session *session, const uint8_t *bytes, size_t size)
{
	TEE_Result res = TEE_SUCCESS;

	if (!session->building)
		return TEE_ERROR_BAD_STATE;
	if (size > session->meta.size - session->written)
		return TEE_ERROR_EXCESS_DATA;
	while (size && !res) {
		uint32_t in_piece = session->written % STORE_PIECE_BYTES;
		size_t now = STORE_PIECE_BYTES - in_piece;

		if (now > size)
			now = size;
		if (!in_piece)
			res = store_piece_create(core, session->meta.id, session->generation,
				session->written / STORE_PIECE_BYTES, &session->piece);
		if (!res)
			res = storage_object_write(session->piece, in_piece, bytes, now);
		if (res)
			break;
		session->written += (uint32_t)now;
		bytes += now;
		size -= now;
		if (session->written % STORE_PIECE_BYTES == 0)
			res = close_piece(session);
	}
	if (res) /* which of it is there is not known */
		drop(core, session);
	return res;
}

static TEE_Result check_bytes(
	struct core *core, struct store_session *session, const uint8_t *bytes, size_t size)
{
	const TEE_UUID uuid = store_uuid_of(session->meta.id);
	struct elf_image image;
	const char *wrong = elf_image_read(bytes, size, &image);

	if (!wrong && !core_same_uuid(&image.head.uuid, &uuid))
		wrong = "its UUID is not the id it is installed under";
	if (!wrong && (image.head.flags & TA_FLAG_INSTANCE_KEEP_ALIVE))
		wrong = "it asks to be kept alive";
	if (wrong) {
		core_log(core, "an image is refused: %s", wrong);
		return TEE_ERROR_BAD_FORMAT;
	}
	session->memory_bytes = image.memory_bytes;
	session->flags = image.head.flags;
	session->checked = 1;
	return TEE_SUCCESS;
}

/* Looks at what storage gives back, not at what was sent to it. */
static TEE_Result check_image(struct core *core, struct store_session *session)
{
	uint32_t size = session->meta.size;
	TEE_Result res;
	void *bytes;
	int fd;

	if (!session->building || session->written != size)
		return TEE_ERROR_BAD_STATE;
	if (session->checked)
		return TEE_SUCCESS;
	res = close_piece(session);
	if (!res)
		res = store_pieces_read(core, session->meta.id, session->generation, size, &fd);
	if (res)
		return res;
	bytes = mmap(NULL, size, PROT_READ, MAP_SHARED, fd, 0);
	close(fd);
	if (bytes == MAP_FAILED)
		return TEE_ERROR_OUT_OF_MEMORY;
	res = check_bytes(core, session, bytes, size);
	munmap(bytes, size);
	return res;
}

static TEE_Result commit(
	struct core *core, struct store_session *session, const uint8_t digest[static 32])
{
	const TEE_UUID uuid = store_uuid_of(session->meta.id);
	struct store_record old = {0}, record;
	const struct store_image *image;
	TEE_Result res = check_image(core, session);

	if (res)
		return res;
	if (instance_count(core, &uuid))
		return TEE_ERROR_BUSY;
	image = store_image_of(core, session->meta.id);
	if (image)
		old = image->record;
	record = (struct store_record){.meta = session->meta,
		.generation = session->generation,
		.memory_bytes = session->memory_bytes,
		.flags = session->flags};
	memcpy(record.meta.digest, digest, sizeof record.meta.digest);
	res = store_record_put(core, &record);
	if (res)
		return res;
	*session = (struct store_session){0};
	/* If this fails, the next start does it. */
	(void)store_pieces_delete(
		core, old.meta.id, old.generation, store_piece_count(old.meta.size));
	return TEE_SUCCESS;
}

static TEE_Result query(
	const struct core *core, const uint8_t id[static 16], struct edb_image_info *info)
{
	const struct store_image *image = store_image_of(core, id);
	const TEE_UUID uuid = store_uuid_of(id);

	if (!image || image->record.going)
		return TEE_ERROR_ITEM_NOT_FOUND;
	*info = (struct edb_image_info){.meta = image->record.meta,
		.memory_bytes = image->record.memory_bytes,
		.loaded = instance_count(core, &uuid)};
	for (const struct instance *i = core->instances; i; i = i->next)
		if (core_same_uuid(&i->uuid, &uuid) && i->generation != image->record.generation)
			info->stale = 1;
	return TEE_SUCCESS;
}

static TEE_Result delete_image(struct core *core, const uint8_t id[static 16])
{
	const TEE_UUID uuid = store_uuid_of(id);

	/* The CPM's own objects are not an application's that could be removed. */
	if (early_has(core, &uuid) || store_is_called(&uuid) || core_same_uuid(&uuid, &cpm_uuid))
		return TEE_ERROR_ACCESS_DENIED;
	return instance_count(core, &uuid) ? TEE_ERROR_BUSY : store_record_delete(core, id);
}

static TEE_Result inspect(
	struct core *core, struct store_session *session, struct edb_image_info *info)
{
	TEE_Result res = check_image(core, session);

	if (!res)
		*info = (struct edb_image_info){
			.meta = session->meta, .memory_bytes = session->memory_bytes};
	return res;
}

/* Parameters of each command; in: exact bytes of parameter 0, 0: any. */
static const struct {
	uint32_t types, in;
} commands[] = {
	[EDB_IMAGE_BEGIN] = {TEE_PARAM_TYPES(IN, 0, 0, 0), sizeof(struct edb_image_meta)},
	[EDB_IMAGE_WRITE] = {TEE_PARAM_TYPES(IN, 0, 0, 0), 0},
	[EDB_IMAGE_COMMIT] = {TEE_PARAM_TYPES(IN, 0, 0, 0), 32},
	[EDB_IMAGE_QUERY] = {TEE_PARAM_TYPES(IN, OUT, 0, 0), 16},
	[EDB_IMAGE_DELETE] = {TEE_PARAM_TYPES(IN, 0, 0, 0), 16},
	[EDB_IMAGE_INSPECT] = {TEE_PARAM_TYPES(OUT, 0, 0, 0), 0},
	[EDB_IMAGE_SPACE] = {TEE_PARAM_TYPES(VOUT, 0, 0, 0), 0},
};

static TEE_Result give_info(
	struct instance *caller, struct wire_param *p, const struct edb_image_info *info)
{
	if (!p->memory || p->size < sizeof *info) {
		p->size = sizeof *info;
		return TEE_ERROR_SHORT_BUFFER;
	}
	memcpy(caller->buffer + p->offset, info, sizeof *info);
	p->size = sizeof *info;
	return TEE_SUCCESS;
}

TEE_Result store_invoke(struct instance *caller, struct store_session *session, uint32_t command,
	uint32_t types, struct wire_param p[4])
{
	struct core *core = caller->core;
	/* The caller could change its buffer meanwhile: what is looked at is looked at once. */
	union {
		struct edb_image_meta meta;
		uint8_t id[16], digest[32];
	} in = {0};
	struct edb_image_info info = {0};
	const uint8_t *bytes;
	uint64_t space = 0;
	TEE_Result res;

	if (command >= sizeof commands / sizeof commands[0] || !commands[command].types)
		return TEE_ERROR_NOT_SUPPORTED;
	if (types != commands[command].types ||
		(commands[command].in && p[0].size != commands[command].in) ||
		(TEE_PARAM_TYPE_GET(types, 0) == IN && p[0].size && !p[0].memory))
		return TEE_ERROR_BAD_PARAMETERS;
	bytes = caller->buffer + p[0].offset;
	if (commands[command].in)
		memcpy(&in, bytes, commands[command].in);
	switch (command) {
	case EDB_IMAGE_BEGIN: return begin(core, session, &in.meta);
	case EDB_IMAGE_WRITE: return append(core, session, bytes, p[0].size);
	case EDB_IMAGE_COMMIT: return commit(core, session, in.digest);
	case EDB_IMAGE_QUERY:
		res = query(core, in.id, &info);
		return res ? res : give_info(caller, &p[1], &info);
	case EDB_IMAGE_DELETE: return delete_image(core, in.id);
	case EDB_IMAGE_INSPECT:
		res = inspect(core, session, &info);
		return res ? res : give_info(caller, &p[0], &info);
	default:
		res = storage_space(core->storage, &space);
		p[0].a = (uint32_t)space;
		p[0].b = (uint32_t)(space >> 32);
		return res;
	}
}

TEE_Result store_find(const struct core *core, const TEE_UUID *uuid, struct image_ref *image)
{
	const struct store_image *found;
	uint8_t id[16];

	store_id_of(uuid, id);
	found = store_image_of(core, id);
	if (!found || found->record.going)
		return TEE_ERROR_ITEM_NOT_FOUND;
	*image = (struct image_ref){.flags = found->record.flags,
		.memory_bytes = found->record.memory_bytes,
		.generation = found->record.generation};
	return TEE_SUCCESS;
}

TEE_Result store_read(struct core *core, const TEE_UUID *uuid, int *fd, uint64_t *size)
{
	const struct store_image *found;
	uint8_t id[16];

	store_id_of(uuid, id);
	found = store_image_of(core, id);
	if (!found)
		return TEE_ERROR_ITEM_NOT_FOUND;
	*size = found->record.meta.size;
	return store_pieces_read(core, id, found->record.generation, found->record.meta.size, fd);
}
