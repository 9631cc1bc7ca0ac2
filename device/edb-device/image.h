/* SPDX-License-Identifier: MIT
 *
 * The folder that device/image/build makes: firmware, kernel, initramfs, and what is in them.
 */
#ifndef EDB_DEVICE_IMAGE_H
#define EDB_DEVICE_IMAGE_H

#include <sys/types.h>

#include <jansson.h>

#include "cli.h"

#define IMAGE_FIRMWARE "flash.bin"

struct image {
	int dir;
	json_t *facts;       /* image.json */
	const char *profile; /* borrowed from facts */
};

/**
 * @param folder   NULL: that of the profile, in the user's cache
 * @param profile  NULL: that of the folder; production, if that is NULL, too
 */
enum edb_err image_open(
	struct cli *cli, const char *folder, const char *profile, struct image *image);
/** Also after a failed open. */
void image_close(struct image *image);

/** Link a file of the image into a folder; copy it where that is not possible. */
enum edb_err image_take(struct cli *cli, const struct image *image, int dir, const char *name);

/** Copy from one file to another, zeros as holes; written bytes only count. */
enum edb_err image_copy(struct cli *cli, int from, int to, const char *name);

#endif
