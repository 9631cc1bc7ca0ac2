/* SPDX-License-Identifier: MIT
 *
 * Inside of the channel.
 */
#ifndef EDB_DEVICE_CHANNEL_INSIDE_H
#define EDB_DEVICE_CHANNEL_INSIDE_H

#include "channel.h"

struct channel {
	char name[DEVICE_NAME_MAX + 1]; /* the device's */
	int fd, lock;
	uint8_t nonce[EXEC_NONCE_BYTES];
	struct exec_reader reader;
};

/** False: closed, or not taken for so many milliseconds. */
bool channel_send(struct channel *channel, const void *bytes, size_t size, int ms);

/** What there is to read, into the reader. False: closed. */
bool channel_receive(struct channel *channel);

/** EDB_E_TEE, and says so. */
enum edb_err channel_went_off(struct cli *cli, const struct channel *channel);

#endif
