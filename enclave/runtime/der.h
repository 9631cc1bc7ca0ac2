/* SPDX-License-Identifier: MIT
 *
 * The little DER that public keys need (ITU-T X.690, 8.1 and 10.1): definite, shortest lengths.
 */
#ifndef EDB_DER_H
#define EDB_DER_H

#include "cursor.h"

#define DER_INTEGER    0x02u
#define DER_BIT_STRING 0x03u
#define DER_NULL       0x05u
#define DER_OID        0x06u
#define DER_SEQUENCE   0x30u

/** The contents of the next element, which must have this tag. Failures: EDB_E_CERTIFICATE. */
struct cursor der_enter(struct cursor *c, uint8_t tag);

/** The next element must be exactly these bytes, header included. */
void der_expect(struct cursor *c, const void *bytes, size_t size);

/** A positive INTEGER without its sign byte; borrowed; *size* ≥ 1 bytes, no leading zero. */
const uint8_t *der_positive(struct cursor *c, size_t *size);

/** Write tag and length. */
void der_put_head(struct writer *w, uint8_t tag, size_t size);

/** Bytes that der_put_head(tag, size) takes. */
size_t der_head_size(size_t size);

/** Write a positive INTEGER; number: big-endian, no leading zero. Size of it with its header. */
void der_put_positive(struct writer *w, const uint8_t *number, size_t size);
size_t der_positive_size(const uint8_t *number, size_t size);

#endif
