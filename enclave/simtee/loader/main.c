/* SPDX-License-Identifier: MIT
 *
 * simtee-ta: loads one image, confines itself, and serves the core's calls with it.
 */
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include "heap.h"
#include "loader.h"

/* The TEE's own work runs on the application's stack here; on OP-TEE it has one of its own. */
#define TEE_STACK_BYTES (256u << 10)

static struct loaded ta;

static const uint8_t *map_image(size_t *size)
{
	struct stat info;
	void *bytes;

	if (fstat(LOADER_IMAGE_FD, &info) || info.st_size <= 0)
		return NULL;
	*size = (size_t)info.st_size;
	bytes = mmap(NULL, *size, PROT_READ, MAP_PRIVATE, LOADER_IMAGE_FD, 0);
	close(LOADER_IMAGE_FD);
	return bytes == MAP_FAILED ? NULL : bytes;
}

static void report(const struct report *r)
{
	if (message_send(LOADER_SOCKET_FD, r, sizeof *r, NULL, 0))
		leave(1);
}

/* Parameters of a call; false: a reference leads nowhere. */
static bool take_params(const struct wire_params *wire, TEE_Param params[4])
{
	for (uint32_t i = 0; i < 4; i++) {
		const struct wire_param *p = &wire->p[i];

		if (TEE_PARAM_TYPE_GET(wire->types, i) < TEE_PARAM_TYPE_MEMREF_INPUT) {
			params[i].value.a = p->a;
			params[i].value.b = p->b;
			continue;
		}
		params[i].memref.size = p->size;
		params[i].memref.buffer = p->shm ? shared_open(p->shm, p->offset, p->size) : NULL;
		if (p->shm && !params[i].memref.buffer)
			return false;
	}
	return true;
}

static void give_params(const TEE_Param params[4], struct wire_params *wire)
{
	for (uint32_t i = 0; i < 4; i++) {
		if (TEE_PARAM_TYPE_GET(wire->types, i) < TEE_PARAM_TYPE_MEMREF_INPUT) {
			wire->p[i].a = params[i].value.a;
			wire->p[i].b = params[i].value.b;
		} else {
			wire->p[i].size = params[i].memref.size > UINT32_MAX
						  ? UINT32_MAX
						  : (uint32_t)params[i].memref.size;
		}
	}
}

static void serve(const struct call *call, struct report *done)
{
	TEE_Param params[4] = {0};
	void *session = (void *)(uintptr_t)call->session;

	sys_ipc_set_client(call->client);
	done->params = call->params;
	done->result = TEE_ERROR_BAD_PARAMETERS;
	if (take_params(&call->params, params)) {
		switch (call->op) {
		case CALL_OPEN:
			done->result = ta.open(call->params.types, params, &session);
			done->session = (uint64_t)(uintptr_t)session;
			break;
		case CALL_INVOKE:
			done->result =
				ta.invoke(session, call->command, call->params.types, params);
			break;
		case CALL_CLOSE:
			ta.close(session);
			done->result = TEE_SUCCESS;
			break;
		case CALL_END:
			ta.destroy();
			done->result = TEE_SUCCESS;
			done->heap_left = (uint32_t)simtee_heap_used();
			break;
		default: break;
		}
	}
	shared_close_all();
	give_params(params, &done->params);
}

static void *run(void *unused)
{
	struct report ready = {.op = REPORT_READY};

	(void)unused;
	if (!confine())
		leave(3);
	ready.result = ta.create();
	report(&ready);
	for (;;) {
		struct report done = {.op = REPORT_DONE};
		struct call call;
		int fds[4];
		unsigned fd_count = 0;

		if (message_receive(LOADER_SOCKET_FD, &call, sizeof call, fds, 4, &fd_count) != 1)
			leave(0);
		for (unsigned i = 0; i < fd_count; i++)
			if (!shared_add(call.fd_shm[i], fds[i], call.shm_size[i]))
				leave(1);
		if (call.op == CALL_SHM_DROP) {
			shared_drop(call.drop);
			continue;
		}
		serve(&call, &done);
		report(&done);
		if (call.op == CALL_END)
			leave(0);
	}
}

/* What OpenSSL would open files for later has to be there before the doors close. */
static void warm_up(void)
{
	uint8_t bytes[32];
	EVP_MAC *hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);

	OPENSSL_init_crypto(OPENSSL_INIT_LOAD_CONFIG | OPENSSL_INIT_LOAD_CRYPTO_STRINGS, NULL);
	CRYPTO_secure_malloc_init(1u << 18, 16);
	(void)RAND_bytes(bytes, sizeof bytes);
	(void)RAND_priv_bytes(bytes, sizeof bytes);
	EVP_MAC_free(hmac);
}

int main(void)
{
	struct image image;
	pthread_attr_t attributes;
	pthread_t thread;
	const char *why = "it cannot be read";
	size_t size = 0;
	const uint8_t *bytes = map_image(&size);
	void *buffer =
		mmap(NULL, BUFFER_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, LOADER_BUFFER_FD, 0);

	close(LOADER_BUFFER_FD);
	if (!bytes || buffer == MAP_FAILED || !image_read(bytes, size, &image, &why) ||
		!image_load(&image, &ta, &why)) {
		struct report ready = {.op = REPORT_READY, .result = TEE_ERROR_BAD_FORMAT};

		fprintf(stderr, "simtee-ta: image: %s\n", why);
		report(&ready);
		return 1;
	}
	warm_up();
	simtee_heap_limit(image.heap_size);
	sys_ipc_start(buffer, image.uuid);
	/* A guard page lies below a thread's stack. */
	if (pthread_attr_init(&attributes) ||
		pthread_attr_setstacksize(&attributes, image.stack_size + TEE_STACK_BYTES) ||
		pthread_create(&thread, &attributes, run, NULL))
		return 1;
	munmap((void *)(uintptr_t)bytes, size);
	pthread_join(thread, NULL);
	return 0;
}
