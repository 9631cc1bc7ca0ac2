/* SPDX-License-Identifier: MIT
 *
 * Who may do what on this device: the root it was given, the device policy that root signed, the
 * operator policy that the operator named there signed. Kept in secure storage; versions only grow.
 */
#ifndef CPM_POLICY_H
#define CPM_POLICY_H

#include "cpm.h"
#include "spki.h"

/*
 * Payloads of the signed documents, read strictly as contract/documents.cddl has them.
 */

/* Their protected headers as encoded, { 1: -7, 3: type }: octal, since letters follow. */
#define DEVICE_POLICY_TYPE   "\242\001\046\003\170\042application/edb-device-policy+cbor"
#define OPERATOR_POLICY_TYPE "\242\001\046\003\170\044application/edb-operator-policy+cbor"
#define KEY_BUNDLE_TYPE      "\242\001\046\003\170\037application/edb-key-bundle+cbor"

/* It is stored as it lies here: no padding. */
struct device_policy {
	uint64_t version;
	struct p256_point next_root, operator_key;
	bool names_devices; /* false: all devices of this root */
	bool names_this;    /* this device is one of those named */
	bool has_next_root, has_operator;
	bool allow_2021_packages, allow_2021_keys;
	uint8_t none[2];
};

/* What the operator lets a vendor do. */
struct vendor_grant {
	bool listed;
	bool succeeds_owner;
	bool id;  /* the id is in the vendor's list */
	bool any; /* any id that nobody owns yet, nor has in a list */
	uint32_t quota_ids, quota_kib;
};

/**
 * A question to an operator policy, and its answers. One pass over the document checks all of it
 * and answers, so that no unchecked copy of it is ever kept in memory.
 */
struct operator_view {
	/* the question; NULL members are not asked */
	const uint8_t *vendor;         /* KEY_ID_BYTES */
	const uint8_t *owner;          /* KEY_ID_BYTES: does vendor succeed this one? */
	const uint8_t *application_id; /* UUID_BYTES */
	const uint8_t *service;        /* KEY_ID_BYTES */

	/* the answers */
	uint64_t version;
	struct vendor_grant grant;
	bool succeeded;     /* another vendor has taken over: this one signs no more */
	bool id_of_another; /* the id is in another vendor's list */
	bool service_listed, service_granted;
	struct p256_point service_key;
	uint32_t floor[3]; /* maj, min, rev; zero: none */
};

/* What a class key opens: this vendor's packages of this id. */
struct key_owner {
	uint8_t application_id[UUID_BYTES], vendor[KEY_ID_BYTES];
};

struct key_bundle {
	uint8_t device[DEVICE_ID_BYTES];
	struct key_owner owner;
	uint32_t key_version, lowest_version;
	const uint8_t *wrapped; /* 384 bytes; borrowed from the document */
	uint64_t number;        /* epoch, counter: the order in which bundles are made */
};

/** All return EDB_OK or EDB_E_DOCUMENT; the output counts only with EDB_OK. */
enum edb_err device_policy_read(const uint8_t *payload, size_t size,
	const uint8_t this_device[static DEVICE_ID_BYTES], struct device_policy *policy);
enum edb_err operator_policy_read(const uint8_t *payload, size_t size, struct operator_view *view);
enum edb_err key_bundle_read(const uint8_t *payload, size_t size, struct key_bundle *bundle);

/*
 * What is in force.
 */

/* What the root decided. All zero: blank. It is stored as it lies here: no padding. */
struct device_state {
	struct device_policy policy; /* version 0: blank; any other: provisioned */
	struct p256_point root;
	uint64_t erase_pending; /* the operator changed: old keys and applications go first */
};

/** Load the state, at start. A device without one is blank. */
enum edb_err policy_load(void);

/** The state as last stored; borrowed, changes with provisioning and updates. */
const struct device_state *policy_device_borrow(void);

/** Clear the note that keys and applications of an earlier operator have to go. */
enum edb_err policy_erase_done(void);

/**
 * Ask the operator policy. The question's ids are in *view (see above); its answers
 * are filled. EDB_E_NOT_PROVISIONED: there is no operator policy.
 */
enum edb_err policy_ask(struct operator_view *view);

#endif
