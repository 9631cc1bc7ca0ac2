/* SPDX-License-Identifier: MIT
 *
 * Any sequence of calls to the CPM, from several sessions, with storage that fails, power that goes
 * and applications that are in use: against the CPM's own sources in this process.
 *
 * Byte 0 of the input chooses the state to start from (prepared.h). Then every step takes three
 * bytes: what (steps[]), an argument, and how many changes are made to the call on its way in; each
 * change takes four more. So one byte makes a good call, and a few more spoil it where it hurts.
 * The tests' own keys are fresh in every run: inputs name what is signed, never signatures.
 */
#include <stdlib.h>
#include <string.h>

#include "edb_err.h"
#include "heap.h"
#include "image_store.h"
#include "image_store_fake.h"
#include "local.h"
#include "prepared.h"
#include "teec_local.h"
#include "world.h"

#define STEPS_MAX    48u
#define SESSIONS     3u
#define LIST_MAX     4u
#define UNTOUCHED    0xa5
#define COMMANDS_ODD 32u /* some numbers above the last command */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct {
	const uint8_t *data;
	size_t size, pos;
	uint8_t changes; /* still to be made to the call of this step */
} input;

static struct {
	const struct prepared *p;
	struct edb_enclave *sessions[SESSIONS], *now;
	const struct prepared_package *package; /* the last one begun: data is taken from it */
	size_t sent;
	bool faults; /* storage has failed, or was corrupt, at some time */
} run;

static void must(bool holds)
{
	if (!holds)
		abort();
}

static uint8_t next(void)
{
	return input.pos < input.size ? input.data[input.pos++] : 0;
}

/* --- what happens to a call on its way in, and what must be true of every answer --- */

static void resize(TEE_Param *p, size_t size)
{
	uint8_t *fresh = calloc(1, size ? size : 1);
	size_t keep = size < p->memref.size ? size : p->memref.size;

	must(fresh != NULL);
	memcpy(fresh, p->memref.buffer, keep);
	free(p->memref.buffer);
	p->memref.buffer = fresh;
	p->memref.size = size;
}

static void change(struct teec_local_call *call)
{
	static const uint32_t extremes[] = {0, 1, 0x7fffffff, 0x80000000, UINT32_MAX, 0x40001};
	uint8_t kind = next(), value = next();
	size_t at = next() | (size_t)next() << 8;
	TEE_Param *p = &call->params[kind & 0x80 ? 1 : 0];
	uint8_t *bytes = p->memref.buffer;

	if ((kind & 0x0f) == 0) {
		call->command = value % COMMANDS_ODD;
		return;
	}
	if ((kind & 0x0f) == 1) {
		call->types ^= (uint32_t)at;
		return;
	}
	if (!bytes)
		return;
	if ((kind & 0x0f) < 4)
		resize(p, at);
	else if ((kind & 0x0f) < 6)
		resize(p, p->memref.size + value);
	else if ((kind & 0x0f) < 10 && p->memref.size >= 4)
		memcpy(bytes + at % (p->memref.size - 3), &extremes[value % 6], 4);
	else if (p->memref.size)
		bytes[at % p->memref.size] ^= value;
}

static void before(struct teec_local_call *call)
{
	for (; input.changes; input.changes--)
		change(call);
	if (call->params[1].memref.buffer)
		memset(call->params[1].memref.buffer, UNTOUCHED, call->params[1].memref.size);
}

static void no_secret_in(const uint8_t *bytes, size_t size)
{
	if (!bytes)
		return;
	for (uint32_t i = 0; i < run.p->secret_count; i++)
		must(!memmem(bytes, size, run.p->secrets[i].data, run.p->secrets[i].size));
}

/* What the CPM may answer: bad packages, refusals, the caller's and storage's faults. Never a
 * defect of its own, a frame's fault or one of the host's surroundings. */
static bool is_documented(uint32_t answer)
{
	return answer == EDB_OK || (answer >= EDB_E_JSON && answer <= EDB_E_IMAGE) ||
	       (answer >= EDB_E_NOT_PROVISIONED && answer <= EDB_E_SPACE) ||
	       answer == EDB_E_NOMEM || answer == EDB_E_STORAGE_FULL || answer == EDB_E_STORAGE;
}

static void after(const struct teec_local_call *call, TEE_Result res)
{
	const uint8_t *out = call->params[1].memref.buffer;
	size_t size = out ? call->params[1].memref.size : 0;

	must(res == TEE_SUCCESS || res == TEE_ERROR_BAD_PARAMETERS ||
		res == TEE_ERROR_OUT_OF_MEMORY);
	if (res == TEE_SUCCESS)
		must(is_documented(call->params[2].value.a));
	else
		for (size_t i = 0; i < size; i++)
			must(out[i] == UNTOUCHED);
	no_secret_in(out, size);
}

/* --- the steps --- */

static const char *id_of(uint8_t arg)
{
	static const char *const ids[] = {APP_ID, OTHER_ID, "5f3c1d6e", ""};

	return run.package && !(arg & 0x80) ? run.package->id : ids[arg % 4];
}

static void all_zero(const void *memory, size_t size)
{
	const uint8_t *bytes = memory;

	for (size_t i = 0; i < size; i++)
		must(!bytes[i]);
}

static void step_small(uint8_t arg)
{
	unsigned version = 0, size = 0;
	uint8_t der[600] = {0};
	bool supported = false;
	int ret = -1;

	switch (arg % 4) {
	case 0: (void)ecall_ping(run.now, &ret, &version); break;
	case 1:
		(void)ecall_is_operation_supported(run.now, &ret, "ecall_remove", &supported);
		break;
	case 2: (void)ecall_get_device_public_key_data_size(run.now, &ret, &size); break;
	default:
		(void)ecall_export_device_public_key(run.now, &ret, der, 200u + arg);
		if (ret)
			all_zero(der, sizeof der);
		break;
	}
}

struct device {
	uint64_t device_policy, operator_policy, free_bytes;
	uint32_t contract, cpm, applications, entries, keys;
	char kind[32];
	uint8_t id[16];
	enum edb_lifecycle lifecycle;
	bool rollback_protection;
};

static int get_state(struct device *d)
{
	int ret = -1;

	memset(d, 0, sizeof *d);
	if (ecall_get_state(run.now, &ret, &d->contract, &d->cpm, d->kind, &d->lifecycle,
		    &d->rollback_protection, &d->device_policy, &d->operator_policy, d->id,
		    &d->applications, &d->entries, &d->keys, &d->free_bytes))
		return -1;
	return ret;
}

static void step_state(uint8_t arg)
{
	struct device d;

	(void)arg;
	(void)get_state(&d);
}

static void step_export(uint8_t arg)
{
	uint8_t spki[600] = {0};
	uint32_t size = 0;
	int ret = -1;

	if (ecall_export_key(run.now, &ret, (enum edb_key_kind)(arg % 4), spki,
		    arg & 0x40 ? 80 : sizeof spki, &size))
		return;
	if (ret)
		all_zero(spki, sizeof spki);
	must(ret == EDB_OK || ret == EDB_E_SPACE || size == 0);
}

static const struct bytes *document_of(uint8_t arg)
{
	return &run.p->documents[arg % run.p->document_count];
}

static void step_provision(uint8_t arg)
{
	const struct party *root = arg & 0x80 ? &world.stranger : &world.root;
	const struct bytes *d = document_of(arg & 0x7f);
	int ret = -1;

	(void)ecall_provision(run.now, &ret, root->spki.data, (uint32_t)root->spki.size, d->data,
		(uint32_t)d->size);
}

static void step_update(uint8_t arg)
{
	const struct bytes *d = document_of(arg);
	int ret = -1;

	(void)ecall_update_policy(run.now, &ret, d->data, (uint32_t)d->size);
}

static void step_bundle(uint8_t arg)
{
	const struct bytes *d = document_of((uint8_t)(run.p->document_count - 1 - arg % 3));
	int ret = -1;

	(void)ecall_install_key_bundle(run.now, &ret, d->data, (uint32_t)d->size);
}

static void step_legacy_key(uint8_t arg)
{
	const struct bytes *key = &run.p->wrapped_2021;
	int ret = -1;

	(void)ecall_install_application_key(
		run.now, &ret, id_of(arg), key->data, (unsigned)key->size);
}

static const struct package *choose(uint8_t arg)
{
	run.package = &run.p->packages[arg % run.p->package_count];
	run.sent = 0;
	return &run.package->package;
}

static void step_begin(uint8_t arg)
{
	const struct package *p = choose(arg);
	const struct party *signer = run.package->signer;
	int ret = -1;

	(void)ecall_begin_package(run.now, &ret, p->manifest.data, (uint32_t)p->manifest.size,
		p->streams.data, (uint32_t)p->streams.size, p->digest.data,
		p->package_signature.data, (uint32_t)p->package_signature.size,
		p->payload_signature.data, (uint32_t)p->payload_signature.size, signer->spki.data,
		(uint32_t)signer->spki.size);
}

static void step_begin_legacy(uint8_t arg)
{
	const struct package *p = choose(arg);
	int ret = -1;

	(void)ecall_begin_application_deployment(run.now, &ret, id_of(arg),
		arg & 0x40 ? p->ciphertext.size : (uint64_t)(arg & 0x3f) << 30);
}

static void step_init_legacy(uint8_t arg)
{
	const struct package *p = run.package ? &run.package->package : choose(arg);
	int ret = -1;

	(void)ecall_initialize_decryption_aes_gcm(
		run.now, &ret, id_of(arg), 256, p->streams.data, 12, p->streams.data + 12, 16);
}

static void step_verify_legacy(uint8_t arg)
{
	const struct package *p = run.package ? &run.package->package : choose(arg);
	const struct bytes *spki = &world.rsa_vendor.spki;
	bool digest = false, signature = false;
	int ret = -1;

	(void)ecall_verify_application_sha256_rsa_pkcs1_v15(run.now, &ret, id_of(arg),
		(unsigned)p->payload_signature.size * 8, p->streams.data + 28, 32,
		p->payload_signature.data, (unsigned)p->payload_signature.size, spki->data + 24,
		(unsigned)spki->size - 24, &digest, &signature);
	must(ret == EDB_OK || (!digest && !signature));
}

/* The rest of the package, or a piece of it. */
static void step_add(uint8_t arg)
{
	const struct package *p = run.package ? &run.package->package : choose(arg);
	size_t left = p->ciphertext.size - run.sent, size = arg & 0x40 ? arg & 0x3f : left;
	int ret = -1;

	if (size > left)
		size = left;
	(void)ecall_add_application_data(
		run.now, &ret, id_of(arg), p->ciphertext.data + run.sent, (uint32_t)size);
	if (!ret)
		run.sent += size;
}

static void step_end(uint8_t arg)
{
	int ret = -1;

	(void)ecall_end_application_deployment(run.now, &ret, id_of(arg));
}

static void step_abort(uint8_t arg)
{
	int ret = -1;

	(void)ecall_abort_application_deployment(run.now, &ret, id_of(arg));
}

static void step_remove(uint8_t arg)
{
	int ret = -1;

	(void)ecall_remove(run.now, &ret, id_of(arg));
}

static int list(uint32_t index, struct listed *l)
{
	int ret;

	memset(l, 0, sizeof *l);
	ret = call_list(run.now, index, l);
	if (ret)
		all_zero(l, sizeof *l);
	return ret;
}

static void step_list(uint8_t arg)
{
	struct listed l;

	(void)list(arg % LIST_MAX, &l);
}

static void open_session(uint32_t number)
{
	const TEEC_UUID cpm = EDB_CPM_UUID;

	if (!run.sessions[number])
		must(!edb_enclave_open(NULL, &cpm, &run.sessions[number]));
	run.now = run.sessions[number];
}

static void close_session(uint32_t number)
{
	edb_enclave_close(run.sessions[number]);
	run.sessions[number] = NULL;
}

static void step_session(uint8_t arg)
{
	if (arg & 0x80)
		close_session(arg % SESSIONS);
	open_session(arg % SESSIONS);
}

static void power_cut(void)
{
	simtee_local_stop();
	for (uint32_t i = 0; i < SESSIONS; i++)
		close_session(i);
	teec_local_power_cut();
	image_store_fake_power_cut();
	simtee_local_restart();
	open_session(0);
}

static void step_power(uint8_t arg)
{
	(void)arg;
	power_cut();
}

static void step_storage(uint8_t arg)
{
	run.faults = true;
	if (arg & 0x80) {
		simtee_local_resume();
		simtee_local_corrupt(false);
	} else if (arg & 0x40) {
		simtee_local_corrupt(true);
	} else {
		simtee_local_stop_at(arg % 16 + 1u);
	}
}

static void step_load(uint8_t arg)
{
	image_store_fake_load(world.id, arg & 1);
}

/* In the order of a good life, so that a fuzzer's small steps stay near one another. */
static void (*const steps[])(uint8_t arg) = {step_small, step_state, step_export, step_provision,
	step_update, step_bundle, step_begin, step_add, step_end, step_abort, step_list,
	step_remove, step_legacy_key, step_begin_legacy, step_init_legacy, step_verify_legacy,
	step_session, step_power, step_storage, step_load};

/* --- what must be true in the end --- */

static uint32_t list_all(struct listed l[static LIST_MAX])
{
	uint32_t count = 0;

	while (count < LIST_MAX && !list(count, &l[count])) {
		if (l[count].state == EDB_APP_RESTART_NEEDED) /* a start ends that */
			l[count].state = EDB_APP_REMOVED;
		count++;
	}
	return count;
}

/* Whatever was written into a manifest on its way: what is listed is what was signed. */
static void version_is_true(const struct listed *l)
{
	for (uint32_t i = 0; i < run.p->package_count; i++) {
		const struct prepared_package *p = &run.p->packages[i];

		if (!memcmp(l->digest, p->package.digest.data, sizeof l->digest))
			must(l->version[0] == p->maj && !l->version[1] && !l->version[2]);
	}
}

/* The image store holds what the ledger says, and nothing besides. */
static void ledger_is_true(const struct listed *l, uint32_t count)
{
	static const uint8_t other[16] = {0x0c, 0x9f, 0x3a, 0x10, 0x11, 0x11, 0x42, 0x22, 0x83,
		0x33, 0x44, 0x44, 0x55, 0x55, 0x66, 0x66};
	const uint8_t *const ids[] = {world.id, other};

	for (int i = 0; i < 2; i++) {
		const uint8_t *digest = image_store_fake_digest(ids[i]);
		const uint8_t *wanted = NULL;

		for (uint32_t k = 0; k < count; k++)
			if (!memcmp(l[k].id, ids[i], 16) && l[k].state == EDB_APP_INSTALLED &&
				l[k].type == EDB_PAYLOAD_APPLICATION)
				wanted = l[k].digest;
		must(!digest == !wanted);
		must(!digest || !memcmp(digest, wanted, 32));
	}
}

static void check_the_end(void)
{
	struct listed was[LIST_MAX], is[LIST_MAX];
	struct device d_was, d_is;
	uint32_t count_was, count_is;

	simtee_local_resume();
	simtee_local_corrupt(false);
	for (uint32_t i = 0; i < SESSIONS; i++)
		close_session(i);
	must(simtee_local_handles() == 0 && image_store_fake_sessions() == 0);
	must(simtee_heap_used() == 0);
	image_store_fake_load(world.id, false);
	open_session(0);
	count_was = get_state(&d_was) ? 0 : list_all(was);
	power_cut();
	must(get_state(&d_is) == EDB_OK);
	count_is = list_all(is);
	ledger_is_true(is, count_is);
	for (uint32_t i = 0; i < count_is; i++)
		version_is_true(&is[i]);
	if (!run.faults) {
		must(count_was == count_is && !memcmp(was, is, count_is * sizeof *is));
		must(d_was.keys == d_is.keys && d_was.device_policy == d_is.device_policy &&
			d_was.operator_policy == d_is.operator_policy);
	}
	close_session(0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	memset(&run, 0, sizeof run);
	run.p = prepared();
	memset(&input, 0, sizeof input);
	input.data = data;
	input.size = size;
	prepared_start((enum prepared_state)(next() % PREPARED_STATES));
	open_session(0);
	for (uint32_t i = 0; i < STEPS_MAX && input.pos < size; i++) {
		uint8_t what = next(), arg = next();

		input.changes = next() % 4;
		teec_local_set_hooks(before, after);
		steps[what % (sizeof steps / sizeof steps[0])](arg);
		teec_local_set_hooks(NULL, NULL);
		input.changes = 0;
	}
	check_the_end();
	return 0;
}
