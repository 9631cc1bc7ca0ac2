/* SPDX-License-Identifier: MIT
 *
 * Constants of the GlobalPlatform TEE Internal Core API. Source: GPD_SPE_010 v1.3.1;
 * TEE_ALG_ECDSA_P256 and TEE_ERROR_…_2 as OP-TEE has them.
 */
#ifndef TEE_API_DEFINES_H
#define TEE_API_DEFINES_H

#define TEE_HANDLE_NULL      0
#define TEE_TIMEOUT_INFINITE 0xFFFFFFFFu

/* Results, table 3-4 */
#define TEE_SUCCESS                       0x00000000u
#define TEE_ERROR_CORRUPT_OBJECT          0xF0100001u
#define TEE_ERROR_CORRUPT_OBJECT_2        0xF0100002u
#define TEE_ERROR_STORAGE_NOT_AVAILABLE   0xF0100003u
#define TEE_ERROR_STORAGE_NOT_AVAILABLE_2 0xF0100004u
#define TEE_ERROR_CIPHERTEXT_INVALID      0xF0100006u
#define TEE_ERROR_GENERIC                 0xFFFF0000u
#define TEE_ERROR_ACCESS_DENIED           0xFFFF0001u
#define TEE_ERROR_CANCEL                  0xFFFF0002u
#define TEE_ERROR_ACCESS_CONFLICT         0xFFFF0003u
#define TEE_ERROR_EXCESS_DATA             0xFFFF0004u
#define TEE_ERROR_BAD_FORMAT              0xFFFF0005u
#define TEE_ERROR_BAD_PARAMETERS          0xFFFF0006u
#define TEE_ERROR_BAD_STATE               0xFFFF0007u
#define TEE_ERROR_ITEM_NOT_FOUND          0xFFFF0008u
#define TEE_ERROR_NOT_IMPLEMENTED         0xFFFF0009u
#define TEE_ERROR_NOT_SUPPORTED           0xFFFF000Au
#define TEE_ERROR_NO_DATA                 0xFFFF000Bu
#define TEE_ERROR_OUT_OF_MEMORY           0xFFFF000Cu
#define TEE_ERROR_BUSY                    0xFFFF000Du
#define TEE_ERROR_COMMUNICATION           0xFFFF000Eu
#define TEE_ERROR_SECURITY                0xFFFF000Fu
#define TEE_ERROR_SHORT_BUFFER            0xFFFF0010u
#define TEE_ERROR_EXTERNAL_CANCEL         0xFFFF0011u
#define TEE_ERROR_OVERFLOW                0xFFFF300Fu
#define TEE_ERROR_TARGET_DEAD             0xFFFF3024u
#define TEE_ERROR_STORAGE_NO_SPACE        0xFFFF3041u
#define TEE_ERROR_MAC_INVALID             0xFFFF3071u
#define TEE_ERROR_SIGNATURE_INVALID       0xFFFF3072u
#define TEE_ERROR_TIME_NOT_SET            0xFFFF5000u
#define TEE_ERROR_TIME_NEEDS_RESET        0xFFFF5001u

/* Where a result of TA-to-TA calls comes from, table 4-13 */
#define TEE_ORIGIN_API         0x00000001u
#define TEE_ORIGIN_COMMS       0x00000002u
#define TEE_ORIGIN_TEE         0x00000003u
#define TEE_ORIGIN_TRUSTED_APP 0x00000004u

/* Parameters, 4.2.1 */
#define TEE_PARAM_TYPE_NONE          0u
#define TEE_PARAM_TYPE_VALUE_INPUT   1u
#define TEE_PARAM_TYPE_VALUE_OUTPUT  2u
#define TEE_PARAM_TYPE_VALUE_INOUT   3u
#define TEE_PARAM_TYPE_MEMREF_INPUT  5u
#define TEE_PARAM_TYPE_MEMREF_OUTPUT 6u
#define TEE_PARAM_TYPE_MEMREF_INOUT  7u
#define TEE_PARAM_TYPES(t0, t1, t2, t3)                                                            \
	((uint32_t)(t0) | ((uint32_t)(t1) << 4) | ((uint32_t)(t2) << 8) | ((uint32_t)(t3) << 12))
#define TEE_PARAM_TYPE_GET(types, i) ((((uint32_t)(types)) >> ((i)*4)) & 0xFu)

/* Who opened a session, table 4-2 */
#define TEE_LOGIN_PUBLIC            0x00000000u
#define TEE_LOGIN_USER              0x00000001u
#define TEE_LOGIN_GROUP             0x00000002u
#define TEE_LOGIN_APPLICATION       0x00000004u
#define TEE_LOGIN_APPLICATION_USER  0x00000005u
#define TEE_LOGIN_APPLICATION_GROUP 0x00000006u
#define TEE_LOGIN_TRUSTED_APP       0xF0000000u

/* Property sets, table 4-1 */
#define TEE_PROPSET_TEE_IMPLEMENTATION ((TEE_PropSetHandle)0xFFFFFFFDu)
#define TEE_PROPSET_CURRENT_CLIENT     ((TEE_PropSetHandle)0xFFFFFFFEu)
#define TEE_PROPSET_CURRENT_TA         ((TEE_PropSetHandle)0xFFFFFFFFu)

/* Memory, 4.11 */
#define TEE_MEMORY_ACCESS_READ      0x00000001u
#define TEE_MEMORY_ACCESS_WRITE     0x00000002u
#define TEE_MEMORY_ACCESS_ANY_OWNER 0x00000004u
#define TEE_MALLOC_FILL_ZERO        0x00000000u
#define TEE_MALLOC_NO_FILL          0x00000001u
#define TEE_MALLOC_NO_SHARE         0x00000002u

/* Storage, chapter 5 */
#define TEE_STORAGE_PRIVATE             0x00000001u
#define TEE_OBJECT_ID_MAX_LEN           64u
#define TEE_DATA_MAX_POSITION           0xFFFFFFFFu
#define TEE_DATA_FLAG_ACCESS_READ       0x00000001u
#define TEE_DATA_FLAG_ACCESS_WRITE      0x00000002u
#define TEE_DATA_FLAG_ACCESS_WRITE_META 0x00000004u
#define TEE_DATA_FLAG_SHARE_READ        0x00000010u
#define TEE_DATA_FLAG_SHARE_WRITE       0x00000020u
#define TEE_DATA_FLAG_OVERWRITE         0x00000400u
#define TEE_DATA_SEEK_SET               0u
#define TEE_DATA_SEEK_CUR               1u
#define TEE_DATA_SEEK_END               2u

/* Handles, 5.3 */
#define TEE_HANDLE_FLAG_PERSISTENT      0x00010000u
#define TEE_HANDLE_FLAG_INITIALIZED     0x00020000u
#define TEE_HANDLE_FLAG_KEY_SET         0x00040000u
#define TEE_HANDLE_FLAG_EXPECT_TWO_KEYS 0x00080000u
#define TEE_USAGE_EXTRACTABLE           0x00000001u
#define TEE_USAGE_ENCRYPT               0x00000002u
#define TEE_USAGE_DECRYPT               0x00000004u
#define TEE_USAGE_MAC                   0x00000008u
#define TEE_USAGE_SIGN                  0x00000010u
#define TEE_USAGE_VERIFY                0x00000020u
#define TEE_USAGE_DERIVE                0x00000040u
#define TEE_USAGE_DEFAULT               0xFFFFFFFFu

/* Operations, chapter 6 */
#define TEE_OPERATION_CIPHER               1u
#define TEE_OPERATION_MAC                  3u
#define TEE_OPERATION_AE                   4u
#define TEE_OPERATION_DIGEST               5u
#define TEE_OPERATION_ASYMMETRIC_CIPHER    6u
#define TEE_OPERATION_ASYMMETRIC_SIGNATURE 7u
#define TEE_MODE_ENCRYPT                   0u
#define TEE_MODE_DECRYPT                   1u
#define TEE_MODE_SIGN                      2u
#define TEE_MODE_VERIFY                    3u
#define TEE_MODE_MAC                       4u
#define TEE_MODE_DIGEST                    5u
#define TEE_OPERATION_STATE_INITIAL        0x00000000u
#define TEE_OPERATION_STATE_ACTIVE         0x00000001u

/* Algorithms, table 6-11 */
#define TEE_ALG_AES_GCM                      0x40000810u
#define TEE_ALG_SHA256                       0x50000004u
#define TEE_ALG_HMAC_SHA256                  0x30000004u
#define TEE_ALG_RSASSA_PKCS1_V1_5_SHA256     0x70004830u
#define TEE_ALG_RSASSA_PKCS1_PSS_MGF1_SHA256 0x70414930u
#define TEE_ALG_RSAES_PKCS1_V1_5             0x60000130u
#define TEE_ALG_RSAES_PKCS1_OAEP_MGF1_SHA256 0x60410230u
#define TEE_ALG_ECDSA_P256                   0x70003041u
#define TEE_ALG_ECDSA_SHA256                 0x70003042u

/* Object types, table 6-13 */
#define TEE_TYPE_AES              0xA0000010u
#define TEE_TYPE_HMAC_SHA256      0xA0000004u
#define TEE_TYPE_GENERIC_SECRET   0xA0000000u
#define TEE_TYPE_RSA_PUBLIC_KEY   0xA0000030u
#define TEE_TYPE_RSA_KEYPAIR      0xA1000030u
#define TEE_TYPE_ECDSA_PUBLIC_KEY 0xA0000041u
#define TEE_TYPE_ECDSA_KEYPAIR    0xA1000041u
#define TEE_TYPE_DATA             0xA00000BFu

/* Attributes, table 6-15 */
#define TEE_ATTR_SECRET_VALUE         0xC0000000u
#define TEE_ATTR_RSA_MODULUS          0xD0000130u
#define TEE_ATTR_RSA_PUBLIC_EXPONENT  0xD0000230u
#define TEE_ATTR_RSA_PRIVATE_EXPONENT 0xC0000330u
#define TEE_ATTR_RSA_PRIME1           0xC0000430u
#define TEE_ATTR_RSA_PRIME2           0xC0000530u
#define TEE_ATTR_RSA_EXPONENT1        0xC0000630u
#define TEE_ATTR_RSA_EXPONENT2        0xC0000730u
#define TEE_ATTR_RSA_COEFFICIENT      0xC0000830u
#define TEE_ATTR_ECC_PUBLIC_VALUE_X   0xD0000141u
#define TEE_ATTR_ECC_PUBLIC_VALUE_Y   0xD0000241u
#define TEE_ATTR_ECC_PRIVATE_VALUE    0xC0000341u
#define TEE_ATTR_ECC_CURVE            0xF0000441u
#define TEE_ATTR_RSA_PSS_SALT_LENGTH  0xF0000A30u
#define TEE_ATTR_FLAG_PUBLIC          (1u << 28)
#define TEE_ATTR_FLAG_VALUE           (1u << 29)

#define TEE_ECC_CURVE_NIST_P256 0x00000003u

#endif
