/* SPDX-License-Identifier: MIT */
#include "jansson_judge.h"

#include <jansson.h>

bool jansson_takes(const uint8_t *text, size_t size)
{
	json_t *root = json_loadb((const char *)text, size, JSON_REJECT_DUPLICATES, NULL);
	bool takes = json_is_object(root);

	json_decref(root);
	return takes;
}
