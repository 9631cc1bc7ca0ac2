/* SPDX-License-Identifier: MIT */
#include "session.h"

#include "edb_host.h"
#include "enclave.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

const TEEC_UUID session_uuid = {0};

int session_setup(void **state)
{
	struct edb_enclave *enclave = NULL;

	seen = (struct enclave_seen){0};
	assert_int_equal(edb_enclave_open(NULL, &session_uuid, &enclave), TEEC_SUCCESS);
	*state = enclave;
	return 0;
}

int session_teardown(void **state)
{
	edb_enclave_close(*state);
	assert_int_equal(fake.live_blocks, 0);
	assert_int_equal(fake.live_shared, 0);
	assert_false(fake.unwiped);
	assert_true(seen.slot_at_close);
	fake_clear();
	return 0;
}
