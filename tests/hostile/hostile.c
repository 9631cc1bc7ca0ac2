/* SPDX-License-Identifier: MIT
 *
 * The whole set: frames, manifests, signatures.
 */
#include "cases.h"

#include <stdlib.h>

size_t hostile_count(void)
{
	return frame_count() + text_count() + step_count() + key_count();
}

void hostile_make(const struct hostile_kit *kit, size_t number, struct hostile_case *made)
{
	*made = (struct hostile_case){0};
	if (number < frame_count()) {
		frame_make(kit, number, made);
		return;
	}
	number -= frame_count();
	if (number < text_count()) {
		text_make(kit, number, made);
		return;
	}
	number -= text_count();
	if (number < step_count())
		step_make(kit, number, made);
	else
		key_make(kit, number - step_count(), made);
}

void hostile_case_clear(struct hostile_case *made)
{
	free(made->bytes);
	*made = (struct hostile_case){0};
}
