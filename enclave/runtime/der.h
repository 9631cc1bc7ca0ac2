/* SPDX-License-Identifier: MIT
 *
 * The little DER that public keys need (ITU-T X.690, 8.1 and 10.1): definite, shortest lengths.
 */
#ifndef EDB_DER_H
#define EDB_DER_H

#include "cursor.h"

#define DER_INTEGER    0x02u
#define DER_BIT_STRING 0x03u
#define DER_SEQUENCE   0x30u

/** The contents of the next element, which must have this tag. Failures: EDB_E_CERTIFICATE. */
struct cursor der_enter(struct cursor *c, uint8_t tag);

/** A positive INTEGER without its sign byte; borrowed; *size* ≥ 1 bytes, no leading zero. */
const uint8_t *der_positive(struct cursor *c, size_t *size);

/** Write an element. */
void der_put(struct writer *w, uint8_t tag, const uint8_t *contents, size_t size);

/** Write a positive INTEGER; number: big-endian, no leading zero. */
void der_put_positive(struct writer *w, const uint8_t *number, size_t size);

#endif
