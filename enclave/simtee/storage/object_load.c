/* SPDX-License-Identifier: MIT
 *
 * An object's file read back: hostile bytes until each record has proven itself.
 */
#include "object_file.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#define PAYLOAD_MAX (STORAGE_DATA_MAX + META_BYTES + STORAGE_ATTR_MAX)

static bool all_zero(const uint8_t *bytes, size_t size)
{
	uint8_t any = 0;

	for (size_t i = 0; i < size; i++)
		any |= bytes[i];
	return !any;
}

static TEE_Result read_at(struct object_file *o, uint64_t offset, void *bytes, size_t size)
{
	struct medium *m = o->vault->medium;

	return storage_result(m->ops->read(m, o->file, offset, bytes, size));
}

/* A header that is none: blocks of a write that never reached the disk read as zeros. */
static TEE_Result only_zeros(struct object_file *o, bool *torn)
{
	uint64_t left = o->size - o->end;
	TEE_Result res = TEE_ERROR_CORRUPT_OBJECT;

	if (left <= RECORD_OVERHEAD + PAYLOAD_MAX)
		res = read_at(o, o->end, o->vault->scratch.bytes, (size_t)left);
	*torn = !res && all_zero(o->vault->scratch.bytes, (size_t)left);
	return *torn || res ? res : TEE_ERROR_CORRUPT_OBJECT;
}

/*
 * The next record, its payload decrypted in the scratch. *torn: what follows is no whole record but
 * the beginning of one, cut off by the end of the file or by zeros up to it. Anything else that
 * does not authenticate is damage.
 */
static TEE_Result next_record(struct object_file *o, struct record *record, bool *torn)
{
	uint8_t header[RECORD_HEADER_BYTES], *body = o->vault->scratch.bytes;
	uint64_t left = o->size - o->end;
	TEE_Result res;

	*torn = left < RECORD_OVERHEAD;
	if (*torn)
		return TEE_SUCCESS;
	res = read_at(o, o->end, header, sizeof header);
	if (res)
		return res;
	if (!record_header(&o->chain, header, record))
		return only_zeros(o, torn);
	if (record->size > PAYLOAD_MAX)
		return TEE_ERROR_CORRUPT_OBJECT;
	*torn = record->size > left - RECORD_OVERHEAD;
	if (*torn)
		return TEE_SUCCESS;
	if (o->vault->scratch.size < record->size)
		o->vault->scratch.size = record->size; /* this much plaintext to wipe */
	res = read_at(o, o->end + sizeof header, body, record->size + RECORD_TAG_BYTES);
	if (res || record_open(&o->chain, header, body, record->size))
		return res;
	*torn = left == RECORD_OVERHEAD + record->size &&
		all_zero(body + record->size, RECORD_TAG_BYTES);
	return *torn ? TEE_SUCCESS : TEE_ERROR_CORRUPT_OBJECT;
}

static void step(struct object_file *o, const struct record *record)
{
	chain_advance(&o->chain, o->vault->scratch.bytes + record->size);
	o->end += RECORD_OVERHEAD + record->size;
}

static bool get_id(const uint8_t *at, struct storage_id *id)
{
	uint32_t size = get_u32(at);

	if (size > STORAGE_ID_MAX)
		return false;
	*id = (struct storage_id){.size = size};
	memcpy(id->bytes, at + 4, size);
	return true;
}

static void get_owner(const uint8_t *at, TEE_UUID *owner)
{
	uint32_t middle = get_u32(at + 4);

	owner->timeLow = get_u32(at);
	owner->timeMid = (uint16_t)(middle >> 16);
	owner->timeHiAndVersion = (uint16_t)middle;
	memcpy(owner->clockSeqAndNode, at + 8, 8);
}

/* The first record; *created: records that the object was created with, and that must be there. */
static TEE_Result load_meta(struct object_file *o, uint32_t *created)
{
	const uint8_t *body = o->vault->scratch.bytes;
	struct record record = {0};
	bool torn = false;
	TEE_Result res = next_record(o, &record, &torn);

	if (res)
		return res;
	if (torn || record.kind != RECORD_META || record.size < META_BYTES ||
		record.size - META_BYTES > STORAGE_ATTR_MAX ||
		!get_id(body + META_OWNER_BYTES, &o->id))
		return TEE_ERROR_CORRUPT_OBJECT;
	get_owner(body, &o->owner);
	*created = get_u32(body + META_OWNER_BYTES + META_ID_BYTES) ? 2 : 1;
	if (secret_resize(&o->attr, record.size - META_BYTES))
		return TEE_ERROR_OUT_OF_MEMORY;
	if (o->attr.size)
		memcpy(o->attr.bytes, body + META_BYTES, o->attr.size);
	step(o, &record);
	return TEE_SUCCESS;
}

static TEE_Result apply_write(struct object_file *o, const struct record *record)
{
	size_t end = record->offset + (size_t)record->size;

	if (record->size > STORAGE_DATA_MAX || record->offset > STORAGE_DATA_MAX - record->size)
		return TEE_ERROR_CORRUPT_OBJECT;
	if (end > o->data.size && secret_resize(&o->data, end))
		return TEE_ERROR_OUT_OF_MEMORY;
	memcpy(o->data.bytes + record->offset, o->vault->scratch.bytes, record->size);
	return TEE_SUCCESS;
}

static TEE_Result apply_truncate(struct object_file *o, const struct record *record)
{
	if (record->size || record->offset > STORAGE_DATA_MAX)
		return TEE_ERROR_CORRUPT_OBJECT;
	return secret_resize(&o->data, record->offset) ? TEE_ERROR_OUT_OF_MEMORY : TEE_SUCCESS;
}

static bool name_fits(const struct object_file *o)
{
	char name[OBJECT_NAME_BYTES];

	object_name(o->vault, &o->owner, &o->id, name);
	return !strcmp(name, o->name);
}

/* *pending: a last record that was written for a renaming that did not come: it does not count. */
static TEE_Result apply_rename(struct object_file *o, const struct record *record, bool *pending)
{
	if (record->size != META_ID_BYTES)
		return TEE_ERROR_CORRUPT_OBJECT;
	*pending = o->end + RECORD_OVERHEAD + record->size == o->size && name_fits(o);
	if (!*pending && !get_id(o->vault->scratch.bytes, &o->id))
		return TEE_ERROR_CORRUPT_OBJECT;
	return TEE_SUCCESS;
}

static TEE_Result replay(struct object_file *o, uint32_t created)
{
	TEE_Result res = TEE_SUCCESS;
	bool stop = false;

	while (!res && o->end < o->size) {
		struct record record = {0};

		res = next_record(o, &record, &stop);
		if (res || stop)
			break;
		switch (record.kind) {
		case RECORD_WRITE: res = apply_write(o, &record); break;
		case RECORD_TRUNCATE: res = apply_truncate(o, &record); break;
		case RECORD_RENAME: res = apply_rename(o, &record, &stop); break;
		default: res = TEE_ERROR_CORRUPT_OBJECT; break;
		}
		if (res || stop)
			break;
		step(o, &record);
	}
	if (!res && (o->chain.place < created || !name_fits(o)))
		res = TEE_ERROR_CORRUPT_OBJECT;
	o->data_size = (uint32_t)o->data.size;
	o->loaded = true;
	return res;
}

/* The file opened, its first record read. */
static TEE_Result begin(
	struct vault *vault, const char *name, struct object_file **object, uint32_t *created)
{
	struct medium *m = vault->medium;
	struct object_file *o = calloc(1, sizeof *o);
	uint8_t prologue[FILE_PROLOGUE_BYTES];
	TEE_Result res = TEE_ERROR_OUT_OF_MEMORY;

	if (!o)
		return res;
	*object = o;
	o->vault = vault;
	memcpy(o->name, name, sizeof o->name);
	if (secret_reserve(&vault->scratch, RECORD_OVERHEAD + PAYLOAD_MAX))
		return res;
	res = storage_result(m->ops->open(m, name, &o->file));
	if (!res)
		res = storage_result(m->ops->size(m, o->file, &o->size));
	if (res)
		return res;
	if (o->size < sizeof prologue)
		return TEE_ERROR_CORRUPT_OBJECT;
	res = read_at(o, 0, prologue, sizeof prologue);
	if (res)
		return res;
	if (memcmp(prologue, FILE_MAGIC, FILE_MAGIC_BYTES))
		return TEE_ERROR_CORRUPT_OBJECT;
	if (!chain_init(&o->chain, vault->data_key, prologue + FILE_MAGIC_BYTES))
		return TEE_ERROR_OUT_OF_MEMORY;
	o->end = sizeof prologue;
	return load_meta(o, created);
}

static void wipe_scratch(struct vault *vault)
{
	(void)secret_resize(&vault->scratch, 0); /* smaller never fails */
}

TEE_Result object_load(struct vault *vault, const char *name, struct object_file **object)
{
	struct object_file *o = NULL;
	uint32_t created = 0;
	TEE_Result res = begin(vault, name, &o, &created);

	if (!res)
		res = replay(o, created);
	wipe_scratch(vault);
	if (res) {
		object_free(o);
		return res;
	}
	*object = o;
	return TEE_SUCCESS;
}

TEE_Result object_identify(
	struct vault *vault, const char *name, TEE_UUID *owner, struct storage_id *id)
{
	struct object_file *o = NULL;
	uint32_t created = 0;
	TEE_Result res = begin(vault, name, &o, &created);

	if (!res && !name_fits(o))
		res = replay(o, created);
	if (!res) {
		*owner = o->owner;
		*id = o->id;
	}
	wipe_scratch(vault);
	object_free(o);
	return res;
}
