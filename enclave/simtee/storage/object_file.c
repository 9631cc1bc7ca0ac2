/* SPDX-License-Identifier: MIT */
#include "object_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

/* Records may be this much longer than what they amount to, and twice as long besides. */
#define SLACK_BYTES      (256u << 10)
#define CACHED_BYTES_MAX (32u << 10)

TEE_Result storage_result(int err)
{
	switch (err) {
	case 0: return TEE_SUCCESS;
	case ENOENT: return TEE_ERROR_ITEM_NOT_FOUND;
	case ENOMEM: return TEE_ERROR_OUT_OF_MEMORY;
	case ENOSPC:
	case EDQUOT:
	case EFBIG: return TEE_ERROR_STORAGE_NO_SPACE;
	default: return TEE_ERROR_STORAGE_NOT_AVAILABLE;
	}
}

static bool derive(const uint8_t *key, const char *purpose, uint8_t *out)
{
	unsigned size = RECORD_KEY_BYTES;

	return HMAC(EVP_sha256(), key, STORAGE_KEY_BYTES, (const uint8_t *)purpose, strlen(purpose),
		       out, &size) != NULL;
}

bool vault_init(struct vault *vault, struct medium *medium,
	const uint8_t device_key[static STORAGE_KEY_BYTES])
{
	*vault = (struct vault){.medium = medium};
	if (derive(device_key, "simtee storage 1: names", vault->name_key) &&
		derive(device_key, "simtee storage 1: data", vault->data_key))
		return true;
	vault_clear(vault);
	return false;
}

void vault_clear(struct vault *vault)
{
	secret_clear(&vault->scratch);
	OPENSSL_cleanse(vault, sizeof *vault);
}

TEE_Result vault_sync(struct vault *vault)
{
	int err = vault->medium->ops->sync_folder(vault->medium);

	if (err)
		vault->failed = true;
	return storage_result(err);
}

void put_owner(uint8_t *at, const TEE_UUID *owner)
{
	put_u32(at, owner->timeLow);
	put_u32(at + 4, (uint32_t)owner->timeMid << 16 | owner->timeHiAndVersion);
	memcpy(at + 8, owner->clockSeqAndNode, 8);
}

void put_id(uint8_t *at, const struct storage_id *id)
{
	memset(at, 0, META_ID_BYTES);
	put_u32(at, id->size);
	memcpy(at + 4, id->bytes, id->size);
}

void object_name(const struct vault *vault, const TEE_UUID *owner, const struct storage_id *id,
	char name[static OBJECT_NAME_BYTES])
{
	static const char digits[] = "0123456789abcdef";
	uint8_t message[META_OWNER_BYTES + META_ID_BYTES], mac[EVP_MAX_MD_SIZE] = {0};
	unsigned size = sizeof mac;

	put_owner(message, owner);
	put_id(message + META_OWNER_BYTES, id);
	HMAC(EVP_sha256(), vault->name_key, RECORD_KEY_BYTES, message, sizeof message, mac, &size);
	for (size_t i = 0; i < (OBJECT_NAME_BYTES - 1) / 2; i++) {
		name[2 * i] = digits[mac[i] >> 4];
		name[2 * i + 1] = digits[mac[i] & 15];
	}
	name[OBJECT_NAME_BYTES - 1] = 0;
}

static TEE_Result sync_file(struct object_file *o)
{
	int err = o->vault->medium->ops->sync(o->vault->medium, o->file);

	if (err)
		o->vault->failed = true;
	return storage_result(err);
}

void object_free(struct object_file *object)
{
	if (!object)
		return;
	if (object->file)
		object->vault->medium->ops->close(object->vault->medium, object->file);
	chain_clear(&object->chain);
	secret_clear(&object->attr);
	secret_clear(&object->data);
	free(object);
}

/* What a new file holds, sealed into the vault's scratch; o->end is its size. */
static TEE_Result seal_file(struct object_file *o, const void *attr, size_t attr_size,
	const void *data, size_t data_size)
{
	struct vault *vault = o->vault;
	uint8_t meta[META_BYTES], *salt, *at;
	size_t meta_size = RECORD_OVERHEAD + META_BYTES + attr_size;

	if (secret_reserve(
		    &vault->scratch, FILE_PROLOGUE_BYTES + meta_size + RECORD_OVERHEAD + data_size))
		return TEE_ERROR_OUT_OF_MEMORY;
	memcpy(vault->scratch.bytes, FILE_MAGIC, FILE_MAGIC_BYTES);
	salt = vault->scratch.bytes + FILE_MAGIC_BYTES;
	at = salt + RECORD_SALT_BYTES;
	if (RAND_bytes(salt, RECORD_SALT_BYTES) != 1 ||
		!chain_init(&o->chain, vault->data_key, salt))
		return TEE_ERROR_OUT_OF_MEMORY;
	put_owner(meta, &o->owner);
	put_id(meta + META_OWNER_BYTES, &o->id);
	put_u32(meta + META_OWNER_BYTES + META_ID_BYTES, (uint32_t)data_size);
	if (!record_seal(&o->chain, RECORD_META, 0, meta, sizeof meta, attr, attr_size, at))
		return TEE_ERROR_OUT_OF_MEMORY;
	at += meta_size;
	chain_advance(&o->chain, at - RECORD_TAG_BYTES);
	if (data_size) {
		if (!record_seal(&o->chain, RECORD_WRITE, 0, data, data_size, NULL, 0, at))
			return TEE_ERROR_OUT_OF_MEMORY;
		at += RECORD_OVERHEAD + data_size;
		chain_advance(&o->chain, at - RECORD_TAG_BYTES);
	}
	o->end = o->size = (uint64_t)(at - vault->scratch.bytes);
	return TEE_SUCCESS;
}

/* Sealed file to the medium, under a temporary name, then under its own. */
static TEE_Result put_file(struct object_file *o)
{
	struct medium *m = o->vault->medium;
	int err = m->ops->create(m, OBJECT_TEMPORARY, &o->file);

	if (err)
		return storage_result(err);
	err = m->ops->write(m, o->file, 0, o->vault->scratch.bytes, (size_t)o->end);
	if (!err)
		err = m->ops->sync(m, o->file);
	if (!err)
		err = m->ops->rename(m, OBJECT_TEMPORARY, o->name);
	if (err) {
		m->ops->remove(m, OBJECT_TEMPORARY); /* or at the next start */
		return storage_result(err);
	}
	return vault_sync(o->vault);
}

TEE_Result object_create(struct vault *vault, const TEE_UUID *owner, const struct storage_id *id,
	const void *attr, size_t attr_size, const void *data, size_t data_size,
	struct object_file **object)
{
	struct object_file *o;
	TEE_Result res = TEE_ERROR_OUT_OF_MEMORY;

	if (vault->failed)
		return TEE_ERROR_STORAGE_NOT_AVAILABLE;
	if (attr_size > STORAGE_ATTR_MAX || data_size > STORAGE_DATA_MAX)
		return TEE_ERROR_STORAGE_NO_SPACE;
	o = calloc(1, sizeof *o);
	if (!o)
		return res;
	o->vault = vault;
	o->owner = *owner;
	o->id = *id;
	o->data_size = (uint32_t)data_size;
	o->loaded = !data_size;
	object_name(vault, owner, id, o->name);
	if (secret_resize(&o->attr, attr_size))
		goto out;
	if (attr_size)
		memcpy(o->attr.bytes, attr, attr_size);
	res = seal_file(o, attr, attr_size, data, data_size);
	if (!res)
		res = put_file(o);
out:
	if (res) {
		object_free(o);
		return res;
	}
	*object = o;
	return TEE_SUCCESS;
}

TEE_Result object_ensure_loaded(struct object_file *object)
{
	struct object_file *fresh = NULL;
	TEE_Result res;

	if (object->loaded)
		return TEE_SUCCESS;
	res = object_load(object->vault, object->name, &fresh);
	if (res)
		return res;
	if (fresh->end == object->end &&
		!CRYPTO_memcmp(fresh->chain.tag, object->chain.tag, RECORD_TAG_BYTES)) {
		object->data = fresh->data;
		fresh->data = (struct secret){0};
		object->loaded = true;
	} else {
		res = TEE_ERROR_CORRUPT_OBJECT; /* somebody else writes to the folder */
	}
	object_free(fresh);
	return res;
}

/* The same object in a new file without history. */
static TEE_Result compact(struct object_file *o)
{
	struct object_file *fresh = NULL;
	TEE_Result res = object_ensure_loaded(o);

	if (!res)
		res = object_create(o->vault, &o->owner, &o->id, o->attr.bytes, o->attr.size,
			o->data.bytes, o->data.size, &fresh);
	if (res)
		return res;

	struct object_file old = *o;

	o->file = fresh->file;
	o->chain = fresh->chain;
	o->end = fresh->end;
	o->size = fresh->size;
	o->dirty = false;
	fresh->file = old.file;
	fresh->chain = old.chain;
	OPENSSL_cleanse(&old, sizeof old);
	object_free(fresh);
	return TEE_SUCCESS;
}

/* One record behind the others. What a failed write left there goes first, for good: a torn record
 * of ours on top of its remains must not look like damage. */
static TEE_Result write_record(struct object_file *o, enum record_kind kind, uint32_t offset,
	const void *payload, size_t size)
{
	struct medium *m = o->vault->medium;
	size_t length = RECORD_OVERHEAD + size;
	TEE_Result res;

	if (o->size > o->end) {
		res = storage_result(m->ops->truncate(m, o->file, o->end));
		if (!res)
			res = sync_file(o);
		if (res)
			return res;
		o->size = o->end;
	}
	if (secret_reserve(&o->vault->scratch, length) ||
		!record_seal(
			&o->chain, kind, offset, payload, size, NULL, 0, o->vault->scratch.bytes))
		return TEE_ERROR_OUT_OF_MEMORY;
	o->size = o->end + length;
	return storage_result(m->ops->write(m, o->file, o->end, o->vault->scratch.bytes, length));
}

/* The record that write_record wrote counts from now on. */
static void accept_record(struct object_file *o)
{
	size_t length = (size_t)(o->size - o->end);

	chain_advance(&o->chain, o->vault->scratch.bytes + length - RECORD_TAG_BYTES);
	o->end = o->size;
}

static TEE_Result append(struct object_file *o, enum record_kind kind, uint32_t offset,
	const void *payload, size_t size, uint32_t data_size)
{
	uint64_t useful = o->attr.size + (data_size > o->data_size ? data_size : o->data_size);
	TEE_Result res = TEE_SUCCESS;

	if (o->vault->failed)
		return TEE_ERROR_STORAGE_NOT_AVAILABLE;
	if (o->end + RECORD_OVERHEAD + size > 2 * useful + SLACK_BYTES)
		res = compact(o);
	if (res && res != TEE_ERROR_STORAGE_NO_SPACE) /* the small record may still find room */
		return res;
	res = write_record(o, kind, offset, payload, size);
	if (res)
		return res;
	accept_record(o);
	o->dirty = true;
	return TEE_SUCCESS;
}

TEE_Result object_read(
	struct object_file *object, uint32_t offset, void *data, size_t size, size_t *got)
{
	TEE_Result res = object_ensure_loaded(object);
	size_t left;

	if (res)
		return res;
	left = offset < object->data.size ? object->data.size - offset : 0;
	*got = size < left ? size : left;
	if (*got)
		memcpy(data, object->data.bytes + offset, *got);
	return TEE_SUCCESS;
}

TEE_Result object_write(struct object_file *object, uint32_t offset, const void *data, size_t size)
{
	uint32_t end;
	TEE_Result res;

	if (size > STORAGE_DATA_MAX || offset > STORAGE_DATA_MAX - size)
		return TEE_ERROR_STORAGE_NO_SPACE;
	if (!size)
		return TEE_SUCCESS;
	end = offset + (uint32_t)size;
	if (end < object->data_size)
		end = object->data_size;
	/* Who writes this much seldom reads it back, and a copy that grows costs more than reading.
	 */
	if (end > CACHED_BYTES_MAX) {
		secret_clear(&object->data);
		object->loaded = false;
	}
	if (object->loaded && secret_reserve(&object->data, end))
		return TEE_ERROR_OUT_OF_MEMORY;
	res = append(object, RECORD_WRITE, offset, data, size, end);
	if (res)
		return res;
	object->data_size = end;
	if (object->loaded) {
		/* compact() may have loaded it just now, without the room */
		if (secret_resize(&object->data, end)) {
			object->loaded = false;
			secret_clear(&object->data);
			return TEE_SUCCESS;
		}
		memcpy(object->data.bytes + offset, data, size);
	}
	return TEE_SUCCESS;
}

TEE_Result object_truncate(struct object_file *object, uint32_t size)
{
	TEE_Result res;

	if (size > STORAGE_DATA_MAX)
		return TEE_ERROR_STORAGE_NO_SPACE;
	if (size == object->data_size)
		return TEE_SUCCESS;
	res = append(object, RECORD_TRUNCATE, size, NULL, 0, size);
	if (res)
		return res;
	object->data_size = size;
	if (object->loaded && secret_resize(&object->data, size)) {
		object->loaded = false;
		secret_clear(&object->data);
	}
	return TEE_SUCCESS;
}

TEE_Result object_sync(struct object_file *object)
{
	TEE_Result res = TEE_SUCCESS;

	if (object->dirty)
		res = sync_file(object);
	if (!res)
		object->dirty = false;
	return res;
}

TEE_Result object_rename(struct object_file *object, const struct storage_id *id)
{
	struct medium *m = object->vault->medium;
	uint8_t payload[META_ID_BYTES];
	char name[OBJECT_NAME_BYTES];
	TEE_Result res;

	if (object->vault->failed)
		return TEE_ERROR_STORAGE_NOT_AVAILABLE;
	object_name(object->vault, &object->owner, id, name);
	put_id(payload, id);
	/* The new id is in the file before the file has the new name; until then it does not count.
	 */
	res = write_record(object, RECORD_RENAME, 0, payload, sizeof payload);
	if (!res)
		res = sync_file(object);
	if (!res)
		res = storage_result(m->ops->rename(m, object->name, name));
	if (res)
		return res;
	accept_record(object);
	object->dirty = false;
	object->id = *id;
	memcpy(object->name, name, sizeof name);
	return vault_sync(object->vault);
}

TEE_Result object_remove(struct vault *vault, const char *name)
{
	if (vault->failed)
		return TEE_ERROR_STORAGE_NOT_AVAILABLE;
	return storage_result(vault->medium->ops->remove(vault->medium, name));
}
