/* SPDX-License-Identifier: MIT
 *
 * Who signs what, for tests of the CPM: fresh keys in every run, documents and packages made with
 * OpenSSL alone, so that no library of ours vouches for itself. Everything aborts on failure.
 */
#ifndef TEST_PARTIES_H
#define TEST_PARTIES_H

#include <stdbool.h>

#include <openssl/evp.h>

#include "bytes.h"

struct party {
	EVP_PKEY *key;
	struct bytes spki;    /* DER */
	uint8_t id[32];       /* SHA-256 of it */
	uint8_t x[32], y[32]; /* P-256 only */
};

struct party party_p256(void);
struct party party_rsa(unsigned bits);
void party_free(struct party *party);

/* COSE_Sign1 over payload (taken over and freed). */
struct bytes document(const char *type, struct bytes payload, const struct party *signer);

struct device_policy_options {
	uint64_t version;
	const uint8_t *device; /* NULL: all */
	const struct party *next_root, *operator_;
	bool packages_2021, keys_2021;
};
struct bytes device_policy_document(
	const struct device_policy_options *options, const struct party *root);

struct vendor_options {
	const struct party *party;
	const uint8_t *id; /* granted; NULL: none */
	bool any;
	uint32_t quota_ids, quota_kib;
	const struct party *succeeds;
};
struct operator_policy_options {
	uint64_t version;
	struct vendor_options vendors[2]; /* party NULL ends them */
	const struct party *service;
	const uint8_t *service_id; /* NULL: any id */
	const uint8_t *floor_id;   /* NULL: no floor */
	uint32_t floor[3];
};
struct bytes operator_policy_document(
	const struct operator_policy_options *options, const struct party *operator_);

struct bundle_options {
	const uint8_t *device, *id, *vendor;
	uint32_t version, lowest, epoch, counter;
	const uint8_t *key;                /* 32 bytes */
	const struct bytes *wrapping_spki; /* the device's */
};
struct bytes bundle_document(const struct bundle_options *options, const struct party *service);

struct package_options {
	const char *id; /* UUID text */
	bool data;
	uint32_t version[3], key_version;
	const uint8_t *key; /* 32 bytes */
	const void *payload;
	size_t payload_size;
	const struct party *vendor;
	const char *arch, *os; /* NULL: this machine's simtee; for data: any */
	bool pss;
};
/* What a courier takes out of a package file. Tests change it and see it refused. */
struct package {
	struct bytes manifest, streams, digest, package_signature, payload_signature, ciphertext;
};
struct package package_make(const struct package_options *options);
void package_free(struct package *package);

/* Sign the package's digest again, after a test has changed what it covers. */
void package_resign(struct package *package, const struct package_options *options);

#endif
