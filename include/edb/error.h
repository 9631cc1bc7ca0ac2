/* SPDX-License-Identifier: MIT
 *
 * How a normal-world library of ours reports a failure: a code, where, and a sentence.
 */
#ifndef EDB_ERROR_H
#define EDB_ERROR_H

#include <stdint.h>

#include "edb_err.h"

#define EDB_ERROR_MESSAGE_BYTES 600
#define EDB_NO_OFFSET           UINT64_MAX

/*
 * Owned by the caller, usually on its stack; nothing in it needs freeing. A function that returns
 * EDB_OK leaves it untouched.
 */
struct edb_error {
	enum edb_err code;
	uint64_t offset; /* byte in the input that the failure is about; EDB_NO_OFFSET: none */
	char message[EDB_ERROR_MESSAGE_BYTES]; /* what failed, on what; no secret, no newline; UTF-8
						*/
};

/**
 * Record a failure.
 *
 * @param error  may be NULL; overwritten. A message too long is cut at a character's end.
 * @return code, so that a caller can write `return edb_fail(error, …);`
 * Threads: any, on different errors.
 */
enum edb_err edb_fail(struct edb_error *error, enum edb_err code, uint64_t offset,
	const char *format, ...) __attribute__((format(printf, 4, 5)));

#ifdef __clang_analyzer__
/* The analyser does not see that code comes back, and would follow paths on which it is EDB_OK. */
#define edb_fail(error, code, ...) ((edb_fail)(error, code, __VA_ARGS__), (code))
#endif

/** Put "text: " in front of the message, to say on the way up what was being done. NULL is fine. */
void edb_error_prefix(struct edb_error *error, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/** The name of a code without its prefix, such as "TRUNCATED"; "UNKNOWN" for any other number. */
const char *edb_err_name(enum edb_err code);

#endif
