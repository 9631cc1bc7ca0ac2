/* SPDX-License-Identifier: MIT
 *
 * Addresses of key services: what is asked, what a person may see of it, and what is refused.
 */
#include "url.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define PATH "/api/WrapKey"

static void test_good(void **state)
{
	static const struct {
		const char *text, *code, *full, *shown;
		bool loopback;
	} cases[] = {
		{"https://a.example", NULL, "https://a.example" PATH, "https://a.example" PATH,
			false},
		{"https://a.example/", NULL, "https://a.example" PATH, "https://a.example" PATH,
			false},
		{"https://a.example//x//", NULL, "https://a.example//x" PATH,
			"https://a.example//x" PATH, false},
		{"https://a.example:8443" PATH, NULL, "https://a.example:8443" PATH,
			"https://a.example:8443" PATH, false},
		{"https://a.example?code=x", NULL, "https://a.example" PATH "?code=x",
			"https://a.example" PATH, false},
		{"https://a.example?", "x", "https://a.example" PATH "?code=x",
			"https://a.example" PATH, false},
		{"https://a.example?a=b", "x", "https://a.example" PATH "?a=b&code=x",
			"https://a.example" PATH, false},
		{"https://a.example", "a/+& =", "https://a.example" PATH "?code=a%2F%2B%26%20%3D",
			"https://a.example" PATH, false},
		{"http://127.0.0.1:1", NULL, "http://127.0.0.1:1" PATH, "http://127.0.0.1:1" PATH,
			true},
		{"http://localhost", NULL, "http://localhost" PATH, "http://localhost" PATH, true},
		{"http://[::1]:80", NULL, "http://[::1]:80" PATH, "http://[::1]:80" PATH, true},
		{"https://[::1]", NULL, "https://[::1]" PATH, "https://[::1]" PATH, true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct url url = {0};

		assert_int_equal(
			url_complete(cases[i].text, PATH, cases[i].code, &url, NULL), EDB_OK);
		assert_string_equal(url.full, cases[i].full);
		assert_string_equal(url.shown, cases[i].shown);
		assert_int_equal(url.loopback, cases[i].loopback);
	}
}

static void test_bad(void **state)
{
	static char too_long[URL_MAX + 32] = "https://a.example/";
	static char long_code[600];
	static const struct {
		const char *text, *code, *why;
	} cases[] = {
		{"", NULL, "must begin with https://"},
		{"a.example", NULL, "must begin with https://"},
		{"ftp://a.example", NULL, "must begin with https://"},
		{"HTTPS://a.example", NULL, "must begin with https://"},
		{"https://", NULL, "no host"},
		{"https:///x", NULL, "no host"},
		{"https://:443", NULL, "no host"},
		{"https://[]", NULL, "no host"},
		{"http://a.example", NULL, "show the access code to the network"},
		{"http://127.0.0.1.example", NULL, "show the access code to the network"},
		{"http://localhost.example", NULL, "show the access code to the network"},
		{"http://127.0.0.2", NULL, "show the access code to the network"},
		{"http://[::1]@a.example", NULL, "a user name"},
		{"https://me:x@a.example", NULL, "a user name"},
		{"https://a.example/#x", NULL, "a fragment"},
		{"https://a.example/a b", NULL, "odd characters"},
		{"https://a.example/\r\nHost: b", NULL, "odd characters"},
		{"https://a.example/\"", NULL, "odd characters"},
		{"https://a\\.example", NULL, "odd characters"},
		{"https://\xc3\xa4.example", NULL, "odd characters"},
		{"https://a.example?code=hush", "x", "another one is given"},
		{too_long, NULL, "too long"},
		{"https://a.example", long_code, "too long"},
	};

	(void)state;
	memset(too_long + strlen(too_long), 'x', URL_MAX);
	memset(long_code, 'x', sizeof long_code - 1);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct edb_error error = {0};
		struct url url = {0};

		if (url_complete(cases[i].text, PATH, cases[i].code, &url, &error) != EDB_E_ARG ||
			!strstr(error.message, cases[i].why) || strstr(error.message, "hush"))
			fail_msg("case %zu: %s", i, error.message);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_bad),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
