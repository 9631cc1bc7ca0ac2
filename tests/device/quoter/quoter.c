/* SPDX-License-Identifier: MIT
 *
 * The host of the application that asks for quotes of itself.
 *
 * quoter quote FILE  prints a quote, in hexadecimal; the nonce is the file's 32 bytes
 * quoter key         prints the public key of quotes, in hexadecimal
 * quoter knock       what the application, and Linux itself, get from the pseudo-TA of the CPM
 * quoter linux       what Linux gets from the tests' own pseudo-TA: opening it, asking it
 *
 * An error of the TEE is printed as a number, with exit code 1.
 */
#include <stdio.h>
#include <string.h>

#include "edb_quote.h"
#include "image_store.h"
#include "quoter.h"
#include "quoter_u.h"

static const TEEC_UUID application = {
	0x7e57da7a, 0x0000, 0x4000, {0x80, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xc1}};

static int say(TEEC_Result result, const uint8_t *bytes, size_t size)
{
	if (result)
		printf("0x%08x", result);
	for (size_t i = 0; !result && i < size; i++)
		printf("%02x", bytes[i]);
	puts("");
	return result ? 1 : 0;
}

static int quote(struct edb_enclave *e, const char *path)
{
	uint8_t nonce[EDB_QUOTE_NONCE_BYTES], made[EDB_QUOTE_BYTES_MAX] = {0};
	uint32_t size = 0, answer = 0;
	FILE *file = fopen(path, "rb");
	size_t got = file ? fread(nonce, 1, sizeof nonce, file) : 0;
	TEEC_Result result;

	if (file)
		fclose(file);
	if (got != sizeof nonce)
		return 2;
	result = ecall_quote(e, &answer, nonce, made, &size);
	return say(result ? result : answer, made, size < sizeof made ? size : sizeof made);
}

static int key(struct edb_enclave *e)
{
	uint8_t spki[EDB_QUOTE_SPKI_BYTES] = {0};
	uint32_t answer = 0;
	TEEC_Result result = ecall_public_key(e, &answer, spki);

	return say(result ? result : answer, spki, sizeof spki);
}

static TEEC_Result from_linux(const TEEC_UUID *pta, bool ask)
{
	uint8_t nonce[EDB_QUOTE_NONCE_BYTES] = {0}, made[EDB_QUOTE_BYTES_MAX];
	TEEC_Operation operation = {.paramTypes = TEEC_PARAM_TYPES(TEEC_MEMREF_TEMP_INPUT,
					    TEEC_MEMREF_TEMP_OUTPUT, TEEC_NONE, TEEC_NONE),
		.params = {{.tmpref = {nonce, sizeof nonce}}, {.tmpref = {made, sizeof made}}}};
	TEEC_Context context;
	TEEC_Session session;
	TEEC_Result result = TEEC_InitializeContext(NULL, &context);

	if (result)
		return result;
	result = TEEC_OpenSession(&context, &session, pta, TEEC_LOGIN_PUBLIC, NULL, NULL, NULL);
	if (!result) {
		if (ask)
			result = TEEC_InvokeCommand(&session, EDB_QUOTE_MAKE, &operation, NULL);
		TEEC_CloseSession(&session);
	}
	TEEC_FinalizeContext(&context);
	return result;
}

static int knock(struct edb_enclave *e)
{
	static const TEEC_UUID pta = EDB_IMAGE_STORE_UUID;
	uint32_t answer = 0;
	TEEC_Result result = ecall_knock(e, &answer);

	printf("0x%08x 0x%08x\n", result ? result : answer, from_linux(&pta, true));
	return 0;
}

int main(int argc, char **argv)
{
	static const TEEC_UUID quoter = QUOTER_UUID;
	const char *command = argc >= 2 ? argv[1] : "";
	struct edb_enclave *e = NULL;
	TEEC_Result result;
	int status = 2;

	if (argc == 2 && !strcmp(command, "linux")) {
		printf("0x%08x 0x%08x\n", from_linux(&quoter, false), from_linux(&quoter, true));
		return 0;
	}
	result = edb_enclave_open(NULL, &application, &e);
	if (result)
		return say(result, NULL, 0);
	if (argc == 3 && !strcmp(command, "quote"))
		status = quote(e, argv[2]);
	else if (argc == 2 && !strcmp(command, "key"))
		status = key(e);
	else if (argc == 2 && !strcmp(command, "knock"))
		status = knock(e);
	else
		fprintf(stderr, "Usage: quoter quote FILE|key|knock|linux, in a device\n");
	edb_enclave_close(e);
	return status;
}
