/* SPDX-License-Identifier: MIT
 *
 * The ledger: for every application id that was ever installed here, who owns it, how far its
 * version has come, and what is there now. An entry outlives the application's removal, so that
 * neither an older version nor another vendor can ever take the id.
 *
 * It is one record, replaced atomically. While something is being installed, the id's entry also
 * holds the *intent*; after a power cut the next start reads the intents and finishes or undoes
 * each.
 */
#ifndef CPM_LEDGER_H
#define CPM_LEDGER_H

#include "cpm.h"

/* What one install made of an id; also what is about to be installed. */
struct ledger_payload {
	uint32_t version[3];          /* maj, min, rev */
	uint32_t key_version;         /* 0: a 2021 key */
	uint64_t size;                /* bytes of plaintext */
	uint32_t type;                /* enum edb_payload_type */
	uint32_t generation;          /* of data's chunks; 0 is never used */
	uint32_t memory_kib;          /* declared memory of an application; 0 for data */
	uint32_t signed_package;      /* 1: installed from a signed package; 0: a 2021 one */
	uint8_t digest[DIGEST_BYTES]; /* package digest; 2021: of the plaintext */
	uint8_t vendor[KEY_ID_BYTES]; /* the signer */
};

enum ledger_state {
	LEDGER_EMPTY = 0, /* nothing was ever installed; only an intent */
	LEDGER_REMOVED = 1,
	LEDGER_INSTALLED = 2,
};

enum ledger_intent {
	LEDGER_NO_INTENT = 0,
	LEDGER_CLAIMED = 1,   /* what a host says is to come */
	LEDGER_CONFIRMED = 2, /* its bytes came, and all checks have passed */
};

struct ledger_entry {
	uint8_t id[UUID_BYTES];
	uint32_t state;            /* enum ledger_state */
	uint32_t signed_once;      /* a signed package was installed once: never a 2021 one again */
	uint32_t intent_state;     /* enum ledger_intent */
	uint32_t stale_image;      /* removed, but its image is still to be deleted */
	uint32_t stale_generation; /* data chunks still to be deleted; 0: none */
	uint32_t last_generation;  /* grows, never reused */
	struct ledger_payload current; /* version: the highest ever; vendor: the owner */
	struct ledger_payload intent;
};

/** Load the whole ledger, at start. */
enum edb_err ledger_load(void);

/** Entries, ids removed or only intended included. Borrowed until the next call that changes the
 * ledger; NULL: none. index counts from 0. */
const struct ledger_entry *ledger_at(uint32_t index);

/** A copy of an id's entry; an empty one where there is none. */
struct ledger_entry ledger_get(const uint8_t id[static UUID_BYTES]);

/** Do a step for every id; it may change that id's entry. Ends with the first error, but
 *  for the one that is fine. */
enum edb_err ledger_each(
	enum edb_err (*step)(const uint8_t id[static UUID_BYTES]), enum edb_err fine);

/** Store a new or changed entry: in secure storage first, then here. One that says nothing (never
 *  installed, no intent, nothing left over) is forgotten. EDB_E_QUOTA: the ledger is full. */
enum edb_err ledger_put(const struct ledger_entry *entry);

#endif
