/* SPDX-License-Identifier: MIT
 *
 * Host and enclave are two programs, so both halves of a call have the same name. Here they live in
 * one: the enclave's get another one.
 */
#define ecall_empty   enclave_empty
#define ecall_words   enclave_words
#define ecall_fixed   enclave_fixed
#define ecall_pointed enclave_pointed
#define ecall_color   enclave_color
#define ecall_small   enclave_small
#define ecall_bool    enclave_bool
#define ecall_strings enclave_strings
#define ecall_arrays  enclave_arrays
#define ecall_big_out enclave_big_out
#define ecall_swap    enclave_swap
