/* SPDX-License-Identifier: MIT
 *
 * As enclave_names.h; and the ocalls, which both halves have, too.
 */
#define ecall_sum   enclave_sum
#define ecall_note  enclave_note
#define ecall_kinds enclave_kinds
#define ecall_none  enclave_none
#define ocall_add   enclave_to_add
#define ocall_note  enclave_to_note
#define ocall_kinds enclave_to_kinds
