/* SPDX-License-Identifier: MIT
 *
 * The sample's image, as it will be packed, and its generated host half: loaded into this process
 * over simtee's TEE_* functions. Arguments: the image, the file with its secret.
 */
#include "heap.h"
#include "local.h"
#include "responder_u.h"

#include <dlfcn.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tee_internal_api.h>

#include <cmocka.h>

static const char *image_name, *secret_name;

/* The image's entry points. */
static TEE_Result (*ta_create)(void);
static void (*ta_destroy)(void);
static TEE_Result (*ta_open)(uint32_t types, TEE_Param params[4], void **session);
static void (*ta_close)(void *session);
static TEE_Result (*ta_invoke)(
	void *session, uint32_t command, uint32_t types, TEE_Param params[4]);
static void *ta_session;

TEEC_Result TEEC_InitializeContext(const char *name, TEEC_Context *context)
{
	(void)name, (void)context;
	return ta_create();
}

void TEEC_FinalizeContext(TEEC_Context *context)
{
	(void)context;
	ta_destroy();
}

TEEC_Result TEEC_OpenSession(TEEC_Context *context, TEEC_Session *session, const TEEC_UUID *uuid,
	uint32_t login, const void *login_data, TEEC_Operation *operation, uint32_t *origin)
{
	TEE_Param params[4] = {0};

	(void)context, (void)session, (void)uuid, (void)login, (void)login_data, (void)operation;
	(void)origin;
	return ta_open(0, params, &ta_session);
}

void TEEC_CloseSession(TEEC_Session *session)
{
	(void)session;
	ta_close(ta_session);
}

TEEC_Result TEEC_AllocateSharedMemory(TEEC_Context *context, TEEC_SharedMemory *memory)
{
	(void)context;
	memory->buffer = calloc(1, memory->size);
	return memory->buffer ? TEEC_SUCCESS : TEEC_ERROR_OUT_OF_MEMORY;
}

void TEEC_ReleaseSharedMemory(TEEC_SharedMemory *memory)
{
	free(memory->buffer);
}

TEEC_Result TEEC_InvokeCommand(
	TEEC_Session *session, uint32_t command, TEEC_Operation *operation, uint32_t *origin)
{
	TEE_Param params[4] = {0};
	TEEC_Result result;

	(void)session, (void)origin;
	for (size_t i = 0; i < 2; i++) {
		params[i].memref.buffer = operation->params[i].memref.parent->buffer;
		params[i].memref.size = operation->params[i].memref.size;
		/* TEE_* functions that need private memory end the test if they get this. */
		simtee_local_share(params[i].memref.buffer, params[i].memref.size);
	}
	result = ta_invoke(ta_session, command,
		TEE_PARAM_TYPES(TEE_PARAM_TYPE_MEMREF_INPUT, TEE_PARAM_TYPE_MEMREF_OUTPUT,
			TEE_PARAM_TYPE_VALUE_OUTPUT, TEE_PARAM_TYPE_NONE),
		params);
	operation->params[2].value.a = params[2].value.a;
	operation->params[2].value.b = params[2].value.b;
	return result;
}

static void load(void *image, const char *name, void *function)
{
	void *found = dlsym(image, name);

	assert_non_null(found);
	memcpy(function, &found, sizeof found); /* C has no cast from object to function */
}

static void answers_with_an_hmac(void **state)
{
	static const TEEC_UUID uuid = {0};
	uint8_t secret[32], challenge[32], answer[32] = {0}, wanted[32];
	void *image = dlopen(image_name, RTLD_NOW | RTLD_LOCAL);
	FILE *file = fopen(secret_name, "rb");
	struct edb_enclave *enclave = NULL;
	int retval = 1;

	(void)state;
	if (!image)
		fail_msg("%s", dlerror());
	assert_non_null(file);
	assert_int_equal(fread(secret, 1, sizeof secret, file), sizeof secret);
	fclose(file);
	load(image, "TA_CreateEntryPoint", &ta_create);
	load(image, "TA_DestroyEntryPoint", &ta_destroy);
	load(image, "TA_OpenSessionEntryPoint", &ta_open);
	load(image, "TA_CloseSessionEntryPoint", &ta_close);
	load(image, "TA_InvokeCommandEntryPoint", &ta_invoke);

	assert_int_equal(edb_enclave_open(NULL, &uuid, &enclave), TEEC_SUCCESS);
	for (unsigned int round = 0; round < 3; round++) {
		memset(challenge, (int)round, sizeof challenge);
		assert_non_null(HMAC(EVP_sha256(), secret, sizeof secret, challenge,
			sizeof challenge, wanted, NULL));
		assert_int_equal(ecall_respond(enclave, &retval, challenge, answer), TEEC_SUCCESS);
		assert_int_equal(retval, 0);
		assert_memory_equal(answer, wanted, sizeof wanted);
	}
	edb_enclave_close(enclave);
	assert_int_equal(simtee_heap_used(), 0);
	dlclose(image);
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_with_an_hmac),
	};

	if (argc != 3)
		return 2;
	image_name = argv[1];
	secret_name = argv[2];
	return cmocka_run_group_tests(tests, NULL, NULL);
}
