/* SPDX-License-Identifier: MIT
 *
 * EDL files that are refused: where, and with which words. Each text lies in an allocation of
 * exactly its size.
 */
#include "model.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Two lines before, so that line numbers count; E is line 3. */
#define E(calls) "enclave {\ntrusted {\n" calls "\n};\n};\n"
/* With an ecall that is fine, and what is wrong in front of it. */
#define BEFORE(text) "enclave {\n" text "\ntrusted { public void f(); };\n};\n"

static const struct {
	const char *text;
	unsigned int line, column;
	const char *words;
} cases[] = {
	/* the file's shape */
	{"", 1, 1, "expected 'enclave', but the file ends"},
	{"enclosure {};", 1, 1, "expected 'enclave', not 'enclosure'"},
	{"enclave {", 1, 10, "expected '}', but the file ends"},
	{"enclave {\n}", 2, 2, "expected ';', but the file ends"},
	{"enclave {\n};\n", 1, 1, "no ecall"},
	{"enclave { trusted { public void f(); }; };x", 1, 43, "the end of the file, not 'x'"},
	{"enclave { trusted { public void f(); } };", 1, 40, "expected ';', not '}'"},
	{"enclave { trusted { public void f() }; };", 1, 37, "expected ';', not '}'"},
	{BEFORE("include \"a.h\""), 2, 1, "'include' is not offered"},
	{BEFORE("struct s { int a; };"), 2, 1, "'struct' is not offered"},
	{BEFORE("union s { int a; };"), 2, 1, "'union' is not offered"},
	{BEFORE("from x import f;"), 2, 1, "'from' is not offered"},
	{BEFORE("typedef int a;"), 2, 1, "expected enum, trusted, untrusted or '}'"},

	/* characters, numbers, comments */
	{BEFORE("#"), 2, 1, "'#' is not part of EDL"},
	{BEFORE("\x01"), 2, 1, "byte 0x01"},
	{BEFORE("\xc3\xa4"), 2, 1, "byte 0xc3"},
	{BEFORE("/* never ends"), 2, 1, "this comment does not end"},
	{BEFORE("enum e { A = 010 };"), 2, 14, "octal"},
	{BEFORE("enum e { A = 0xfg };"), 2, 14, "'0xfg' is not a number"},
	{BEFORE("enum e { A = 12a };"), 2, 14, "'12a' is not a number"},
	{BEFORE("enum e { A = 18446744073709551616 };"), 2, 14, "more than 64 bits"},
	{BEFORE("enum e { A = 2147483648 };"), 2, 14, "fit in 32 bits"},
	{BEFORE("enum e { A = -2147483649 };"), 2, 15, "fit in 32 bits"},
	{BEFORE("enum e { A = 2147483647, B };"), 2, 26, "fit in 32 bits"},

	/* enums */
	{BEFORE("enum e { };"), 2, 10, "expected an item's name, not '}'"},
	{BEFORE("enum { A };"), 2, 6, "expected the enum's name, not '{'"},
	{BEFORE("enum e { A B };"), 2, 12, "expected ',' or '}', not 'B'"},
	{BEFORE("enum e { A = x };"), 2, 14, "expected a number, not 'x'"},
	{BEFORE("enum e { A, A };"), 2, 13, "'A' was declared on line 2 already"},
	{BEFORE("enum e { A };\nenum e { B };"), 3, 6, "'enum e' was declared on line 2 already"},
	{BEFORE("enum e { f };"), 3, 23, "'f' was declared on line 2 already"},
	{BEFORE("enum e { int };"), 2, 10, "'int' is a word of C"},
	{BEFORE("enum while { A };"), 2, 6, "'while' is a word of C"},
	{BEFORE("enum e { _A };"), 2, 10, "belong to the compiler"},

	/* types */
	{E("public float f();"), 3, 8, "'float' cannot cross"},
	{E("public void f(double a);"), 3, 15, "'double' cannot cross"},
	{E("public void f([in] struct s *a);"), 3, 20, "'struct' cannot cross"},
	{E("public void f(uint a);"), 3, 15, "'uint' is not a type"},
	{E("public void f(unsigned float a);"), 3, 30, "expected ',' or ')'"},
	{E("public void f(short long a);"), 3, 15, "no such combination"},
	{E("public void f(unsigned signed a);"), 3, 15, "no such combination"},
	{E("public void f(long long long a);"), 3, 15, "no such combination"},
	{E("public void f(long char a);"), 3, 15, "no such combination"},
	{E("public void f(int int a);"), 3, 15, "no such combination"},
	{E("public void f(short short a);"), 3, 15, "no such combination"},
	{E("public enum e f();"), 3, 8, "there is no 'enum e'"},
	{E("public void f(enum e a);"), 3, 15, "there is no 'enum e'"},
	{E("public int *f();"), 3, 12, "a pointer cannot be returned"},
	{E("public [out] int f();"), 3, 8, "a return value has no attributes"},
	{E("public void f(void a);"), 3, 15, "void has no size"},
	{E("public void f([in, count=3] void *a);"), 3, 29, "void has no size"},
	{E("public void f([in] int **a);"), 3, 25, "a pointer to a pointer"},
	{E("public void f([in] int a[3]);"), 3, 25, "write an array as"},

	/* calls and names */
	{E("void f();"), 3, 1, "an ecall must be public"},
	{E("public void f(); public void f();"), 3, 30, "'f' was declared on line 3 already"},
	{E("public void if();"), 3, 13, "'if' is a word of C"},
	{E("public void edb_call();"), 3, 13, "are taken"},
	{E("public void TEE_Malloc();"), 3, 13, "are taken"},
	{E("public void TA_f();"), 3, 13, "are taken"},
	{E("public void memcpy();"), 3, 13, "'memcpy' belongs to the C library"},
	{E("public void INT_MAX();"), 3, 13, "'INT_MAX' is a macro"},
	{E("public void count_t();"), 3, 13, "names that end in _t are types"},
	{E("public void f(int TEEC_SUCCESS);"), 3, 19, "are taken"},
	{E("public void f(int UINT32_MAX);"), 3, 19, "is a macro"},
	{E("public void f(int uint8_t);"), 3, 19, "names that end in _t are types"},
	{BEFORE("enum e { TEE_SUCCESS };"), 2, 10, "are taken"},
	{BEFORE("enum e { printf };"), 2, 10, "'printf' belongs to the C library"},
	{BEFORE("enum e { FUZZ_U_H };"), 2, 10, "'FUZZ_U_H' is a macro"},
	{BEFORE("enum edb_call { A };"), 2, 6, "the generated code uses the name 'edb_call'"},
	{E("public void f(int a, int a);"), 3, 26, "a second parameter 'a'"},
	{E("public void f(int f);"), 3, 19, "hides what line 3 declares"},
	{E("public void f(int call);"), 3, 19, "uses the name 'call' itself"},
	{E("public void f(int enclave);"), 3, 19, "uses the name 'enclave' itself"},
	{E("public void f(int retval);"), 3, 19, "uses the name 'retval' itself"},
	{E("public void f(int edb_a);"), 3, 19, "uses the name 'edb_a' itself"},
	{E("public void f(int size_of_a);"), 3, 19, "uses the name"},
	{E("public void f(int for);"), 3, 19, "'for' is a word of C"},
	{E("public void f(int);"), 3, 18, "expected a parameter's name, not ')'"},
	{E("public void f(int a,);"), 3, 21, "expected a type, not ')'"},
	{E("public void f(int a int b);"), 3, 21, "expected ',' or ')', not 'int'"},
	{E("public void "
	   "a123456789012345678901234567890123456789012345678901234567890123();"),
		3, 13, "at most 63 characters"},
	{E("public void f() allow(g);"), 3, 17, "no ecall is possible while an ocall runs"},
	{E("public void f();\n};\nuntrusted {\npublic void g();"), 6, 1, "public is for ecalls"},
	{E("public void f();\n};\nuntrusted {\nvoid f();"), 6, 6, "was declared on line 3 already"},

	/* attributes */
	{E("public void f([in] int a);"), 3, 24, "attributes are for pointers"},
	{E("public void f(const int a);"), 3, 25, "a value cannot be const"},
	{E("public void f(int *a);"), 3, 20, "a pointer needs [in], [out]"},
	{E("public void f([out] const int *a);"), 3, 32, "cannot be const"},
	{E("public void f([user_check] int *a);"), 3, 16, "'user_check' is not offered"},
	{E("public void f([inn] int *a);"), 3, 16, "expected in, out, string, count= or size="},
	{E("public void f([in in] int *a);"), 3, 19, "expected ']', not 'in'"},
	{E("public void f([in, in] int *a);"), 3, 20, "given twice"},
	{E("public void f([] int *a);"), 3, 16, "expected in, out, string"},
	{E("public void f([in, count=1, count=2] int *a);"), 3, 29, "given twice"},
	{E("public void f([in, count] int *a);"), 3, 25, "expected '='"},
	{E("public void f([in, count=] int *a);"), 3, 26, "expected a number or a parameter"},
	{E("public void f([in, count=0] int *a);"), 3, 26, "must be 1 to"},
	{E("public void f([in, count=0x80000000] int *a);"), 3, 26, "must be 1 to"},
	{E("public void f([in, count=0x7fffffff] int *a);"), 3, 43, "has more than"},
	{E("public void f([in, count=70000, size=70000] char *a);"), 3, 51, "has more than"},
	{E("public void f([in, count=n] int *a);"), 3, 26, "'n' is no parameter"},
	{E("public void f([in, count=n] int *a, bool n);"), 3, 26, "must be an integer"},
	{E("public void f([in, count=n] int *a, [in] int *n);"), 3, 26, "must be an integer"},
	{E("public void f([in, size=3] int *a);"), 3, 25, "a multiple of the type's 4 bytes"},
	{E("public void f([in, size=n] int *a, int n);"), 3, 25, "a multiple of the type's"},
	{E("public void f([in, count=3] bool *a);"), 3, 29, "no arrays of bool or enum"},
	{E("public void f([out, string] char *a);"), 3, 35, "only what goes in is a string"},
	{E("public void f([in, string] int *a);"), 3, 28, "a string's type is char *"},
	{E("public void f([in, string] unsigned char *a);"), 3, 28, "a string's type is char *"},
	{E("public void f([in, string, count=3] char *a);"), 3, 43, "a string's size is its own"},
	{E("public void f([string] char a);"), 3, 29, "attributes are for pointers"},
};

static bool read_exact(const char *text, size_t size, struct diags *diags)
{
	char *copy = malloc(size ? size : 1);
	struct edl edl;
	bool good;

	assert_non_null(copy);
	memcpy(copy, text, size);
	good = edl_read(copy, size, &edl, diags);
	edl_clear(&edl);
	free(copy);
	return good;
}

static void table(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct diags diags;

		if (read_exact(cases[i].text, strlen(cases[i].text), &diags))
			fail_msg("case %zu accepted: %s", i, cases[i].text);
		if (diags.list[0].place.line != cases[i].line ||
			diags.list[0].place.column != cases[i].column ||
			!strstr(diags.list[0].message, cases[i].words))
			fail_msg("case %zu: wanted %u:%u: %s\ngot %u:%u: %s\nin %s", i,
				cases[i].line, cases[i].column, cases[i].words,
				diags.list[0].place.line, diags.list[0].place.column,
				diags.list[0].message, cases[i].text);
	}
}

static void several_mistakes_in_one_run(void **state)
{
	static const char text[] =
		E("public float f();\npublic void g(;\npublic void h([in] int **p);\n"
		  "public void fine();\n}\n};\nuntrusted {");
	struct diags diags;

	(void)state;
	assert_false(read_exact(text, strlen(text), &diags));
	assert_int_equal(diags.count, 4);
	assert_int_equal(diags.list[0].place.line, 3);
	assert_int_equal(diags.list[1].place.line, 4);
	assert_int_equal(diags.list[2].place.line, 5);
	assert_int_equal(diags.list[3].place.line, 8);
}

static void a_flood_of_mistakes_is_cut(void **state)
{
	char *text = calloc(1, 200000);
	struct diags diags;

	(void)state;
	assert_non_null(text);
	size_t start = (size_t)snprintf(text, 200000, "enclave { trusted {");

	for (size_t i = start; i < 199999; i++)
		text[i] = "@\n"[i % 2];
	assert_false(read_exact(text, 199999, &diags));
	assert_int_equal(diags.count, DIAG_MAX);
	free(text);
}

static void limits(void **state)
{
	char *text = malloc(EDL_FILE_BYTES_MAX + 1);
	struct diags diags;
	FILE *to;

	(void)state;
	assert_non_null(text);
	memset(text, ' ', EDL_FILE_BYTES_MAX + 1);
	assert_false(read_exact(text, EDL_FILE_BYTES_MAX + 1, &diags));
	assert_non_null(strstr(diags.list[0].message, "larger than"));

	for (int params = EDL_PARAMS_MAX; params <= EDL_PARAMS_MAX + 1; params++) {
		to = fmemopen(text, EDL_FILE_BYTES_MAX, "w");
		assert_non_null(to);
		fprintf(to, "enclave { trusted { public void f(");
		for (int i = 0; i < params; i++)
			fprintf(to, "%sint a%d", i ? ", " : "", i);
		fprintf(to, "); }; };");
		fclose(to);
		assert_int_equal(read_exact(text, strlen(text), &diags), params <= EDL_PARAMS_MAX);
	}
	assert_non_null(strstr(diags.list[0].message, "more than 32 parameters"));

	for (int calls = EDL_CALLS_MAX; calls <= EDL_CALLS_MAX + 1; calls++) {
		to = fmemopen(text, EDL_FILE_BYTES_MAX, "w");
		assert_non_null(to);
		fprintf(to, "enclave { trusted {");
		for (int i = 0; i < calls; i++)
			fprintf(to, "public void f%d();", i);
		fprintf(to, "}; };");
		fclose(to);
		assert_int_equal(read_exact(text, strlen(text), &diags), calls <= EDL_CALLS_MAX);
	}
	assert_non_null(strstr(diags.list[0].message, "more than 1024 ecalls"));
	free(text);
}

static void every_prefix_is_refused(void **state)
{
	static const char text[] =
		"enclave { /* c */ enum e { A, B = -1, C = 0x10, }; // d\n trusted { public enum e "
		"f([in, out, count=n] uint8_t *a, size_t n, [in, string] const char *s); };\n"
		"untrusted { void g(void); }; };";
	struct diags diags;

	(void)state;
	for (size_t size = 0; size < strlen(text); size++)
		assert_false(read_exact(text, size, &diags));
	assert_true(read_exact(text, strlen(text), &diags));
}

static void printed_with_line_and_caret(void **state)
{
	static const char text[] =
		"enclave {\n\ttrusted {\n\t\tpublic /* \xc3\xa4\x1b */ flot f();\n\t};\n};";
	static const char wanted[] = "dir/x.edl:3:20: error: 'flot' is not a type of EDL\n"
				     "\t\tpublic /* ?? */ flot f();\n"
				     "\t\t                ^\n";
	struct diags diags;
	char *printed = NULL;
	size_t size = 0;
	FILE *to = open_memstream(&printed, &size);

	(void)state;
	assert_non_null(to);
	assert_false(read_exact(text, strlen(text), &diags));
	diag_print(&diags, "dir/x.edl", text, strlen(text), to);
	fclose(to);
	assert_string_equal(printed, wanted);
	free(printed);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(table),
		cmocka_unit_test(several_mistakes_in_one_run),
		cmocka_unit_test(a_flood_of_mistakes_is_cut),
		cmocka_unit_test(limits),
		cmocka_unit_test(every_prefix_is_refused),
		cmocka_unit_test(printed_with_line_and_caret),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
