/* SPDX-License-Identifier: MIT
 *
 * A host program for one test: a device that runs with all the probes, and a context with it.
 */
#ifndef TEST_HOST_H
#define TEST_HOST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <tee_client_api.h>

#include "device.h"
#include "ta/probe.h"

extern struct device device;
extern TEEC_Context context;

int host_set_up(void **state);
int host_tear_down(void **state);

TEEC_UUID probe(uint32_t number);
TEEC_Result try_open(TEEC_Session *session, uint32_t number);
void open_probe(TEEC_Session *session, uint32_t number);

/** Without parameters; with one value, which goes in. */
TEEC_Result simple(TEEC_Session *session, uint32_t command);
TEEC_Result with_value(TEEC_Session *session, uint32_t command, uint32_t value);

/** PROBE_COUNT */
uint32_t count_of(TEEC_Session *session);

/** Shared memory for both directions. */
void allocate(TEEC_SharedMemory *memory, size_t size);

#endif
