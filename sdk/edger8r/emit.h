/* SPDX-License-Identifier: MIT
 *
 * What the generators share: C text that reads as if somebody had typed it.
 */
#ifndef EDGER8R_EMIT_H
#define EDGER8R_EMIT_H

#include "model.h"

#include <stdio.h>

/* What is generated from, and how. All borrowed. */
struct gen {
	const struct edl *edl;
	const char *text;      /* the EDL source */
	const char *file_name; /* of the EDL file, without folders */
	const char *stem;      /* file_name without .edl */
	FILE *to;
	bool no_ocalls; /* leave ocalls out */
	/* For gen_serve: how this side's functions, their result and its zero are called. */
	const char *serve, *result, *success;
};

/* In text for emit(): a place where a long line may be broken. Is a blank if it is not. */
#define BREAK "\v"

/**
 * Print one logical line, broken at BREAKs where it passes 100 columns. Lines after the first are
 * indented by one tab more.
 *
 * @param indent  tabs before the first line
 */
void emit(struct gen *gen, unsigned int indent, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/** Print lines as they are. */
void emit_raw(struct gen *gen, const char *text);

/** The first lines of every file: who made it from what. */
void emit_banner(struct gen *gen, const char *what);

/** "#ifndef STEM_x_H …". @param suffix "U" or "T" */
void emit_guard(struct gen *gen, const char *suffix);

/** The declaration as the EDL file has it, on one logical line in a comment with its line number.
 */
void emit_origin(struct gen *gen, const struct edl_call *call);

/** All enums as C. */
void emit_enums(struct gen *gen);

/**
 * The functions that know an enum's values, for the enums that one side receives.
 *
 * @param trusted  what comes to the enclave: into ecalls and out of ocalls; else to the host
 */
void emit_enum_checks(struct gen *gen, bool trusted);

/** What both worlds must agree in for the wire format to hold. */
void emit_size_asserts(struct gen *gen);

/** "unsigned int ", "enum edb_key_kind ": ready for a name or a '*' behind it. */
const char *type_text(const struct edl_type *type, char buffer[static EDL_NAME_BYTES + 8]);

/**
 * A call's parameters as C declares them.
 *
 * @param const_in  make pointers const where nothing comes out of them
 * @param lead      first parameters, each ended by ",\v"; or ""
 * @return on the heap; NULL: out of memory
 */
char *params_text(const struct edl_call *call, bool const_in, const char *lead);

/** Does the wire carry it among the scalars, in this direction? */
bool is_scalar_in(const struct edl_param *param);
bool is_scalar_out(const struct edl_param *param);

/** Does the wire carry it among the arrays and strings? */
bool is_sized(const struct edl_param *param);

/** A result that crosses among the outputs: an ocall's, or too wide for parameter 2. */
bool is_result_packed(const struct edl_call *call);

/** Does the file have ocalls, and are they wanted? */
bool has_ocalls(const struct gen *gen);

/** Does anything go in, or come out, through parameter 0, or 1? */
bool has_input(const struct edl_call *call);
bool has_output(const struct edl_call *call);

/** Print a sum of what the scalars and sized parameters of one direction take on the wire. */
char *wire_size_text(const struct edl_call *call, bool out);

/** count and size of an array as C expressions: "data_size, 1". On the heap. */
char *amount_text(const struct edl_call *call, const struct edl_param *param);

#endif
