/* SPDX-License-Identifier: MIT
 *
 * The host part of the responder: hands a challenge to the enclave and prints its answer.
 */
#include "responder_id.h"
#include "responder_u.h"

#include <stdio.h>
#include <string.h>

#define CHALLENGE_BYTES 32

static const TEEC_UUID uuid = RESPONDER_UUID;

static bool parse_hex(const char *text, uint8_t *bytes, size_t size)
{
	static const char digits[] = "0123456789abcdef";

	if (strlen(text) != size * 2)
		return false;
	for (size_t i = 0; i < size; i++) {
		const char *high = strchr(digits, text[2 * i]);
		const char *low = strchr(digits, text[2 * i + 1]);

		if (!high || !low)
			return false;
		bytes[i] = (uint8_t)((high - digits) << 4 | (low - digits));
	}
	return true;
}

static void usage(FILE *to)
{
	fprintf(to, "Usage: responder CHALLENGE (64 hexadecimal digits, lower case)\n"
		    "Prints the enclave's answer: HMAC-SHA256 under its secret.\n");
}

int main(int argc, char **argv)
{
	uint8_t challenge[CHALLENGE_BYTES], answer[32];
	struct edb_enclave *enclave = NULL;
	TEEC_Result result;
	int retval = 0;

	if (argc == 2 && (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h"))) {
		usage(stdout);
		return 0;
	}
	if (argc != 2) {
		usage(stderr);
		return 2;
	}
	if (!parse_hex(argv[1], challenge, sizeof challenge)) {
		fprintf(stderr,
			"responder: %zu characters, and not the %d hexadecimal digits, in lower "
			"case, of a challenge\nhint: openssl rand -hex %d makes one\n",
			strlen(argv[1]), 2 * CHALLENGE_BYTES, CHALLENGE_BYTES);
		return 2;
	}
	result = edb_enclave_open(NULL, &uuid, &enclave);
	if (result) {
		fprintf(stderr,
			"responder: cannot open the enclave: TEE error 0x%08x; is the "
			"application installed (cpk-tool list)?\n",
			(unsigned int)result);
		return 1;
	}
	result = ecall_respond(enclave, &retval, challenge, answer);
	edb_enclave_close(enclave);
	if (result || retval) {
		fprintf(stderr, "responder: the enclave did not answer: TEE error 0x%08x\n",
			(unsigned int)(result ? result : (TEEC_Result)retval));
		return 1;
	}
	for (size_t i = 0; i < sizeof answer; i++)
		printf("%02x", answer[i]);
	printf("\n");
	return 0;
}
