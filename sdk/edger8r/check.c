/* SPDX-License-Identifier: MIT
 *
 * What a well-formed EDL file may mean: resolves names, decides each parameter's shape, refuses
 * what cannot be carried safely and what would not compile.
 */
#include "model.h"
#include "names.h"

#include <stdlib.h>
#include <string.h>

enum name_kind {
	NAME_TAG, /* of an enum */
	NAME_ITEM,
	NAME_CALL,
	NAME_PARAM,
};

/* Every name of the C file's outermost scope. */
struct global {
	enum name_kind kind;
	const char *name;
	struct source_place place;
};

struct checker {
	struct edl *edl;
	struct diags *diags;
	struct global *globals; /* sorted by name, then place */
	size_t global_count;
};

/* What the generated code calls its own. */
static bool is_used(enum name_kind kind, const char *name)
{
	if (kind == NAME_TAG)
		return name_is_structure(name);
	if (kind == NAME_ITEM)
		return false; /* a variable of a function may have its name */
	return !strcmp(name, "call") || !strcmp(name, "enclave") || !strcmp(name, "retval") ||
	       name_starts_with(name, "edb_") ||
	       (kind == NAME_PARAM && name_starts_with(name, "size_of_"));
}

static void check_name(
	struct checker *c, enum name_kind kind, const char *name, struct source_place place)
{
	bool edb = name_starts_with(name, "edb_");

	if (name_is_word(name))
		diag_add(c->diags, place, "'%s' is a word of C", name);
	else if (name[0] == '_')
		diag_add(c->diags, place, "names with a leading '_' belong to the compiler");
	else if (name_is_macro(name))
		diag_add(c->diags, place, "'%s' is a macro of C or of a header", name);
	else if (name_starts_with(name, "TEE") || name_starts_with(name, "TA_") ||
		 (edb && (kind == NAME_CALL || kind == NAME_ITEM)))
		diag_add(c->diags, place, "names that start with edb_, TEE or TA_ are taken");
	else if (is_used(kind, name))
		diag_add(c->diags, place, "the generated code uses the name '%s' itself", name);
	else if (kind != NAME_TAG && name_ends_with(name, "_t"))
		diag_add(c->diags, place, "names that end in _t are types");
	else if ((kind == NAME_CALL || kind == NAME_ITEM) && name_is_library(name))
		diag_add(c->diags, place, "'%s' belongs to the C library", name);
}

static int by_name(const void *left, const void *right)
{
	const struct global *a = left, *b = right;
	int order = strcmp(a->name, b->name);

	if (order)
		return order;
	return (a->place.offset > b->place.offset) - (a->place.offset < b->place.offset);
}

static int name_only(const void *key, const void *element)
{
	return strcmp(key, ((const struct global *)element)->name);
}

static const struct global *find_global(const struct checker *c, const char *name)
{
	return c->global_count
		       ? bsearch(name, c->globals, c->global_count, sizeof *c->globals, name_only)
		       : NULL;
}

static void add_global(
	struct checker *c, enum name_kind kind, const char *name, struct source_place place)
{
	c->globals[c->global_count++] = (struct global){kind, name, place};
}

/* The items of enums and the names of calls share one scope; an enum's own name has another. */
static bool collect_globals(struct checker *c)
{
	const struct edl *edl = c->edl;
	size_t count = edl->ecall_count + edl->ocall_count;

	for (size_t i = 0; i < edl->enum_count; i++)
		count += edl->enums[i].item_count;
	c->globals = calloc(count ? count : 1, sizeof *c->globals);
	if (!c->globals)
		return false;
	for (size_t i = 0; i < edl->enum_count; i++) {
		for (size_t j = 0; j < edl->enums[i].item_count; j++)
			add_global(c, NAME_ITEM, edl->enums[i].items[j].name,
				edl->enums[i].items[j].place);
	}
	for (size_t i = 0; i < edl->ecall_count; i++)
		add_global(c, NAME_CALL, edl->ecalls[i].name, edl->ecalls[i].place);
	for (size_t i = 0; i < edl->ocall_count; i++)
		add_global(c, NAME_CALL, edl->ocalls[i].name, edl->ocalls[i].place);
	qsort(c->globals, c->global_count, sizeof *c->globals, by_name);
	for (size_t i = 0; i < c->global_count; i++) {
		const struct global *global = &c->globals[i];

		check_name(c, global->kind, global->name, global->place);
		if (i && !strcmp(c->globals[i - 1].name, global->name))
			diag_add(c->diags, global->place, "'%s' was declared on line %u already",
				global->name, c->globals[i - 1].place.line);
	}
	return true;
}

static int by_value(const void *left, const void *right)
{
	const struct edl_enum_item *a = *(const struct edl_enum_item *const *)left;
	const struct edl_enum_item *b = *(const struct edl_enum_item *const *)right;

	if (a->value != b->value)
		return (a->value > b->value) - (a->value < b->value);
	return (a->place.offset > b->place.offset) - (a->place.offset < b->place.offset);
}

/* Mark all but the first item of each value: a switch may name it only once. */
static bool mark_aliases(struct edl_enum *of)
{
	struct edl_enum_item **sorted = calloc(of->item_count, sizeof(struct edl_enum_item *));

	if (!sorted)
		return false;
	for (size_t i = 0; i < of->item_count; i++)
		sorted[i] = &of->items[i];
	qsort(sorted, of->item_count, sizeof *sorted, by_value);
	for (size_t i = 1; i < of->item_count; i++)
		sorted[i]->has_alias = sorted[i]->value == sorted[i - 1]->value;
	free(sorted);
	return true;
}

static bool check_enums(struct checker *c)
{
	struct edl *edl = c->edl;

	for (size_t i = 0; i < edl->enum_count; i++) {
		struct edl_enum *of = &edl->enums[i];

		check_name(c, NAME_TAG, of->name, of->place);
		for (size_t j = 0; j < i; j++) {
			if (!strcmp(edl->enums[j].name, of->name))
				diag_add(c->diags, of->place,
					"'enum %s' was declared on line %u already", of->name,
					edl->enums[j].place.line);
		}
		if (!mark_aliases(of))
			return false;
	}
	return true;
}

static void resolve_type(struct checker *c, struct edl_type *type)
{
	if (!type->scalar->is_enum)
		return;
	for (size_t i = 0; i < c->edl->enum_count; i++) {
		if (!strcmp(c->edl->enums[i].name, type->enum_name))
			type->enum_borrow = &c->edl->enums[i];
	}
	if (!type->enum_borrow)
		diag_add(c->diags, type->place, "there is no 'enum %s'", type->enum_name);
}

static void check_amount(struct checker *c, const struct edl_call *call, struct edl_amount *amount)
{
	if (!amount->given)
		return;
	if (!amount->name[0]) {
		if (!amount->number || amount->number > INT32_MAX)
			diag_add(c->diags, amount->place, "must be 1 to %d", INT32_MAX);
		return;
	}
	for (size_t i = 0; i < call->param_count; i++) {
		const struct edl_param *other = &call->params[i];

		if (strcmp(other->name, amount->name) != 0)
			continue;
		if (other->is_pointer || other->type.scalar->is_bool || other->type.scalar->is_enum)
			diag_add(c->diags, amount->place,
				"'%s' must be an integer, passed by value", amount->name);
		amount->param = i;
		return;
	}
	diag_add(c->diags, amount->place, "'%s' is no parameter of this call", amount->name);
}

static void check_array(struct checker *c, const struct edl_call *call, struct edl_param *param)
{
	unsigned int element = edl_element_bytes(param);

	check_amount(c, call, &param->count);
	check_amount(c, call, &param->size);
	if (param->type.scalar->is_bool || param->type.scalar->is_enum) {
		diag_add(c->diags, param->type.place,
			"no arrays of bool or enum; use uint8_t or int, and check each element");
		return;
	}
	/* size= is bytes of one element, whatever the type. */
	if (param->size.given && element > 1 &&
		(param->size.name[0] || param->size.number % element))
		diag_add(c->diags, param->size.place,
			"size= must be a number, a multiple of the type's %u bytes; use count=",
			element);
	if (!param->count.name[0] && !param->size.name[0] && !c->diags->count) {
		uint64_t count = param->count.given ? param->count.number : 1;
		uint64_t size = param->size.given ? param->size.number : element;

		if (count * size > INT32_MAX)
			diag_add(c->diags, param->place, "this array has more than %d bytes",
				INT32_MAX);
	}
}

static void check_pointer(struct checker *c, const struct edl_call *call, struct edl_param *param)
{
	bool has_amount = param->count.given || param->size.given;

	if (!param->in && !param->out)
		diag_add(c->diags, param->place,
			"a pointer needs [in], [out] or [in, out]: which "
			"way it is copied");
	if (param->is_const && param->out)
		diag_add(c->diags, param->place, "an [out] parameter cannot be const");
	if (!param->string) {
		param->shape = has_amount ? EDL_ARRAY : EDL_POINTED;
		if (has_amount)
			check_array(c, call, param);
		return;
	}
	param->shape = EDL_STRING;
	if (!param->type.scalar->is_char)
		diag_add(c->diags, param->type.place, "a string's type is char *");
	if (!param->in)
		diag_add(c->diags, param->place,
			"only what goes in is a string, its length is "
			"known; use [out, count=…] char *");
	if (has_amount)
		diag_add(c->diags, param->place,
			"a string's size is its own; count= and size= "
			"are for arrays");
}

static void check_value(struct checker *c, struct edl_param *param)
{
	param->shape = EDL_VALUE;
	if (param->in || param->out || param->string || param->count.given || param->size.given)
		diag_add(c->diags, param->place,
			"attributes are for pointers; a value always goes "
			"in");
	if (param->is_const)
		diag_add(c->diags, param->place, "a value cannot be const");
}

static void check_param_name(struct checker *c, const struct edl_call *call, size_t at)
{
	const struct edl_param *param = &call->params[at];
	const struct global *global = find_global(c, param->name);

	check_name(c, NAME_PARAM, param->name, param->place);
	if (global)
		diag_add(c->diags, param->place, "'%s' hides what line %u declares", param->name,
			global->place.line);
	for (size_t i = 0; i < at; i++) {
		if (!strcmp(call->params[i].name, param->name))
			diag_add(c->diags, param->place, "a second parameter '%s'", param->name);
	}
}

static void check_call(struct checker *c, struct edl_call *call)
{
	resolve_type(c, &call->result);
	for (size_t i = 0; i < call->param_count; i++) {
		struct edl_param *param = &call->params[i];

		check_param_name(c, call, i);
		resolve_type(c, &param->type);
		if (!param->type.scalar->bytes)
			diag_add(c->diags, param->type.place,
				"void has no size; use uint8_t * with count=");
		else if (param->is_pointer)
			check_pointer(c, call, param);
		else
			check_value(c, param);
	}
}

static bool check_all(struct checker *c)
{
	struct edl *edl = c->edl;

	if (!collect_globals(c) || !check_enums(c))
		return false;
	for (size_t i = 0; i < edl->ecall_count; i++) {
		if (!edl->ecalls[i].is_public)
			diag_add(c->diags, edl->ecalls[i].start,
				"an ecall must be public: no ecall is possible while an ocall runs");
		check_call(c, &edl->ecalls[i]);
	}
	for (size_t i = 0; i < edl->ocall_count; i++) {
		if (edl->ocalls[i].is_public)
			diag_add(c->diags, edl->ocalls[i].start, "public is for ecalls");
		edl->ocalls[i].is_ocall = true;
		check_call(c, &edl->ocalls[i]);
	}
	return true;
}

void edl_check(struct edl *edl, struct diags *diags)
{
	struct checker checker = {.edl = edl, .diags = diags};
	struct source_place start = {.line = 1, .column = 1};

	if (!edl->ecall_count)
		diag_add(diags, start, "no ecall: nothing could ever be called");
	if (!check_all(&checker))
		diag_add(diags, start, "out of memory");
	free(checker.globals);
}
