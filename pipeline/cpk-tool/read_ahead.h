/* SPDX-License-Identifier: MIT
 *
 * Reads a stream in a thread of its own, a few blocks ahead of who uses it, so that the file is
 * read while the enclave decrypts.
 */
#ifndef READ_AHEAD_H
#define READ_AHEAD_H

#include <cpk/reader.h>

struct read_ahead;

/** Start. raw is the thread's until read_ahead_stop. */
enum edb_err read_ahead_start(const struct cpk_raw *raw, uint16_t index, struct read_ahead **reader,
	struct edb_error *error);

/** The next 1 … CPK_BLOCK bytes, borrowed until the next call; size 0: the end. */
enum edb_err read_ahead_next(
	struct read_ahead *reader, const uint8_t **block, size_t *size, struct edb_error *error);

/** NULL is fine. */
void read_ahead_stop(struct read_ahead *reader);

#endif
