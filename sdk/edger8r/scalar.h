/* SPDX-License-Identifier: MIT
 *
 * The scalar types of EDL.
 */
#ifndef EDGER8R_SCALAR_H
#define EDGER8R_SCALAR_H

#include "model.h"

/* The words that C combines: "unsigned long int". */
struct scalar_words {
	unsigned int is_signed, is_unsigned, is_char, is_short, is_int, is_long; /* how often */
};

/** Count one word. false: it is none of them. */
bool scalar_add_word(struct scalar_words *words, const char *text, size_t size);

/** The type that the counted words mean; NULL: C knows no such combination. */
const struct edl_scalar *scalar_of_words(const struct scalar_words *words);

/** void, bool, size_t, int8_t … uint64_t; NULL: none of them. */
const struct edl_scalar *scalar_by_name(const char *text, size_t size);

/** What every enum is on the wire. */
const struct edl_scalar *scalar_of_enum(void);

#endif
