/* SPDX-License-Identifier: MIT
 *
 * A device's NOR flash: its firmware, and what a real device keeps in fuses.
 */
#ifndef EDB_DEVICE_FLASH_H
#define EDB_DEVICE_FLASH_H

#include "image.h"

#define FLASH_BYTES        (64u << 20) /* exactly: QEMU takes no other size */
#define FLASH_FIRMWARE_MAX (60u << 20)
#define FLASH_KEY_AT       0x03f80000 /* hardware unique key, then the serial number */
#define FLASH_KEY_BYTES    16
#define FLASH_SERIAL_BYTES 16
#define FLASH_SECTOR_BYTES 0x40000
#define FLASH_COUNTERS_AT                                                                          \
	{                                                                                          \
		0x03fc0000, 0x03f40000                                                             \
	}

/** Make the file in a folder, with a key of its own that nobody gets to see. */
enum edb_err flash_make(
	struct cli *cli, const struct image *image, int dir, uint8_t serial[FLASH_SERIAL_BYTES]);

#endif
