/* SPDX-License-Identifier: MIT
 *
 * The image store of contract/image_store.h on OP-TEE: a pseudo-TA for the CPM, which makes quotes,
 * too, and a TA store from which OP-TEE loads what the CPM installed.
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
#include "quote.h"

#define RECORD_FORMAT 2u
#define ID_BYTES      16u

static const TEE_UUID cpm_uuid = EDB_CPM_UUID;
static const TEE_UUID own_uuid = EDB_IMAGE_STORE_UUID;

struct record {
	uint32_t format;
	uint32_t installed; /* 1: current and info count */
	struct edb_image_info info;
	TEE_UUID current, pending, old; /* names in the TA database; zeros: none */
};

/* One of the CPM's: at most one image under construction. */
struct session {
	struct tee_tadb_ta_write *writer; /* NULL: none */
	TEE_UUID name;
	struct edb_image_info info;
	struct image_check check;
};

/*
 * Held while a command runs and while an image is opened to be loaded: whoever is about to load is
 * in OP-TEE's list of instances by then, so that a commit either sees him or is over.
 */
static struct mutex store_mutex = MUTEX_INITIALIZER;

static TEE_Result unless_missing(TEE_Result res)
{
	return res == TEE_ERROR_ITEM_NOT_FOUND ? TEE_SUCCESS : res;
}

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
		return unless_missing(res);
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
	memset(s, 0, sizeof *s);
}

static bool id_is_reserved(const uint8_t id[ID_BYTES])
{
	TEE_UUID uuid = {0};

	tee_uuid_from_octets(&uuid, id);
	return !memcmp(&uuid, &cpm_uuid, sizeof uuid) || !memcmp(&uuid, &own_uuid, sizeof uuid);
}

/* The new name is in the record before there is anything under it: no litter without a trace. */
static TEE_Result image_begin(struct session *s, TEE_Param p[TEE_NUM_PARAMS])
{
	struct tee_tadb_property property = {0};
	struct edb_image_meta meta = {0};
	struct record record = {0};
	TEE_Result res;

	memcpy(&meta, p[0].memref.buffer, sizeof meta);
	construction_end(s);
	if (id_is_reserved(meta.id) || !meta.size)
		return TEE_ERROR_BAD_PARAMETERS;
	memset(meta.digest, 0, sizeof meta.digest);
	s->info.meta = meta;
	res = record_read(meta.id, &record);
	res = res ? res : crypto_rng_read(&s->name, sizeof s->name);
	if (res)
		return res;
	image_discard(&record.pending);
	image_discard(&record.old);
	memset(&record.old, 0, sizeof record.old);
	record.pending = s->name;
	property.uuid = s->name;
	property.bin_size = meta.size;
	res = record_write(meta.id, &record);
	return res ? res : tee_tadb_ta_create(&property, &s->writer);
}

static TEE_Result image_write(struct session *s, TEE_Param p[TEE_NUM_PARAMS])
{
	size_t size = p[0].memref.size;
	TEE_Result res = TEE_ERROR_OVERFLOW;

	if (!s->writer)
		return TEE_ERROR_BAD_STATE;
	if (size <= s->info.meta.size - s->check.size)
		res = tee_tadb_ta_write(s->writer, p[0].memref.buffer, size);
	if (res)
		construction_end(s);
	else
		image_check_bytes(&s->check, p[0].memref.buffer, size);
	return res;
}

static TEE_Result inspect(struct session *s)
{
	if (!s->writer || s->check.size != s->info.meta.size)
		return TEE_ERROR_BAD_STATE;
	return image_check_end(&s->check, s->info.meta.id, &s->info.memory_bytes);
}

static TEE_Result image_inspect(struct session *s, TEE_Param p[TEE_NUM_PARAMS])
{
	TEE_Result res = inspect(s);

	if (!res)
		memcpy(p[0].memref.buffer, &s->info, sizeof s->info);
	return res;
}

static TEE_Result image_commit(struct session *s, TEE_Param p[TEE_NUM_PARAMS])
{
	const uint8_t *id = s->info.meta.id;
	struct record record = {0};
	TEE_Result res = inspect(s);

	res = res ? res : record_read(id, &record);
	if (!res && instances(id))
		res = TEE_ERROR_BUSY;
	if (res)
		return res;
	record.old = record.current;
	record.current = s->name;
	memset(&record.pending, 0, sizeof record.pending);
	record.info = s->info;
	memcpy(record.info.meta.digest, p[0].memref.buffer, sizeof record.info.meta.digest);
	record.installed = 1;
	res = tee_tadb_ta_close_and_commit(s->writer);
	s->writer = NULL; /* whatever the answer was */
	res = res ? res : record_write(id, &record);
	if (!res)
		image_discard(&record.old);
	construction_end(s);
	return res;
}

static TEE_Result image_query(struct session *s __unused, TEE_Param p[TEE_NUM_PARAMS])
{
	const uint8_t *id = p[0].memref.buffer;
	struct record record = {0};
	TEE_Result res = record_read(id, &record);

	if (res || !record.installed)
		return res ? res : TEE_ERROR_ITEM_NOT_FOUND;
	record.info.loaded = instances(id);
	memcpy(p[1].memref.buffer, &record.info, sizeof record.info);
	return TEE_SUCCESS;
}

/* The application's own secure objects: a later image of this id inherits nothing. */
static TEE_Result erase_objects(const uint8_t id[ID_BYTES])
{
	struct tee_fs_dirent *entry = NULL;
	struct tee_fs_dir *dir = NULL;
	struct tee_pobj object = {0};
	TEE_Result res = TEE_SUCCESS;

	tee_uuid_from_octets(&object.uuid, id);
	while (!res) { /* the first one that is left, until there is none */
		res = ree_fs_ops.opendir(&object.uuid, &dir);
		if (res)
			break;
		res = ree_fs_ops.readdir(dir, &entry);
		if (!res) {
			object.obj_id = entry->oid;
			object.obj_id_len = entry->oidlen;
			res = ree_fs_ops.remove(&object);
		}
		ree_fs_ops.closedir(dir);
	}
	return unless_missing(res);
}

static TEE_Result image_delete(struct session *s __unused, TEE_Param p[TEE_NUM_PARAMS])
{
	const uint8_t *id = p[0].memref.buffer;
	struct tee_pobj object = record_object(id);
	struct record record = {0};
	TEE_Result res = record_read(id, &record);

	if (id_is_reserved(id)) /* own objects are all records, and the quote's key */
		return TEE_ERROR_BAD_PARAMETERS;
	if (!res && instances(id))
		res = TEE_ERROR_BUSY;
	if (!res && record.installed) { /* from here on it opens no more */
		record.installed = 0;
		res = record_write(id, &record);
	}
	res = res ? res : erase_objects(id);
	if (res)
		return res;
	image_discard(&record.current);
	image_discard(&record.pending);
	image_discard(&record.old);
	return unless_missing(ree_fs_ops.remove(&object));
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
#define ANY_SIZE SIZE_MAX /* up to EDB_IMAGE_WRITE_MAX */

/* By number; with types and sizes of both parameters. */
static const struct {
	TEE_Result (*run)(struct session *s, TEE_Param p[TEE_NUM_PARAMS]);
	uint32_t types;
	size_t first, second;
} commands[] = {
	[EDB_IMAGE_BEGIN] = {image_begin, TYPES(MEMREF_INPUT, NONE), sizeof(struct edb_image_meta)},
	[EDB_IMAGE_WRITE] = {image_write, TYPES(MEMREF_INPUT, NONE), ANY_SIZE},
	[EDB_IMAGE_COMMIT] = {image_commit, TYPES(MEMREF_INPUT, NONE), TEE_SHA256_HASH_SIZE},
	[EDB_IMAGE_QUERY] = {image_query, TYPES(MEMREF_INPUT, MEMREF_OUTPUT), ID_BYTES,
		sizeof(struct edb_image_info)},
	[EDB_IMAGE_DELETE] = {image_delete, TYPES(MEMREF_INPUT, NONE), ID_BYTES},
	[EDB_QUOTE_MAKE] = {quote_make, TYPES(MEMREF_INPUT, MEMREF_OUTPUT), EDB_QUOTE_NONCE_BYTES,
		EDB_QUOTE_BYTES_MAX},
	[EDB_QUOTE_PUBLIC_KEY] = {quote_public_key, TYPES(MEMREF_OUTPUT, NONE),
		EDB_QUOTE_SPKI_BYTES},
	[EDB_IMAGE_INSPECT] = {image_inspect, TYPES(MEMREF_OUTPUT, NONE),
		sizeof(struct edb_image_info)},
};

static bool fits(uint32_t command, uint32_t types, const TEE_Param p[TEE_NUM_PARAMS])
{
	if (command >= ARRAY_SIZE(commands) || !commands[command].run ||
		types != commands[command].types)
		return false;
	if (commands[command].first == ANY_SIZE)
		return p[0].memref.size <= EDB_IMAGE_WRITE_MAX;
	return p[0].memref.size == commands[command].first &&
	       p[1].memref.size == commands[command].second;
}

/* Parameters lie in memory of the CPM: open_session lets in nobody else. */
static TEE_Result invoke(
	void *context, uint32_t command, uint32_t types, TEE_Param params[TEE_NUM_PARAMS])
{
	TEE_Param bounced[TEE_NUM_PARAMS] = {0}, *mapped = NULL;
	TEE_Result res;

	if (!fits(command, types, params))
		return TEE_ERROR_BAD_PARAMETERS;
	res = to_bounce_params(types, params, bounced, &mapped);
	if (res)
		return res;
	mutex_lock(&store_mutex);
	res = commands[command].run(context, mapped);
	mutex_unlock(&store_mutex);
	return res ? res : from_bounce_params(types, params, bounced, mapped);
}

pseudo_ta_register(.uuid = EDB_IMAGE_STORE_UUID, .name = "edb", .flags = PTA_DEFAULT_FLAGS,
	.open_session_entry_point = open_session, .close_session_entry_point = close_session,
	.invoke_command_entry_point = invoke);

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
