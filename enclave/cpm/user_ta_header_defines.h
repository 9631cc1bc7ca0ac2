/* SPDX-License-Identifier: MIT
 *
 * What the loader is told about the CPM; see enclave/simtee/ta/ta_head.c.
 */
#ifndef CPM_TA_HEADER_H
#define CPM_TA_HEADER_H

#include "image_store.h"

#define TA_UUID       EDB_CPM_UUID
#define TA_FLAGS      (TA_FLAG_SINGLE_INSTANCE | TA_FLAG_MULTI_SESSION | TA_FLAG_INSTANCE_KEEP_ALIVE)
#define TA_STACK_SIZE (32 * 1024)
/* One block of a payload in the generated code's copy, sessions, the TEE's handles. */
#define TA_DATA_SIZE (336 * 1024)

#endif
