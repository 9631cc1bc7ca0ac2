/* SPDX-License-Identifier: MIT
 *
 * The host's end of a device's exec ports: one command of a running device.
 */
#ifndef EDB_DEVICE_CHANNEL_H
#define EDB_DEVICE_CHANNEL_H

#include "device.h"
#include "exec_frame.h"

#define CHANNEL_WORDS_BYTES 160

struct channel;

/**
 * Connect to any free port, wait for one if need be.
 *
 * @param wait_ms  -1: as long as it takes
 * @return EDB_E_STATE: it does not run; EDB_E_BUSY: no port became free
 */
enum edb_err channel_connect(
	struct cli *cli, const struct device *device, int wait_ms, struct channel **channel);

/** The same, and greet: that may take as long again, or CHANNEL_ANSWER_MS. EDB_E_TEE: no answer. */
#define CHANNEL_ANSWER_MS 30000
enum edb_err channel_open(
	struct cli *cli, const struct device *device, int wait_ms, struct channel **channel);
/** NULL is fine. What runs in the device for it ends. */
void channel_close(struct channel *channel);

/* A greeting under way, for who waits for something else, too. */
/** Say hello, with padding before it if a guest may be in the middle of something. */
enum edb_err channel_hello(struct cli *cli, struct channel *channel, bool padded);
/** Poll this for POLLIN. */
int channel_fd(const struct channel *channel);
/** Take what has come. EDB_E_TEE: it was closed. */
enum edb_err channel_take_answer(struct cli *cli, struct channel *channel, bool *answered);

/* What a command's standard streams are here. */
struct channel_streams {
	int in;                          /* -1: empty */
	int out;                         /* -1: nobody wants it */
	int err;                         /* -1: kept in words */
	char words[CHANNEL_WORDS_BYTES]; /* the first of standard error, one line, with a NUL */
	size_t words_size;
	bool pass_signals; /* SIGINT and the like go to the command; otherwise they end the call */
	int end_ms;        /* 0: the command has all the time it needs */
	void (*tell)(void *context, uint64_t moved_bytes); /* NULL: nobody wants to know */
	void *context;
};

struct channel_end {
	enum exec_end how;
	unsigned char value;
	int signal; /* the last one that was passed on, or that ended the call; 0: none */
};

/**
 * Run a command to its end, on a channel that was greeted.
 *
 * @param arguments  NULL ends them
 * @return EDB_E_LIMIT: too many arguments; EDB_E_TEE: the device went off; EDB_E_STATE:
 * interrupted, or end_ms passed; EDB_E_IO, EDB_E_STORAGE_FULL: a stream here
 */
enum edb_err channel_run(struct cli *cli, struct channel *channel, const char *const *arguments,
	struct channel_streams *streams, struct channel_end *end);

#endif
