/* SPDX-License-Identifier: MIT
 *
 * The image store of contract/image_store.h on OP-TEE: a pseudo-TA for the CPM, and a TA store from
 * which OP-TEE loads what the CPM installed.
 *
 * The bytes lie in OP-TEE's TA database, each image under a random name that nobody else learns.
 * One record per id, replaced atomically, says which name is installed: that replacement is the
 * switch. A name in `pending` or `old` is litter, and is deleted when its id is next touched.
 */
#include <crypto/crypto.h>
#include <initcall.h>
#include <kernel/mutex.h>
#include <kernel/pseudo_ta.h>
#include <kernel/ts_store.h>
#include <stdlib.h>
#include <string.h>
#include <string_ext.h>
#include <tee/tadb.h>
#include <tee/tee_fs.h>
#include <tee/tee_pobj.h>
#include <tee/uuid.h>

#include "image_check.h"
#include "image_store.h"

#define RECORD_FORMAT 1u
#define ID_BYTES      16u

static const TEE_UUID cpm_uuid = EDB_CPM_UUID;
static const TEE_UUID own_uuid = EDB_IMAGE_STORE_UUID;

struct record {
	uint32_t format;
	uint32_t installed; /* 1: current and meta count */
	struct edb_image_meta meta;
	uint32_t memory_bytes;
	TEE_UUID current, pending, old; /* names in the TA database; zeros: none */
};

/* One of the CPM's: at most one image under construction. */
struct session {
	struct edb_image_meta meta; /* size 0: none is under construction */
	TEE_UUID name;
	struct tee_tadb_ta_write *writer; /* NULL: all is written and durable under name */
	uint32_t written;                 /* bytes */
	uint32_t memory_bytes;            /* not 0: checked */
};

/*
 * Held while a record changes and while an image is opened to be loaded: whoever is about to load
 * is in OP-TEE's list of instances by then, so that a commit either sees him or is over.
 */
static struct mutex store_mutex = MUTEX_INITIALIZER;

static struct tee_pobj record_object(const uint8_t id[ID_BYTES])
{
	return (struct tee_pobj){
		.uuid = own_uuid, .obj_id = (void *)(uintptr_t)id, .obj_id_len = ID_BYTES};
}

/* An id without a record reads as one that was never installed. */
static TEE_Result record_read(const uint8_t id[ID_BYTES], struct record *record)
{
	struct tee_pobj object = record_object(id);
	struct tee_file_handle *file = NULL;
	size_t size = sizeof *record;
	TEE_Result res = ree_fs_ops.open(&object, NULL, &file);

	memset(record, 0, sizeof *record);
	record->format = RECORD_FORMAT;
	if (res)
		return res == TEE_ERROR_ITEM_NOT_FOUND ? TEE_SUCCESS : res;
	res = ree_fs_ops.read(file, 0, record, NULL, &size);
	ree_fs_ops.close(&file);
	if (!res && (size != sizeof *record || record->format != RECORD_FORMAT))
		res = TEE_ERROR_CORRUPT_OBJECT;
	return res;
}

static TEE_Result record_write(const uint8_t id[ID_BYTES], const struct record *record)
{
	struct tee_pobj object = record_object(id);
	struct tee_file_handle *file = NULL;
	TEE_Result res = ree_fs_ops.create(
		&object, true, NULL, 0, NULL, 0, record, NULL, sizeof *record, &file);

	if (!res)
		ree_fs_ops.close(&file);
	return res;
}

static void image_discard(const TEE_UUID *name)
{
	/* Of a name that is gone already nothing is left, and there is nothing else to be done. */
	(void)tee_tadb_ta_delete(name);
}

static uint32_t instances(const uint8_t id[ID_BYTES])
{
	struct tee_ta_ctx *ctx = NULL;
	TEE_UUID uuid = {0};
	uint32_t count = 0;

	tee_uuid_from_octets(&uuid, id);
	mutex_lock(&tee_ta_mutex);
	TAILQ_FOREACH(ctx, &tee_ctxes, link)
	{
		if (!memcmp(&ctx->ts_ctx.uuid, &uuid, sizeof uuid))
			count++;
	}
	mutex_unlock(&tee_ta_mutex);
	return count;
}

/* --- what the CPM asks --- */

static void construction_end(struct session *s)
{
	if (s->writer)
		tee_tadb_ta_close_and_delete(s->writer);
	else if (s->meta.size)
		image_discard(&s->name);
	memset(s, 0, sizeof *s);
}

static bool id_is_reserved(const uint8_t id[ID_BYTES])
{
	TEE_UUID uuid = {0};

	tee_uuid_from_octets(&uuid, id);
	return !memcmp(&uuid, &cpm_uuid, sizeof uuid) || !memcmp(&uuid, &own_uuid, sizeof uuid);
}

/* The new name is in the record before there is anything under it: no litter without a trace. */
static TEE_Result image_begin(struct session *s, const struct edb_image_meta *meta)
{
	struct tee_tadb_property property = {.bin_size = meta->size};
	struct record record = {0};
	TEE_Result res;

	construction_end(s);
	if (id_is_reserved(meta->id) || !meta->size)
		return TEE_ERROR_BAD_PARAMETERS;
	res = crypto_rng_read(&s->name, sizeof s->name);
	if (res)
		return res;
	mutex_lock(&store_mutex);
	res = record_read(meta->id, &record);
	if (!res) {
		image_discard(&record.pending);
		image_discard(&record.old);
		memset(&record.old, 0, sizeof record.old);
		record.pending = s->name;
		res = record_write(meta->id, &record);
	}
	mutex_unlock(&store_mutex);
	property.uuid = s->name;
	if (!res)
		res = tee_tadb_ta_create(&property, &s->writer);
	if (!res)
		s->meta = *meta;
	return res;
}

static TEE_Result image_write(struct session *s, const void *bytes, size_t size)
{
	TEE_Result res;

	if (!s->writer)
		return TEE_ERROR_BAD_STATE;
	if (size > s->meta.size - s->written) {
		construction_end(s);
		return TEE_ERROR_OVERFLOW;
	}
	res = tee_tadb_ta_write(s->writer, bytes, size);
	if (res)
		construction_end(s);
	else
		s->written += size;
	return res;
}

/* All bytes are there: make them durable under their name, then look at what really was stored. */
static TEE_Result image_inspect(struct session *s)
{
	TEE_Result res;

	if (!s->meta.size || s->written != s->meta.size)
		return TEE_ERROR_BAD_STATE;
	if (s->memory_bytes)
		return TEE_SUCCESS;
	if (s->writer) {
		struct tee_tadb_ta_write *writer = s->writer;

		s->writer = NULL; /* closed by the next call, whatever it answers */
		res = tee_tadb_ta_close_and_commit(writer);
		if (res)
			return res;
	}
	return image_check(&s->name, s->meta.id, s->meta.size, &s->memory_bytes);
}

static TEE_Result image_commit(struct session *s, const uint8_t digest[sizeof s->meta.digest])
{
	struct record record = {0};
	TEE_Result res = image_inspect(s);

	if (res)
		return res;
	mutex_lock(&store_mutex);
	res = record_read(s->meta.id, &record);
	if (!res && instances(s->meta.id))
		res = TEE_ERROR_BUSY;
	if (!res) {
		record.old = record.current;
		record.current = s->name;
		memset(&record.pending, 0, sizeof record.pending);
		record.meta = s->meta;
		memcpy(record.meta.digest, digest, sizeof record.meta.digest);
		record.memory_bytes = s->memory_bytes;
		record.installed = 1;
		res = record_write(s->meta.id, &record);
	}
	mutex_unlock(&store_mutex);
	if (!res) {
		memset(s, 0, sizeof *s); /* it is installed now: nothing to end */
		image_discard(&record.old);
	}
	return res;
}

static TEE_Result image_query(const uint8_t id[ID_BYTES], struct edb_image_info *info)
{
	struct record record = {0};
	TEE_Result res;

	mutex_lock(&store_mutex);
	res = record_read(id, &record);
	mutex_unlock(&store_mutex);
	if (res)
		return res;
	if (!record.installed)
		return TEE_ERROR_ITEM_NOT_FOUND;
	*info = (struct edb_image_info){
		.meta = record.meta, .memory_bytes = record.memory_bytes, .loaded = instances(id)};
	return TEE_SUCCESS;
}

/* The application's own secure objects: a later image of this id inherits nothing. */
static TEE_Result erase_objects(const uint8_t id[ID_BYTES])
{
	struct tee_fs_dirent *entry = NULL;
	struct tee_fs_dir *dir = NULL;
	struct tee_pobj object = {0};
	TEE_UUID uuid = {0};
	TEE_Result res;

	tee_uuid_from_octets(&uuid, id);
	for (;;) {
		res = ree_fs_ops.opendir(&uuid, &dir);
		if (!res)
			res = ree_fs_ops.readdir(dir, &entry);
		if (!res) {
			object = (struct tee_pobj){
				.uuid = uuid, .obj_id = entry->oid, .obj_id_len = entry->oidlen};
			res = ree_fs_ops.remove(&object);
		}
		if (dir)
			ree_fs_ops.closedir(dir);
		dir = NULL;
		if (res)
			return res == TEE_ERROR_ITEM_NOT_FOUND ? TEE_SUCCESS : res;
	}
}

static TEE_Result image_delete(const uint8_t id[ID_BYTES])
{
	struct tee_pobj object = record_object(id);
	struct record record = {0};
	TEE_Result res;

	mutex_lock(&store_mutex);
	res = record_read(id, &record);
	if (!res && instances(id))
		res = TEE_ERROR_BUSY;
	if (!res && record.installed) { /* from here on it opens no more */
		record.installed = 0;
		res = record_write(id, &record);
	}
	if (!res)
		res = erase_objects(id);
	if (!res) {
		image_discard(&record.current);
		image_discard(&record.pending);
		image_discard(&record.old);
		res = ree_fs_ops.remove(&object);
		if (res == TEE_ERROR_ITEM_NOT_FOUND)
			res = TEE_SUCCESS;
	}
	mutex_unlock(&store_mutex);
	return res;
}

/* --- the pseudo-TA --- */

static bool caller_is_cpm(void)
{
	struct ts_session *caller = ts_get_calling_session(); /* NULL: the normal world */

	return caller && is_user_ta_ctx(caller->ctx) &&
	       !memcmp(&caller->ctx->uuid, &cpm_uuid, sizeof cpm_uuid);
}

static TEE_Result open_session(
	uint32_t types __unused, TEE_Param params[TEE_NUM_PARAMS] __unused, void **context)
{
	if (!caller_is_cpm())
		return TEE_ERROR_ACCESS_DENIED;
	*context = calloc(1, sizeof(struct session));
	return *context ? TEE_SUCCESS : TEE_ERROR_OUT_OF_MEMORY;
}

/* Also called after a refused open: then there is no context. */
static void close_session(void *context)
{
	if (!context)
		return;
	construction_end(context);
	free(context);
}

#define TYPES(a, b)                                                                                \
	TEE_PARAM_TYPES(                                                                           \
		TEE_PARAM_TYPE_##a, TEE_PARAM_TYPE_##b, TEE_PARAM_TYPE_NONE, TEE_PARAM_TYPE_NONE)

/* Types and sizes of each command; a size of 0: any up to EDB_IMAGE_WRITE_MAX. */
static const struct {
	uint32_t types;
	size_t first, second;
} shapes[] = {
	[EDB_IMAGE_BEGIN] = {TYPES(MEMREF_INPUT, NONE), sizeof(struct edb_image_meta), 0},
	[EDB_IMAGE_WRITE] = {TYPES(MEMREF_INPUT, NONE), 0, 0},
	[EDB_IMAGE_COMMIT] = {TYPES(MEMREF_INPUT, NONE), 32, 0},
	[EDB_IMAGE_ABORT] = {TYPES(NONE, NONE), 0, 0},
	[EDB_IMAGE_QUERY] = {TYPES(MEMREF_INPUT, MEMREF_OUTPUT), ID_BYTES,
		sizeof(struct edb_image_info)},
	[EDB_IMAGE_DELETE] = {TYPES(MEMREF_INPUT, NONE), ID_BYTES, 0},
	[EDB_IMAGE_INSPECT] = {TYPES(MEMREF_OUTPUT, NONE), sizeof(struct edb_image_info), 0},
};

static bool fits(uint32_t command, uint32_t types, const TEE_Param params[TEE_NUM_PARAMS])
{
	if (command >= ARRAY_SIZE(shapes) || types != shapes[command].types)
		return false;
	if (command == EDB_IMAGE_ABORT)
		return true;
	if (command == EDB_IMAGE_WRITE)
		return params[0].memref.size <= EDB_IMAGE_WRITE_MAX;
	return params[0].memref.size == shapes[command].first &&
	       (!shapes[command].second || params[1].memref.size == shapes[command].second);
}

static TEE_Result dispatch(struct session *s, uint32_t command, TEE_Param params[TEE_NUM_PARAMS])
{
	void *first = params[0].memref.buffer;
	struct edb_image_info info = {0};
	struct edb_image_meta meta = {0};
	TEE_Result res;

	switch (command) {
	case EDB_IMAGE_BEGIN: memcpy(&meta, first, sizeof meta); return image_begin(s, &meta);
	case EDB_IMAGE_WRITE: return image_write(s, first, params[0].memref.size);
	case EDB_IMAGE_COMMIT: return image_commit(s, first);
	case EDB_IMAGE_ABORT: construction_end(s); return TEE_SUCCESS;
	case EDB_IMAGE_DELETE: return image_delete(first);
	case EDB_IMAGE_QUERY:
		res = image_query(first, &info);
		if (!res)
			memcpy(params[1].memref.buffer, &info, sizeof info);
		return res;
	case EDB_IMAGE_INSPECT:
		res = image_inspect(s);
		info.meta = s->meta;
		info.memory_bytes = s->memory_bytes;
		if (!res)
			memcpy(first, &info, sizeof info);
		return res;
	default: return TEE_ERROR_NOT_SUPPORTED;
	}
}

/* Parameters lie in memory of the CPM: open_session lets in nobody else. */
static TEE_Result invoke(
	void *context, uint32_t command, uint32_t types, TEE_Param params[TEE_NUM_PARAMS])
{
	TEE_Param bounced[TEE_NUM_PARAMS] = {0}, *mapped = NULL;
	TEE_Result res, copied;

	if (!fits(command, types, params))
		return TEE_ERROR_BAD_PARAMETERS;
	res = to_bounce_params(types, params, bounced, &mapped);
	if (res)
		return res;
	res = dispatch(context, command, mapped);
	copied = from_bounce_params(types, params, bounced, mapped);
	return res ? res : copied;
}

pseudo_ta_register(.uuid = EDB_IMAGE_STORE_UUID, .name = "edb image store",
	.flags = PTA_DEFAULT_FLAGS, .open_session_entry_point = open_session,
	.close_session_entry_point = close_session, .invoke_command_entry_point = invoke);

/* --- where OP-TEE loads applications from --- */

/*
 * An application loads itself, and nothing else from here: OP-TEE's dlopen, and a library that an
 * image says it needs, would map another vendor's image into it, secrets and all.
 */
static bool loads_itself(const TEE_UUID *uuid)
{
	struct ts_session *loading = ts_get_current_session_may_fail();

	return loading && !memcmp(&loading->ctx->uuid, uuid, sizeof *uuid);
}

static TEE_Result store_open(const TEE_UUID *uuid, struct ts_store_handle **handle)
{
	struct tee_tadb_ta_read *image = NULL;
	uint8_t id[ID_BYTES] = {0};
	struct record record = {0};
	TEE_Result res;

	if (!loads_itself(uuid))
		return TEE_ERROR_ITEM_NOT_FOUND;
	tee_uuid_to_octets(id, uuid);
	mutex_lock(&store_mutex);
	res = record_read(id, &record);
	if (!res && !record.installed)
		res = TEE_ERROR_ITEM_NOT_FOUND;
	if (!res)
		res = tee_tadb_ta_open(&record.current, &image);
	mutex_unlock(&store_mutex);
	if (!res)
		*handle = (struct ts_store_handle *)image;
	return res;
}

static TEE_Result store_size(const struct ts_store_handle *handle, size_t *size)
{
	*size = tee_tadb_ta_get_property((struct tee_tadb_ta_read *)handle)->bin_size;
	return TEE_SUCCESS;
}

static TEE_Result store_tag(const struct ts_store_handle *handle, uint8_t *tag, unsigned int *size)
{
	return tee_tadb_get_tag((struct tee_tadb_ta_read *)handle, tag, size);
}

static TEE_Result store_read(struct ts_store_handle *handle, void *core, void *user, size_t size)
{
	size_t got = size;
	TEE_Result res = tee_tadb_ta_read((struct tee_tadb_ta_read *)handle, core, user, &got);

	return !res && got != size ? TEE_ERROR_BAD_PARAMETERS : res;
}

static void store_close(struct ts_store_handle *handle)
{
	if (handle)
		tee_tadb_ta_close((struct tee_tadb_ta_read *)handle);
}

/* After the early TAs, before OP-TEE's own stores. */
REGISTER_TA_STORE(3) = {
	.description = "Image store of the CPM",
	.open = store_open,
	.get_size = store_size,
	.get_tag = store_tag,
	.read = store_read,
	.close = store_close,
};
