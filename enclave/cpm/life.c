/* SPDX-License-Identifier: MIT */

#include "call.h"
#include "install.h"
#include "keys.h"
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

	err = err ? err : policy_load();
	err = err ? err : keyring_load();
	err = err ? err : ledger_load();
	err = err ? err : ledger_each(install_resolve, EDB_E_BUSY);
	return err;
}

/* The root named another operator: keys, applications and data go; owners and versions stay. */
static enum edb_err erase(void)
{
	enum edb_err err = keyring_erase_all();

	err = err ? err : ledger_each(install_remove, EDB_E_NOT_FOUND);
	return err ? err : policy_erase_done();
}

enum edb_err life_ready(void)
{
	enum edb_err err = loaded ? EDB_OK : load();

	loaded = !err;
	return loaded && policy_device_borrow()->erase_pending ? erase() : err;
}

enum edb_err life_serving(void)
{
	enum edb_err err = life_ready();

	return err ? err : require(policy_device_borrow()->policy.version, EDB_E_NOT_PROVISIONED);
}

/* A CPM whose storage cannot be read still starts, so that it can say so. */
TEE_Result edb_enclave_create(void)
{
	loaded = false;
	(void)life_ready();
	return TEE_SUCCESS;
}
