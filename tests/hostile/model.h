/* SPDX-License-Identifier: MIT
 *
 * A package in pieces, to be spoiled before or after it is signed. Written without libcpk, so that
 * libcpk's mistakes are not made twice.
 */
#ifndef MODEL_H
#define MODEL_H

#include "hostile.h"

#include <openssl/evp.h>

#define MODEL_STREAMS 12
#define MODEL_TEXT    24000

/* Places in the good package. */
enum {
	S_PAYLOAD,
	S_NONCE,
	S_TAG,
	S_DIGEST,
	S_PSIG,
	S_CERT,
	S_MANIFEST,
	S_DIG,
	S_SIG,
	S_COUNT
};

struct hostile_kit {
	char id[40], arch[33], os[33];
	EVP_PKEY *vendor, *other, *vendor_p256, *vendor_3072;
	uint8_t *spki[4]; /* in the same order */
	size_t spki_size[4];
};

struct model {
	const struct hostile_kit *kit;
	struct {
		uint8_t *bytes;
		size_t size;
	} stream[MODEL_STREAMS];
	unsigned count, manifest_index;
	char text[MODEL_TEXT]; /* the manifest; a stream of its own when signed */
	size_t text_size;
	unsigned map[MODEL_STREAMS], map_count; /* what the package digest really covers */
	EVP_PKEY *payload_key, *package_key;
	enum edb_scheme scheme;
	bool digest_forged; /* package digest: leave what is there */
	size_t gap;         /* bytes of padding between streams */
	uint64_t tail;      /* zeros that follow the payload, which is last then: reversed */
	bool reversed;      /* streams lie in the file from the last to the first */
};

/** The good package, unsigned. */
void model_init(struct model *m, const struct hostile_kit *kit);
void model_clear(struct model *m);

void model_set(struct model *m, unsigned stream, const void *bytes, size_t size);

/** Replace the first occurrence of `find` in the manifest; it must be there. "" appends. */
void model_replace(struct model *m, const char *find, const char *replace);

/** The signer's certificate in one of the six ways, and what the manifest says about it. */
void model_certificate(struct model *m, const char *scheme, EVP_PKEY *key);

/** Another key and scheme for both signatures. */
void model_signer(struct model *m, EVP_PKEY *key, enum edb_scheme scheme);

/** Put the manifest into its stream, compute both digests and both signatures. */
void model_sign(struct model *m);

/** Frame, table, streams. */
uint8_t *model_write(const struct model *m, size_t *size);

#endif
