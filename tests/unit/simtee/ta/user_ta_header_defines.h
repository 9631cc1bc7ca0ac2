/* SPDX-License-Identifier: MIT
 *
 * Set by the build: PROBE_NUMBER, PROBE_FLAGS, PROBE_DATA; or TEST_COURIER.
 */
#ifndef TEST_TA_HEADER_H
#define TEST_TA_HEADER_H

#ifdef TEST_COURIER
#include "image_store.h"
#define TA_UUID       EDB_CPM_UUID
#define TA_FLAGS      (TA_FLAG_SINGLE_INSTANCE | TA_FLAG_MULTI_SESSION | TA_FLAG_INSTANCE_KEEP_ALIVE)
#define TA_STACK_SIZE (16 * 1024)
#define TA_DATA_SIZE  (2048 * 1024)
#else
#include "probe.h"
#define TA_UUID       PROBE_UUID(PROBE_NUMBER)
#define TA_FLAGS      (PROBE_FLAGS)
#define TA_STACK_SIZE PROBE_STACK
#define TA_DATA_SIZE  PROBE_DATA
#endif

#endif
