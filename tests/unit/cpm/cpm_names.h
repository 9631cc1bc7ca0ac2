/* SPDX-License-Identifier: MIT
 *
 * Host and enclave call the two halves of an ecall by one name. In a program that has both, the
 * enclave's gets another: this is included before every source of the enclave.
 */
#ifndef TEST_CPM_NAMES_H
#define TEST_CPM_NAMES_H

#define ecall_ping                            enclave_ecall_ping
#define ecall_is_operation_supported          enclave_ecall_is_operation_supported
#define ecall_get_device_public_key_data_size enclave_ecall_get_device_public_key_data_size
#define ecall_export_device_public_key        enclave_ecall_export_device_public_key
#define ecall_install_application_key         enclave_ecall_install_application_key
#define ecall_begin_application_deployment    enclave_ecall_begin_application_deployment
#define ecall_initialize_decryption_aes_gcm   enclave_ecall_initialize_decryption_aes_gcm
#define ecall_add_application_data            enclave_ecall_add_application_data
#define ecall_verify_application_sha256_rsa_pkcs1_v15                                              \
	enclave_ecall_verify_application_sha256_rsa_pkcs1_v15
#define ecall_end_application_deployment   enclave_ecall_end_application_deployment
#define ecall_get_state                    enclave_ecall_get_state
#define ecall_export_key                   enclave_ecall_export_key
#define ecall_provision                    enclave_ecall_provision
#define ecall_update_policy                enclave_ecall_update_policy
#define ecall_install_key_bundle           enclave_ecall_install_key_bundle
#define ecall_begin_package                enclave_ecall_begin_package
#define ecall_abort_application_deployment enclave_ecall_abort_application_deployment
#define ecall_list                         enclave_ecall_list
#define ecall_remove                       enclave_ecall_remove

#endif
