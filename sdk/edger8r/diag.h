/* SPDX-License-Identifier: MIT
 *
 * What is wrong with an EDL file: collected while reading it, printed by the program.
 */
#ifndef EDGER8R_DIAG_H
#define EDGER8R_DIAG_H

#include <stddef.h>
#include <stdio.h>

#define DIAG_MAX           20 /* more mistakes than anybody mends in one go */
#define DIAG_MESSAGE_BYTES 200

/* A place in the source. Lines and columns count from 1; a column is one byte. */
struct source_place {
	size_t offset;
	unsigned int line, column;
};

struct diag {
	struct source_place place;
	char message[DIAG_MESSAGE_BYTES];
};

/* Owned by the caller; nothing in it needs freeing. */
struct diags {
	struct diag list[DIAG_MAX];
	size_t count;
};

/** Note one mistake; beyond DIAG_MAX it is dropped, the file is refused all the same. */
void diag_add(struct diags *diags, struct source_place place, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/**
 * Print every mistake as FILE:LINE:COLUMN: error: …, the source line, and a caret below the column,
 * in the order of the source.
 *
 * @param text  the source, size bytes; need not end with a NUL
 */
void diag_print(
	struct diags *diags, const char *file_name, const char *text, size_t size, FILE *to);

#endif
