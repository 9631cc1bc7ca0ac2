/* SPDX-License-Identifier: MIT
 *
 * libsimteec: the TEE Client API towards the simulator. A context is a connection; calls on one
 * connection go one after the other. Shared memory is memory of a file without a name that the
 * application's process maps, too; where the host brings its own memory, a shadow of it is shared
 * and copied before and after.
 */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <tee_client_api.h>

#include "protocol.h"

struct simtee_connection {
	int fd;
	pthread_mutex_t lock;
	uint32_t next_number;
};

/* The simulator's folder: named, or $SIMTEE_DIR, or the user's own. */
static int socket_path(const char *name, struct sockaddr_un *address)
{
	const char *dir = name ? name : getenv("SIMTEE_DIR"), *home = getenv("HOME");
	int n;

	if (dir && *dir)
		n = snprintf(
			address->sun_path, sizeof address->sun_path, "%s/" SIMTEE_SOCKET_NAME, dir);
	else
		n = snprintf(address->sun_path, sizeof address->sun_path,
			"%s/.local/state/simtee/" SIMTEE_SOCKET_NAME, home ? home : "");
	return n > 0 && (size_t)n < sizeof address->sun_path ? 0 : -1;
}

TEEC_Result TEEC_InitializeContext(const char *name, TEEC_Context *context)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct simtee_connection *c;

	if (!context)
		return TEEC_ERROR_BAD_PARAMETERS;
	context->imp = NULL;
	if (socket_path(name, &address))
		return TEEC_ERROR_BAD_PARAMETERS;
	c = calloc(1, sizeof *c);
	if (!c)
		return TEEC_ERROR_OUT_OF_MEMORY;
	c->fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (c->fd < 0 || connect(c->fd, (struct sockaddr *)&address, sizeof address)) {
		if (c->fd >= 0)
			close(c->fd);
		free(c);
		return TEEC_ERROR_ITEM_NOT_FOUND; /* no TEE there: what libteec says, too */
	}
	pthread_mutex_init(&c->lock, NULL);
	context->imp = c;
	return TEEC_SUCCESS;
}

void TEEC_FinalizeContext(TEEC_Context *context)
{
	if (!context || !context->imp)
		return;
	close(context->imp->fd);
	pthread_mutex_destroy(&context->imp->lock);
	free(context->imp);
	context->imp = NULL;
}

static TEEC_Result exchange(struct simtee_connection *c, const struct client_request *request,
	int fd, struct client_reply *reply)
{
	TEEC_Result result = TEEC_ERROR_COMMUNICATION;

	pthread_mutex_lock(&c->lock);
	if (!message_send(c->fd, request, sizeof *request, &fd, fd >= 0 ? 1 : 0) &&
		message_receive(c->fd, reply, sizeof *reply, NULL, 0, NULL) == 1)
		result = TEEC_SUCCESS;
	pthread_mutex_unlock(&c->lock);
	return result;
}

/* Memory that the TEE can map: `size` bytes, number in *number. NULL: *result says why. */
static void *share(struct simtee_connection *c, size_t size, uint32_t *number, TEEC_Result *result)
{
	struct client_request request = {.op = CLIENT_SHM_ADD, .size = size};
	struct client_reply reply = {0};
	void *memory = MAP_FAILED;
	int fd;

	*result = TEEC_ERROR_OUT_OF_MEMORY;
	if (size > SHM_MAX)
		return NULL;
	fd = memfd_create("simtee-shared", MFD_CLOEXEC);
	if (fd >= 0 && !ftruncate(fd, (off_t)size))
		memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (memory == MAP_FAILED) {
		if (fd >= 0)
			close(fd);
		return NULL;
	}
	request.number = *number = __atomic_add_fetch(&c->next_number, 1, __ATOMIC_RELAXED);
	*result = exchange(c, &request, fd, &reply);
	close(fd);
	if (!*result)
		*result = reply.result;
	if (*result) {
		munmap(memory, size);
		return NULL;
	}
	return memory;
}

static void unshare_memory(struct simtee_connection *c, void *memory, size_t size, uint32_t number)
{
	const struct client_request request = {.op = CLIENT_SHM_DROP, .number = number};
	struct client_reply reply;

	(void)exchange(c, &request, -1, &reply);
	munmap(memory, size);
}

static TEEC_Result make_shared(TEEC_Context *context, TEEC_SharedMemory *m, void **memory)
{
	TEEC_Result result;

	if (!context || !context->imp || !m || (m->flags & ~(TEEC_MEM_INPUT | TEEC_MEM_OUTPUT)) ||
		!m->flags)
		return TEEC_ERROR_BAD_PARAMETERS;
	m->imp.connection = context->imp;
	m->imp.allocated = m->size ? m->size : 1;
	*memory = share(context->imp, m->imp.allocated, &m->imp.id, &result);
	return result;
}

TEEC_Result TEEC_AllocateSharedMemory(TEEC_Context *context, TEEC_SharedMemory *sharedMem)
{
	void *memory = NULL;
	TEEC_Result result = make_shared(context, sharedMem, &memory);

	if (result)
		return result;
	sharedMem->buffer = memory;
	sharedMem->imp.shadow = NULL;
	return TEEC_SUCCESS;
}

TEEC_Result TEEC_RegisterSharedMemory(TEEC_Context *context, TEEC_SharedMemory *sharedMem)
{
	void *memory = NULL;
	TEEC_Result result;

	if (!sharedMem || !sharedMem->buffer)
		return TEEC_ERROR_BAD_PARAMETERS;
	result = make_shared(context, sharedMem, &memory);
	if (!result)
		sharedMem->imp.shadow = memory;
	return result;
}

void TEEC_ReleaseSharedMemory(TEEC_SharedMemory *sharedMemory)
{
	bool allocated;

	if (!sharedMemory || !sharedMemory->imp.connection)
		return;
	allocated = !sharedMemory->imp.shadow;
	unshare_memory(sharedMemory->imp.connection,
		allocated ? sharedMemory->buffer : sharedMemory->imp.shadow,
		sharedMemory->imp.allocated, sharedMemory->imp.id);
	if (allocated)
		sharedMemory->buffer = NULL;
	sharedMemory->size = 0;
	sharedMemory->imp.connection = NULL;
}

/* A parameter on its way: what of it has to be copied and dropped afterwards. */
struct travelling {
	uint8_t *here;  /* the host's own memory */
	uint8_t *there; /* shared */
	size_t size;
	bool out, temporary;
	uint32_t number;
	size_t allocated;
};

static TEEC_Result send_temporary(struct simtee_connection *c, TEEC_TempMemoryReference *ref,
	uint32_t type, struct wire_param *wire, struct travelling *t)
{
	TEEC_Result result;

	if (ref->size > UINT32_MAX)
		return TEEC_ERROR_BAD_PARAMETERS;
	wire->size = (uint32_t)ref->size;
	if (!ref->buffer || !ref->size)
		return TEEC_SUCCESS; /* an empty reference: the application may say how much it
					wants */
	t->there = share(c, ref->size, &t->number, &result);
	if (!t->there)
		return result;
	t->temporary = true;
	t->allocated = t->size = ref->size;
	t->here = ref->buffer;
	t->out = type != TEEC_MEMREF_TEMP_INPUT;
	if (type != TEEC_MEMREF_TEMP_OUTPUT)
		memcpy(t->there, t->here, t->size);
	wire->shm = t->number;
	return TEEC_SUCCESS;
}

static TEEC_Result send_registered(TEEC_RegisteredMemoryReference *ref, uint32_t type,
	struct wire_param *wire, struct travelling *t)
{
	TEEC_SharedMemory *m = ref->parent;
	size_t offset = type == TEEC_MEMREF_WHOLE ? 0 : ref->offset;
	size_t size;
	bool in, out;

	if (!m || !m->imp.connection)
		return TEEC_ERROR_BAD_PARAMETERS;
	size = type == TEEC_MEMREF_WHOLE ? m->size : ref->size;
	if (offset > m->size || size > m->size - offset)
		return TEEC_ERROR_BAD_PARAMETERS;
	in = type == TEEC_MEMREF_WHOLE ? m->flags & TEEC_MEM_INPUT
				       : type != TEEC_MEMREF_PARTIAL_OUTPUT;
	out = type == TEEC_MEMREF_WHOLE ? m->flags & TEEC_MEM_OUTPUT
					: type != TEEC_MEMREF_PARTIAL_INPUT;
	if ((in && !(m->flags & TEEC_MEM_INPUT)) || (out && !(m->flags & TEEC_MEM_OUTPUT)))
		return TEEC_ERROR_BAD_PARAMETERS;
	wire->shm = m->imp.id;
	wire->offset = (uint32_t)offset;
	wire->size = (uint32_t)size;
	if (!m->imp.shadow)
		return TEEC_SUCCESS;
	t->here = (uint8_t *)m->buffer + offset;
	t->there = (uint8_t *)m->imp.shadow + offset;
	t->size = size;
	t->out = out;
	if (in)
		memcpy(t->there, t->here, size);
	return TEEC_SUCCESS;
}

/* The type that the application sees. */
static uint32_t ta_type(uint32_t type, const TEEC_Parameter *p)
{
	if (type != TEEC_MEMREF_WHOLE)
		return type & 7; /* partial references are plain ones there */
	return 4 | (p->memref.parent ? p->memref.parent->flags & 3 : 0);
}

static TEEC_Result send_params(struct simtee_connection *c, TEEC_Operation *operation,
	struct wire_params *wire, struct travelling travelling[4])
{
	TEEC_Result result = TEEC_SUCCESS;

	for (uint32_t i = 0; i < 4 && !result; i++) {
		uint32_t type = TEEC_PARAM_TYPE_GET(operation->paramTypes, i);
		TEEC_Parameter *p = &operation->params[i];

		switch (type) {
		case TEEC_NONE:
		case TEEC_VALUE_INPUT:
		case TEEC_VALUE_OUTPUT:
		case TEEC_VALUE_INOUT:
			wire->p[i].a = p->value.a;
			wire->p[i].b = p->value.b;
			break;
		case TEEC_MEMREF_TEMP_INPUT:
		case TEEC_MEMREF_TEMP_OUTPUT:
		case TEEC_MEMREF_TEMP_INOUT:
			result = send_temporary(c, &p->tmpref, type, &wire->p[i], &travelling[i]);
			break;
		case TEEC_MEMREF_WHOLE:
		case TEEC_MEMREF_PARTIAL_INPUT:
		case TEEC_MEMREF_PARTIAL_OUTPUT:
		case TEEC_MEMREF_PARTIAL_INOUT:
			result = send_registered(&p->memref, type, &wire->p[i], &travelling[i]);
			break;
		default: return TEEC_ERROR_BAD_PARAMETERS;
		}
		wire->types |= ta_type(type, p) << 4 * i;
	}
	return result;
}

static void take_params(TEEC_Operation *operation, const struct wire_params *wire,
	const struct travelling travelling[4])
{
	for (uint32_t i = 0; i < 4; i++) {
		uint32_t type = TEEC_PARAM_TYPE_GET(operation->paramTypes, i);
		TEEC_Parameter *p = &operation->params[i];
		const struct travelling *t = &travelling[i];
		uint32_t size = wire->p[i].size;

		if (type == TEEC_VALUE_OUTPUT || type == TEEC_VALUE_INOUT) {
			p->value.a = wire->p[i].a;
			p->value.b = wire->p[i].b;
		} else if (type == TEEC_MEMREF_TEMP_OUTPUT || type == TEEC_MEMREF_TEMP_INOUT) {
			p->tmpref.size = size;
		} else if (type == TEEC_MEMREF_WHOLE || type == TEEC_MEMREF_PARTIAL_OUTPUT ||
			   type == TEEC_MEMREF_PARTIAL_INOUT) {
			p->memref.size = size;
		}
		if (t->here && t->out && size <= t->size)
			memcpy(t->here, t->there, size);
	}
}

static TEEC_Result call(struct simtee_connection *c, struct client_request *request,
	TEEC_Operation *operation, struct client_reply *reply, uint32_t *origin)
{
	struct travelling travelling[4] = {0};
	TEEC_Result result = TEEC_SUCCESS;

	if (origin)
		*origin = TEEC_ORIGIN_API;
	if (operation)
		result = send_params(c, operation, &request->params, travelling);
	if (!result) {
		if (origin)
			*origin = TEEC_ORIGIN_COMMS;
		result = exchange(c, request, -1, reply);
	}
	if (!result) {
		if (origin)
			*origin = reply->origin;
		result = reply->result;
		if (operation)
			take_params(operation, &reply->params, travelling);
	}
	for (int i = 0; i < 4; i++)
		if (travelling[i].temporary)
			unshare_memory(c, travelling[i].there, travelling[i].allocated,
				travelling[i].number);
	return result;
}

TEEC_Result TEEC_OpenSession(TEEC_Context *context, TEEC_Session *session,
	const TEEC_UUID *destination, uint32_t connectionMethod, const void *connectionData,
	TEEC_Operation *operation, uint32_t *returnOrigin)
{
	struct client_request request = {.op = CLIENT_OPEN, .login = connectionMethod};
	struct client_reply reply = {0};
	TEEC_Result result;

	(void)connectionData;
	if (returnOrigin)
		*returnOrigin = TEEC_ORIGIN_API;
	if (!context || !context->imp || !session || !destination)
		return TEEC_ERROR_BAD_PARAMETERS;
	memcpy(&request.uuid, destination, sizeof request.uuid);
	result = call(context->imp, &request, operation, &reply, returnOrigin);
	if (!result) {
		session->imp.connection = context->imp;
		session->imp.id = reply.number;
	}
	return result;
}

void TEEC_CloseSession(TEEC_Session *session)
{
	struct client_request request = {.op = CLIENT_CLOSE};
	struct client_reply reply;

	if (!session || !session->imp.connection)
		return;
	request.number = session->imp.id;
	(void)exchange(session->imp.connection, &request, -1, &reply);
	session->imp.connection = NULL;
}

TEEC_Result TEEC_InvokeCommand(TEEC_Session *session, uint32_t commandID, TEEC_Operation *operation,
	uint32_t *returnOrigin)
{
	struct client_request request = {.op = CLIENT_INVOKE, .command = commandID};
	struct client_reply reply = {0};

	if (returnOrigin)
		*returnOrigin = TEEC_ORIGIN_API;
	if (!session || !session->imp.connection)
		return TEEC_ERROR_BAD_PARAMETERS;
	request.number = session->imp.id;
	return call(session->imp.connection, &request, operation, &reply, returnOrigin);
}

/* Applications here run with cancellation masked: the request is accepted and has no effect. */
void TEEC_RequestCancellation(TEEC_Operation *operation)
{
	(void)operation;
}
