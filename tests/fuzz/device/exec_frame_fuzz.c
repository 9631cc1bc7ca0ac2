/* SPDX-License-Identifier: MIT
 *
 * Any bytes as what one of the two ends reads, in pieces of any size. The first byte says whose
 * they are and how large the pieces. What comes out is a frame by the rules, the same in whatever
 * pieces it arrives; and whatever was read before, a hello after enough padding is found.
 */
#include <stdlib.h>
#include <string.h>

#include "exec_frame.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The reader's memory is larger than a frame: a reader of its own must not see beyond the bytes. */
static uint64_t digest(uint64_t sum, const struct exec_frame *frame)
{
	sum = sum * 1099511628211u + (uint64_t)frame->type;
	for (size_t i = 0; i < frame->size; i++)
		sum = sum * 1099511628211u + frame->payload[i];
	return sum;
}

static void check(enum exec_from from, const struct exec_frame *frame)
{
	static const char *arguments[EXEC_ARGUMENTS_MAX + 1];
	size_t count, length = 0;

	if (frame->size > EXEC_PAYLOAD_MAX)
		abort();
	if (frame->type != EXEC_RUN)
		return;
	count = exec_arguments(frame, arguments);
	for (size_t i = 0; i < count; i++)
		length += strlen(arguments[i]) + 1;
	if (from != EXEC_FROM_HOST || (count && (length != frame->size || arguments[count])))
		abort();
}

static uint64_t take(struct exec_reader *reader, uint64_t sum)
{
	struct exec_frame frame;
	enum exec_parsed parsed;

	while ((parsed = exec_reader_next(reader, &frame)) != EXEC_MORE) {
		if (parsed != EXEC_WHOLE)
			continue;
		check(reader->from, &frame);
		sum = digest(sum, &frame);
	}
	return sum;
}

static uint64_t read_all(
	struct exec_reader *reader, const uint8_t *data, size_t size, size_t piece, uint64_t sum)
{
	while (size) {
		size_t room, some = piece < size ? piece : size;
		uint8_t *at = exec_reader_room(reader, &room);

		if (!room)
			abort();
		some = some < room ? some : room;
		memcpy(at, data, some);
		exec_reader_filled(reader, some);
		sum = take(reader, sum);
		data += some;
		size -= some;
	}
	return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct exec_reader whole, pieces;
	static uint8_t padding[EXEC_FRAME_MAX];
	uint8_t hello[EXEC_HEAD_BYTES + EXEC_NONCE_BYTES] = {0};
	struct exec_frame frame;
	enum exec_from from;
	size_t used = 0;

	if (!size)
		return 0;
	from = data[0] & 1 ? EXEC_FROM_GUEST : EXEC_FROM_HOST;
	if (exec_frame_parse(from, data + 1, size - 1, &frame, &used) == EXEC_WHOLE &&
		used > size - 1)
		abort();
	exec_reader_reset(&whole, from);
	exec_reader_reset(&pieces, from);
	if (read_all(&whole, data + 1, size - 1, SIZE_MAX, 1) !=
		read_all(&pieces, data + 1, size - 1, (data[0] >> 1) + 1u, 1))
		abort();

	memset(padding, EXEC_PADDING, sizeof padding);
	exec_frame_head(EXEC_HELLO, EXEC_NONCE_BYTES, hello);
	hello[sizeof hello - 1] = 1;
	read_all(&whole, padding, sizeof padding, SIZE_MAX, 0);
	frame = (struct exec_frame){EXEC_HELLO, &hello[EXEC_HEAD_BYTES], EXEC_NONCE_BYTES};
	if (read_all(&whole, hello, sizeof hello, SIZE_MAX, 1) != digest(1, &frame))
		abort();
	return 0;
}
