/* SPDX-License-Identifier: MIT
 *
 * An image store (contract/image_store.h) in memory, for tests of the CPM. An "image" is anything
 * that starts with IMAGE_MAGIC; the four bytes after it are the memory that it declares.
 */
#ifndef TEST_IMAGE_STORE_FAKE_H
#define TEST_IMAGE_STORE_FAKE_H

#include <stdbool.h>
#include <stdint.h>

#define IMAGE_MAGIC "\177ELF"
#define IMAGE_BYTES 3000u

/** IMAGE_BYTES that the store takes, 64 KiB of memory declared, the rest of it the seed. Until the
 *  next call. */
const uint8_t *image_store_fake_image(uint8_t seed);

void image_store_fake_reset(void);

/** Sessions are gone, and with them what was not committed; what is installed stays. */
void image_store_fake_power_cut(void);

/** Is an instance of the installed application loaded? */
void image_store_fake_load(const uint8_t id[16], bool loaded);

/** What is installed under an id; NULL: nothing. */
const uint8_t *image_store_fake_find(const uint8_t id[16], uint32_t *size);

/** The package digest that an installed image is bound to; NULL: nothing is installed. */
const uint8_t *image_store_fake_digest(const uint8_t id[16]);

/** What is below secure storage says that it was put back to an older state. */
void image_store_fake_roll_back(bool rolled_back);

uint32_t image_store_fake_sessions(void);

#endif
