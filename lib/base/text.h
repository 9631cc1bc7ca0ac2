/* SPDX-License-Identifier: MIT
 *
 * Bytes as text: hex, base64, UUIDs. Strict when reading.
 */
#ifndef EDB_BASE_TEXT_H
#define EDB_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define EDB_UUID_BYTES     16
#define EDB_UUID_TEXT_SIZE 37 /* with the NUL */

/** Lower-case hex; text: 2 * size + 1 bytes. */
void edb_hex_encode(const uint8_t *bytes, size_t size, char *text);
/** Exactly size bytes of hex, either case. */
bool edb_hex_decode(const char *text, uint8_t *bytes, size_t size);

/** RFC 4648, 4, padded; malloc'ed. NULL: no memory, or over 16 MiB. */
char *edb_base64_encode(const uint8_t *bytes, size_t size);
/** Strict: no line breaks, padding required, one text for the same bytes. bytes: malloc'ed. False:
 * not base64, or no memory. */
bool edb_base64_decode(const char *text, uint8_t **bytes, size_t *size);

/** RFC 9562, 4, lower case; bytes in network byte order. */
void edb_uuid_encode(const uint8_t uuid[EDB_UUID_BYTES], char text[EDB_UUID_TEXT_SIZE]);
bool edb_uuid_decode(const char *text, uint8_t uuid[EDB_UUID_BYTES]);

#endif
