/* SPDX-License-Identifier: MIT */
#include "record.h"

#include <string.h>

#include <openssl/crypto.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#define NONCE_AT    16u
#define NONCE_BYTES 12u
#define CHECK_AT    28u
#define CHECK_BYTES 16u

void put_u32(uint8_t *at, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		at[i] = (uint8_t)(value >> (8 * i));
}

uint32_t get_u32(const uint8_t *at)
{
	return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 |
	       (uint32_t)at[3] << 24;
}

/* A key for one purpose, of one file. */
static bool derive(const uint8_t *key, char purpose, const uint8_t *salt, uint8_t *out)
{
	uint8_t message[1 + RECORD_SALT_BYTES] = {(uint8_t)purpose};
	unsigned size = RECORD_KEY_BYTES;

	memcpy(message + 1, salt, RECORD_SALT_BYTES);
	return HMAC(EVP_sha256(), key, RECORD_KEY_BYTES, message, sizeof message, out, &size) !=
	       NULL;
}

bool chain_init(struct chain *chain, const uint8_t key[static RECORD_KEY_BYTES],
	const uint8_t salt[static RECORD_SALT_BYTES])
{
	uint8_t file_key[RECORD_KEY_BYTES] = {0}; /* secret: wiped below */
	bool ok = false;

	*chain = (struct chain){.seal = EVP_CIPHER_CTX_new(), .open = EVP_CIPHER_CTX_new()};
	if (chain->seal && chain->open && derive(key, 'e', salt, file_key) &&
		derive(key, 'c', salt, chain->check_key))
		ok = EVP_EncryptInit_ex(chain->seal, EVP_aes_256_gcm(), NULL, file_key, NULL) > 0 &&
		     EVP_DecryptInit_ex(chain->open, EVP_aes_256_gcm(), NULL, file_key, NULL) > 0;
	OPENSSL_cleanse(file_key, sizeof file_key);
	if (!ok)
		chain_clear(chain);
	return ok;
}

void chain_clear(struct chain *chain)
{
	EVP_CIPHER_CTX_free(chain->seal);
	EVP_CIPHER_CTX_free(chain->open);
	OPENSSL_cleanse(chain, sizeof *chain);
}

/* Over the header's fields and the tag before: a damaged size is found before it is believed. */
static bool check_of(const struct chain *chain, const uint8_t *header, uint8_t check[CHECK_BYTES])
{
	uint8_t message[RECORD_TAG_BYTES + CHECK_AT], mac[EVP_MAX_MD_SIZE];
	unsigned size = sizeof mac;

	memcpy(message, chain->tag, RECORD_TAG_BYTES);
	memcpy(message + RECORD_TAG_BYTES, header, CHECK_AT);
	if (!HMAC(EVP_sha256(), chain->check_key, RECORD_KEY_BYTES, message, sizeof message, mac,
		    &size))
		return false;
	memcpy(check, mac, CHECK_BYTES);
	return true;
}

bool record_seal(struct chain *chain, enum record_kind kind, uint32_t offset, const void *a,
	size_t a_size, const void *b, size_t b_size, uint8_t *out)
{
	uint8_t *body = out + RECORD_HEADER_BYTES, *tag = body + a_size + b_size;
	int n = 0;

	put_u32(out, kind);
	put_u32(out + 4, chain->place);
	put_u32(out + 8, offset);
	put_u32(out + 12, (uint32_t)(a_size + b_size));
	/* Random, not the place: a folder that was put back would make a place come twice. */
	if (RAND_bytes(out + NONCE_AT, NONCE_BYTES) != 1 || !check_of(chain, out, out + CHECK_AT))
		return false;
	if (EVP_EncryptInit_ex(chain->seal, NULL, NULL, NULL, out + NONCE_AT) <= 0 ||
		EVP_EncryptUpdate(chain->seal, NULL, &n, chain->tag, RECORD_TAG_BYTES) <= 0 ||
		EVP_EncryptUpdate(chain->seal, NULL, &n, out, RECORD_HEADER_BYTES) <= 0)
		return false;
	if (a_size && EVP_EncryptUpdate(chain->seal, body, &n, a, (int)a_size) <= 0)
		return false;
	if (b_size && EVP_EncryptUpdate(chain->seal, body + a_size, &n, b, (int)b_size) <= 0)
		return false;
	return EVP_EncryptFinal_ex(chain->seal, tag, &n) > 0 &&
	       EVP_CIPHER_CTX_ctrl(chain->seal, EVP_CTRL_AEAD_GET_TAG, RECORD_TAG_BYTES, tag) > 0;
}

bool record_header(const struct chain *chain, const uint8_t header[static RECORD_HEADER_BYTES],
	struct record *record)
{
	uint8_t check[CHECK_BYTES];

	if (!check_of(chain, header, check) ||
		CRYPTO_memcmp(check, header + CHECK_AT, CHECK_BYTES) ||
		get_u32(header + 4) != chain->place)
		return false;
	*record = (struct record){.kind = get_u32(header),
		.offset = get_u32(header + 8),
		.size = get_u32(header + 12)};
	return true;
}

bool record_open(struct chain *chain, const uint8_t header[static RECORD_HEADER_BYTES],
	uint8_t *body, size_t size)
{
	int n = 0;

	if (EVP_DecryptInit_ex(chain->open, NULL, NULL, NULL, header + NONCE_AT) > 0 &&
		EVP_DecryptUpdate(chain->open, NULL, &n, chain->tag, RECORD_TAG_BYTES) > 0 &&
		EVP_DecryptUpdate(chain->open, NULL, &n, header, RECORD_HEADER_BYTES) > 0 &&
		(!size || EVP_DecryptUpdate(chain->open, body, &n, body, (int)size) > 0) &&
		EVP_CIPHER_CTX_ctrl(
			chain->open, EVP_CTRL_AEAD_SET_TAG, RECORD_TAG_BYTES, body + size) > 0 &&
		EVP_DecryptFinal_ex(chain->open, body + size, &n) > 0)
		return true;
	OPENSSL_cleanse(body, size);
	return false;
}

void chain_advance(struct chain *chain, const uint8_t tag[static RECORD_TAG_BYTES])
{
	memcpy(chain->tag, tag, RECORD_TAG_BYTES);
	chain->place++;
}
