/* SPDX-License-Identifier: MIT
 *
 * EDL text to tokens. Comments and blanks are skipped.
 */
#ifndef EDGER8R_LEXER_H
#define EDGER8R_LEXER_H

#include "diag.h"

#include <stdbool.h>
#include <stdint.h>

enum token_kind {
	TOKEN_END,
	TOKEN_NAME,        /* a C identifier; keywords, too */
	TOKEN_NUMBER,      /* decimal or 0x…, up to 64 bits */
	TOKEN_PUNCTUATION, /* one of { } ( ) [ ] , ; = * - */
	TOKEN_BAD,         /* already reported */
};

struct token {
	enum token_kind kind;
	struct source_place place;
	const char *text; /* borrowed from the source */
	size_t size;      /* bytes */
	uint64_t number;  /* of a TOKEN_NUMBER */
};

struct lexer {
	const char *text; /* borrowed */
	size_t size;
	struct source_place at;
	struct diags *diags;
};

void lexer_init(struct lexer *lexer, const char *text, size_t size, struct diags *diags);

/** The next token. At the end, and for ever after it, TOKEN_END. */
struct token lexer_next(struct lexer *lexer);

/** Is it this keyword or punctuation? */
bool token_is(const struct token *token, const char *text);

#endif
