/* SPDX-License-Identifier: MIT
 *
 * Tokens to the model, by recursive descent (of fixed depth). After a mistake it goes on behind the
 * declaration, so that one run shows most of them. What it lets through is well-formed, not yet
 * meaningful: see check.c.
 */
#include "lexer.h"
#include "model.h"
#include "scalar.h"

#include <stdlib.h>
#include <string.h>

struct parser {
	struct lexer lexer;
	struct token token;         /* the next one, not yet taken */
	struct source_place behind; /* where the one before it ended */
	struct diags *diags;
};

static void advance(struct parser *p)
{
	p->behind = p->lexer.at;
	p->token = lexer_next(&p->lexer);
}

/* Always false, so that a caller can return it. */
static bool expected(struct parser *p, const char *what)
{
	const struct token *token = &p->token;

	if (token->kind == TOKEN_END)
		diag_add(p->diags, token->place, "expected %s, but the file ends", what);
	else if (token->kind != TOKEN_BAD)
		diag_add(p->diags, token->place, "expected %s, not '%.*s'", what,
			(int)(token->size > 40 ? 40 : token->size), token->text);
	return false;
}

static bool accept(struct parser *p, const char *text)
{
	if (!token_is(&p->token, text))
		return false;
	advance(p);
	return true;
}

static bool expect(struct parser *p, const char *text)
{
	char what[24];

	if (accept(p, text))
		return true;
	snprintf(what, sizeof what, "'%s'", text);
	return expected(p, what);
}

/* Go on behind the next ';', or in front of the '}' that closes the block. */
static void recover(struct parser *p)
{
	while (p->token.kind != TOKEN_END && !token_is(&p->token, "}")) {
		if (accept(p, ";"))
			return;
		advance(p);
	}
}

/* Make room for one more; NULL (reported) beyond the limit. */
static void *grow(struct parser *p, void *list, size_t *count, size_t size, size_t max,
	const char *what, void **place)
{
	void *bigger;

	*place = NULL;
	if (*count == max) {
		diag_add(p->diags, p->token.place, "more than %zu %s", max, what);
		return list;
	}
	/* Room for all at powers of two only: appending stays cheap. */
	if (!(*count & (*count - 1))) {
		bigger = reallocarray(list, *count ? *count * 2 : 1, size);
		if (!bigger) {
			diag_add(p->diags, p->token.place, "out of memory");
			return list;
		}
		list = bigger;
	}
	*place = (char *)list + *count * size;
	memset(*place, 0, size);
	(*count)++;
	return list;
}

static bool parse_name(struct parser *p, char name[static EDL_NAME_BYTES],
	struct source_place *place, const char *what)
{
	if (p->token.kind != TOKEN_NAME)
		return expected(p, what);
	if (p->token.size >= EDL_NAME_BYTES) {
		diag_add(p->diags, p->token.place, "names have at most %d characters",
			EDL_NAME_BYTES - 1);
		return false;
	}
	*place = p->token.place;
	snprintf(name, EDL_NAME_BYTES, "%.*s", (int)p->token.size, p->token.text);
	advance(p);
	return true;
}

static bool parse_type_words(struct parser *p, struct edl_type *type)
{
	struct scalar_words words = {0};
	bool any = false;

	while (p->token.kind == TOKEN_NAME &&
		scalar_add_word(&words, p->token.text, p->token.size)) {
		any = true;
		advance(p);
	}
	if (!any)
		return false;
	type->scalar = scalar_of_words(&words);
	if (!type->scalar)
		diag_add(p->diags, type->place, "C has no such combination of type words");
	return true;
}

static bool parse_type(struct parser *p, struct edl_type *type)
{
	static const char *const refused[] = {
		"float", "double", "struct", "union", "wchar_t", "char16_t", "va_list"};

	type->place = p->token.place;
	if (parse_type_words(p, type))
		return type->scalar;
	for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
		if (token_is(&p->token, refused[i])) {
			diag_add(p->diags, type->place,
				"'%s' cannot cross the border; use scalars, "
				"enums, strings and arrays of scalars",
				refused[i]);
			return false;
		}
	}
	if (accept(p, "enum")) {
		struct source_place place;

		type->scalar = scalar_of_enum();
		return parse_name(p, type->enum_name, &place, "the name of an enum");
	}
	if (p->token.kind != TOKEN_NAME)
		return expected(p, "a type");
	type->scalar = scalar_by_name(p->token.text, p->token.size);
	if (!type->scalar) {
		diag_add(p->diags, type->place, "'%.*s' is not a type of EDL",
			(int)(p->token.size > 40 ? 40 : p->token.size), p->token.text);
		return false;
	}
	advance(p);
	return true;
}

static bool parse_amount(struct parser *p, struct edl_amount *amount)
{
	if (amount->given) {
		diag_add(p->diags, p->token.place, "given twice");
		return false;
	}
	advance(p);
	if (!expect(p, "="))
		return false;
	amount->given = true;
	amount->place = p->token.place;
	if (p->token.kind == TOKEN_NUMBER) {
		amount->number = p->token.number;
		advance(p);
		return true;
	}
	return parse_name(p, amount->name, &amount->place, "a number or a parameter's name");
}

static bool parse_attribute(struct parser *p, struct edl_param *param)
{
	static const char *const refused[] = {"user_check", "wstring", "sizefunc", "isptr", "isary",
		"readonly", "propagate_errno"};
	bool *flag = NULL;

	if (token_is(&p->token, "count"))
		return parse_amount(p, &param->count);
	if (token_is(&p->token, "size"))
		return parse_amount(p, &param->size);
	if (token_is(&p->token, "in"))
		flag = &param->in;
	else if (token_is(&p->token, "out"))
		flag = &param->out;
	else if (token_is(&p->token, "string"))
		flag = &param->string;
	for (size_t i = 0; !flag && i < sizeof refused / sizeof refused[0]; i++) {
		if (token_is(&p->token, refused[i])) {
			diag_add(p->diags, p->token.place,
				"'%s' is not offered: everything that crosses is copied, in a size "
				"that the declaration gives",
				refused[i]);
			return false;
		}
	}
	if (!flag)
		return expected(p, "in, out, string, count= or size=");
	if (*flag) {
		diag_add(p->diags, p->token.place, "given twice");
		return false;
	}
	*flag = true;
	advance(p);
	return true;
}

static bool parse_param(struct parser *p, struct edl_param *param)
{
	if (accept(p, "[")) {
		do {
			if (!parse_attribute(p, param))
				return false;
		} while (accept(p, ","));
		if (!expect(p, "]"))
			return false;
	}
	param->is_const = accept(p, "const");
	if (!parse_type(p, &param->type))
		return false;
	if (accept(p, "*")) {
		param->is_pointer = true;
		if (token_is(&p->token, "*")) {
			diag_add(p->diags, p->token.place,
				"a pointer to a pointer cannot cross the "
				"border");
			return false;
		}
	}
	if (!parse_name(p, param->name, &param->place, "a parameter's name"))
		return false;
	if (token_is(&p->token, "[")) {
		diag_add(p->diags, p->token.place, "write an array as [in, count=…] TYPE *NAME");
		return false;
	}
	return true;
}

static bool parse_params(struct parser *p, struct edl_call *call)
{
	struct source_place start = p->token.place;

	if (accept(p, "void")) {
		if (token_is(&p->token, ")"))
			return true;
		diag_add(p->diags, start, "void has no size; use uint8_t * with count=");
		return false;
	}
	if (token_is(&p->token, ")"))
		return true;
	do {
		void *place;

		call->params = grow(p, call->params, &call->param_count, sizeof *call->params,
			EDL_PARAMS_MAX, "parameters", &place);
		if (!place || !parse_param(p, place))
			return false;
	} while (accept(p, ","));
	return true;
}

static bool parse_call(struct parser *p, struct edl_call *call)
{
	call->start = p->token.place;
	call->is_public = accept(p, "public");
	if (token_is(&p->token, "[")) {
		diag_add(p->diags, p->token.place, "a return value has no attributes");
		return false;
	}
	if (!parse_type(p, &call->result))
		return false;
	if (token_is(&p->token, "*")) {
		diag_add(p->diags, p->token.place,
			"a pointer cannot be returned; use an [out] parameter");
		return false;
	}
	if (!parse_name(p, call->name, &call->place, "the call's name") || !expect(p, "(") ||
		!parse_params(p, call))
		return false;
	if (!accept(p, ")"))
		return expected(p, "',' or ')'");
	call->end = p->behind;
	if (token_is(&p->token, "allow") || token_is(&p->token, "transition_using_threads")) {
		diag_add(p->diags, p->token.place, "no ecall is possible while an ocall runs");
		return false;
	}
	return expect(p, ";");
}

static bool parse_calls(struct parser *p, struct edl_call **calls, size_t *count, const char *what)
{
	if (!expect(p, "{"))
		return false;
	while (!token_is(&p->token, "}") && p->token.kind != TOKEN_END) {
		void *place;

		*calls = grow(p, *calls, count, sizeof **calls, EDL_CALLS_MAX, what, &place);
		if (!place)
			return false;
		if (!parse_call(p, place))
			recover(p);
	}
	return expect(p, "}") && expect(p, ";");
}

static bool parse_enum_value(struct parser *p, struct edl_enum_item *item)
{
	bool negative = accept(p, "-");
	uint64_t limit = negative ? UINT64_C(0x80000000) : INT32_MAX;

	if (p->token.kind != TOKEN_NUMBER)
		return expected(p, "a number");
	if (p->token.number > limit) {
		diag_add(p->diags, p->token.place, "an enum's values fit in 32 bits, signed");
		return false;
	}
	item->value = (int32_t)(negative ? -(int64_t)p->token.number : (int64_t)p->token.number);
	advance(p);
	return true;
}

static bool parse_enum_items(struct parser *p, struct edl_enum *of)
{
	do {
		void *place;

		if (of->item_count && token_is(&p->token, "}"))
			return true; /* after a last comma */
		of->items = grow(p, of->items, &of->item_count, sizeof *of->items,
			EDL_ENUM_ITEMS_MAX, "items", &place);
		if (!place)
			return false;

		struct edl_enum_item *item = place;

		if (!parse_name(p, item->name, &item->place, "an item's name"))
			return false;
		if (accept(p, "=")) {
			if (!parse_enum_value(p, item))
				return false;
		} else if (of->item_count > 1) {
			int32_t before = of->items[of->item_count - 2].value;

			if (before == INT32_MAX) {
				diag_add(p->diags, item->place,
					"an enum's values fit in 32 bits, signed");
				return false;
			}
			item->value = before + 1;
		}
	} while (accept(p, ","));
	return true;
}

static bool parse_enum(struct parser *p, struct edl *edl)
{
	void *place;

	edl->enums = grow(p, edl->enums, &edl->enum_count, sizeof *edl->enums, EDL_ENUMS_MAX,
		"enums", &place);
	if (!place)
		return false;

	struct edl_enum *of = place;

	if (!parse_name(p, of->name, &of->place, "the enum's name") || !expect(p, "{"))
		return false;
	bool good = parse_enum_items(p, of);

	if (good && !token_is(&p->token, "}"))
		good = expected(p, "',' or '}'");
	if (!good) {
		while (p->token.kind != TOKEN_END && !token_is(&p->token, "}"))
			advance(p);
	}
	return expect(p, "}") && expect(p, ";");
}

static bool parse_section(struct parser *p, struct edl *edl)
{
	static const char *const refused[] = {"include", "from", "struct", "union"};

	if (accept(p, "enum"))
		return parse_enum(p, edl);
	if (accept(p, "trusted"))
		return parse_calls(p, &edl->ecalls, &edl->ecall_count, "ecalls");
	if (accept(p, "untrusted"))
		return parse_calls(p, &edl->ocalls, &edl->ocall_count, "ocalls");
	for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
		if (token_is(&p->token, refused[i])) {
			diag_add(p->diags, p->token.place, "'%s' is not offered", refused[i]);
			return false;
		}
	}
	return expected(p, "enum, trusted, untrusted or '}'");
}

void edl_parse(const char *text, size_t size, struct edl *edl, struct diags *diags)
{
	struct parser parser = {.diags = diags};
	struct parser *p = &parser;

	if (size > EDL_FILE_BYTES_MAX) {
		diag_add(diags, (struct source_place){.line = 1, .column = 1},
			"the file is larger than %d bytes", EDL_FILE_BYTES_MAX);
		return;
	}
	lexer_init(&p->lexer, text, size, diags);
	advance(p);
	if (!expect(p, "enclave") || !expect(p, "{"))
		return;
	while (!token_is(&p->token, "}") && p->token.kind != TOKEN_END) {
		/* Mistakes inside a block are told one by one; at this level the structure is
		 * lost, and more messages would mislead. */
		if (!parse_section(p, edl))
			return;
	}
	if (expect(p, "}") && expect(p, ";") && p->token.kind != TOKEN_END)
		expected(p, "the end of the file");
}

bool edl_read(const char *text, size_t size, struct edl *edl, struct diags *diags)
{
	*edl = (struct edl){0};
	diags->count = 0;
	edl_parse(text, size, edl, diags);
	/* Meaning is checked of well-formed files only: half a declaration means nothing. */
	if (!diags->count)
		edl_check(edl, diags);
	if (diags->count)
		edl_clear(edl);
	return !diags->count;
}

static void clear_calls(struct edl_call *calls, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(calls[i].params);
	free(calls);
}

void edl_clear(struct edl *edl)
{
	for (size_t i = 0; i < edl->enum_count; i++)
		free(edl->enums[i].items);
	free(edl->enums);
	clear_calls(edl->ecalls, edl->ecall_count);
	clear_calls(edl->ocalls, edl->ocall_count);
	*edl = (struct edl){0};
}
