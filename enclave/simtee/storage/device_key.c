/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include "object_file.h"

#define KEY_FILE      "device.key"
#define KEY_TEMPORARY "device.key.new"

static int any_object(void *context, const char *name)
{
	bool *any = context;

	*any |= strlen(name) == OBJECT_NAME_BYTES - 1;
	return 0;
}

static TEE_Result read_key(
	struct medium *medium, struct medium_file *file, uint8_t key[static STORAGE_KEY_BYTES])
{
	uint64_t size = 0;
	TEE_Result res = storage_result(medium->ops->size(medium, file, &size));

	if (!res && size != STORAGE_KEY_BYTES)
		res = TEE_ERROR_CORRUPT_OBJECT;
	return res ? res
		   : storage_result(medium->ops->read(medium, file, 0, key, STORAGE_KEY_BYTES));
}

static TEE_Result make_key(struct medium *medium, uint8_t key[static STORAGE_KEY_BYTES])
{
	uint8_t fresh[STORAGE_KEY_BYTES] = {0}; /* secret: wiped below */
	struct medium_file *file = NULL;
	int err = medium->ops->create(medium, KEY_TEMPORARY, &file);

	if (err)
		return storage_result(err);
	if (RAND_priv_bytes(fresh, sizeof fresh) != 1)
		err = EIO;
	if (!err)
		err = medium->ops->write(medium, file, 0, fresh, sizeof fresh);
	if (!err)
		err = medium->ops->sync(medium, file);
	medium->ops->close(medium, file);
	if (!err)
		err = medium->ops->rename(medium, KEY_TEMPORARY, KEY_FILE);
	if (!err)
		err = medium->ops->sync_folder(medium);
	if (!err)
		memcpy(key, fresh, sizeof fresh);
	OPENSSL_cleanse(fresh, sizeof fresh);
	return storage_result(err);
}

TEE_Result storage_device_key(struct medium *medium, uint8_t key[static STORAGE_KEY_BYTES])
{
	struct medium_file *file = NULL;
	bool objects = false;
	TEE_Result res = storage_result(medium->ops->open(medium, KEY_FILE, &file));

	if (!res) {
		res = read_key(medium, file, key);
		medium->ops->close(medium, file);
		return res;
	}
	if (res != TEE_ERROR_ITEM_NOT_FOUND)
		return res;
	res = storage_result(medium->ops->list(medium, any_object, &objects));
	if (!res && objects)
		res = TEE_ERROR_CORRUPT_OBJECT; /* a new key would open none of them */
	return res ? res : make_key(medium, key);
}
