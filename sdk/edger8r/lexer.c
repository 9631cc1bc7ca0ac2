/* SPDX-License-Identifier: MIT */
#include "lexer.h"

#include <string.h>

void lexer_init(struct lexer *lexer, const char *text, size_t size, struct diags *diags)
{
	*lexer = (struct lexer){
		.text = text, .size = size, .at = {.line = 1, .column = 1}, .diags = diags};
}

bool token_is(const struct token *token, const char *text)
{
	return (token->kind == TOKEN_NAME || token->kind == TOKEN_PUNCTUATION) &&
	       token->size == strlen(text) && !strncmp(token->text, text, token->size);
}

/* The byte that lies `ahead` bytes on; -1 behind the end. */
static int peek(const struct lexer *lexer, size_t ahead)
{
	if (ahead >= lexer->size - lexer->at.offset)
		return -1;
	return (unsigned char)lexer->text[lexer->at.offset + ahead];
}

static void step(struct lexer *lexer)
{
	if (peek(lexer, 0) == '\n') {
		lexer->at.line++;
		lexer->at.column = 1;
	} else {
		lexer->at.column++;
	}
	lexer->at.offset++;
}

static bool is_blank(int c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool is_digit(int c)
{
	return c >= '0' && c <= '9';
}

static bool is_name_part(int c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || is_digit(c);
}

static void skip_block_comment(struct lexer *lexer)
{
	struct source_place start = lexer->at;

	step(lexer);
	step(lexer);
	while (peek(lexer, 0) >= 0) {
		if (peek(lexer, 0) == '*' && peek(lexer, 1) == '/') {
			step(lexer);
			step(lexer);
			return;
		}
		step(lexer);
	}
	diag_add(lexer->diags, start, "this comment does not end");
}

static void skip_blanks_and_comments(struct lexer *lexer)
{
	for (;;) {
		if (is_blank(peek(lexer, 0))) {
			step(lexer);
		} else if (peek(lexer, 0) == '/' && peek(lexer, 1) == '/') {
			while (peek(lexer, 0) >= 0 && peek(lexer, 0) != '\n')
				step(lexer);
		} else if (peek(lexer, 0) == '/' && peek(lexer, 1) == '*') {
			skip_block_comment(lexer);
		} else {
			return;
		}
	}
}

/* The value of a digit, or 99. */
static unsigned int digit_value(char c)
{
	if (is_digit(c))
		return (unsigned int)(c - '0');
	if (c >= 'a' && c <= 'f')
		return (unsigned int)(c - 'a') + 10;
	if (c >= 'A' && c <= 'F')
		return (unsigned int)(c - 'A') + 10;
	return 99;
}

static void read_number(struct lexer *lexer, struct token *token)
{
	unsigned int base = 10;
	size_t i = 0;

	if (token->size > 2 && token->text[0] == '0' &&
		(token->text[1] == 'x' || token->text[1] == 'X')) {
		base = 16;
		i = 2;
	} else if (token->size > 1 && token->text[0] == '0') {
		/* C reads 010 as eight, people read ten. */
		diag_add(lexer->diags, token->place,
			"a number does not start with 0; octal is not "
			"part of EDL");
		token->kind = TOKEN_BAD;
		return;
	}
	for (; i < token->size; i++) {
		unsigned int digit = digit_value(token->text[i]);

		if (digit >= base) {
			diag_add(lexer->diags, token->place, "'%.*s' is not a number",
				(int)(token->size > 40 ? 40 : token->size), token->text);
			token->kind = TOKEN_BAD;
			return;
		}
		if (token->number > (UINT64_MAX - digit) / base) {
			diag_add(lexer->diags, token->place, "this number needs more than 64 bits");
			token->kind = TOKEN_BAD;
			return;
		}
		token->number = token->number * base + digit;
	}
}

struct token lexer_next(struct lexer *lexer)
{
	skip_blanks_and_comments(lexer);

	struct token token = {.place = lexer->at, .text = &lexer->text[lexer->at.offset]};
	int c = peek(lexer, 0);

	if (c < 0)
		return token;
	if (is_name_part(c)) {
		while (is_name_part(peek(lexer, 0)))
			step(lexer);
		token.size = lexer->at.offset - token.place.offset;
		token.kind = is_digit(c) ? TOKEN_NUMBER : TOKEN_NAME;
		if (token.kind == TOKEN_NUMBER)
			read_number(lexer, &token);
		return token;
	}
	step(lexer);
	token.size = 1;
	if (c && strchr("{}()[],;=*-", c)) {
		token.kind = TOKEN_PUNCTUATION;
		return token;
	}
	token.kind = TOKEN_BAD;
	if (c > 0x20 && c < 0x7f)
		diag_add(lexer->diags, token.place, "'%c' is not part of EDL", c);
	else
		diag_add(lexer->diags, token.place, "byte 0x%02x is not part of EDL",
			(unsigned int)c);
	return token;
}
