/* SPDX-License-Identifier: MIT
 *
 * STEM_u.h and STEM_u.c: the host's side. Stands on sdk/host/edb_host.h.
 */
#include "gen.h"

#include <stdlib.h>

/* The C declaration of an ecall, without what ends it. */
static void declare(struct gen *gen, const struct edl_call *call, const char *end)
{
	char type[EDL_NAME_BYTES + 8];
	char lead[EDL_NAME_BYTES + 64];

	type_text(&call->result, type);
	if (call->result.scalar->bytes)
		snprintf(lead, sizeof lead, "struct edb_enclave *enclave," BREAK "%s*retval," BREAK,
			type);
	else
		snprintf(lead, sizeof lead, "struct edb_enclave *enclave," BREAK);

	char *params = params_text(call, true, lead);

	emit(gen, 0, "TEEC_Result %s(%s)%s", call->name, params ? params : "", end);
	free(params);
}

/* Sizes of arrays and strings; what the caller gave is refused if it cannot be. */
static void measure(struct gen *gen, const struct edl_call *call)
{
	if (call->result.scalar->bytes)
		emit(gen, 1, "edb_host_require(&call, retval);");
	for (size_t i = 0; i < call->param_count; i++) {
		const struct edl_param *param = &call->params[i];

		if (param->shape == EDL_POINTED)
			emit(gen, 1, "edb_host_require(&call, %s);", param->name);
	}
	for (size_t i = 0; i < call->param_count; i++) {
		const struct edl_param *param = &call->params[i];

		if (param->shape == EDL_STRING) {
			emit(gen, 1, "uint32_t size_of_%s = edb_host_string_size(&call, %s);",
				param->name, param->name);
		} else if (param->shape == EDL_ARRAY) {
			char *amount = amount_text(call, param);

			emit(gen, 1,
				"uint32_t size_of_%s = edb_host_size(&call," BREAK "%s," BREAK
				"%s);",
				param->name, param->name, amount ? amount : "");
			free(amount);
		}
	}
}

static void send(struct gen *gen, const struct edl_call *call)
{
	char *in = wire_size_text(call, false);
	char *out = wire_size_text(call, true);

	emit(gen, 1, "edb_host_begin(&call," BREAK "%s," BREAK "%s);", in ? in : "",
		out ? out : "");
	free(in);
	free(out);
	for (size_t i = 0; i < call->param_count; i++) {
		const struct edl_param *param = &call->params[i];

		/* Behind begin, a missing pointer was refused: put does nothing then. */
		if (param->shape == EDL_VALUE)
			emit(gen, 1, "edb_host_put(&call, (uint64_t)%s, %u);", param->name,
				param->type.scalar->bytes);
		else if (is_scalar_in(param))
			emit(gen, 1, "edb_host_put(&call, %s ? (uint64_t)*%s : 0, %u);",
				param->name, param->name, param->type.scalar->bytes);
	}
	for (size_t i = 0; i < call->param_count; i++) {
		const struct edl_param *param = &call->params[i];

		if (is_sized(param) && param->in)
			emit(gen, 1, "edb_host_put_array(&call, %s, size_of_%s);", param->name,
				param->name);
	}
}

/* One scalar that came back, checked, into a local variable. */
static void get_scalar(struct gen *gen, const struct edl_type *type, const char *prefix,
	const char *name, const char *source)
{
	char text[EDL_NAME_BYTES + 8];

	type_text(type, text);
	if (type->scalar->is_bool) {
		emit(gen, 1, "bool %s%s = edb_host_bool(&call," BREAK "%s);", prefix, name, source);
		return;
	}
	emit(gen, 1, "%s%s%s = (%s%s)%s;", text, prefix, name, type->scalar->is_enum ? "enum " : "",
		type->scalar->is_enum ? type->enum_name : type->scalar->spelling, source);
	if (type->scalar->is_enum)
		emit(gen, 1, "edb_host_check(&call, edb_known_%s((int32_t)%s%s));", type->enum_name,
			prefix, name);
}

static void receive(struct gen *gen, const struct edl_call *call)
{
	char source[64];

	if (call->result.scalar->bytes || has_output(call))
		emit_raw(gen, "\n");
	if (is_result_packed(call))
		get_scalar(gen, &call->result, "edb_sent_", "retval", "edb_host_get(&call, 8)");
	else if (call->result.scalar->bytes)
		get_scalar(gen, &call->result, "edb_sent_", "retval", "edb_host_retval(&call)");
	for (size_t i = 0; i < call->param_count; i++) {
		const struct edl_param *param = &call->params[i];

		if (!is_scalar_out(param))
			continue;
		snprintf(source, sizeof source, "edb_host_get(&call, %u)",
			param->type.scalar->bytes);
		get_scalar(gen, &param->type, "edb_sent_", param->name, source);
	}
	for (size_t i = 0; i < call->param_count; i++) {
		const struct edl_param *param = &call->params[i];

		if (is_sized(param) && param->out)
			emit(gen, 1,
				"const void *edb_sent_%s = edb_host_get_array(&call, size_of_%s);",
				param->name, param->name);
	}
}

static void publish(struct gen *gen, const struct edl_call *call)
{
	emit_raw(gen, "\n\tif (edb_host_end(&call))\n\t\treturn call.result;\n");
	if (call->result.scalar->bytes)
		emit(gen, 1, "*retval = edb_sent_retval;");
	for (size_t i = 0; i < call->param_count; i++) {
		const struct edl_param *param = &call->params[i];

		if (is_scalar_out(param))
			emit(gen, 1, "*%s = edb_sent_%s;", param->name, param->name);
	}
	for (size_t i = 0; i < call->param_count; i++) {
		const struct edl_param *param = &call->params[i];

		if (is_sized(param) && param->out)
			emit(gen, 1, "edb_host_copy(%s, edb_sent_%s, size_of_%s);", param->name,
				param->name, param->name);
	}
	emit_raw(gen, "\treturn TEEC_SUCCESS;\n}\n");
}

static void gen_ecall(struct gen *gen, size_t number)
{
	const struct edl_call *call = &gen->edl->ecalls[number];

	emit_raw(gen, "\n");
	emit_origin(gen, call);
	declare(gen, call, "");
	emit_raw(gen, "{\n\tstruct edb_host_call call = {.enclave = enclave};\n\n");
	measure(gen, call);
	send(gen, call);
	fprintf(gen->to, "\n\tedb_host_invoke(&call, %zu, %s);\n", number,
		has_ocalls(gen) ? "&edb_ocalls" : "NULL");
	receive(gen, call);
	publish(gen, call);
}

/* What the host implements. With ocalls left out, too: a host that has them still compiles. */
static void declare_ocalls(struct gen *gen)
{
	char type[EDL_NAME_BYTES + 8];

	if (!gen->edl->ocall_count)
		return;
	emit_raw(gen,
		has_ocalls(gen)
			? "/* Ocalls: the enclave calls these, during an ecall, on the ecall's thread. */\n\n"
			: "/* Ocalls: this enclave makes none. */\n\n");
	for (size_t i = 0; i < gen->edl->ocall_count; i++) {
		const struct edl_call *call = &gen->edl->ocalls[i];
		char *params = params_text(call, false, "");

		fprintf(gen->to, "/* %s:%u */\n", gen->file_name, call->start.line);
		emit(gen, 0, "%s%s(%s);", type_text(&call->result, type), call->name,
			params ? params : "");
		emit_raw(gen, "\n");
		free(params);
	}
}

static void gen_ocalls(struct gen *gen)
{
	if (!has_ocalls(gen))
		return;
	gen->serve = "edb_serve_";
	gen->result = "TEEC_Result";
	gen->success = "TEEC_SUCCESS";
	for (size_t i = 0; i < gen->edl->ocall_count; i++)
		gen_serve(gen, &gen->edl->ocalls[i]);
	emit_raw(gen, "static const edb_serve_function edb_served[] = {\n");
	for (size_t i = 0; i < gen->edl->ocall_count; i++)
		emit(gen, 1, "edb_run_%s,", gen->edl->ocalls[i].name);
	fprintf(gen->to,
		"};\n\nstatic const struct edb_host_ocalls edb_ocalls = {edb_served, %zu};\n",
		gen->edl->ocall_count);
}

void gen_untrusted_h(struct gen *gen)
{
	emit_banner(gen, "The host's side: what it calls.");
	emit_guard(gen, "U");
	emit_raw(gen, "#include <stdbool.h>\n#include <stddef.h>\n#include <stdint.h>\n\n"
		      "#include \"edb_host.h\"\n\n");
	emit_enums(gen);
	emit_raw(gen,
		"/*\n"
		" * Ecalls. TEEC_SUCCESS: the enclave's function ran, *retval is what it returned, and "
		"what goes out\n"
		" * was written. Any other result: nothing of the caller's was changed.\n"
		" */\n\n");
	for (size_t i = 0; i < gen->edl->ecall_count; i++) {
		fprintf(gen->to, "/* %s:%u */\n", gen->file_name, gen->edl->ecalls[i].start.line);
		declare(gen, &gen->edl->ecalls[i], ";");
		emit_raw(gen, "\n");
	}
	declare_ocalls(gen);
	emit_raw(gen, "#endif\n");
}

void gen_untrusted_c(struct gen *gen)
{
	emit_banner(
		gen, "The host's side: from a function to the parameters of a command and back.");
	fprintf(gen->to, "#include \"%s_u.h\"\n\n", gen->stem);
	emit_size_asserts(gen);
	emit_enum_checks(gen, false);
	gen_ocalls(gen);
	for (size_t i = 0; i < gen->edl->ecall_count; i++)
		gen_ecall(gen, i);
}
