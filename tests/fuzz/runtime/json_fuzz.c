/* SPDX-License-Identifier: MIT
 *
 * Any bytes as JSON: what the trusted side's reader takes, jansson takes; what it calls no JSON, or
 * a duplicate, jansson refuses, too. Where ours is stricter it says so with another error.
 */
#include <stdlib.h>
#include <string.h>

#include "jansson_judge.h"
#include "json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
	if (!holds)
		abort();
}

/* Every getter on every member: nothing of a checked text may run over its end. */
static void use(struct json root)
{
	char text[33];
	struct json list = json_find(root, "a"), name, item;
	size_t at = 0;

	while (json_next(list, &at, NULL, &item))
		(void)json_uint(item, 0, UINT64_MAX);
	*root.err = EDB_OK;
	(void)json_uint(list, 0, UINT32_MAX);
	*root.err = EDB_OK;
	json_text(list, 0, sizeof text - 1, text);
	*root.err = EDB_OK;
	at = 0;
	while (json_next(root, &at, &name, &item))
		(void)(json_is(name, "a") && json_is(item, "b"));
	(void)json_is(list, "b");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	enum edb_err err = EDB_OK;
	struct json root;

	if (!size)
		return 0; /* there is no text without a byte */
	root = json_parse(data, size, &err);
	if (!err) {
		must(jansson_takes(data, size));
		use(root);
	} else if (err == EDB_E_JSON || err == EDB_E_JSON_DUPLICATE) {
		/* jansson 2.14 takes a NUL behind a number for nothing. */
		must(memchr(data, 0, size) || !jansson_takes(data, size));
	}
	return 0;
}
