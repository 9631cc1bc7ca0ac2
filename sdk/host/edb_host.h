/* SPDX-License-Identifier: MIT
 *
 * The host's half of every ecall: opening an enclave, and what the code that edger8r writes stands
 * on. Works over any GlobalPlatform TEE Client API. The wire format is in docs/edl.md.
 */
#ifndef EDB_HOST_H
#define EDB_HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <tee_client_api.h>

/*
 * An enclave that this host has open: one session with one trusted application.
 * Threads: one at a time for each; different ones at the same time.
 */
struct edb_enclave;

/**
 * Connect to the TEE and open a session with a trusted application.
 *
 * @param name     which TEE, as TEEC_InitializeContext takes it; NULL: the machine's own
 * @param uuid     which application
 * @param enclave  out: for edb_enclave_close; NULL unless TEEC_SUCCESS is returned
 * @return TEEC_SUCCESS; what the TEE says: TEEC_ERROR_ITEM_NOT_FOUND (no such application), …;
 *         TEEC_ERROR_OUT_OF_MEMORY
 */
TEEC_Result edb_enclave_open(const char *name, const TEEC_UUID *uuid, struct edb_enclave **enclave);

/** Close session and connection; memory that was shared with the TEE is wiped. NULL is fine. */
void edb_enclave_close(struct edb_enclave *enclave);

/*
 * For generated code only. After a failure (result) all of these do nothing and give zeros.
 */

struct edb_host_call {
	struct edb_enclave *enclave;
	TEEC_Result result; /* sticky: the first failure stays */
	uint8_t *in;        /* shared memory */
	size_t in_size, in_pos;
	const uint8_t *out; /* shared memory */
	size_t out_size, out_pos;
	uint32_t retval;
};

/** Refuse the caller's arguments unless this holds. */
void edb_host_require(struct edb_host_call *call, bool condition);

/** Refuse what the enclave gave back unless this holds. */
void edb_host_check(struct edb_host_call *call, bool condition);

/** count * size, if it fits in 32 bits, and there is memory or it is 0. */
uint32_t edb_host_size(
	struct edb_host_call *call, const void *memory, uint64_t count, uint64_t size);

/** A string's size with its NUL. */
uint32_t edb_host_string_size(struct edb_host_call *call, const char *string);

/** Have room for so much in each direction. 0: nothing crosses that way. */
void edb_host_begin(struct edb_host_call *call, uint64_t in_bytes, uint64_t out_bytes);

/** Next scalar of the input. @param bytes 1, 2, 4 or 8: as many of the lowest of value. */
void edb_host_put(struct edb_host_call *call, uint64_t value, size_t bytes);

/** Next array or string of the input. */
void edb_host_put_array(struct edb_host_call *call, const void *from, uint32_t bytes);

/* One ocall of the enclave's, while it is being served: see edb_serve.c. */
struct edb_serve_call;
typedef TEEC_Result (*edb_serve_function)(struct edb_serve_call *call);

/* A file's ocalls, in its order. */
struct edb_host_ocalls {
	const edb_serve_function *functions;
	uint32_t count;
};

/** Call the enclave, and serve the ocalls that it makes meanwhile. @param ocalls NULL: none */
void edb_host_invoke(
	struct edb_host_call *call, uint32_t command, const struct edb_host_ocalls *ocalls);

/** What the enclave's function returned. */
uint32_t edb_host_retval(const struct edb_host_call *call);

/** A value that must be 0 or 1. */
bool edb_host_bool(struct edb_host_call *call, uint64_t value);

/** Next scalar of the output. */
uint64_t edb_host_get(struct edb_host_call *call, size_t bytes);

/** Next array or string of the output, of this size. Borrowed until the next call. */
const void *edb_host_get_array(struct edb_host_call *call, uint32_t bytes);

/** Was everything as it must be? @return the call's result */
TEEC_Result edb_host_end(struct edb_host_call *call);

/*
 * Serving an ocall: the same as the enclave's half of an ecall, enclave/runtime/call.h.
 */

struct edb_serve_call {
	const uint8_t *in; /* the request, a private copy */
	size_t in_size, in_pos;
	uint8_t *work; /* zero-filled: arrays that go back or need alignment */
	size_t work_size, work_pos;
	uint8_t *out; /* the reply */
	size_t out_size, out_pos;
	bool bad; /* sticky: the request is not what its sizes say */
};

uint64_t edb_serve_in(struct edb_serve_call *call, size_t bytes);
bool edb_serve_in_bool(struct edb_serve_call *call);
void edb_serve_require(struct edb_serve_call *call, bool condition);
uint32_t edb_serve_size(struct edb_serve_call *call, uint64_t count, uint64_t size);
void *edb_serve_in_array(struct edb_serve_call *call, uint32_t bytes);
char *edb_serve_in_string(struct edb_serve_call *call, uint32_t *bytes);
size_t edb_serve_pad(uint32_t bytes);
TEEC_Result edb_serve_begin(struct edb_serve_call *call, uint64_t out_bytes, size_t work_bytes);
void *edb_serve_work(struct edb_serve_call *call, const void *from, uint32_t bytes);
void edb_serve_out(struct edb_serve_call *call, uint64_t value, size_t bytes);
void edb_serve_out_array(struct edb_serve_call *call, const void *from, uint32_t bytes);

/**
 * Run one ocall.
 *
 * @param request  size bytes: token and packed inputs; changed by the ocall
 * @param reply    out: on the heap, begins with the token; the caller wipes and frees it. Only the
 *                 token if the request was refused: the enclave sees that.
 * @return TEEC_SUCCESS; TEEC_ERROR_OUT_OF_MEMORY: there is no reply
 */
TEEC_Result edb_serve(const struct edb_host_ocalls *ocalls, uint32_t number, uint8_t *request,
	size_t size, uint8_t **reply, size_t *reply_size);

/** To the caller. 0 bytes from or to nowhere is fine. */
void edb_host_copy(void *to, const void *from, uint32_t bytes);

#endif
