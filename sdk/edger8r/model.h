/* SPDX-License-Identifier: MIT
 *
 * An EDL file as data: what the parser makes, the checks complete, the generators read.
 */
#ifndef EDGER8R_MODEL_H
#define EDGER8R_MODEL_H

#include "diag.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Limits that no honest file meets; they keep a hostile one cheap. */
#define EDL_FILE_BYTES_MAX (1024 * 1024)
#define EDL_NAME_BYTES     64 /* with its NUL */
#define EDL_PARAMS_MAX     32
#define EDL_CALLS_MAX      1024
#define EDL_ENUMS_MAX      256
#define EDL_ENUM_ITEMS_MAX 1024

/* A scalar's C spelling and what it is on the wire. Enums have one for all. */
struct edl_scalar {
	const char *spelling;
	unsigned int bytes; /* on the wire; 0: void */
	bool is_signed;
	bool is_bool;
	bool is_enum;
	bool is_char; /* what a string is made of */
};

struct edl_enum_item {
	char name[EDL_NAME_BYTES];
	struct source_place place;
	int32_t value;
	bool has_alias; /* an earlier item has the same value */
};

struct edl_enum {
	char name[EDL_NAME_BYTES];
	struct source_place place;
	struct edl_enum_item *items;
	size_t item_count;
};

struct edl_type {
	struct source_place place;
	const struct edl_scalar *scalar;
	char enum_name[EDL_NAME_BYTES];     /* as written, of an enum */
	const struct edl_enum *enum_borrow; /* set by the checks */
};

/* What count= or size= says. */
struct edl_amount {
	bool given;
	struct source_place place;
	uint64_t number;           /* if name is empty */
	char name[EDL_NAME_BYTES]; /* of a parameter */
	size_t param;              /* its place; set by the checks */
};

enum edl_shape {
	EDL_VALUE,   /* a scalar, by value */
	EDL_POINTED, /* a pointer to one scalar */
	EDL_ARRAY,   /* a pointer to count * size bytes */
	EDL_STRING,
};

struct edl_param {
	char name[EDL_NAME_BYTES];
	struct source_place place;
	struct edl_type type;
	bool is_pointer, is_const;
	bool in, out, string;
	struct edl_amount count, size;
	enum edl_shape shape; /* set by the checks */
};

struct edl_call {
	char name[EDL_NAME_BYTES];
	struct source_place place;      /* of the name */
	struct source_place start, end; /* the declaration, without its ; */
	struct edl_type result;
	bool is_public;
	bool is_ocall; /* set by the checks */
	struct edl_param *params;
	size_t param_count;
};

/* Owned; edl_clear. Zero is a valid empty one. */
struct edl {
	struct edl_enum *enums;
	size_t enum_count;
	struct edl_call *ecalls;
	size_t ecall_count;
	struct edl_call *ocalls;
	size_t ocall_count;
};

/**
 * Read an EDL file.
 *
 * @param text   size bytes; borrowed for the length of the call
 * @param edl    out: the file; empty unless true is returned
 * @param diags  out: what is wrong; empty if true is returned
 * @return true: edl is whole and checked. false: see diags.
 */
bool edl_read(const char *text, size_t size, struct edl *edl, struct diags *diags);

/** Free what is in it. */
void edl_clear(struct edl *edl);

/* The parts of edl_read. */
void edl_parse(const char *text, size_t size, struct edl *edl, struct diags *diags);
void edl_check(struct edl *edl, struct diags *diags);

/** The bytes of one element of an array, where size= gives none: its type's. */
static inline unsigned int edl_element_bytes(const struct edl_param *param)
{
	return param->type.scalar->bytes;
}

#endif
