/* SPDX-License-Identifier: MIT
 *
 * Deployments: one package each on its way in, by calls of the session that began it
 * (contract/cpm.edl).
 *
 * Until its end nothing of the package is proven. Begin refuses what can be refused early; the end
 * checks everything again and only then makes the payload visible, in one atomic step.
 *
 * Errors. Begin: EDB_E_LIMIT, those of the manifest (docs/format.md, "What a CPM sees of it"),
 * EDB_E_CERTIFICATE, EDB_E_SIGNER, EDB_E_SIGNATURE, EDB_E_TARGET, EDB_E_BUSY (the id, or all four
 * deployments), and admission's: EDB_E_OWNER, EDB_E_LEGACY, EDB_E_ROLLBACK, EDB_E_STATE (another
 * type is installed), EDB_E_QUOTA, EDB_E_KEY_MISSING. Add: EDB_E_LIMIT, EDB_E_STATE, EDB_E_SIZES.
 * End: EDB_E_SIZES, EDB_E_DIGEST, EDB_E_TAG, EDB_E_UNSIGNED (2021: nothing was claimed),
 * EDB_E_IMAGE, admission's once more, EDB_E_BUSY.
 */
#ifndef CPM_DEPLOY_H
#define CPM_DEPLOY_H

#include "cpm_t.h"
#include "data.h"
#include "ledger.h"

struct deployment;

/** Is a deployment of this id open? */
bool deploy_is_open(const uint8_t id[static UUID_BYTES]);

/** Drop what lies in a session's slot; nothing remains of it but what was installed. NULL is fine.
 */
void deploy_close(struct deployment *deployment);

/*
 * Inside of a deployment: for the two ways of beginning one, deploy.c (contract 0.2) and
 * deploy_legacy.c (contract 0.1), alone.
 */

struct deployment {
	bool open;
	enum edb_err
		claim;  /* EDB_OK: payload_digest and want.digest are set, their signatures good */
	bool authentic; /* all of the ciphertext came, and its tag matched */
	uint8_t id[UUID_BYTES];
	struct ledger_payload want;
	uint64_t received;                           /* bytes of ciphertext */
	uint8_t payload_digest[DIGEST_BYTES];        /* claimed, of the plaintext */
	uint8_t actual_digest[DIGEST_BYTES];         /* of the plaintext, once it is authentic */
	uint8_t tag[TAG_BYTES];                      /* claimed */
	TEE_OperationHandle gcm, plaintext, package; /* package: none in contract 0.1 */
	TEE_TASessionHandle image;
	struct data_writer data;
};

/** A deployment for this session. EDB_E_BUSY: it has one, or the id has, or no slot is free. */
enum edb_err deployment_new(const uint8_t id[static UUID_BYTES], struct deployment **deployment);

/** This session's deployment, if it is one of this id; otherwise EDB_E_STATE. */
enum edb_err deployment_of(const char *application_id, struct deployment **deployment);

/** Where a step failed, this session's deployment is over; a call out of order leaves it as it is.
 */
enum edb_err deployment_after(enum edb_err err);

/** Set up decryption under the class key that want names. */
enum edb_err deployment_set_key(struct deployment *d, const uint8_t nonce[static NONCE_BYTES],
	const uint8_t tag[static TAG_BYTES]);

/** Write the intent and open where the plaintext goes. */
enum edb_err deployment_open_sink(struct deployment *d);

/** All has come: package digest and tag, then the last plaintext goes out. Safe to repeat after
 *  success only. EDB_E_SIZES, EDB_E_DIGEST, EDB_E_TAG, what the sink answers. */
enum edb_err deployment_authenticate(struct deployment *d);

#endif
