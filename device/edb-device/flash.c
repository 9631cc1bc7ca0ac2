/* SPDX-License-Identifier: MIT */
#include "flash.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "device.h"

static enum edb_err failed(struct cli *cli)
{
	return cli_fail(cli, errno == ENOSPC || errno == EDQUOT ? EDB_E_STORAGE_FULL : EDB_E_IO,
		NULL, "cannot write the device's flash: %s", strerror(errno));
}

static bool put(int flash, const void *bytes, size_t size, off_t at)
{
	ssize_t written = pwrite(flash, bytes, size, at);

	if (written >= 0 && (size_t)written < size)
		errno = ENOSPC;
	return written >= 0 && (size_t)written == size;
}

static enum edb_err firmware(struct cli *cli, const struct image *image, int flash)
{
	int from = openat(image->dir, IMAGE_FIRMWARE, O_RDONLY | O_CLOEXEC);
	struct stat s;
	enum edb_err err = EDB_OK;

	if (from < 0 || fstat(from, &s))
		err = cli_fail(
			cli, EDB_E_IO, NULL, "cannot read " IMAGE_FIRMWARE ": %s", strerror(errno));
	else if (!S_ISREG(s.st_mode) || s.st_size <= 0 || s.st_size >= FLASH_FIRMWARE_MAX)
		err = cli_fail(cli, EDB_E_ARG, "device/image/build makes it anew",
			IMAGE_FIRMWARE
			" of the image is no firmware: it must have 1 byte to 60 MiB");
	if (!err)
		err = image_copy(cli, from, flash, IMAGE_FIRMWARE);
	if (from >= 0)
		close(from);
	return err;
}

static bool is_constant(const uint8_t *bytes, size_t size)
{
	return (bytes[0] == 0 || bytes[0] == 0xff) && !memcmp(bytes, &bytes[1], size - 1);
}

/* All zeros or ones is what an empty fuse looks like: no device may have that. */
static enum edb_err identity(struct cli *cli, int flash, uint8_t serial[FLASH_SERIAL_BYTES])
{
	uint8_t key[FLASH_KEY_BYTES + FLASH_SERIAL_BYTES]; /* wiped below */
	enum edb_err err = EDB_OK;

	do
		if (getrandom(key, sizeof key, 0) != sizeof key)
			err = cli_fail(
				cli, EDB_E_IO, NULL, "no random numbers: %s", strerror(errno));
	while (!err && is_constant(key, FLASH_KEY_BYTES));
	if (!err && !put(flash, key, sizeof key, FLASH_KEY_AT))
		err = failed(cli);
	if (!err)
		memcpy(serial, &key[FLASH_KEY_BYTES], FLASH_SERIAL_BYTES);
	explicit_bzero(key, sizeof key);
	return err;
}

/* As erased NOR is. */
static enum edb_err counters(struct cli *cli, int flash)
{
	static const off_t sectors[] = FLASH_COUNTERS_AT;
	uint8_t *ones = malloc(FLASH_SECTOR_BYTES);
	enum edb_err err = EDB_OK;

	if (!ones)
		return cli_fail(cli, EDB_E_NOMEM, NULL, "out of memory");
	memset(ones, 0xff, FLASH_SECTOR_BYTES);
	for (size_t i = 0; !err && i < sizeof sectors / sizeof sectors[0]; i++)
		if (!put(flash, ones, FLASH_SECTOR_BYTES, sectors[i]))
			err = failed(cli);
	free(ones);
	return err;
}

enum edb_err flash_make(
	struct cli *cli, const struct image *image, int dir, uint8_t serial[FLASH_SERIAL_BYTES])
{
	int flash = openat(dir, DEVICE_FLASH, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	enum edb_err err = EDB_OK;

	if (flash < 0 || ftruncate(flash, FLASH_BYTES))
		err = failed(cli);
	if (!err)
		err = firmware(cli, image, flash);
	if (!err)
		err = identity(cli, flash, serial);
	if (!err)
		err = counters(cli, flash);
	if (!err && fsync(flash))
		err = failed(cli);
	if (flash >= 0 && close(flash) && !err)
		err = failed(cli);
	return err;
}
