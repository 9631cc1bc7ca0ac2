/* SPDX-License-Identifier: MIT
 *
 * Ocalls: the enclave asks its host for something in the middle of an ecall. A TEE knows no such
 * thing, so the ecall's command returns with "ocall pending", and the host comes back with a RESUME
 * command. Between the two, the ecall's function waits on a stack of its own. Mapping memory costs,
 * so an ecall need not bring room for requests: if it is too small the enclave asks for ROOM first.
 * Only the code of EDL files that declare ocalls uses any of this. Wire: docs/edl.md, "Ocalls".
 *
 * What an attacker may try, and what stops it:
 * - RESUME without a pending ocall, twice, late, or for another session's: state and token;
 * - another ecall, or ROOM, instead of RESUME, or the other way round: refused by the state;
 * - never coming back: closing the session cancels, the function unwinds and frees what it holds;
 * - other memory in RESUME: its sizes are checked like the first command's, old pointers are gone;
 * - changing a reply while it is read: it is copied once.
 */
#ifndef EDB_OCALL_H
#define EDB_OCALL_H

#include "call.h"

/* Not a place in any EDL file: those have 1024 calls at most. */
#define EDB_COMMAND_RESUME 0xedb00001
#define EDB_COMMAND_ROOM   0xedb00002

/* In the place of a pending ocall: room is waited for. */
#define EDB_OCALL_ROOM UINT32_MAX

/* Every request and every reply begins with its token. */
#define EDB_OCALL_TOKEN_BYTES 8

/* Token and inputs of one request, at most. */
#define EDB_OCALL_REQUEST_MAX (64 * 1024)

/* Bytes of the second stack; an application may define its own. Default: 32 KiB. */
extern const uint32_t edb_ocall_stack_size;

struct edb_fiber;

/** Instead of edb_call_invoke, and at a session's end. The fiber is made with the first ecall. */
TEE_Result edb_ocall_invoke(
	struct edb_fiber **fiber, uint32_t command, uint32_t param_types, TEE_Param params[4]);
void edb_ocall_close(struct edb_fiber **fiber);

/*
 * For generated code: one ocall, from inside an ecall. It writes with edb_out and reads with
 * edb_in, like an ecall the other way round.
 */

/** A string's size with its NUL. */
uint32_t edb_string_size(struct edb_call *call, const char *string);

/**
 * Prepare a request of so many bytes.
 *
 * @return TEE_ERROR_BAD_STATE: not inside an ecall; TEE_ERROR_CANCEL: the session is being closed,
 *         return now; TEE_ERROR_SHORT_BUFFER: more than EDB_OCALL_REQUEST_MAX
 */
TEE_Result edb_ocall_begin(struct edb_call *call, uint64_t bytes);

/** To the host and back. After a failure all inputs read as zero; edb_ocall_check tells. */
void edb_ocall_run(struct edb_call *call, uint32_t number, uint64_t reply_bytes);

/** A string that comes back in a room of so many bytes: ends with a NUL somewhere in it. */
const void *edb_in_text(struct edb_call *call, uint32_t bytes);

/** Was the reply what it must be, all of it? @return TEE_ERROR_CANCEL, TEE_ERROR_BAD_FORMAT */
TEE_Result edb_ocall_check(struct edb_call *call);

/** Wipe and free the reply. */
void edb_ocall_end(struct edb_call *call);

#endif
