/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "search.h"

#define FACTOR_MAX   256 /* bytes; of a modulus of 4096 bits */
#define SCALAR_BYTES 32

struct search {
	const char *name, *folder;
	EVP_PKEY *key;
	BN_CTX *ctx;
	BIGNUM *candidate;
	size_t size; /* of what is looked for */
	bool written;

	BIGNUM *modulus, *rest; /* RSA */

	EC_GROUP *group; /* P-256 */
	EC_POINT *wanted, *point;
};

/* How many values the bytes of a window have, kept while it moves on. */
struct variety {
	uint32_t count[256];
	unsigned different;
};

static void variety_add(struct variety *v, uint8_t byte)
{
	v->different += !v->count[byte]++;
}

static void variety_drop(struct variety *v, uint8_t byte)
{
	v->different -= !--v->count[byte];
}

/* Of so many random bytes: at most one of 50,000 has fewer. */
static unsigned variety_least(size_t size)
{
	double same = 1;

	for (size_t i = 0; i < size; i++)
		same *= 255.0 / 256;
	return (unsigned)(0.8 * 256 * (1 - same));
}

static void save(struct search *s, const char *suffix, const BIGNUM *number, size_t size)
{
	uint8_t bytes[2 * FACTOR_MAX];
	char path[4096];
	FILE *file;

	if (BN_bn2binpad(number, bytes, (int)size) < 0)
		return;
	snprintf(path, sizeof path, "%s/%s%s", s->folder, s->name, suffix);
	file = fopen(path, "wb");
	if (!file || fwrite(bytes, 1, size, file) != size || fclose(file))
		perror(path);
}

/* All of a private RSA key, from one factor. */
static void save_factors(struct search *s)
{
	BIGNUM *p = s->candidate, *q = BN_new(), *d = BN_new(), *e = NULL;
	BIGNUM *p1 = BN_dup(p), *q1 = BN_new(), *lcm = BN_new(), *part = BN_new();

	if (EVP_PKEY_get_bn_param(s->key, OSSL_PKEY_PARAM_RSA_E, &e) && p1 && q && q1 && d && lcm &&
		part && BN_div(q, NULL, s->modulus, p, s->ctx) && BN_copy(q1, q) &&
		BN_sub_word(p1, 1) && BN_sub_word(q1, 1) && BN_mul(lcm, p1, q1, s->ctx) &&
		BN_gcd(part, p1, q1, s->ctx) && BN_div(lcm, NULL, lcm, part, s->ctx) &&
		BN_mod_inverse(d, e, lcm, s->ctx)) {
		save(s, ".p", p, s->size);
		save(s, ".q", q, s->size);
		save(s, ".d", d, 2 * s->size);
		if (BN_mod(part, d, p1, s->ctx))
			save(s, ".dp", part, s->size);
		if (BN_mod(part, d, q1, s->ctx))
			save(s, ".dq", part, s->size);
	}
	BN_free(q);
	BN_free(d);
	BN_free(e);
	BN_free(p1);
	BN_free(q1);
	BN_free(lcm);
	BN_free(part);
}

static void found_key(struct search *s, const char *form, const struct dump *dump, size_t at)
{
	tell(s->name, form, dump, at, s->size);
	if (!s->folder || s->written)
		return;
	s->written = true;
	if (s->modulus)
		save_factors(s);
	else
		save(s, "", s->candidate, s->size);
}

static bool is_factor(struct search *s, const uint8_t *bytes, bool backwards)
{
	uint8_t high = bytes[backwards ? s->size - 1 : 0];
	uint8_t low = bytes[backwards ? 0 : s->size - 1];

	if (!(high & 0x80) || !(low & 1))
		return false;
	(backwards ? BN_lebin2bn : BN_bin2bn)(bytes, (int)s->size, s->candidate);
	return BN_mod(s->rest, s->modulus, s->candidate, s->ctx) && BN_is_zero(s->rest);
}

static bool is_scalar(struct search *s, const uint8_t *bytes, bool backwards)
{
	(backwards ? BN_lebin2bn : BN_bin2bn)(bytes, (int)s->size, s->candidate);
	return EC_POINT_mul(s->group, s->point, s->candidate, NULL, NULL, s->ctx) &&
	       !EC_POINT_cmp(s->group, s->point, s->wanted, s->ctx);
}

static bool is_key(struct search *s, const uint8_t *bytes, bool backwards)
{
	return s->modulus ? is_factor(s, bytes, backwards) : is_scalar(s, bytes, backwards);
}

static void search_dump(struct search *s, const struct dump *dump)
{
	unsigned least = variety_least(s->size);
	struct variety v = {0};

	for (size_t end = 0; end < dump->size; end++) {
		size_t at = end + 1 - s->size;

		variety_add(&v, dump->bytes[end]);
		if (end + 1 < s->size)
			continue;
		if (v.different >= least) {
			if (is_key(s, &dump->bytes[at], false))
				found_key(s, "bytes", dump, at);
			if (is_key(s, &dump->bytes[at], true))
				found_key(s, "backwards", dump, at);
		}
		variety_drop(&v, dump->bytes[at]);
	}
}

static bool prepare_rsa(struct search *s)
{
	s->rest = BN_new();
	if (!s->rest || !EVP_PKEY_get_bn_param(s->key, OSSL_PKEY_PARAM_RSA_N, &s->modulus))
		return false;
	s->size = (size_t)BN_num_bytes(s->modulus) / 2;
	return s->size <= FACTOR_MAX;
}

static bool prepare_p256(struct search *s)
{
	uint8_t point[2 * SCALAR_BYTES + 1];
	size_t size = 0;

	s->size = SCALAR_BYTES;
	s->group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
	s->wanted = s->group ? EC_POINT_new(s->group) : NULL;
	s->point = s->group ? EC_POINT_new(s->group) : NULL;
	return s->wanted && s->point &&
	       EVP_PKEY_get_octet_string_param(
		       s->key, OSSL_PKEY_PARAM_PUB_KEY, point, sizeof point, &size) &&
	       EC_POINT_oct2point(s->group, s->wanted, point, size, s->ctx);
}

static EVP_PKEY *read_public_key(const char *pem_file)
{
	FILE *file = fopen(pem_file, "r");
	EVP_PKEY *key = file ? PEM_read_PUBKEY(file, NULL, NULL, NULL) : NULL;

	if (file)
		fclose(file);
	return key;
}

bool key_search(const char *name, const char *pem_file, const char *folder,
	const struct dump *dumps, size_t dump_count)
{
	struct search s = {.name = name,
		.folder = folder,
		.key = read_public_key(pem_file),
		.ctx = BN_CTX_new(),
		.candidate = BN_new()};
	bool good = s.key && s.ctx && s.candidate &&
		    (EVP_PKEY_is_a(s.key, "RSA") ? prepare_rsa(&s) : prepare_p256(&s));

	for (size_t i = 0; good && i < dump_count; i++)
		search_dump(&s, &dumps[i]);
	EVP_PKEY_free(s.key);
	BN_free(s.candidate);
	BN_free(s.modulus);
	BN_free(s.rest);
	EC_POINT_free(s.wanted);
	EC_POINT_free(s.point);
	EC_GROUP_free(s.group);
	BN_CTX_free(s.ctx);
	return good;
}
