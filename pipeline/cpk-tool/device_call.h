/* SPDX-License-Identifier: MIT
 *
 * Calling the device's CPM: connection, and its answers as errors for people.
 */
#ifndef CPK_TOOL_DEVICE_CALL_H
#define CPK_TOOL_DEVICE_CALL_H

#include "cpm_u.h"

#include <edb/error.h>

/** Connect. EDB_E_TEE. edb_enclave_close it. */
enum edb_err device_open(struct edb_enclave **cpm, struct edb_error *error);

/** What a call came to: the TEE's result first, then the CPM's answer. what: what was being done.
 */
enum edb_err device_answer(
	TEEC_Result result, const int *answer, const char *what, struct edb_error *error);

/** The device's id, from its state. */
enum edb_err device_id(struct edb_enclave *cpm, uint8_t id[16], struct edb_error *error);

#endif
