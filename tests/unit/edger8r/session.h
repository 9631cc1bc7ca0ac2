/* SPDX-License-Identifier: MIT
 *
 * A session with the test's enclave, for one test; *state is its struct edb_enclave.
 */
#ifndef TEST_SESSION_H
#define TEST_SESSION_H

#include "fake_tee.h"

#include <tee_client_api.h>

extern const TEEC_UUID session_uuid;

int session_setup(void **state);

/* Also checks that everything was given back, wiped. */
int session_teardown(void **state);

#endif
