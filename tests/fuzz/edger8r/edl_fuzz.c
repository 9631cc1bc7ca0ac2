/* SPDX-License-Identifier: MIT
 *
 * Any bytes as an EDL file: read; what is accepted goes through every generator, what is not is
 * printed with its carets.
 */
#include "gen.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct edl edl;
	struct diags diags;
	FILE *to = fopen("/dev/null", "w");

	if (!to)
		abort();
	if (edl_read((const char *)data, size, &edl, &diags)) {
		struct gen gen = {.edl = &edl,
			.text = (const char *)data,
			.file_name = "fuzz.edl",
			.stem = "fuzz",
			.to = to};

		gen_untrusted_h(&gen);
		gen_untrusted_c(&gen);
		gen_trusted_h(&gen);
		gen_trusted_c(&gen);
	} else {
		if (!diags.count)
			abort(); /* refused without a reason */
		diag_print(&diags, "fuzz.edl", (const char *)data, size, to);
	}
	edl_clear(&edl);
	fclose(to);
	return 0;
}
