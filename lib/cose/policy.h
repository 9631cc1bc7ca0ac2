/* SPDX-License-Identifier: MIT
 *
 * What the documents say: device policy, operator policy, key bundle. Source:
 * contract/documents.cddl.
 */
#ifndef EDB_COSE_POLICY_H
#define EDB_COSE_POLICY_H

#include <stdbool.h>

#include "document.h"
#include "text.h"

#define EDB_DEVICE_ID_BYTES     16
#define EDB_POLICY_DEVICES_MAX  64
#define EDB_POLICY_VENDORS_MAX  32
#define EDB_POLICY_SERVICES_MAX 8
#define EDB_POLICY_IDS_MAX      128
#define EDB_POLICY_FLOORS_MAX   128
#define EDB_POLICY_SUCCEEDS_MAX 8
#define EDB_WRAPPED_KEY_BYTES   384 /* RSA-3072 */

struct edb_p256 {
	uint8_t x[32], y[32];
};

struct edb_device_policy {
	uint64_t version;
	size_t device_count; /* 0: all devices of this root */
	uint8_t devices[EDB_POLICY_DEVICES_MAX][EDB_DEVICE_ID_BYTES];
	bool has_next_root, has_operator;
	struct edb_p256 next_root, operator_key;
	bool allow_2021_packages, allow_2021_keys;
};

struct edb_vendor {
	uint8_t id[EDB_KEY_ID_BYTES];
	size_t id_count;
	uint8_t ids[EDB_POLICY_IDS_MAX][EDB_UUID_BYTES];
	bool any; /* also any id that nobody owns yet */
	uint32_t quota_ids, quota_kib;
	size_t succeeds_count;
	uint8_t succeeds[EDB_POLICY_SUCCEEDS_MAX][EDB_KEY_ID_BYTES];
};

struct edb_key_service {
	struct edb_p256 key;
	size_t id_count;
	uint8_t ids[EDB_POLICY_IDS_MAX][EDB_UUID_BYTES];
	bool any;
};

struct edb_floor {
	uint8_t id[EDB_UUID_BYTES];
	uint32_t version[3];
};

struct edb_operator_policy {
	uint64_t version;
	size_t vendor_count, service_count, floor_count;
	struct edb_vendor vendors[EDB_POLICY_VENDORS_MAX];
	struct edb_key_service services[EDB_POLICY_SERVICES_MAX];
	struct edb_floor floors[EDB_POLICY_FLOORS_MAX];
	bool has_fleet_key;
	struct edb_p256 fleet_key;
};

struct edb_key_bundle {
	uint8_t device[EDB_DEVICE_ID_BYTES];
	uint8_t id[EDB_UUID_BYTES];
	uint8_t vendor[EDB_KEY_ID_BYTES];
	uint32_t key_version, lowest_version;
	uint8_t wrapped[EDB_WRAPPED_KEY_BYTES];
	uint32_t epoch, counter;
};

/**
 * Encode a payload. Lists are sorted here. payload: malloc'ed.
 * EDB_E_ARG: a duplicate or a value out of range; EDB_E_LIMIT: more entries than fit a list.
 */
enum edb_err edb_device_policy_encode(const struct edb_device_policy *policy, uint8_t **payload,
	size_t *size, struct edb_error *error);
enum edb_err edb_operator_policy_encode(const struct edb_operator_policy *policy, uint8_t **payload,
	size_t *size, struct edb_error *error);
enum edb_err edb_key_bundle_encode(const struct edb_key_bundle *bundle, uint8_t **payload,
	size_t *size, struct edb_error *error);

/** Decode a payload, strictly. EDB_E_DOCUMENT. The output is untouched on failure. */
enum edb_err edb_device_policy_decode(const uint8_t *payload, size_t size,
	struct edb_device_policy *policy, struct edb_error *error);
enum edb_err edb_operator_policy_decode(const uint8_t *payload, size_t size,
	struct edb_operator_policy *policy, struct edb_error *error);
enum edb_err edb_key_bundle_decode(const uint8_t *payload, size_t size,
	struct edb_key_bundle *bundle, struct edb_error *error);

#endif
