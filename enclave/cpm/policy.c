/* SPDX-License-Identifier: MIT */
#include "policy.h"

#include "device.h"
#include "platform.h"
#include "sign1.h"
#include "spki.h"
#include "store.h"
#include "wipe.h"

#define DEVICE_STATE_FORMAT 1u

struct stored_state {
	uint32_t format;
	uint8_t has_operator, erase_pending, allow_2021_packages, allow_2021_keys;
	uint64_t version;
	struct p256_point root, operator_key;
};

_Static_assert(sizeof(struct stored_state) == 144, "padding in a stored record");

static struct device_state device;
static uint64_t operator_version;

static struct record_name device_name(void)
{
	return record_name('D', NULL, 0, NULL, 0);
}

static struct record_name operator_name(void)
{
	return record_name('O', NULL, 0, NULL, 0);
}

static enum edb_err state_write(const struct device_state *state)
{
	struct record_name name = device_name();
	struct stored_state stored = {
		.format = DEVICE_STATE_FORMAT,
		.has_operator = state->has_operator,
		.erase_pending = state->erase_pending,
		.allow_2021_packages = state->allow_2021_packages,
		.allow_2021_keys = state->allow_2021_keys,
		.version = state->version,
		.root = state->root,
		.operator_key = state->operator_key,
	};
	enum edb_err err = store_write(&name, &stored, sizeof stored);

	if (!err)
		device = *state;
	return err;
}

static enum edb_err state_read(struct device_state *state)
{
	struct record_name name = device_name();
	struct stored_state stored = {0};
	size_t size = 0;
	enum edb_err err = store_read(&name, &stored, sizeof stored, &size);

	*state = (struct device_state){0};
	if (err == EDB_E_NOT_FOUND)
		return EDB_OK;
	if (err)
		return err;
	if (size != sizeof stored || stored.format != DEVICE_STATE_FORMAT)
		return EDB_E_STORAGE;
	state->provisioned = true;
	state->has_operator = stored.has_operator;
	state->erase_pending = stored.erase_pending;
	state->allow_2021_packages = stored.allow_2021_packages;
	state->allow_2021_keys = stored.allow_2021_keys;
	state->version = stored.version;
	state->root = stored.root;
	state->operator_key = stored.operator_key;
	return EDB_OK;
}

enum edb_err policy_load(void)
{
	struct operator_view view = {0};
	enum edb_err err = state_read(&device);

	operator_version = 0;
	if (err || !device.has_operator)
		return err;
	err = policy_ask(&view);
	if (err == EDB_E_NOT_PROVISIONED)
		return EDB_OK;
	operator_version = view.version;
	return err;
}

const struct device_state *policy_device_borrow(void)
{
	return &device;
}

uint64_t policy_operator_version(void)
{
	return operator_version;
}

/* The document's signer is this key, and its signature verifies. */
static enum edb_err signed_by(const struct sign1 *document, const struct p256_point *key)
{
	uint8_t id[KEY_ID_BYTES] = {0};
	enum edb_err err = p256_key_id(key->x, key->y, id);

	if (err)
		return err;
	if (!equal_ct(id, document->kid, sizeof id))
		return EDB_E_DOCUMENT_SIGNER;
	return sign1_verify(document, key->x, key->y);
}

static enum edb_err device_policy_check(
	const struct sign1 *document, const struct p256_point *root, struct device_policy *policy)
{
	uint8_t id[DEVICE_ID_BYTES] = {0};
	enum edb_err err;

	if (!sign1_type_is(document, DEVICE_POLICY_TYPE))
		return EDB_E_DOCUMENT;
	err = signed_by(document, root);
	if (err)
		return err;
	err = device_id(id);
	if (err)
		return err;
	err = device_policy_read(document->payload, document->payload_size, id, policy);
	if (err)
		return err;
	return policy->names_devices && !policy->names_this ? EDB_E_DOCUMENT : EDB_OK;
}

static void device_state_apply(struct device_state *state, const struct device_policy *policy)
{
	state->provisioned = true;
	state->version = policy->version;
	state->has_operator = policy->has_operator;
	state->operator_key = policy->operator_key;
	state->allow_2021_packages = policy->allow_2021_packages;
	state->allow_2021_keys = policy->allow_2021_keys;
	if (policy->has_next_root)
		state->root = policy->next_root;
}

enum edb_err policy_provision(const uint8_t *root_spki, size_t root_spki_size,
	const uint8_t *document, size_t document_size)
{
	struct device_state state = {0};
	struct device_policy policy = {0};
	struct sign1 signed_part = {0};
	struct spki root = {0};
	enum edb_err err;

	if (device.provisioned)
		return EDB_E_PROVISIONED;
	err = spki_parse(root_spki, root_spki_size, &root);
	if (err)
		return err;
	if (root.kind != SPKI_P256 || !platform_takes_root(root.id))
		return EDB_E_ROOT;
	TEE_MemMove(state.root.x, root.x, sizeof state.root.x);
	TEE_MemMove(state.root.y, root.y, sizeof state.root.y);
	err = sign1_parse(document, document_size, &signed_part);
	if (err)
		return err;
	err = device_policy_check(&signed_part, &state.root, &policy);
	if (err)
		return err;
	device_state_apply(&state, &policy);
	/* A blank device holds nothing, unless its storage lost the record of an earlier owner. */
	state.erase_pending = true;
	return state_write(&state);
}

static enum edb_err device_policy_update(const struct sign1 *document)
{
	struct device_state state = device;
	struct device_policy policy = {0};
	bool new_operator;
	enum edb_err err = device_policy_check(document, &device.root, &policy);

	if (err)
		return err;
	if (policy.version <= device.version)
		return EDB_E_DOCUMENT_VERSION;
	new_operator =
		device.has_operator &&
		(!policy.has_operator || !equal_ct(&policy.operator_key, &device.operator_key,
						 sizeof policy.operator_key));
	if (new_operator && !policy.names_devices)
		return EDB_E_DOCUMENT; /* handing devices over takes naming them */
	device_state_apply(&state, &policy);
	state.erase_pending = device.erase_pending || new_operator;
	return state_write(&state);
}

/*
 * Of each operator that there ever was: the highest version taken from him. Should he come back, an
 * older policy of his does not. It is noted before the policy is stored, so the same one may
 * follow.
 */
static enum edb_err note_version(const uint8_t operator_id[static KEY_ID_BYTES], uint64_t version)
{
	struct record_name name = record_name('v', operator_id, KEY_ID_BYTES, NULL, 0);
	uint64_t highest = 0;
	size_t size = 0;
	enum edb_err err = store_read(&name, &highest, sizeof highest, &size);

	if (!err && size != sizeof highest)
		return EDB_E_STORAGE;
	if (err && err != EDB_E_NOT_FOUND)
		return err;
	if (version < highest)
		return EDB_E_DOCUMENT_VERSION;
	return version == highest ? EDB_OK : store_write(&name, &version, sizeof version);
}

static enum edb_err operator_policy_update(const struct sign1 *document)
{
	struct record_name name = operator_name();
	struct operator_view view = {0};
	enum edb_err err = EDB_E_NOT_PROVISIONED;

	if (!device.has_operator)
		return err;
	err = signed_by(document, &device.operator_key); /* so kid is his id */
	if (err)
		return err;
	err = operator_policy_read(document->payload, document->payload_size, &view);
	if (err)
		return err;
	if (view.version <= operator_version)
		return EDB_E_DOCUMENT_VERSION;
	err = note_version(document->kid, view.version);
	if (!err)
		err = store_write(&name, document->payload, document->payload_size);
	if (!err)
		operator_version = view.version;
	return err;
}

enum edb_err policy_update(const uint8_t *document, size_t size)
{
	struct sign1 signed_part = {0};
	enum edb_err err;

	if (!device.provisioned)
		return EDB_E_NOT_PROVISIONED;
	err = sign1_parse(document, size, &signed_part);
	if (err)
		return err;
	if (sign1_type_is(&signed_part, OPERATOR_POLICY_TYPE))
		return operator_policy_update(&signed_part);
	return device_policy_update(&signed_part);
}

enum edb_err policy_erase_done(void)
{
	struct device_state state = device;
	struct record_name name = operator_name();
	enum edb_err err = store_delete(&name);

	if (err)
		return err;
	operator_version = 0;
	state.erase_pending = false;
	return state_write(&state);
}

enum edb_err policy_ask(struct operator_view *view)
{
	struct record_name name = operator_name();
	uint8_t *payload = NULL;
	size_t size = 0;
	enum edb_err err;

	if (!device.has_operator || device.erase_pending)
		return EDB_E_NOT_PROVISIONED;
	payload = TEE_Malloc(DOCUMENT_MAX, TEE_MALLOC_FILL_ZERO);
	if (!payload)
		return EDB_E_NOMEM;
	err = store_read(&name, payload, DOCUMENT_MAX, &size);
	if (err == EDB_E_NOT_FOUND)
		err = EDB_E_NOT_PROVISIONED;
	if (!err)
		err = operator_policy_read(payload, size, view);
	TEE_Free(payload);
	return err;
}
