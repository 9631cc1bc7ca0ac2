/* SPDX-License-Identifier: MIT */
#include "image_store_fake.h"

#include <stdlib.h>
#include <string.h>

#include <tee_internal_api.h>

#include "image_store.h"
#include "local.h"

#define SESSIONS_MAX 8
#define IMAGES_MAX   8

struct image {
	bool present, loaded;
	struct edb_image_meta meta;
	uint8_t *bytes;
};

static struct {
	bool open, building;
	struct edb_image_meta meta;
	uint8_t *bytes;
	uint32_t written;
} sessions[SESSIONS_MAX];
static struct image images[IMAGES_MAX];

static bool storage_is_old;

static struct image *find(const uint8_t id[16])
{
	for (int i = 0; i < IMAGES_MAX; i++)
		if (images[i].present && !memcmp(images[i].meta.id, id, 16))
			return &images[i];
	return NULL;
}

static TEE_Result store_open(uint32_t *session)
{
	for (uint32_t i = 0; i < SESSIONS_MAX; i++) {
		if (sessions[i].open)
			continue;
		sessions[i].open = true;
		*session = i;
		return TEE_SUCCESS;
	}
	return TEE_ERROR_BUSY;
}

static void drop(uint32_t session)
{
	free(sessions[session].bytes);
	sessions[session].bytes = NULL;
	sessions[session].building = false;
}

static void store_close(uint32_t session)
{
	drop(session);
	sessions[session].open = false;
}

static TEE_Result begin(uint32_t session, const TEE_Param *p)
{
	if (p->memref.size != sizeof sessions[session].meta || sessions[session].building)
		return TEE_ERROR_BAD_PARAMETERS;
	memcpy(&sessions[session].meta, p->memref.buffer, p->memref.size);
	/* It grows with what comes: the size is what a host says. */
	sessions[session].bytes = malloc(1);
	sessions[session].written = 0;
	sessions[session].building = true;
	return TEE_SUCCESS;
}

static TEE_Result write(uint32_t session, const TEE_Param *p)
{
	if (!sessions[session].building ||
		p->memref.size > sessions[session].meta.size - sessions[session].written)
		return TEE_ERROR_BAD_STATE;
	if (!simtee_local_change())
		return TEE_ERROR_STORAGE_NOT_AVAILABLE;
	sessions[session].bytes =
		realloc(sessions[session].bytes, sessions[session].written + p->memref.size + 1);
	memcpy(sessions[session].bytes + sessions[session].written, p->memref.buffer,
		p->memref.size);
	sessions[session].written += (uint32_t)p->memref.size;
	return TEE_SUCCESS;
}

static TEE_Result inspect(uint32_t session, struct edb_image_info *info)
{
	if (!sessions[session].building || sessions[session].written != sessions[session].meta.size)
		return TEE_ERROR_BAD_STATE;
	if (sessions[session].written < 8 || memcmp(sessions[session].bytes, IMAGE_MAGIC, 4))
		return TEE_ERROR_BAD_FORMAT;
	memset(info, 0, sizeof *info);
	info->meta = sessions[session].meta;
	memcpy(&info->memory_bytes, sessions[session].bytes + 4, 4);
	return TEE_SUCCESS;
}

static TEE_Result commit(uint32_t session, const TEE_Param *p)
{
	struct edb_image_info info;
	struct image *image;
	TEE_Result res = inspect(session, &info);

	if (res)
		return res;
	image = find(info.meta.id);
	if (image && image->loaded)
		return TEE_ERROR_BUSY;
	for (int i = 0; !image; i++)
		if (!images[i].present)
			image = &images[i];
	if (!simtee_local_change())
		return TEE_ERROR_STORAGE_NOT_AVAILABLE;
	free(image->bytes);
	*image = (struct image){
		.present = true, .meta = info.meta, .bytes = sessions[session].bytes};
	memcpy(image->meta.digest, p->memref.buffer, 32);
	sessions[session].bytes = NULL;
	sessions[session].building = false;
	return TEE_SUCCESS;
}

static TEE_Result query(TEE_Param params[4])
{
	struct edb_image_info info = {0};
	struct image *image = find(params[0].memref.buffer);

	if (!image)
		return TEE_ERROR_ITEM_NOT_FOUND;
	info.meta = image->meta;
	info.loaded = image->loaded;
	memcpy(params[1].memref.buffer, &info, sizeof info);
	return TEE_SUCCESS;
}

static TEE_Result delete_image(const TEE_Param *p)
{
	struct image *image = find(p->memref.buffer);

	if (!image)
		return TEE_SUCCESS;
	if (image->loaded)
		return TEE_ERROR_BUSY;
	if (!simtee_local_change())
		return TEE_ERROR_STORAGE_NOT_AVAILABLE;
	free(image->bytes);
	*image = (struct image){0};
	return TEE_SUCCESS;
}

static TEE_Result store_invoke(
	uint32_t session, uint32_t command, uint32_t types, TEE_Param params[4])
{
	(void)types;
	switch (command) {
	case EDB_IMAGE_BEGIN: return begin(session, params);
	case EDB_IMAGE_WRITE: return write(session, params);
	case EDB_IMAGE_COMMIT: return commit(session, params);
	case EDB_IMAGE_QUERY: return storage_is_old ? TEE_ERROR_SECURITY : query(params);
	case EDB_IMAGE_DELETE: return delete_image(params);
	case EDB_IMAGE_INSPECT: return inspect(session, params[0].memref.buffer);
	case EDB_IMAGE_SPACE:
		params[0].value.a = 1u << 20;
		params[0].value.b = 0;
		return TEE_SUCCESS;
	default: return TEE_ERROR_NOT_SUPPORTED;
	}
}

void image_store_fake_power_cut(void)
{
	for (uint32_t i = 0; i < SESSIONS_MAX; i++)
		store_close(i);
	for (int i = 0; i < IMAGES_MAX; i++)
		images[i].loaded = false;
}

const uint8_t *image_store_fake_image(uint8_t seed)
{
	static uint8_t bytes[IMAGE_BYTES];

	memset(bytes, seed, sizeof bytes);
	memcpy(bytes, IMAGE_MAGIC, 4);
	memcpy(bytes + 4, &(uint32_t){64 << 10}, 4);
	return bytes;
}

void image_store_fake_reset(void)
{
	static const struct simtee_local_peer peer = {
		.uuid = EDB_IMAGE_STORE_UUID,
		.open = store_open,
		.invoke = store_invoke,
		.close = store_close,
	};

	storage_is_old = false;
	image_store_fake_power_cut();
	for (int i = 0; i < IMAGES_MAX; i++) {
		free(images[i].bytes);
		images[i] = (struct image){0};
	}
	simtee_local_set_peer(&peer);
}

void image_store_fake_roll_back(bool rolled_back)
{
	storage_is_old = rolled_back;
}

void image_store_fake_load(const uint8_t id[16], bool loaded)
{
	struct image *image = find(id);

	if (image)
		image->loaded = loaded;
}

const uint8_t *image_store_fake_find(const uint8_t id[16], uint32_t *size)
{
	struct image *image = find(id);

	if (!image)
		return NULL;
	*size = image->meta.size;
	return image->bytes;
}

const uint8_t *image_store_fake_digest(const uint8_t id[16])
{
	struct image *image = find(id);

	return image ? image->meta.digest : NULL;
}

uint32_t image_store_fake_sessions(void)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < SESSIONS_MAX; i++)
		count += sessions[i].open;
	return count;
}
