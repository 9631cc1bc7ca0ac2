/* SPDX-License-Identifier: MIT
 *
 * STEM_t.h and STEM_t.c: the enclave's side. Stands on enclave/runtime/call.h.
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

/* Is this enum among an ecall's inputs? */
static bool comes_in(const struct gen *gen, const struct edl_enum *of)
{
	for (size_t i = 0; i < gen->edl->ecall_count; i++) {
		const struct edl_call *call = &gen->edl->ecalls[i];

		for (size_t j = 0; j < call->param_count; j++) {
			if (call->params[j].type.enum_borrow == of &&
				is_scalar_in(&call->params[j]))
				return true;
		}
	}
	return false;
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
			emit(gen, 1, "%s%s = edb_in_bool(call);", type, param->name);
		else
			emit(gen, 1, "%s%s = (%s%s)edb_in(call, %u);", type, param->name,
				scalar->is_enum ? "enum " : "",
				scalar->is_enum ? param->type.enum_name : scalar->spelling,
				scalar->bytes);
		if (scalar->is_enum)
			emit(gen, 1, "edb_require(call, is_%s((int32_t)%s));",
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

			emit(gen, 1, "uint32_t size_of_%s = edb_size(call," BREAK "%s);",
				param->name, amount ? amount : "");
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
			emit_raw(gen, "\tconst void *edb_");
		else
			fprintf(gen->to, "\t%s%s*", param->is_const ? "const " : "",
				type_text(&param->type, type));
		fprintf(gen->to, "%s = ", param->name);
		if (param->shape == EDL_ARRAY)
			fprintf(gen->to, "edb_in_array(call, size_of_%s);\n", param->name);
		else if (param->out)
			fprintf(gen->to, "edb_in_string(call, &size_of_%s);\n", param->name);
		else
			emit_raw(gen, "edb_in_string(call, NULL);\n");
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
			fprintf(to, "%sedb_pad(size_of_%s)", ftell(to) ? " +" BREAK : "",
				call->params[i].name);
	}
	if (!ftell(to))
		fputs("0", to);
	fclose(to);
	emit(gen, 1, "TEE_Result edb_result = edb_begin(call," BREAK "%s," BREAK "%s);", out, work);
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
			emit(gen, 1, "%s%s*%s = edb_work(call, %s%s, size_of_%s);",
				param->is_const ? "const " : "", type, param->name,
				param->in ? "edb_" : "NULL", param->in ? param->name : "",
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
	else if (is_wide_result(call))
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
	if (is_wide_result(call))
		emit(gen, 1, "edb_out(call, (uint64_t)retval, 8);");
	for (size_t i = 0; i < call->param_count; i++) {
		const struct edl_param *param = &call->params[i];

		if (is_scalar_out(param))
			emit(gen, 1, "edb_out(call, (uint64_t)%s, %u);", param->name,
				param->type.scalar->bytes);
	}
	for (size_t i = 0; i < call->param_count; i++) {
		const struct edl_param *param = &call->params[i];

		if (!is_sized(param) || !param->out)
			continue;
		if (param->shape == EDL_STRING)
			emit(gen, 1, "%s[size_of_%s - 1] = '\\0';", param->name, param->name);
		emit(gen, 1, "edb_out_array(call, %s, size_of_%s);", param->name, param->name);
	}
	emit_raw(gen, "\treturn TEE_SUCCESS;\n}\n\n");
}

static void gen_ecall(struct gen *gen, const struct edl_call *call)
{
	emit_origin(gen, call);
	fprintf(gen->to, "static TEE_Result run_%s(struct edb_call *call)\n{\n", call->name);
	take_scalars(gen, call);
	take_sized(gen, call);
	begin(gen, call);
	make_room(gen, call);
	run(gen, call);
	publish(gen, call);
}

static void gen_table(struct gen *gen)
{
	emit_raw(gen, "const struct edb_ecall edb_ecalls[] = {\n");
	for (size_t i = 0; i < gen->edl->ecall_count; i++) {
		const struct edl_call *call = &gen->edl->ecalls[i];

		fprintf(gen->to, "\t/* %zu */\n", i);
		emit(gen, 1,
			"{\"%s\"," BREAK "TEE_PARAM_TYPES(TEE_PARAM_TYPE_%s," BREAK
			"TEE_PARAM_TYPE_%s," BREAK "TEE_PARAM_TYPE_VALUE_OUTPUT," BREAK
			"TEE_PARAM_TYPE_NONE)," BREAK "run_%s},",
			call->name, has_input(call) ? "MEMREF_INPUT" : "NONE",
			has_output(call) ? "MEMREF_OUTPUT" : "NONE", call->name);
	}
	fprintf(gen->to, "};\n\nconst uint32_t edb_ecall_count = %zu;\n", gen->edl->ecall_count);
}

void gen_trusted_h(struct gen *gen)
{
	char type[EDL_NAME_BYTES + 8];

	emit_banner(gen, "The enclave's side: what it implements.");
	emit_guard(gen, "T");
	emit_raw(gen, "#include <stdbool.h>\n#include <stddef.h>\n#include <stdint.h>\n\n");
	emit_enums(gen);
	emit_raw(gen,
		"/*\n"
		" * Ecalls. Pointers lead to private copies, which may be changed; they are "
		"never NULL and end with\n"
		" * the call. What goes out is zero before, and goes out whatever is returned.\n"
		" */\n\n");
	for (size_t i = 0; i < gen->edl->ecall_count; i++) {
		const struct edl_call *call = &gen->edl->ecalls[i];
		char *params = params_text(call, false, "");

		fprintf(gen->to, "/* %s:%u */\n", gen->file_name, call->start.line);
		emit(gen, 0, "%s%s(%s);", type_text(&call->result, type), call->name,
			params ? params : "");
		emit_raw(gen, "\n");
		free(params);
	}
	emit_raw(gen, "#endif\n");
}

void gen_trusted_c(struct gen *gen)
{
	emit_banner(gen,
		"The enclave's side: from the parameters of a command to a function and back.");
	fprintf(gen->to, "#include \"%s_t.h\"\n\n#include \"call.h\"\n\n", gen->stem);
	emit_size_asserts(gen);
	emit_enum_checks(gen, comes_in);
	for (size_t i = 0; i < gen->edl->ecall_count; i++)
		gen_ecall(gen, &gen->edl->ecalls[i]);
	gen_table(gen);
}
