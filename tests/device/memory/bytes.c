/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "search.h"

#define PIECE        16 /* bytes */
#define NEEDLES_MAX  128
#define PIECES_MAX   4096
#define FILTER_BYTES 8192

/* One secret in one form. */
struct needle {
	const char *name, *form;
	size_t next, run, run_at; /* pieces found one after the other: the next one's offset */
};

struct piece {
	uint8_t bytes[PIECE];
	struct needle *needle;
	bool first;
};

static struct needle needles[NEEDLES_MAX];
static struct piece pieces[PIECES_MAX];
static size_t needle_count, piece_count;
static uint8_t filter[FILTER_BYTES]; /* a bit for each hash of a piece's first four bytes */

static uint32_t hash(const uint8_t *bytes)
{
	uint32_t word;

	memcpy(&word, bytes, sizeof word);
	return (word * 2654435761u) >> 16;
}

static bool want(const char *name, const char *form, const uint8_t *bytes, size_t size)
{
	if (needle_count == NEEDLES_MAX || size / PIECE > PIECES_MAX - piece_count)
		return false;
	needles[needle_count] = (struct needle){.name = name, .form = form};
	for (size_t at = 0; at + PIECE <= size; at += PIECE) {
		uint32_t h = hash(&bytes[at]);

		memcpy(pieces[piece_count].bytes, &bytes[at], PIECE);
		pieces[piece_count].first = !at;
		pieces[piece_count++].needle = &needles[needle_count];
		filter[h / 8] |= (uint8_t)(1u << h % 8);
	}
	needle_count++;
	return true;
}

static bool want_text(const char *name, bool capitals, const uint8_t *bytes, size_t size)
{
	char *text = malloc(2 * size + 1);
	bool good = text;

	for (size_t i = 0; good && i < size; i++)
		snprintf(&text[2 * i], 3, capitals ? "%02X" : "%02x", bytes[i]);
	good = good && want(name, "text", (const uint8_t *)text, 2 * size);
	free(text);
	return good;
}

bool bytes_want(const char *name, const uint8_t *bytes, size_t size)
{
	uint8_t *other = size < PIECE ? NULL : malloc(size);
	bool good = other && want(name, "bytes", bytes, size);

	for (size_t i = 0; good && i < size; i++)
		other[i] = bytes[size - 1 - i];
	good = good && want(name, "backwards", other, size);
	for (size_t i = 0; good && i < size; i++)
		other[i] = bytes[(i ^ 3) < size ? i ^ 3 : i];
	good = good && want(name, "words", other, size) && want_text(name, false, bytes, size) &&
	       want_text(name, true, bytes, size);
	free(other);
	return good;
}

static void end_run(struct needle *needle, const struct dump *dump)
{
	if (needle->run)
		tell(needle->name, needle->form, dump, needle->run_at, needle->run);
	needle->run = 0;
}

static void found_at(const struct piece *piece, const struct dump *dump, size_t at)
{
	struct needle *needle = piece->needle;

	if (!needle->run || piece->first || at != needle->next) {
		end_run(needle, dump);
		needle->run_at = at;
	}
	needle->run += PIECE;
	needle->next = at + PIECE;
}

void bytes_search(const struct dump *dump)
{
	for (size_t at = 0; at + PIECE <= dump->size; at++) {
		uint32_t h = hash(&dump->bytes[at]);

		if (!(filter[h / 8] & 1u << h % 8))
			continue;
		for (size_t i = 0; i < piece_count; i++)
			if (!memcmp(pieces[i].bytes, &dump->bytes[at], PIECE))
				found_at(&pieces[i], dump, at);
	}
	for (size_t i = 0; i < needle_count; i++)
		end_run(&needles[i], dump);
}
