/* SPDX-License-Identifier: MIT
 *
 * What edb-device and a device's edb-execd say to each other over a virtio-serial port.
 *
 * A frame is a type (u8), the payload's size (u32, little-endian) and the payload. Every
 * conversation starts with the host's hello, which ends whatever the guest was doing; the guest
 * answers with the same nonce, and the host skips everything before that answer. A guest that reads
 * what is no frame (its host died in the middle of one) skips everything up to the next hello.
 *
 * Standard input goes out on credit: EXEC_WINDOW bytes may be on their way, and each EXEC_ACK gives
 * some back. So the guest never has to stop reading its port, and a signal arrives even when the
 * command reads nothing.
 */
#ifndef EDB_EXEC_FRAME_H
#define EDB_EXEC_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define EXEC_HEAD_BYTES    5u
#define EXEC_PAYLOAD_MAX   65536u
#define EXEC_FRAME_MAX     (EXEC_HEAD_BYTES + EXEC_PAYLOAD_MAX)
#define EXEC_NONCE_BYTES   16u
#define EXEC_WINDOW        131072u /* bytes of standard input that the guest keeps */
#define EXEC_ARGUMENTS_MAX 1024u
#define EXEC_PORTS         4u /* edb.exec.0 and so on */
#define EXEC_PORT_NAME     "edb.exec."

/* No type, and as a size too large: EXEC_FRAME_MAX of them end any frame that was begun. */
#define EXEC_PADDING 0xffu

enum exec_type {
	EXEC_HELLO = 'H', /* both ways: the nonce. Its last byte is not 0: it ends no argument */
	/* host to guest */
	EXEC_RUN = 'R',    /* arguments, each with its NUL */
	EXEC_INPUT = 'I',  /* standard input */
	EXEC_END = 'E',    /* of standard input; empty */
	EXEC_SIGNAL = 'S', /* u8: its number, for the command's process group */
	/* guest to host */
	EXEC_OUTPUT = 'O', /* standard output */
	EXEC_ERROR = 'e',  /* standard error */
	EXEC_ACK = 'A',    /* u32: bytes of standard input that have left the guest's buffer */
	EXEC_EXIT = 'X',   /* u8: an exec_end, u8: its value. The command's last frame */
};

enum exec_end {
	EXEC_EXITED = 0,     /* with this exit code */
	EXEC_SIGNALLED = 1,  /* by this signal */
	EXEC_IMPOSSIBLE = 2, /* the command could not be started: Linux' errno */
};

enum exec_from {
	EXEC_FROM_HOST,
	EXEC_FROM_GUEST,
};

struct exec_frame {
	enum exec_type type;
	const uint8_t *payload; /* borrowed */
	size_t size;            /* of the payload, bytes */
};

enum exec_parsed {
	EXEC_MORE, /* a good beginning */
	EXEC_WHOLE,
	EXEC_BAD, /* no frame begins like that */
};

/**
 * The frame that some bytes begin with.
 *
 * @param from   whose frame it is: each side has its own types
 * @param frame  filled for EXEC_WHOLE; borrows from bytes
 * @param used   for EXEC_WHOLE: what the frame takes of the bytes
 */
enum exec_parsed exec_frame_parse(enum exec_from from, const uint8_t *bytes, size_t size,
	struct exec_frame *frame, size_t *used);

/** Head of a frame with a payload of size bytes, at most EXEC_PAYLOAD_MAX. */
void exec_frame_head(enum exec_type type, size_t size, uint8_t head[EXEC_HEAD_BYTES]);

/** A u32, as EXEC_ACK has it. */
void exec_put_u32(uint32_t number, uint8_t bytes[4]);
uint32_t exec_get_u32(const uint8_t bytes[4]);

/**
 * The arguments of EXEC_RUN; NULL ends them. They borrow from the payload.
 *
 * @return how many; 0: more than EXEC_ARGUMENTS_MAX
 */
size_t exec_arguments(
	const struct exec_frame *frame, const char *arguments[EXEC_ARGUMENTS_MAX + 1]);

/* Bytes as they arrive, cut into frames. */
struct exec_reader {
	enum exec_from from; /* who sends */
	bool lost;           /* skipping, up to the next hello */
	size_t start, end;   /* what is in bytes and not taken yet */
	uint8_t bytes[2 * EXEC_FRAME_MAX];
};

void exec_reader_reset(struct exec_reader *reader, enum exec_from from);

/** Where the next bytes go; never 0 bytes after exec_reader_next has said EXEC_MORE. */
uint8_t *exec_reader_room(struct exec_reader *reader, size_t *size);
/** So many have been put there. */
void exec_reader_filled(struct exec_reader *reader, size_t size);

/**
 * The next frame; it lives until the next call. After EXEC_BAD the reader is lost: it skips to the
 * next hello by itself, and what it skips is no error any more.
 */
enum exec_parsed exec_reader_next(struct exec_reader *reader, struct exec_frame *frame);

/**
 * Skip everything up to and with the hello that has this nonce.
 *
 * @return whether it was there; if not, call again after more was read
 */
bool exec_reader_find(struct exec_reader *reader, const uint8_t nonce[EXEC_NONCE_BYTES]);

#endif
