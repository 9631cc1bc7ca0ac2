/* SPDX-License-Identifier: MIT
 *
 * Frames: header fields, files that end too early, streams that lie where they must not.
 */
#include "cases.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One header field (little-endian, two bytes) of a good package set to another value. */
static const struct {
	const char *name, *rule;
	enum edb_err want;
	size_t at;
	uint16_t value;
} field[] = {
	{"magic-zero", "F2", EDB_E_MAGIC, 0, 0},
	{"magic-byte-order", "F2", EDB_E_MAGIC, 0, 0xcc0e},
	{"magic-first-half-wrong", "F2", EDB_E_MAGIC, 0, 0xf00c},
	{"magic-second-half-wrong", "F2", EDB_E_MAGIC, 2, 0x0ecd},
	{"magic-of-elf", "F2", EDB_E_MAGIC, 0, 0x457f},
	{"magic-of-zip", "F2", EDB_E_MAGIC, 0, 0x4b50},
	{"frame-version-0", "F3", EDB_E_FRAME_VERSION, 4, 0},
	{"frame-version-2", "F3", EDB_E_FRAME_VERSION, 4, 2},
	{"frame-version-big-endian-1", "F3", EDB_E_FRAME_VERSION, 4, 0x100},
	{"frame-version-65535", "F3", EDB_E_FRAME_VERSION, 4, 0xffff},
	{"flag-bit-0", "F4", EDB_E_FRAME_FLAG, 6, 1},
	{"flag-bit-7", "F4", EDB_E_FRAME_FLAG, 6, 0x80},
	{"flag-bit-8", "F4", EDB_E_FRAME_FLAG, 6, 0x100},
	{"flag-bit-15", "F4", EDB_E_FRAME_FLAG, 6, 0x8000},
	{"flag-65535", "F4", EDB_E_FRAME_FLAG, 6, 0xffff},
	{"no-streams", "F5", EDB_E_STREAM_COUNT, 8, 0},
	{"manifest-index-is-count", "F6", EDB_E_MANIFEST_INDEX, 10, S_COUNT},
	{"manifest-index-above-count", "F6", EDB_E_MANIFEST_INDEX, 10, S_COUNT + 1},
	{"manifest-index-65535", "F6", EDB_E_MANIFEST_INDEX, 10, 0xffff},
	{"manifest-type-0", "F7", EDB_E_MANIFEST_TYPE, 12, 0},
	{"manifest-type-2", "F7", EDB_E_MANIFEST_TYPE, 12, 2},
	{"manifest-type-65535", "F7", EDB_E_MANIFEST_TYPE, 12, 0xffff},
	{"manifest-version-0", "F8", EDB_E_MANIFEST_VERSION, 14, 0},
	{"manifest-version-2", "F8", EDB_E_MANIFEST_VERSION, 14, 2},
	{"manifest-version-65535", "F8", EDB_E_MANIFEST_VERSION, 14, 0xffff},
	{"count-65535-in-a-short-file", "F9", EDB_E_TRUNCATED, 8, 0xffff},
	{"count-one-more-shifts-the-origin", "F10", EDB_E_STREAM_RANGE, 8, S_COUNT + 1},
	{"manifest-index-is-the-payload", "J2", EDB_E_JSON, 10, S_PAYLOAD},
	{"manifest-index-is-the-nonce", "J3", EDB_E_JSON, 10, S_NONCE},
	{"manifest-index-is-the-certificate", "J3", EDB_E_JSON, 10, S_CERT},
};
#define FIELDS (sizeof field / sizeof field[0])

/* Lengths at which a good file is cut: within the header, within the table, just short of its end.
 */
#define HEADER_CUTS 16 /* 0…15 bytes */
static const size_t table_cut[] = {16, 17, 31, 32, 33, 100, 159};
#define TABLE_CUTS (sizeof table_cut / sizeof table_cut[0])
static const size_t short_of_end[] = {1, 2, 256, 257};
#define END_CUTS (sizeof short_of_end / sizeof short_of_end[0])

/* What is done to one entry of the stream table; each is done to every stream. */
enum {
	SIZE_MAX_64,
	SIZE_63,
	OFFSET_MAX_64,
	OFFSET_63,
	BOTH_WRAP,
	ONE_PAST_END,
	OVER_NEXT,
	TWICE
};
static const struct {
	const char *name, *rule;
	enum edb_err want;
} placing[] = {
	[SIZE_MAX_64] = {"size-2-64-less-1", "F10", EDB_E_STREAM_RANGE},
	[SIZE_63] = {"size-2-63", "F10", EDB_E_STREAM_RANGE},
	[OFFSET_MAX_64] = {"offset-2-64-less-1", "F10", EDB_E_STREAM_RANGE},
	[OFFSET_63] = {"offset-2-63", "F10", EDB_E_STREAM_RANGE},
	[BOTH_WRAP] = {"offset-and-size-wrap-to-0", "F10", EDB_E_STREAM_RANGE},
	[ONE_PAST_END] = {"ends-one-past-the-file", "F10", EDB_E_STREAM_RANGE},
	[OVER_NEXT] = {"shares-a-byte-with-its-neighbour", "F11", EDB_E_STREAM_OVERLAP},
	[TWICE] = {"lies-where-another-does", "F11", EDB_E_STREAM_OVERLAP},
};
#define PLACINGS (sizeof placing / sizeof placing[0])

size_t frame_count(void)
{
	return FIELDS + HEADER_CUTS + TABLE_CUTS + END_CUTS + PLACINGS * S_COUNT;
}

static void name(struct hostile_case *made, const char *rule, enum edb_err want)
{
	snprintf(made->rule, sizeof made->rule, "%s", rule);
	made->want = want;
}

static uint64_t get64(const uint8_t *at)
{
	uint64_t value = 0;

	for (int i = 7; i >= 0; i--)
		value = value << 8 | at[i];
	return value;
}

static void put64(uint8_t *at, uint64_t value)
{
	for (int i = 0; i < 8; i++)
		at[i] = (uint8_t)(value >> 8 * i);
}

static void place(struct hostile_case *made, unsigned stream, unsigned how)
{
	uint8_t *offset = made->bytes + 16 + 16 * stream, *size = offset + 8;
	uint8_t *other = made->bytes + 16 + 16 * ((stream + 1) % S_COUNT);
	uint64_t room = made->size - (16 + 16 * S_COUNT);

	snprintf(made->name, sizeof made->name, "stream-%u-%s", stream, placing[how].name);
	name(made, placing[how].rule, placing[how].want);
	switch (how) {
	case SIZE_MAX_64: put64(size, UINT64_MAX); break;
	case SIZE_63: put64(size, (uint64_t)1 << 63); break;
	case OFFSET_MAX_64: put64(offset, UINT64_MAX); break;
	case OFFSET_63: put64(offset, (uint64_t)1 << 63); break;
	case BOTH_WRAP:
		put64(offset, UINT64_MAX - 99);
		put64(size, 100);
		break;
	case ONE_PAST_END: put64(size, room - get64(offset) + 1); break;
	case OVER_NEXT: /* the last one steps back */
		if (stream + 1 < S_COUNT)
			put64(size, get64(size) + 1);
		else
			put64(offset, get64(offset) - 1);
		break;
	default: put64(offset, get64(other)); put64(size, get64(other + 8));
	}
}

static void cut(struct hostile_case *made, size_t size, const char *rule, enum edb_err want)
{
	snprintf(made->name, sizeof made->name, "ends-after-%zu-bytes", size);
	name(made, rule, want);
	made->size = size;
}

void frame_make(const struct hostile_kit *kit, size_t number, struct hostile_case *made)
{
	struct model m;

	model_init(&m, kit);
	model_sign(&m);
	made->bytes = model_write(&m, &made->size);
	model_clear(&m);
	if (number < FIELDS) {
		snprintf(made->name, sizeof made->name, "%s", field[number].name);
		name(made, field[number].rule, field[number].want);
		made->bytes[field[number].at] = (uint8_t)field[number].value;
		made->bytes[field[number].at + 1] = (uint8_t)(field[number].value >> 8);
		return;
	}
	number -= FIELDS;
	if (number < HEADER_CUTS) {
		cut(made, number, "F1", EDB_E_TRUNCATED);
		return;
	}
	number -= HEADER_CUTS;
	if (number < TABLE_CUTS) {
		cut(made, table_cut[number], "F9", EDB_E_TRUNCATED);
		return;
	}
	number -= TABLE_CUTS;
	if (number < END_CUTS) {
		cut(made, made->size - short_of_end[number], "F10", EDB_E_STREAM_RANGE);
		snprintf(made->name, sizeof made->name, "ends-%zu-bytes-early",
			short_of_end[number]);
		return;
	}
	number -= END_CUTS;
	place(made, (unsigned)(number / PLACINGS), (unsigned)(number % PLACINGS));
}
