/* SPDX-License-Identifier: MIT
 *
 * What the fuzzer of the CPM's dispatcher starts from: devices in several states, with the same
 * keys, and good calls for each, made once with test keys.
 */
#ifndef FUZZ_CPM_PREPARED_H
#define FUZZ_CPM_PREPARED_H

#include "parties.h"

enum prepared_state {
	PREPARED_BLANK,       /* its device keys are made */
	PREPARED_PROVISIONED, /* without an operator policy */
	PREPARED_POLICIES,    /* an operator policy, and a class key */
	PREPARED_LEGACY,      /* the same, and what is of 2021 is allowed, with a key of 2021 */
	PREPARED_STATES,
};

#define PREPARED_IMAGE_BYTES 3000u
#define DOCUMENTS_MAX        12u
#define PACKAGES_MAX         6u
#define SECRETS_MAX          8u

struct prepared_package {
	const char *id;
	const struct party *signer;
	uint32_t maj; /* its version is maj.0.0 */
	struct package package;
};

struct prepared {
	struct bytes documents[DOCUMENTS_MAX]; /* device policies, operator policies, bundles */
	uint32_t document_count;
	struct prepared_package packages[PACKAGES_MAX];
	uint32_t package_count;
	struct bytes wrapped_2021;
	struct bytes secrets[SECRETS_MAX]; /* class key, plaintext, private keys */
	uint32_t secret_count;
};

/** Makes all of it, the first time; seconds. */
const struct prepared *prepared(void);

/** The device as if it had just been switched on in this state; no session is open. */
void prepared_start(enum prepared_state state);

#endif
