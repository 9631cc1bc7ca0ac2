/* SPDX-License-Identifier: MIT */
#include "exec_frame.h"

#include <string.h>

#define HELLO_BYTES (EXEC_HEAD_BYTES + EXEC_NONCE_BYTES)

void exec_put_u32(uint32_t number, uint8_t bytes[4])
{
	for (unsigned i = 0; i < 4; i++)
		bytes[i] = (uint8_t)(number >> 8 * i);
}

uint32_t exec_get_u32(const uint8_t bytes[4])
{
	return bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 |
	       (uint32_t)bytes[3] << 24;
}

void exec_frame_head(enum exec_type type, size_t size, uint8_t head[EXEC_HEAD_BYTES])
{
	head[0] = (uint8_t)type;
	exec_put_u32((uint32_t)size, &head[1]);
}

struct rule {
	enum exec_type type;
	uint32_t min, max; /* bytes of payload */
};

static const struct rule host_rules[] = {
	{EXEC_HELLO, EXEC_NONCE_BYTES, EXEC_NONCE_BYTES},
	{EXEC_RUN, 2, EXEC_PAYLOAD_MAX}, /* one letter and its NUL */
	{EXEC_INPUT, 1, EXEC_PAYLOAD_MAX},
	{EXEC_END, 0, 0},
	{EXEC_SIGNAL, 1, 1},
	{0},
};

static const struct rule guest_rules[] = {
	{EXEC_HELLO, EXEC_NONCE_BYTES, EXEC_NONCE_BYTES},
	{EXEC_OUTPUT, 1, EXEC_PAYLOAD_MAX},
	{EXEC_ERROR, 1, EXEC_PAYLOAD_MAX},
	{EXEC_ACK, 4, 4},
	{EXEC_EXIT, 2, 2},
	{0},
};

static const struct rule *rule_of(enum exec_from from, uint8_t type)
{
	const struct rule *r = from == EXEC_FROM_HOST ? host_rules : guest_rules;

	while (r->type && r->type != type)
		r++;
	return r->type ? r : NULL;
}

/* What the sizes do not say. */
static bool fits(const struct exec_frame *f)
{
	const uint8_t *p = f->payload;

	switch (f->type) {
	case EXEC_RUN: return p[0] && !p[f->size - 1];
	case EXEC_SIGNAL: return p[0] >= 1 && p[0] <= 64;
	case EXEC_ACK: return exec_get_u32(p) >= 1 && exec_get_u32(p) <= EXEC_WINDOW;
	case EXEC_EXIT: return p[0] <= EXEC_IMPOSSIBLE;
	case EXEC_HELLO: return p[EXEC_NONCE_BYTES - 1];
	case EXEC_INPUT:
	case EXEC_END:
	case EXEC_OUTPUT:
	case EXEC_ERROR: break;
	}
	return true;
}

enum exec_parsed exec_frame_parse(enum exec_from from, const uint8_t *bytes, size_t size,
	struct exec_frame *frame, size_t *used)
{
	const struct rule *rule;
	struct exec_frame f;

	if (!size)
		return EXEC_MORE;
	rule = rule_of(from, bytes[0]);
	if (!rule)
		return EXEC_BAD;
	if (size < EXEC_HEAD_BYTES)
		return EXEC_MORE;
	f = (struct exec_frame){rule->type, &bytes[EXEC_HEAD_BYTES], exec_get_u32(&bytes[1])};
	if (f.size < rule->min || f.size > rule->max)
		return EXEC_BAD;
	if (size - EXEC_HEAD_BYTES < f.size)
		return EXEC_MORE;
	if (!fits(&f))
		return EXEC_BAD;
	*frame = f;
	*used = EXEC_HEAD_BYTES + f.size;
	return EXEC_WHOLE;
}

size_t exec_arguments(const struct exec_frame *frame, const char *arguments[EXEC_ARGUMENTS_MAX + 1])
{
	size_t count = 0;

	for (size_t at = 0; at < frame->size; count++) {
		if (count == EXEC_ARGUMENTS_MAX)
			return 0;
		arguments[count] = (const char *)&frame->payload[at];
		at += strlen(arguments[count]) + 1; /* a NUL ends the payload */
	}
	arguments[count] = NULL;
	return count;
}

void exec_reader_reset(struct exec_reader *reader, enum exec_from from)
{
	reader->from = from;
	reader->lost = false;
	reader->start = reader->end = 0;
}

uint8_t *exec_reader_room(struct exec_reader *reader, size_t *size)
{
	if (reader->start == reader->end)
		reader->start = reader->end = 0;
	if (reader->start > EXEC_FRAME_MAX) { /* seldom, and never more than a frame */
		memmove(reader->bytes, &reader->bytes[reader->start], reader->end - reader->start);
		reader->end -= reader->start;
		reader->start = 0;
	}
	*size = sizeof reader->bytes - reader->end;
	return &reader->bytes[reader->end];
}

void exec_reader_filled(struct exec_reader *reader, size_t size)
{
	reader->end += size;
}

/* Byte by byte to what begins like a hello. */
static enum exec_parsed skip(struct exec_reader *r, struct exec_frame *frame, size_t *used)
{
	for (; r->start < r->end; r->start++) {
		enum exec_parsed parsed;

		if (r->bytes[r->start] != EXEC_HELLO)
			continue;
		parsed = exec_frame_parse(
			r->from, &r->bytes[r->start], r->end - r->start, frame, used);
		if (parsed != EXEC_BAD)
			return parsed;
	}
	return EXEC_MORE;
}

enum exec_parsed exec_reader_next(struct exec_reader *r, struct exec_frame *frame)
{
	enum exec_parsed parsed;
	size_t used = 0;

	if (r->lost)
		parsed = skip(r, frame, &used);
	else
		parsed = exec_frame_parse(
			r->from, &r->bytes[r->start], r->end - r->start, frame, &used);
	if (parsed == EXEC_WHOLE) {
		r->start += used;
		r->lost = false;
	} else if (parsed == EXEC_BAD) {
		r->start++; /* whatever it is, it is no hello */
		r->lost = true;
	}
	return parsed;
}

bool exec_reader_find(struct exec_reader *r, const uint8_t nonce[EXEC_NONCE_BYTES])
{
	uint8_t wanted[HELLO_BYTES];

	exec_frame_head(EXEC_HELLO, EXEC_NONCE_BYTES, wanted);
	memcpy(&wanted[EXEC_HEAD_BYTES], nonce, EXEC_NONCE_BYTES);
	for (; r->end - r->start >= HELLO_BYTES; r->start++) {
		if (!memcmp(&r->bytes[r->start], wanted, HELLO_BYTES)) {
			r->start += HELLO_BYTES;
			r->lost = false;
			return true;
		}
	}
	return false;
}
