/* SPDX-License-Identifier: MIT
 *
 * Objects as the API library keeps them: attributes as the specification has them, big-endian
 * numbers and values; a persistent object's data stays in the core.
 */
#ifndef SIMTEE_OBJECT_H
#define SIMTEE_OBJECT_H

#include <openssl/evp.h>
#include <tee_internal_api.h>

#define OBJECT_ATTRIBUTES_MAX 9u   /* RSA: n, e, d, p, q, dp, dq, qinv; one to spare */
#define OBJECT_NUMBER_MAX     512u /* bytes: RSA-4096 */

struct object_attribute {
	uint32_t id;
	uint32_t size; /* bytes of ref; a value attribute has a and b instead */
	uint32_t a, b;
	uint8_t *ref; /* owned; wiped */
};

struct simtee_object {
	uint32_t type, bits, max_bits, usage, flags;
	uint32_t attribute_count;
	struct object_attribute attributes[OBJECT_ATTRIBUTES_MAX];
	uint32_t handle; /* of a persistent object; 0: transient */
	uint32_t data_size, position;
};

/** NULL: none. */
const struct object_attribute *object_find(const struct simtee_object *object, uint32_t id);

/** Copies. TEE_ERROR_OUT_OF_MEMORY. */
TEE_Result object_put_ref(
	struct simtee_object *object, uint32_t id, const void *bytes, size_t size);
TEE_Result object_put_value(struct simtee_object *object, uint32_t id, uint32_t a, uint32_t b);

/** Forget the attributes, wiped. */
void object_clear(struct simtee_object *object);

/** Attributes of `from` into `to`, which has none. */
TEE_Result object_copy(struct simtee_object *to, const struct simtee_object *from);

/** The key for OpenSSL: RSA or P-256, whole or public only. NULL: it is none, or no memory. */
EVP_PKEY *object_pkey(const struct simtee_object *object);

/** Numbers of a fresh key into the object. */
TEE_Result object_take_pkey(struct simtee_object *object, EVP_PKEY *key);

#endif
