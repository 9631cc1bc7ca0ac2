/* SPDX-License-Identifier: MIT
 *
 * The side that is called: from packed inputs to a function's arguments, from its results to packed
 * outputs. The same for ecalls in the enclave and for ocalls in the host; only the names of the
 * functions below it differ.
 */
#include "gen.h"

#include <stdlib.h>

/* Wider than a byte: cannot be used where it lies in the packed input. */
static bool needs_alignment(const struct edl_param *param)
{
	return param->shape == EDL_ARRAY && param->type.scalar->bytes > 1;
}

/* Lives in the work area. */
static bool is_worked(const struct edl_param *param)
{
	return is_sized(param) && (param->out || needs_alignment(param));
}

static void take_scalars(struct gen *gen, const struct edl_call *call)
{
	char type[EDL_NAME_BYTES + 8];

	for (size_t i = 0; i < call->param_count; i++) {
		const struct edl_param *param = &call->params[i];
		const struct edl_scalar *scalar = param->type.scalar;

		if (!is_scalar_in(param))
			continue;
		type_text(&param->type, type);
		if (scalar->is_bool)
			emit(gen, 1, "%s%s = %sin_bool(call);", type, param->name, gen->serve);
		else
			emit(gen, 1, "%s%s = (%s%s)%sin(call, %u);", type, param->name,
				scalar->is_enum ? "enum " : "",
				scalar->is_enum ? param->type.enum_name : scalar->spelling,
				gen->serve, scalar->bytes);
		if (scalar->is_enum)
			emit(gen, 1, "%srequire(call, edb_known_%s((int32_t)%s));", gen->serve,
				param->type.enum_name, param->name);
	}
}

/* Sizes of arrays, from scalars; then arrays and strings that come in. */
static void take_sized(struct gen *gen, const struct edl_call *call)
{
	char type[EDL_NAME_BYTES + 8];

	for (size_t i = 0; i < call->param_count; i++) {
		const struct edl_param *param = &call->params[i];

		if (param->shape == EDL_ARRAY) {
			char *amount = amount_text(call, param);

			emit(gen, 1, "uint32_t size_of_%s = %ssize(call," BREAK "%s);", param->name,
				gen->serve, amount ? amount : "");
			free(amount);
		} else if (param->shape == EDL_STRING && param->out) {
			emit(gen, 1, "uint32_t size_of_%s = 0;", param->name);
		}
	}
	for (size_t i = 0; i < call->param_count; i++) {
		const struct edl_param *param = &call->params[i];

		if (!is_sized(param) || !param->in)
			continue;
		if (is_worked(param))
			emit_raw(gen, "\tconst void *edb_sent_");
		else
			fprintf(gen->to, "\t%s%s*", param->is_const ? "const " : "",
				type_text(&param->type, type));
		fprintf(gen->to, "%s = ", param->name);
		if (param->shape == EDL_ARRAY)
			fprintf(gen->to, "%sin_array(call, size_of_%s);\n", gen->serve,
				param->name);
		else if (param->out)
			fprintf(gen->to, "%sin_string(call, &size_of_%s);\n", gen->serve,
				param->name);
		else
			fprintf(gen->to, "%sin_string(call, NULL);\n", gen->serve);
	}
}

static void begin(struct gen *gen, const struct edl_call *call)
{
	char *out = wire_size_text(call, true);
	char *work = NULL;
	size_t size = 0;
	FILE *to = open_memstream(&work, &size);

	if (!out || !to) {
		free(out);
		return;
	}
	for (size_t i = 0; i < call->param_count; i++) {
		if (is_worked(&call->params[i]))
			fprintf(to, "%s%spad(size_of_%s)", ftell(to) ? " +" BREAK : "", gen->serve,
				call->params[i].name);
	}
	if (!ftell(to))
		fputs("0", to);
	fclose(to);
	emit(gen, 1, "%s edb_result = %sbegin(call," BREAK "%s," BREAK "%s);", gen->result,
		gen->serve, out, work);
	emit_raw(gen, "\n\tif (edb_result)\n\t\treturn edb_result;\n\n");
	free(work);
	free(out);
}

/* What the function works on, other than values and what is used in place. */
static void make_room(struct gen *gen, const struct edl_call *call)
{
	char type[EDL_NAME_BYTES + 8];
	bool any = false;

	for (size_t i = 0; i < call->param_count; i++) {
		const struct edl_param *param = &call->params[i];

		type_text(&param->type, type);
		if (is_scalar_out(param) && !param->in) {
			emit(gen, 1, "%s%s = %s;", type, param->name,
				param->type.scalar->is_bool ? "false" : "0");
		} else if (is_worked(param)) {
			emit(gen, 1, "%s%s*%s = %swork(call, %s%s, size_of_%s);",
				param->is_const ? "const " : "", type, param->name, gen->serve,
				param->in ? "edb_sent_" : "NULL", param->in ? param->name : "",
				param->name);
		} else {
			continue;
		}
		any = true;
	}
	if (any)
		emit_raw(gen, "\n");
}

static void run(struct gen *gen, const struct edl_call *call)
{
	char *arguments = NULL;
	size_t size = 0;
	FILE *to = open_memstream(&arguments, &size);
	char type[EDL_NAME_BYTES + 8];

	if (!to)
		return;
	for (size_t i = 0; i < call->param_count; i++)
		fprintf(to, "%s%s%s", i ? "," BREAK : "",
			call->params[i].shape == EDL_POINTED ? "&" : "", call->params[i].name);
	fclose(to);
	if (!call->result.scalar->bytes)
		emit(gen, 1, "%s(%s);", call->name, arguments);
	else if (is_result_packed(call))
		emit(gen, 1, "%sretval = %s(%s);", type_text(&call->result, type), call->name,
			arguments);
	else
		emit(gen, 1, "call->retval = (uint32_t)%s(%s);", call->name, arguments);
	free(arguments);
}

static void publish(struct gen *gen, const struct edl_call *call)
{
	if (has_output(call))
		emit_raw(gen, "\n");
	if (is_result_packed(call))
		emit(gen, 1, "%sout(call, (uint64_t)retval, %u);", gen->serve,
			call->result.scalar->bytes);
	for (size_t i = 0; i < call->param_count; i++) {
		const struct edl_param *param = &call->params[i];

		if (is_scalar_out(param))
			emit(gen, 1, "%sout(call, (uint64_t)%s, %u);", gen->serve, param->name,
				param->type.scalar->bytes);
	}
	for (size_t i = 0; i < call->param_count; i++) {
		const struct edl_param *param = &call->params[i];

		if (!is_sized(param) || !param->out)
			continue;
		if (param->shape == EDL_STRING)
			emit(gen, 1, "%s[size_of_%s - 1] = '\\0';", param->name, param->name);
		emit(gen, 1, "%sout_array(call, %s, size_of_%s);", gen->serve, param->name,
			param->name);
	}
	emit(gen, 1, "return %s;", gen->success);
	emit_raw(gen, "}\n\n");
}

void gen_serve(struct gen *gen, const struct edl_call *call)
{
	emit_origin(gen, call);
	fprintf(gen->to, "static %s edb_run_%s(struct %scall *call)\n{\n", gen->result, call->name,
		gen->serve);
	take_scalars(gen, call);
	take_sized(gen, call);
	begin(gen, call);
	make_room(gen, call);
	run(gen, call);
	publish(gen, call);
}
