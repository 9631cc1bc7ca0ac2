/* SPDX-License-Identifier: MIT
 *
 * orders A B [N]: calls of two packages' installs, as tests/device/between.c recorded them, in
 * wrong orders and from two sessions: every pair of calls after each of some beginnings, or every
 * Nth of these. A model says what the CPM has to answer. Works over any TEE Client API; the
 * packages are data, of different ids, and installed already.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <tee_client_api.h>

#include "edb_err.h"
#include "image_store.h"

#define SESSIONS 2
#define IDS      2
#define STEPS    (SESSIONS * IDS * CALLS)

/* A call's number is its place in contract/cpm.edl. */
enum call {
	BEGIN,
	ADD,
	END,
	ABORT,
	INIT,
	VERIFY,
	REMOVE,
	BEGIN_2021,
	CALLS
};
static const uint32_t commands[CALLS] = {15, 7, 9, 16, 6, 8, 18, 5};
static const char *const names[CALLS] = {
	"begin", "add", "end", "abort", "init", "verify", "remove", "begin of 2021"};

struct message {
	uint8_t *bytes;
	uint32_t in, out;
};

static struct message messages[IDS][CALLS];

/* What the CPM should know: whose deployment is open, and whether all of it is there. */
struct model {
	int id[SESSIONS]; /* -1: none */
	bool complete[IDS];
};

struct tee {
	TEEC_Context context;
	TEEC_Session sessions[SESSIONS];
	TEEC_SharedMemory in, out;
};

static void put(struct message *m, const void *bytes, uint32_t size)
{
	m->bytes = realloc(m->bytes, m->in + size);
	if (!m->bytes)
		abort();
	memcpy(&m->bytes[m->in], bytes, size);
	m->in += size;
}

static void put_number(struct message *m, uint32_t number)
{
	put(m, &number, sizeof number);
}

/* The id as a string, from "end", which consists of nothing else; then arrays of zeros. */
static void make(struct message to[CALLS], enum call call, const uint32_t *sizes, unsigned count)
{
	static const uint8_t zeros[256];
	struct message *m = &to[call];

	if (call == INIT || call == VERIFY)
		put_number(m, 256);
	for (unsigned i = 0; i < count; i++)
		put_number(m, sizes[i]);
	put(m, to[END].bytes, to[END].in);
	for (unsigned i = 0; call != BEGIN_2021 && i < count; i++) {
		put_number(m, sizes[i]);
		put(m, zeros, sizes[i]);
	}
}

static bool load(const char *path, struct message to[CALLS])
{
	FILE *file = fopen(path, "rb");
	uint32_t head[3];

	while (file && fread(head, sizeof head, 1, file) == 1) {
		struct message m = {malloc(head[1] + 1), head[1], head[2]};

		if (!m.bytes || fread(m.bytes, 1, m.in, file) != m.in)
			return false;
		for (enum call call = BEGIN; call <= END; call++)
			if (commands[call] == head[0])
				to[call] = m;
	}
	if (!file || fclose(file) || !to[BEGIN].in || !to[ADD].in || !to[END].in)
		return false;
	make(to, ABORT, NULL, 0);
	make(to, REMOVE, NULL, 0);
	make(to, INIT, (uint32_t[]){12, 16}, 2);
	make(to, VERIFY, (uint32_t[]){32, 256, 16}, 3);
	to[VERIFY].out = 2;
	make(to, BEGIN_2021, (uint32_t[]){100, 0}, 2); /* one number of 64 bits */
	return true;
}

/* What the CPM answers. */
static uint32_t send(struct tee *tee, int session, int id, enum call call)
{
	const struct message *m = &messages[id][call];
	TEEC_Operation operation = {.paramTypes = TEEC_PARAM_TYPES(TEEC_MEMREF_PARTIAL_INPUT,
					    m->out ? TEEC_MEMREF_PARTIAL_OUTPUT : TEEC_NONE,
					    TEEC_VALUE_OUTPUT, TEEC_NONE)};
	TEEC_Result result;

	memcpy(tee->in.buffer, m->bytes, m->in);
	operation.params[0].memref.parent = &tee->in;
	operation.params[0].memref.size = m->in;
	if (m->out) {
		operation.params[1].memref.parent = &tee->out;
		operation.params[1].memref.size = m->out;
	}
	result = TEEC_InvokeCommand(&tee->sessions[session], commands[call], &operation, NULL);
	if (result) {
		printf("%s: 0x%08x\n", names[call], result);
		exit(2);
	}
	return operation.params[2].value.a;
}

static bool is_open(const struct model *model, int id)
{
	return model->id[0] == id || model->id[1] == id;
}

static uint32_t close_with(struct model *model, int session, uint32_t err)
{
	model->id[session] = -1;
	return err;
}

static uint32_t should(struct model *model, int session, int id, enum call call)
{
	bool own = model->id[session] == id;

	switch (call) {
	case BEGIN:
		if (model->id[session] >= 0 || is_open(model, id))
			return EDB_E_BUSY;
		model->id[session] = id;
		model->complete[id] = false;
		return EDB_OK;
	case ADD:
		if (own && model->complete[id])
			return close_with(model, session, EDB_E_SIZES);
		model->complete[id] |= own;
		return own ? EDB_OK : EDB_E_STATE;
	case END:
		return own ? close_with(model, session, model->complete[id] ? EDB_OK : EDB_E_SIZES)
			   : EDB_E_STATE;
	case ABORT: return own ? close_with(model, session, EDB_OK) : EDB_E_STATE;
	case BEGIN_2021: return EDB_E_LEGACY; /* the policy does not allow it */
	case REMOVE: return EDB_E_BUSY;       /* only sent while one is open */
	default: return EDB_E_STATE;          /* 2021's, in the middle of ours */
	}
}

static bool step(struct tee *tee, struct model *model, int number)
{
	int session = number % SESSIONS, id = number / SESSIONS % IDS;
	enum call call = (enum call)(number / SESSIONS / IDS);
	uint32_t wanted, got;

	if (call == REMOVE && !is_open(model, id))
		return true;
	wanted = should(model, session, id, call);
	got = send(tee, session, id, call);
	if (got != wanted)
		printf("session %d, package %d, %s: %u, not %u\n", session, id, names[call], got,
			wanted);
	return got == wanted;
}

static bool finish(struct tee *tee, struct model *model)
{
	bool good = true;

	for (int session = 0; session < SESSIONS; session++)
		if (model->id[session] >= 0)
			good &= step(tee, model,
				(ABORT * IDS + model->id[session]) * SESSIONS + session);
	return good;
}

#define STEP(session, id, call) (((call)*IDS + (id)) * SESSIONS + (session))
#define NO_STEP                 (-1)

static const int beginnings[][3] = {
	{NO_STEP},
	{STEP(0, 0, BEGIN), NO_STEP},
	{STEP(0, 0, BEGIN), STEP(0, 0, ADD), NO_STEP},
	{STEP(0, 0, BEGIN), STEP(1, 1, BEGIN), STEP(1, 1, ADD)},
};

static bool try_order(struct tee *tee, const int beginning[3], int first, int second)
{
	struct model model = {.id = {-1, -1}};
	bool good = true;

	for (int i = 0; i < 3 && beginning[i] != NO_STEP; i++)
		good &= step(tee, &model, beginning[i]);
	good = good && step(tee, &model, first) && step(tee, &model, second);
	return finish(tee, &model) && good;
}

static bool open_all(struct tee *tee)
{
	static const TEEC_UUID cpm = EDB_CPM_UUID;

	if (TEEC_InitializeContext(NULL, &tee->context))
		return false;
	tee->in = (TEEC_SharedMemory){.size = 128 * 1024, .flags = TEEC_MEM_INPUT};
	tee->out = (TEEC_SharedMemory){.size = 4096, .flags = TEEC_MEM_OUTPUT};
	if (TEEC_AllocateSharedMemory(&tee->context, &tee->in) ||
		TEEC_AllocateSharedMemory(&tee->context, &tee->out))
		return false;
	for (int i = 0; i < SESSIONS; i++)
		if (TEEC_OpenSession(&tee->context, &tee->sessions[i], &cpm, TEEC_LOGIN_PUBLIC,
			    NULL, NULL, NULL))
			return false;
	return true;
}

int main(int argc, char **argv)
{
	unsigned long number = 0, every = argc > 3 ? strtoul(argv[3], NULL, 10) : 1;
	unsigned tried = 0, wrong = 0;
	struct tee tee = {0};

	if (argc < 3 || !every || !load(argv[1], messages[0]) || !load(argv[2], messages[1]) ||
		!open_all(&tee))
		return 2;
	for (size_t i = 0; i < sizeof beginnings / sizeof beginnings[0]; i++)
		for (int first = 0; first < STEPS; first++)
			for (int second = 0; second < STEPS; second++, number++) {
				if (number % every)
					continue;
				tried++;
				wrong += !try_order(&tee, beginnings[i], first, second);
			}
	printf("%u orders, %u wrong\n", tried, wrong);
	return wrong != 0;
}
