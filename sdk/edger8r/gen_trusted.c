/* SPDX-License-Identifier: MIT
 *
 * STEM_t.h and STEM_t.c: the enclave's side. Stands on enclave/runtime/call.h.
 */
#include "gen.h"

#include <stdlib.h>

/* The C declaration of an ocall as the enclave calls it, without what ends it. */
static void declare(struct gen *gen, const struct edl_call *call, const char *end)
{
	char type[EDL_NAME_BYTES + 8];
	char lead[EDL_NAME_BYTES + 32] = "";

	if (call->result.scalar->bytes)
		snprintf(lead, sizeof lead, "%s*retval," BREAK, type_text(&call->result, type));

	char *params = params_text(call, true, lead);

	emit(gen, 0, "TEE_Result %s(%s)%s", call->name, params ? params : "", end);
	free(params);
}

static void declare_ocalls(struct gen *gen)
{
	if (!has_ocalls(gen))
		return;
	emit_raw(gen,
		"/*\n"
		" * Ocalls, from inside an ecall only. TEE_SUCCESS: the host answered in the declared "
		"form; what it\n"
		" * says is its own affair. Any other result: nothing was changed. TEE_ERROR_CANCEL: "
		"the session is\n"
		" * being closed; free what is held and return.\n"
		" */\n\n");
	for (size_t i = 0; i < gen->edl->ocall_count; i++) {
		const struct edl_call *call = &gen->edl->ocalls[i];

		fprintf(gen->to, "/* %s:%u */\n", gen->file_name, call->start.line);
		declare(gen, call, ";");
		emit_raw(gen, "\n");
	}
}

static void send(struct gen *gen, const struct edl_call *call)
{
	char *in = wire_size_text(call, false);

	for (size_t i = 0; i < call->param_count; i++) {
		const struct edl_param *param = &call->params[i];

		if (param->shape == EDL_STRING) {
			emit(gen, 1, "uint32_t size_of_%s = edb_string_size(&call, %s);",
				param->name, param->name);
		} else if (param->shape == EDL_ARRAY) {
			char *amount = amount_text(call, param);

			emit(gen, 1, "uint32_t size_of_%s = edb_size(&call," BREAK "%s);",
				param->name, amount ? amount : "");
			free(amount);
		}
	}
	emit(gen, 1, "TEE_Result edb_result = edb_ocall_begin(&call," BREAK "%s);", in ? in : "");
	emit_raw(gen, "\n\tif (edb_result)\n\t\treturn edb_result;\n");
	free(in);
	for (size_t i = 0; i < call->param_count; i++) {
		const struct edl_param *param = &call->params[i];

		if (is_scalar_in(param))
			emit(gen, 1, "edb_out(&call, (uint64_t)%s%s, %u);",
				param->shape == EDL_POINTED ? "*" : "", param->name,
				param->type.scalar->bytes);
	}
	for (size_t i = 0; i < call->param_count; i++) {
		const struct edl_param *param = &call->params[i];

		if (is_sized(param) && param->in)
			emit(gen, 1, "edb_out_array(&call, %s, size_of_%s);", param->name,
				param->name);
	}
}

/* One scalar of the reply, checked, into a local variable. */
static void receive_scalar(struct gen *gen, const struct edl_type *type, const char *name)
{
	char text[EDL_NAME_BYTES + 8];

	type_text(type, text);
	if (type->scalar->is_bool) {
		emit(gen, 1, "bool edb_sent_%s = edb_in_bool(&call);", name);
		return;
	}
	emit(gen, 1, "%sedb_sent_%s = (%s%s)edb_in(&call, %u);", text, name,
		type->scalar->is_enum ? "enum " : "",
		type->scalar->is_enum ? type->enum_name : type->scalar->spelling,
		type->scalar->bytes);
	if (type->scalar->is_enum)
		emit(gen, 1, "edb_require(&call, edb_known_%s((int32_t)edb_sent_%s));",
			type->enum_name, name);
}

static void receive(struct gen *gen, const struct edl_call *call)
{
	if (call->result.scalar->bytes)
		receive_scalar(gen, &call->result, "retval");
	for (size_t i = 0; i < call->param_count; i++) {
		if (is_scalar_out(&call->params[i]))
			receive_scalar(gen, &call->params[i].type, call->params[i].name);
	}
	for (size_t i = 0; i < call->param_count; i++) {
		const struct edl_param *param = &call->params[i];

		if (is_sized(param) && param->out)
			emit(gen, 1, "const void *edb_sent_%s = edb_in_%s(&call, size_of_%s);",
				param->name, param->shape == EDL_STRING ? "text" : "array",
				param->name);
	}
}

static void accept(struct gen *gen, const struct edl_call *call)
{
	emit_raw(gen, "\n\tedb_result = edb_ocall_check(&call);\n");
	if (has_output(call))
		emit_raw(gen, "\tif (!edb_result) {\n");
	if (call->result.scalar->bytes)
		emit(gen, 2, "*retval = edb_sent_retval;");
	for (size_t i = 0; i < call->param_count; i++) {
		const struct edl_param *param = &call->params[i];

		if (is_scalar_out(param))
			emit(gen, 2, "*%s = edb_sent_%s;", param->name, param->name);
		else if (is_sized(param) && param->out)
			emit(gen, 2, "TEE_MemMove(%s, edb_sent_%s, size_of_%s);", param->name,
				param->name, param->name);
	}
	if (has_output(call))
		emit_raw(gen, "\t}\n");
	emit_raw(gen, "\tedb_ocall_end(&call);\n\treturn edb_result;\n}\n\n");
}

static void gen_ocall(struct gen *gen, size_t number)
{
	const struct edl_call *call = &gen->edl->ocalls[number];
	char *out = wire_size_text(call, true);

	emit_origin(gen, call);
	declare(gen, call, "");
	emit_raw(gen, "{\n\tstruct edb_call call = {0};\n");
	send(gen, call);
	emit(gen, 1, "edb_ocall_run(&call, %zu," BREAK "%s);", number, out ? out : "");
	free(out);
	emit_raw(gen, has_output(call) ? "\n" : "");
	receive(gen, call);
	accept(gen, call);
}

static void gen_table(struct gen *gen)
{
	const char *request = has_ocalls(gen) ? "MEMREF_OUTPUT" : "NONE";

	emit_raw(gen, "const struct edb_ecall edb_ecalls[] = {\n");
	for (size_t i = 0; i < gen->edl->ecall_count; i++) {
		const struct edl_call *call = &gen->edl->ecalls[i];

		fprintf(gen->to, "\t/* %zu */\n", i);
		emit(gen, 1,
			"{\"%s\"," BREAK "TEE_PARAM_TYPES(TEE_PARAM_TYPE_%s," BREAK
			"TEE_PARAM_TYPE_%s," BREAK "TEE_PARAM_TYPE_VALUE_OUTPUT," BREAK
			"TEE_PARAM_TYPE_%s)," BREAK "edb_run_%s},",
			call->name, has_input(call) ? "MEMREF_INPUT" : "NONE",
			has_output(call) ? "MEMREF_OUTPUT" : "NONE", request, call->name);
	}
	fprintf(gen->to, "};\n\nconst uint32_t edb_ecall_count = %zu;\n\n", gen->edl->ecall_count);
	fprintf(gen->to, "const struct edb_dispatch edb_dispatch = {%s};\n",
		has_ocalls(gen) ? "edb_ocall_invoke, edb_ocall_close" : "edb_call_invoke, NULL");
}

void gen_trusted_h(struct gen *gen)
{
	char type[EDL_NAME_BYTES + 8];

	emit_banner(gen, "The enclave's side: what it implements.");
	emit_guard(gen, "T");
	emit_raw(gen, "#include <stdbool.h>\n#include <stddef.h>\n#include <stdint.h>\n");
	emit_raw(gen, has_ocalls(gen) ? "#include <tee_internal_api.h>\n\n" : "\n");
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
	declare_ocalls(gen);
	emit_raw(gen, "#endif\n");
}

void gen_trusted_c(struct gen *gen)
{
	emit_banner(gen,
		"The enclave's side: from the parameters of a command to a function and back.");
	fprintf(gen->to, "#include \"%s_t.h\"\n\n#include \"%s\"\n\n", gen->stem,
		has_ocalls(gen) ? "ocall.h" : "call.h");
	emit_size_asserts(gen);
	emit_enum_checks(gen, true);
	if (has_ocalls(gen)) {
		for (size_t i = 0; i < gen->edl->ocall_count; i++)
			gen_ocall(gen, i);
	}
	gen->serve = "edb_";
	gen->result = "TEE_Result";
	gen->success = "TEE_SUCCESS";
	for (size_t i = 0; i < gen->edl->ecall_count; i++)
		gen_serve(gen, &gen->edl->ecalls[i]);
	gen_table(gen);
}
