/* SPDX-License-Identifier: MIT
 *
 * One record of an object's file: a header in the clear, a ciphertext, a tag. Each is bound to the
 * file's salt (through its keys), to its place, and to the tag of the record before it, so that
 * none can be left out, moved, or taken from another file. Format: docs/storage.md.
 */
#ifndef SIMTEE_RECORD_H
#define SIMTEE_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <openssl/evp.h>

#define RECORD_KEY_BYTES    32u
#define RECORD_SALT_BYTES   32u
#define RECORD_HEADER_BYTES 44u /* kind, place, offset, size: u32 each; nonce 12; check 16 */
#define RECORD_TAG_BYTES    16u
#define RECORD_OVERHEAD     (RECORD_HEADER_BYTES + RECORD_TAG_BYTES)

enum record_kind {
	RECORD_META = 1, /* whose, its id, attributes, size of the data that creation gave it */
	RECORD_WRITE,    /* data from offset on */
	RECORD_TRUNCATE, /* to offset bytes; no payload */
	RECORD_RENAME,   /* a new id; counts once the file has its new name */
};

struct record {
	uint32_t kind, offset, size; /* size: bytes of payload */
};

/* Where a file's chain of records stands: the next record comes after `tag`. */
struct chain {
	EVP_CIPHER_CTX *seal, *open; /* hold the file's key */
	uint8_t check_key[RECORD_KEY_BYTES];
	uint8_t tag[RECORD_TAG_BYTES];
	uint32_t place;
};

/** Start the chain of a file. false: no memory. */
bool chain_init(struct chain *chain, const uint8_t key[static RECORD_KEY_BYTES],
	const uint8_t salt[static RECORD_SALT_BYTES]);

/** Wipes. */
void chain_clear(struct chain *chain);

/**
 * Seal the next record; its payload is a then b.
 *
 * @param out  RECORD_OVERHEAD + a_size + b_size bytes
 * The chain stands where it stood: chain_advance once the record is written. false: OpenSSL failed.
 */
bool record_seal(struct chain *chain, enum record_kind kind, uint32_t offset, const void *a,
	size_t a_size, const void *b, size_t b_size, uint8_t *out);

/** The header of the next record, checked to be what record_seal wrote. */
bool record_header(const struct chain *chain, const uint8_t header[static RECORD_HEADER_BYTES],
	struct record *record);

/** Decrypt in place the payload of a record whose header has been checked; the tag follows it.
 *  false: it does not authenticate; body is wiped. */
bool record_open(struct chain *chain, const uint8_t header[static RECORD_HEADER_BYTES],
	uint8_t *body, size_t size);

/** Go on behind the record with this tag. */
void chain_advance(struct chain *chain, const uint8_t tag[static RECORD_TAG_BYTES]);

/* Numbers of four bytes, little-endian. */
void put_u32(uint8_t *at, uint32_t value);
uint32_t get_u32(const uint8_t *at);

#endif
