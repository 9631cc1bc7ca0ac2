/* SPDX-License-Identifier: MIT */
#include "quote.h"

#include <assert.h>
#include <crypto/crypto.h>
#include <kernel/user_access.h>
#include <kernel/user_mode_ctx.h>
#include <string_ext.h>
#include <tee/tee_cryp_utl.h>
#include <tee/tee_fs.h>
#include <tee/tee_pobj.h>
#include <tee/uuid.h>
#include <utee_defines.h>

#include "image_store.h"

#define NUMBER_BYTES     32u /* of P-256 */
#define SPKI_START_BYTES 27u
#define VERSION          TO_STR(CFG_OPTEE_REVISION_MAJOR) "." TO_STR(CFG_OPTEE_REVISION_MINOR)
#define PAYLOAD_BYTES    (91 + sizeof VERSION - 1)

/* As it lies in secure storage. */
struct key {
	uint8_t secret[NUMBER_BYTES];
	uint8_t spki[EDB_QUOTE_SPKI_BYTES];
};

/* quote-document of documents.cddl has one encoding: heads that are always the same, and bytes. */
struct quote {
	uint8_t start[2], protected[34];
	uint8_t key_id_head[4], key_id[TEE_SHA256_HASH_SIZE];
	struct {
		uint8_t head[2], uuid_head[3], uuid[16];
		uint8_t hash_head[3], hash[TEE_SHA256_HASH_SIZE];
		uint8_t version_head[2], version[sizeof VERSION - 1];
		uint8_t nonce_head[3], nonce[EDB_QUOTE_NONCE_BYTES];
	} payload;
	uint8_t signature_head[2], signature[2 * NUMBER_BYTES];
};

static const struct quote quote_heads = {
	.start = {0xd2, 0x84},
	.protected = "\x58\x20\xa2\x01\x26\x03\x78\x1a"
		     "application/edb-quote+cbor",
	.key_id_head = {0xa1, 0x04, 0x58, TEE_SHA256_HASH_SIZE},
	.payload = {.head = {0x58, PAYLOAD_BYTES},
		.uuid_head = {0xa4, 0x01, 0x50},
		.hash_head = {0x02, 0x58, TEE_SHA256_HASH_SIZE},
		.version_head = {0x03, 0x60 + sizeof VERSION - 1},
		.version = VERSION,
		.nonce_head = {0x04, 0x58, EDB_QUOTE_NONCE_BYTES}},
	.signature_head = {0x58, 2 * NUMBER_BYTES},
};
static_assert(sizeof quote_heads.payload == 2 + PAYLOAD_BYTES && sizeof VERSION - 1 < 24);
static_assert(sizeof quote_heads <= EDB_QUOTE_BYTES_MAX);

static void number_out(struct bignum *number, uint8_t to[NUMBER_BYTES])
{
	crypto_bignum_bn2bin(number, &to[NUMBER_BYTES - crypto_bignum_num_bytes(number)]);
}

/* Stored without overwriting: whatever lies there is not replaced. *key: zeros. */
static TEE_Result key_make(struct ecc_keypair *pair, struct tee_pobj *object, struct key *key)
{
	static const uint8_t spki_start[SPKI_START_BYTES] = {0x30, 0x59, 0x30, 0x13, 0x06, 0x07,
		0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d,
		0x03, 0x01, 0x07, 0x03, 0x42, 0x00, 0x04};
	struct tee_file_handle *file = NULL;
	TEE_Result res = crypto_acipher_gen_ecc_key(pair, 256);

	if (res)
		return res;
	number_out(pair->d, key->secret);
	memcpy(key->spki, spki_start, sizeof spki_start);
	number_out(pair->x, &key->spki[SPKI_START_BYTES]);
	number_out(pair->y, &key->spki[SPKI_START_BYTES + NUMBER_BYTES]);
	res = ree_fs_ops.create(object, false, NULL, 0, NULL, 0, key, NULL, sizeof *key, &file);
	if (!res)
		ree_fs_ops.close(&file);
	return res;
}

static void key_close(struct ecc_keypair *pair)
{
	crypto_bignum_clear(pair->d);
	crypto_bignum_free(&pair->d);
	crypto_bignum_free(&pair->x);
	crypto_bignum_free(&pair->y);
}

/* Only where storage is whole, and has none, is one made. */
static TEE_Result key_open(struct ecc_keypair *pair, uint8_t spki[EDB_QUOTE_SPKI_BYTES])
{
	struct tee_pobj object = {
		.uuid = EDB_IMAGE_STORE_UUID, .obj_id = (void *)"quote key", .obj_id_len = 9};
	struct tee_file_handle *file = NULL;
	struct key key = {0};
	size_t size = sizeof key;
	TEE_Result res = crypto_acipher_alloc_ecc_keypair(pair, TEE_TYPE_ECDSA_KEYPAIR, 256);

	if (res)
		return res;
	pair->curve = TEE_ECC_CURVE_NIST_P256;
	res = ree_fs_ops.open(&object, NULL, &file);
	if (res == TEE_ERROR_ITEM_NOT_FOUND) {
		res = key_make(pair, &object, &key);
	} else if (!res) {
		res = ree_fs_ops.read(file, 0, &key, NULL, &size);
		ree_fs_ops.close(&file);
		if (!res && size != sizeof key)
			res = TEE_ERROR_CORRUPT_OBJECT;
		res = res ? res : crypto_bignum_bin2bn(key.secret, sizeof key.secret, pair->d);
	}
	memcpy(spki, key.spki, sizeof key.spki);
	memzero_explicit(&key, sizeof key);
	if (res)
		key_close(pair);
	return res;
}

/* What the caller can read or run and not write, by address; OP-TEE's own loader is no part of it.
 */
static bool is_of_image(const struct vm_region *r)
{
	return (r->attr & (TEE_MATTR_UR | TEE_MATTR_UX)) && !(r->attr & TEE_MATTR_UW) &&
	       !(r->flags & (VM_FLAG_LDELF | VM_FLAG_EPHEMERAL));
}

static TEE_Result hash_memory(struct user_mode_ctx *caller, uint8_t hash[TEE_SHA256_HASH_SIZE])
{
	struct ts_session *own = NULL;
	struct vm_region *r = NULL;
	void *ctx = NULL;
	TEE_Result res = crypto_hash_alloc_ctx(&ctx, TEE_ALG_SHA256);

	if (res)
		return res;
	res = crypto_hash_init(ctx);
	own = ts_pop_current_session(); /* the caller's memory is mapped while it is the current */
	enter_user_access();
	TAILQ_FOREACH(r, &caller->vm_info.regions, link)
	{
		if (!res && is_of_image(r))
			res = crypto_hash_update(ctx, (const uint8_t *)r->va, r->size);
	}
	exit_user_access();
	ts_push_current_session(own);
	res = res ? res : crypto_hash_final(ctx, hash, TEE_SHA256_HASH_SIZE);
	crypto_hash_free_ctx(ctx);
	return res;
}

/* The digest of what is signed: the Sig_structure of RFC 9052, 4.4. */
static TEE_Result quote_digest(const struct quote *quote, uint8_t digest[TEE_SHA256_HASH_SIZE])
{
	struct {
		uint8_t start[12], protected[sizeof quote->protected], external[1];
		uint8_t payload[sizeof quote->payload];
	} signed_part = {.start = "\x84\x6aSignature1", .external = {0x40}};

	memcpy(signed_part.protected, quote->protected, sizeof signed_part.protected);
	memcpy(signed_part.payload, &quote->payload, sizeof signed_part.payload);
	return tee_hash_createdigest(TEE_ALG_SHA256, (const uint8_t *)&signed_part,
		sizeof signed_part, digest, TEE_SHA256_HASH_SIZE);
}

TEE_Result quote_make(struct session *session __unused, TEE_Param p[TEE_NUM_PARAMS])
{
	struct ts_session *caller = ts_get_calling_session();
	uint8_t digest[TEE_SHA256_HASH_SIZE] = {0}, spki[EDB_QUOTE_SPKI_BYTES] = {0};
	struct quote q = quote_heads;
	size_t signature_size = sizeof q.signature;
	struct ecc_keypair pair = {0};
	TEE_Result res;

	if (!caller || !is_user_ta_ctx(caller->ctx))
		return TEE_ERROR_ACCESS_DENIED;
	tee_uuid_to_octets(q.payload.uuid, &caller->ctx->uuid);
	memcpy(q.payload.nonce, p[0].memref.buffer, sizeof q.payload.nonce);
	res = hash_memory(to_user_mode_ctx(caller->ctx), q.payload.hash);
	res = res ? res : quote_digest(&q, digest);
	res = res ? res : key_open(&pair, spki);
	if (res)
		return res;
	res = tee_hash_createdigest(TEE_ALG_SHA256, spki, sizeof spki, q.key_id, sizeof q.key_id);
	if (!res)
		res = crypto_acipher_ecc_sign(TEE_ALG_ECDSA_SHA256, &pair, digest, sizeof digest,
			q.signature, &signature_size);
	key_close(&pair);
	memcpy(p[1].memref.buffer, &q, sizeof q);
	p[1].memref.size = sizeof q;
	return res;
}

TEE_Result quote_public_key(struct session *session __unused, TEE_Param p[TEE_NUM_PARAMS])
{
	struct ecc_keypair pair = {0};
	TEE_Result res = key_open(&pair, p[0].memref.buffer);

	if (!res)
		key_close(&pair);
	return res;
}
