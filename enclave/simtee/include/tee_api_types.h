/* SPDX-License-Identifier: MIT
 *
 * Types of the GlobalPlatform TEE Internal Core API, in the shape that OP-TEE 4 gives them (sizes
 * are size_t), so that one application source compiles for both.
 * Source: GPD_SPE_010, TEE Internal Core API Specification v1.3.1, chapters 3 to 7.
 */
#ifndef TEE_API_TYPES_H
#define TEE_API_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint32_t TEE_Result;

typedef struct {
	uint32_t timeLow;
	uint16_t timeMid;
	uint16_t timeHiAndVersion;
	uint8_t clockSeqAndNode[8];
} TEE_UUID;

typedef struct {
	uint32_t login;
	TEE_UUID uuid;
} TEE_Identity;

typedef union {
	struct {
		void *buffer;
		size_t size;
	} memref;
	struct {
		uint32_t a;
		uint32_t b;
	} value;
} TEE_Param;

typedef struct simtee_session *TEE_TASessionHandle;
typedef const struct simtee_propset *TEE_PropSetHandle;
typedef struct simtee_object *TEE_ObjectHandle;
typedef struct simtee_enum *TEE_ObjectEnumHandle;
typedef struct simtee_operation *TEE_OperationHandle;

typedef uint32_t TEE_ObjectType;
typedef uint32_t TEE_OperationMode;
typedef uint32_t TEE_Whence;

typedef struct {
	uint32_t objectType;
	uint32_t objectSize;
	uint32_t maxObjectSize;
	uint32_t objectUsage;
	size_t dataSize;
	size_t dataPosition;
	uint32_t handleFlags;
} TEE_ObjectInfo;

typedef struct {
	uint32_t attributeID;
	union {
		struct {
			void *buffer;
			size_t length;
		} ref;
		struct {
			uint32_t a;
			uint32_t b;
		} value;
	} content;
} TEE_Attribute;

typedef struct {
	uint32_t algorithm;
	uint32_t operationClass;
	uint32_t mode;
	uint32_t digestLength;
	uint32_t maxKeySize;
	uint32_t keySize;
	uint32_t requiredKeyUsage;
	uint32_t handleState;
} TEE_OperationInfo;

typedef struct {
	uint32_t seconds;
	uint32_t millis;
} TEE_Time;

#endif
