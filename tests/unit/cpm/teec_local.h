/* SPDX-License-Identifier: MIT */
#ifndef TEST_TEEC_LOCAL_H
#define TEST_TEEC_LOCAL_H

/** The application's instance and its sessions are gone, without a word to it. */
void teec_local_power_cut(void);

#endif
