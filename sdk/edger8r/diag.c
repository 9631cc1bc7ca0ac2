/* SPDX-License-Identifier: MIT */
#include "diag.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

void diag_add(struct diags *diags, struct source_place place, const char *format, ...)
{
	if (diags->count == DIAG_MAX)
		return;

	struct diag *diag = &diags->list[diags->count++];
	va_list args;

	diag->place = place;
	va_start(args, format);
	vsnprintf(diag->message, sizeof diag->message, format, args);
	va_end(args);
}

static int by_place(const void *left, const void *right)
{
	const struct diag *a = left, *b = right;

	return (a->place.offset > b->place.offset) - (a->place.offset < b->place.offset);
}

static void print_source_line(const struct diag *diag, const char *text, size_t size, FILE *to)
{
	size_t start = diag->place.offset - (diag->place.column - 1);
	size_t end = start;

	while (end < size && text[end] != '\n')
		end++;
	for (size_t i = start; i < end; i++) {
		unsigned char c = (unsigned char)text[i];

		/* A hostile file must not drive the terminal; one '?' for each character that
		 * is not ASCII, so that the caret stays below its place. */
		if (c == '\t' || (c >= 0x20 && c < 0x7f))
			fputc(c, to);
		else if ((c & 0xc0) != 0x80)
			fputc('?', to);
	}
	fputc('\n', to);
	for (size_t i = start; i < diag->place.offset; i++) {
		if (text[i] == '\t')
			fputc('\t', to);
		else if (((unsigned char)text[i] & 0xc0) != 0x80)
			fputc(' ', to);
	}
	fputs("^\n", to);
}

void diag_print(struct diags *diags, const char *file_name, const char *text, size_t size, FILE *to)
{
	qsort(diags->list, diags->count, sizeof diags->list[0], by_place);
	for (size_t i = 0; i < diags->count; i++) {
		const struct diag *diag = &diags->list[i];

		fprintf(to, "%s:%u:%u: error: %s\n", file_name, diag->place.line,
			diag->place.column, diag->message);
		print_source_line(diag, text, size, to);
	}
}
