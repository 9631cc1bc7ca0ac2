/* SPDX-License-Identifier: MIT */
#include "life.h"

#include <tee_internal_api.h>

#include "call.h"
#include "deploy.h"
#include "image.h"
#include "install.h"
#include "keyring.h"
#include "ledger.h"
#include "policy.h"

static bool loaded;

/*
 * The image store is asked first: where storage was put back to an older state, or cannot be read
 * at all, it says so, while opening an object here would end the CPM before anybody could be told.
 */
static enum edb_err load(void)
{
	static const uint8_t nobody[UUID_BYTES];
	struct edb_image_info info = {0};
	enum edb_err err = image_query(nobody, &info);

	if (!err)
		err = policy_load();
	if (!err)
		err = keyring_load();
	if (!err)
		err = ledger_load();
	if (!err)
		err = ledger_each(install_resolve, EDB_E_BUSY);
	return err;
}

/* The root named another operator: keys, applications and data go; owners and versions stay. */
static enum edb_err erase(void)
{
	enum edb_err err = keyring_erase_all();

	if (!err)
		err = ledger_each(install_remove, EDB_E_NOT_FOUND);
	return err ? err : policy_erase_done();
}

enum edb_err life_ready(void)
{
	enum edb_err err = EDB_OK;

	if (!loaded)
		err = load();
	if (err)
		return err;
	loaded = true;
	return policy_device_borrow()->erase_pending ? erase() : EDB_OK;
}

enum edb_err life_serving(void)
{
	enum edb_err err = life_ready();

	if (!err && !policy_device_borrow()->policy.version)
		err = EDB_E_NOT_PROVISIONED;
	return err;
}

enum edb_err life_serving_2021_keys(void)
{
	enum edb_err err = life_serving();

	if (!err && !policy_device_borrow()->policy.allow_2021_keys)
		err = EDB_E_LEGACY;
	return err;
}

/* A CPM whose storage cannot be read still starts, so that it can say so. */
TEE_Result edb_enclave_create(void)
{
	loaded = false;
	(void)life_ready();
	return TEE_SUCCESS;
}

void edb_enclave_destroy(void)
{
}

TEE_Result edb_session_open(void **slot)
{
	(void)slot;
	return TEE_SUCCESS;
}

void edb_session_close(void *slot)
{
	deploy_close(slot);
}
