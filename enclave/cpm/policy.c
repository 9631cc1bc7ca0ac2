/* SPDX-License-Identifier: MIT */
#include "policy.h"

#include "cpm_t.h"
#include "keys.h"
#include "sign1.h"
#include "uuid.h"

_Static_assert(sizeof(struct device_policy) == 144, "padding in a stored record");
_Static_assert(sizeof(struct device_state) == 144 + 72, "padding in a stored record");

static struct device_state device;

static enum edb_err state_write(const struct device_state *state)
{
	enum edb_err err = store_write("D", 1, state, sizeof *state);

	if (!err)
		device = *state;
	return err;
}

enum edb_err policy_load(void)
{
	return store_read_exactly("D", 1, &device, sizeof device);
}

const struct device_state *policy_device_borrow(void)
{
	return &device;
}

/* Take a device policy, if it is one of this state's root and meant for this device. */
static enum edb_err device_policy_apply(const struct sign1 *document, struct device_state *state)
{
	struct device_policy policy = {0};
	uint8_t id[DEVICE_ID_BYTES] = {0};
	enum edb_err err = sign1_verify(document, DEVICE_POLICY_TYPE, &state->root);

	err = err ? err : device_id(id);
	if (!err)
		err = device_policy_read(document->payload, document->payload_size, id, &policy);
	err = err ? err : require(!policy.names_devices || policy.names_this, EDB_E_DOCUMENT);
	err = err ? err : require(policy.version > state->policy.version, EDB_E_DOCUMENT_VERSION);
	state->policy = policy;
	if (policy.has_next_root)
		state->root = policy.next_root;
	return err;
}

static bool takes_root(const struct spki *root)
{
	uint8_t maker[KEY_ID_BYTES];

	if (!*platform.maker_root)
		return true;
	return !hex_parse(platform.maker_root, maker, sizeof maker) &&
	       equal_ct(root->id, maker, sizeof maker);
}

int ecall_provision(
	uint8_t *root_spki, uint32_t root_spki_size, uint8_t *policy, uint32_t policy_size)
{
	/* A blank device holds nothing, unless its storage lost the record of an earlier owner. */
	struct device_state state = {.erase_pending = true};
	struct sign1 signed_part = {0};
	struct spki root = {0};
	enum edb_err err = life_ready();

	err = err ? err : require(!device.policy.version, EDB_E_PROVISIONED);
	err = err ? err : spki_parse(root_spki, root_spki_size, false, &root);
	err = err ? err : require(root.kind == SPKI_P256 && takes_root(&root), EDB_E_ROOT);
	if (err)
		return err;
	TEE_MemMove(state.root.x, root.first, sizeof state.root.x);
	TEE_MemMove(state.root.y, root.second, sizeof state.root.y);
	err = sign1_parse(policy, policy_size, &signed_part);
	err = err ? err : device_policy_apply(&signed_part, &state);
	err = err ? err : state_write(&state);
	return (int)(err ? err : life_ready());
}

static enum edb_err device_policy_update(const struct sign1 *document)
{
	struct device_state state = device;
	enum edb_err err = device_policy_apply(document, &state);
	bool same = state.policy.has_operator &&
		    equal_ct(&state.policy.operator_key, &device.policy.operator_key,
			    sizeof device.policy.operator_key);
	bool handed_over = device.policy.has_operator && !same;

	/* Handing devices over takes naming them. */
	err = err ? err : require(!handed_over || state.policy.names_devices, EDB_E_DOCUMENT);
	state.erase_pending |= handed_over;
	return err ? err : state_write(&state);
}

/*
 * Of each operator that there ever was: the highest version taken from him. Should he come back, an
 * older policy of his does not. It is noted before the policy is stored, so the same one may
 * follow.
 */
static enum edb_err note_version(const uint8_t operator_id[static KEY_ID_BYTES], uint64_t version)
{
	uint64_t highest = 0;
	enum edb_err err = store_read_exactly(operator_id, KEY_ID_BYTES, &highest, sizeof highest);

	if (err || version == highest)
		return err;
	return version < highest ? EDB_E_DOCUMENT_VERSION
				 : store_write(operator_id, KEY_ID_BYTES, &version, sizeof version);
}

static enum edb_err operator_policy_update(const struct sign1 *document)
{
	struct operator_view now = {0}, view = {0};
	enum edb_err err = require(device.policy.has_operator, EDB_E_NOT_PROVISIONED);

	if (!err) /* so kid is his id */
		err = sign1_verify(document, OPERATOR_POLICY_TYPE, &device.policy.operator_key);
	err = err ? err : operator_policy_read(document->payload, document->payload_size, &view);
	if (err)
		return err;
	err = policy_ask(&now);
	if (err == EDB_E_NOT_PROVISIONED)
		err = EDB_OK; /* the first one */
	err = err ? err : require(view.version > now.version, EDB_E_DOCUMENT_VERSION);
	err = err ? err : note_version(document->kid, view.version);
	return err ? err : store_write("O", 1, document->payload, document->payload_size);
}

int ecall_update_policy(uint8_t *document, uint32_t document_size)
{
	struct sign1 signed_part = {0};
	enum edb_err err = life_serving();

	err = err ? err : sign1_parse(document, document_size, &signed_part);
	if (!err)
		err = sign1_type_is(&signed_part, OPERATOR_POLICY_TYPE)
			      ? operator_policy_update(&signed_part)
			      : device_policy_update(&signed_part);
	/* A new operator: what the old one had here goes now, or before the next call. */
	return (int)(err ? err : life_ready());
}

enum edb_err policy_erase_done(void)
{
	struct device_state state = device;
	enum edb_err err = store_delete("O", 1);

	state.erase_pending = false;
	return err ? err : state_write(&state);
}

enum edb_err policy_ask(struct operator_view *view)
{
	static uint8_t payload[DOCUMENT_MAX]; /* as stored; more than a stack has */
	size_t size = 0;
	enum edb_err err = EDB_E_NOT_PROVISIONED;

	if (device.policy.has_operator && !device.erase_pending)
		err = store_read("O", 1, payload, sizeof payload, &size);
	err = err ? err : require(size, EDB_E_NOT_PROVISIONED);
	return err ? err : operator_policy_read(payload, size, view);
}
