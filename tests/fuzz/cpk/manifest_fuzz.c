/* SPDX-License-Identifier: MIT
 *
 * Any bytes as a manifest: what parses, encodes; and that parses to the same again.
 */
#include <cpk/manifest.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cpk_manifest first = {0}, second = {0};
	struct edb_error error = {0};
	char *text = NULL, *again = NULL;
	size_t text_size = 0, again_size = 0;

	enum edb_err err = cpk_manifest_parse(data, size, &first, &error);
	if (err) {
		if (error.code != err)
			abort();
		return 0;
	}
	err = cpk_manifest_encode(&first, &text, &text_size, NULL);
	if (err == EDB_E_LIMIT) /* escapes that were shorter: a control character in an unknown
				   member */
		goto out;
	if (err || cpk_manifest_parse((uint8_t *)text, text_size, &second, NULL) ||
		cpk_manifest_encode(&second, &again, &again_size, NULL) ||
		again_size != text_size || memcmp(text, again, text_size) != 0)
		abort();
out:
	free(text);
	free(again);
	cpk_manifest_clear(&first);
	cpk_manifest_clear(&second);
	return 0;
}
