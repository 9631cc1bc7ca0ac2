/* SPDX-License-Identifier: MIT
 *
 * "Did you mean": the optimal string alignment distance, so that two letters exchanged are one
 * slip.
 */
#include <string.h>

#include "inside.h"

#define WORD_MAX 40

static unsigned least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

static unsigned distance(const char *a, size_t a_size, const char *b, size_t b_size)
{
	unsigned d[WORD_MAX + 1][WORD_MAX + 1];

	for (unsigned i = 0; i <= a_size; i++)
		d[i][0] = i;
	for (unsigned j = 0; j <= b_size; j++)
		d[0][j] = j;
	for (size_t i = 1; i <= a_size; i++) {
		for (size_t j = 1; j <= b_size; j++) {
			unsigned cost = a[i - 1] != b[j - 1];

			d[i][j] =
				least(least(d[i - 1][j], d[i][j - 1]) + 1, d[i - 1][j - 1] + cost);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				d[i][j] = least(d[i][j], d[i - 2][j - 2] + 1);
		}
	}
	return d[a_size][b_size];
}

const char *cli_nearest(const char *word, const char *const *names)
{
	size_t size = strlen(word);
	const char *nearest = NULL;
	/* A third of the letters may be wrong, but never all of a short word. */
	unsigned best = (unsigned)size / 3 + 1;

	if (size > WORD_MAX || size < 2)
		return NULL;
	for (; *names; names++) {
		size_t name_size = strlen(*names);
		unsigned far;

		if (name_size > WORD_MAX)
			continue;
		far = distance(word, size, *names, name_size);
		if (far <= best && (!nearest || far < best)) {
			nearest = *names;
			best = far;
		}
	}
	return nearest;
}
