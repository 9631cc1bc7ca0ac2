/* SPDX-License-Identifier: MIT
 *
 * The default; an application's own definition takes its place. Not in the file that uses it: a
 * compiler may believe a constant that it sees, weak or not.
 */
#include "ocall.h"

const uint32_t __attribute__((weak)) edb_ocall_stack_size = 32 * 1024;
